import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { alarmOverdue } from '../../src/store/probeAlarms.ts';
import { recordProbeArrival } from '../../src/store/probeArrival.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

/** Alarms about probes, while the probes come back and other processes look as well. */
const NOW = new Date('2026-11-24T10:00:00Z');
const MINUTE = 60_000;
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * MINUTE);
const TIMES = { lateMs: 15 * MINUTE, lostMs: 240 * MINUTE };
const NOTIFY = { mail: false, webhook: false, least: 'high' } as const;
const CUSTOMERS = 8;
const LISTS = 48;

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ max: 12 });
  await database.pool.query(
    `insert into customers (slug, name) select 'c' || n, 'C' || n from generate_series(1, ${CUSTOMERS}) n`,
  );
  await database.pool.query(
    `insert into lists (customer_id, address)
     select 1 + n % ${CUSTOMERS}, 'c-' || n || '@root.example' from generate_series(1, ${LISTS}) n`,
  );
});
afterAll(() => database?.drop());
beforeEach(async () => {
  await database.pool.query(`
    delete from effects; delete from entries; delete from thread_keys; delete from tickets; delete from probes;
    update lists set path_state = 'heard'`);
});

const look = () => alarmOverdue(database.pool, { now: NOW, watchedSince: ago(1000) }, TIMES, NOTIFY);
const send = async (listId: number, minutes: number): Promise<number> => {
  const { rows } = await database.pool.query<{ id: number }>(
    `insert into probes (list_id, state, made_at, sent_at, handed_at) values ($1, 'sent', $2, $2, $2) returning id`,
    [listId, ago(minutes)],
  );
  return rows[0]!.id;
};

it('are raised once each, by processes that look at once while the probes come back', async () => {
  const probes: number[] = [];
  for (let list = 1; list <= LISTS; list++) probes.push(await send(list, 30));
  const arrive = (probeId: number) =>
    recordProbeArrival(database.pool, { probeId, sentAt: ago(30), at: NOW, transport: 'smtp', hops: 3 }, TIMES);
  // Against the order in which alarms go through the customers.
  const [rounds, arrivals] = await Promise.all([
    Promise.all([look(), look(), look()]),
    Promise.all(probes.toReversed().map(arrive)),
  ]);
  expect(arrivals.map(({ verdict }) => verdict)).toEqual(probes.map(() => 'late'));
  const alarms = rounds.flat().map(({ probeId }) => probeId);
  expect(new Set(alarms).size).toBe(alarms.length);
  const { rows } = await database.pool.query('select count(*)::int as n from entries');
  expect(rows).toEqual([{ n: alarms.length }]);
});

it('tell the worst of an address once, however many of its probes are out', async () => {
  await send(1, 300);
  await send(1, 30);
  expect(await look()).toMatchObject([{ listId: 1, what: 'lost' }]);
  expect(await look()).toEqual([]);
  const { rows } = await database.pool.query('select path_state from lists where id = 1');
  expect(rows).toEqual([{ path_state: 'lost' }]);
});
