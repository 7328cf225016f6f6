import { afterEach, beforeEach, expect, it } from 'vitest';
import { exportPerson, forgetPerson } from '../../src/store/forgetPerson.ts';
import { dump } from '../public/stage.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { addList, addMember, depsOf, NOW } from './stage.ts';

let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase();
});
afterEach(() => fresh.drop());

it('an erased address stands in no row about lists, also not in what mail servers said of it', async () => {
  const { customerId, listId } = await addList(fresh);
  const gone = await addMember(fresh, listId, 'gone@acme.example');
  await addMember(fresh, listId, 'ops@acme.example');
  await fresh.pool.query(
    `with mail as (
       insert into mails (customer_id, list_id, identity, sha256, size, received_at, mail_time, auth)
       values ($1, $2, 'a', 'b', 1, $4, $4, '{}') returning id),
     copy as (
       insert into deliveries (mail_id, member_id, state, text)
       select id, $3, 'failed', '550 <gone@acme.example> unknown' from mail returning id)
     insert into delivery_events (delivery_id, at, event, code, text)
       select id, $4, 'failed', '5.1.1', '550 <gone@acme.example> unknown' from copy`,
    [customerId, listId, gone, NOW],
  );
  await fresh.pool.query(
    `insert into effects (type, key, order_key, payload, due_at, state, result)
     values ('list.member_bounced', 'k', 'k', '{}', $1, 'done', '{"delivered":["gone@acme.example","ops@acme.example"]}')`,
    [NOW],
  );
  await fresh.pool.query(`update members set name = 'Gunda Gone' where id = $1`, [gone]);
  const person = await exportPerson(fresh.db, { address: 'Gone@acme.example', actor: 'os:alice', at: NOW });
  expect(person).toMatchObject({ address: 'gone@acme.example', memberships: [{ member: gone, name: 'Gunda Gone' }] });
  const by = { user: 'alice' };
  expect(await forgetPerson(depsOf(fresh), { address: 'Gone@acme.example', by })).toEqual({ ok: true, count: 1 });
  expect(await forgetPerson(depsOf(fresh), { address: 'Gone@acme.example', by })).toEqual({ ok: true, count: 0 });
  const tables = ['members', 'proposals', 'approvals', 'links', 'member_changes', 'effects', 'deliveries'];
  const rows = await dump(fresh, [...tables, 'delivery_events']);
  expect(rows).not.toMatch(/gone@acme\.example|Gunda/);
  expect(rows).toContain('ops@acme.example');
});

it('is all or nothing: who cannot leave one list stays on all, and the log says who took what is kept of them', async () => {
  const one = await addList(fresh, { state: 'draft' });
  const two = await addList(fresh, { slug: 'beta' });
  await addMember(fresh, one.listId, 'ops@acme.example');
  await addMember(fresh, two.listId, 'ops@acme.example');
  const done = await forgetPerson(depsOf(fresh), { address: 'ops@acme.example', by: { user: 'alice' } });
  expect(done).toEqual({ ok: false, list: two.address, code: 'last_member' });
  const { rows } = await fresh.pool.query('select address, state from members order by id');
  expect(rows).toEqual([
    { address: 'ops@acme.example', state: 'confirmed' },
    { address: 'ops@acme.example', state: 'confirmed' },
  ]);
  await exportPerson(fresh.db, { address: 'ops@acme.example', actor: 'os:alice', at: NOW });
  const { rows: log } = await fresh.pool.query(
    `select customer_id as customer, convert_from(bytes, 'utf8')::jsonb ->> 'action' as action from audit order by 1`,
  );
  expect(log).toEqual([
    { customer: one.customerId, action: 'member.exported' },
    { customer: two.customerId, action: 'member.exported' },
  ]);
});
