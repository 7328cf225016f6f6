import { afterAll, beforeAll, expect, it } from 'vitest';
import { nextDeliveryAt } from '../../src/store/deliveries.ts';
import { openStage, type Stage } from '../receive/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

it('tells when the next copy is due, a lease ends, or a copy is late', async () => {
  const { pool } = stage.database;
  const next = (now: Date) => nextDeliveryAt(pool, now, { urgent: 120_000, usual: 900_000 });
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 10, minute));
  expect(await next(at(0))).toBeNull();

  await pool.query(`
    with mail as (insert into mails (customer_id, identity, sha256, size, received_at, mail_time, auth)
                  values (1, 'one', 'one', 1, now(), now(), '{}') returning id)
    insert into deliveries (mail_id, member_id) select id, 1 from mail`);
  const set = (text: string) => pool.query(`update deliveries set ${text}`);

  await set(`priority = 5, due_at = '${at(5).toISOString()}', created_at = '${at(0).toISOString()}'`);
  expect(await next(at(1))).toEqual(at(5));
  expect(await next(at(6))).toEqual(at(15)); // late then
  await set('priority = 1');
  expect(await next(at(6))).toEqual(at(2)); // late already
  await set(`alerted_at = now()`);
  expect(await next(at(6))).toBeNull();
  await set(`state = 'leased', lease_owner = 'x', lease_until = '${at(8).toISOString()}'`);
  expect(await next(at(6))).toEqual(at(8));
});
