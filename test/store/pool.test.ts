import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDatabase, explainDatabaseError } from '../../src/store/database.ts';
import { openPool } from '../../src/store/pool.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
});
afterAll(() => fresh.drop());

describe('a pool', () => {
  it('gives bigint as number, date as text and refuses what a number cannot hold', async () => {
    const { rows } = await fresh.pool.query(
      `select 9007199254740991::bigint as big, count(*) as n, date '2026-11-24' as day from pg_class where false`,
    );
    expect(rows[0]).toEqual({ big: 9_007_199_254_740_991, n: 0, day: '2026-11-24' });
    await expect(fresh.pool.query('select 9007199254740992::bigint as big')).rejects.toThrow(/does not fit/);
    expect((await fresh.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('commits durably where the database says otherwise, and leaves a stronger setting alone', async () => {
    const name = new URL(fresh.url).pathname.slice(1);
    for (const [theirs, ours] of [
      ['off', 'on'],
      ['local', 'on'],
      ['remote_apply', 'remote_apply'],
    ]) {
      await fresh.pool.query(`alter database ${name} set synchronous_commit = ${theirs}`);
      const pool = openPool(fresh.url, { max: 1 });
      const facts = await checkDatabase(pool);
      expect(facts).toMatchObject({ synchronousCommit: ours, serverSynchronousCommit: theirs, encoding: 'UTF8' });
      await pool.end();
    }
  });

  it('bounds statements, lock waits and idle transactions', async () => {
    const { rows } = await fresh.pool.query(
      `select name, setting::int as ms from pg_settings
        where name in ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`,
    );
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row.ms).toBeGreaterThan(0);
  });

  it('survives a session that the server ends', async () => {
    const client = await fresh.pool.connect();
    const { rows } = await client.query('select pg_backend_pid() as pid');
    client.release();
    await fresh.pool.query('select pg_terminate_backend($1)', [rows[0].pid]).catch(() => {});
    expect((await fresh.pool.query('select 1 as one').catch(() => fresh.pool.query('select 1 as one'))).rows).toEqual([
      { one: 1 },
    ]);
  });
});

describe('an unreachable database', () => {
  it.each([
    ['postgresql://nobody@127.0.0.1:1/x', 'database.unreachable', /refused/],
    ['postgresql://nobody@localhost:1/x', 'database.unreachable', /refused/],
    ['postgresql://nobody@localhost:5432/x?host=/nonexistent', 'database.unreachable', /socket/],
  ])('%s is explained', async (url, code, message) => {
    const pool = openPool(url);
    await expect(checkDatabase(pool)).rejects.toMatchObject({
      code,
      exitCode: 69,
      message: expect.stringMatching(message),
    });
    await pool.end();
  });

  it('says when the database or the role does not exist', async () => {
    const other = new URL(fresh.url);
    other.pathname = '/not_there';
    const pool = openPool(other.href);
    await expect(checkDatabase(pool)).rejects.toMatchObject({ code: 'database.missing' });
    await pool.end();
    other.username = 'not_there';
    const stranger = openPool(other.href);
    await expect(checkDatabase(stranger)).rejects.toMatchObject({ code: 'database.login' });
    await stranger.end();
  });

  it('explains a full disk and leaves errors of ours alone', () => {
    expect(explainDatabaseError({ code: '53100', message: 'could not extend file' })?.message).toMatch(/disk .* full/);
    expect(explainDatabaseError({ code: '23505', message: 'duplicate key' })).toBeNull();
    expect(explainDatabaseError(new TypeError('x is not a function'))).toBeNull();
  });
});
