import { afterAll, beforeAll, expect, test } from 'vitest';
import { sumCounters } from '../../src/store/counters.ts';
import { readOldest, readPaths } from '../../src/store/readHealth.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ max: 30 });
  await database.pool.query(`insert into customers (slug, name) values ('acme', 'Acme')`);
});
afterAll(() => database.drop());

const run = (text: string, values: unknown[] = []) => database.pool.query(text, values);
const counted = async () => {
  const { rows } = await run(
    `select path_state as state, count(*)::int as count from lists where state <> 'released' group by 1`,
  );
  const none = { unknown: 0, heard: 0, late: 0, lost: 0, unsent: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) };
};

test('root addresses are counted as the table would be, whatever becomes of them', async () => {
  await run(
    `insert into lists (customer_id, address) select 1, 'a' || n || '@root.test' from generate_series(1, 40) n`,
  );
  expect(await readPaths(database.db)).toMatchObject({ unknown: 40 });
  // Many at once, in every order: none waits for another for ever, and none is lost.
  const states = ['heard', 'late', 'lost', 'unsent'];
  await Promise.all(
    Array.from({ length: 24 }, async (_, turn) => {
      const client = await database.pool.connect();
      try {
        await client.query('begin');
        for (let step = 0; step < 3; step++) {
          const list = 1 + ((turn * 3 + step * 7) % 40);
          await client.query(
            `update lists set path_state = $2 where id = (select id from lists where id = $1 for update skip locked)`,
            [list, states[(turn + step) % 4]],
          );
        }
        await client.query(turn % 6 === 5 ? 'rollback' : 'commit');
      } finally {
        client.release();
      }
    }),
  );
  const { slowestMs: _, ...paths } = await readPaths(database.db);
  expect(paths).toEqual(await counted());
  expect(paths.unknown).toBeLessThan(40);
  await run(`update lists set state = 'released' where id <= 10`);
  const { slowestMs: __, ...left } = await readPaths(database.db);
  expect(left).toEqual(await counted());
  expect(Object.values(left).reduce((a, b) => a + b)).toBe(30);
});

test('effects that gave up are counted when they give up, are taken up again, or go', async () => {
  const effect = (key: string, state: string) =>
    run(`insert into effects (type, key, order_key, payload, state, due_at) values ('x', $1, $1, '{}', $2, now())`, [
      key,
      state,
    ]);
  const parked = async () => (await readOldest(database.db)).act.parked;
  expect(await parked()).toBe(0);
  await effect('one', 'due');
  await effect('two', 'parked');
  expect(await parked()).toBe(1);
  await run(`update effects set state = 'parked' where key = 'one'`);
  await run(`update effects set state = 'parked', due_at = now() where key = 'one'`);
  expect(await parked()).toBe(2);
  await run(`update effects set state = 'due' where key = 'two'`);
  expect(await parked()).toBe(1);
  await run('delete from effects');
  expect(await parked()).toBe(0);
  expect(await sumCounters(database.db, 'parked.')).toEqual({ 'parked.effects': 0 });
});
