import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';
import { startMaintenance } from '../../src/store/maintenance.ts';
import { migrate, missingMigrations } from '../../src/store/migrate.ts';
import { makeRawPartitions } from '../../src/store/partitions.ts';
import { openPool } from '../../src/store/pool.ts';
import { emptyDatabase, type FreshDatabase } from '../servers/postgres.ts';

let empty: FreshDatabase;
beforeEach(async () => {
  empty = await emptyDatabase();
});
afterEach(() => empty.drop());

async function partitions(): Promise<string[]> {
  const { rows } = await empty.pool.query(
    `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'raws'::regclass order by 1`,
  );
  return rows.map((row) => row.name);
}

describe('migrations', () => {
  it('run once, in order, also when several processes start at the same time', async () => {
    expect(await missingMigrations(empty.pool)).toContain('0001_main_road.sql');
    const pools = [1, 2, 3].map(() => openPool(empty.url, { max: 2 }));
    const applied = await Promise.all(pools.map((pool) => migrate(pool)));
    await Promise.all(pools.map((pool) => pool.end()));
    const names = applied.flat();
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('0001_main_road.sql');
    expect(await missingMigrations(empty.pool)).toEqual([]);
    expect(await migrate(empty.pool)).toEqual([]);
  });

  it('refuse a database from the future and change nothing in it', async () => {
    await migrate(empty.pool);
    await empty.pool.query(`insert into migrations (number, name) values (9999, '9999_later.sql')`);
    await expect(migrate(empty.pool)).rejects.toMatchObject({
      code: 'database.future',
      exitCode: 78,
      message: expect.stringContaining('9999'),
    });
  });

  it('leave nothing of a migration that fails', async () => {
    await empty.pool.query('create table customers (id int)');
    await expect(migrate(empty.pool)).rejects.toThrow(/customers/);
    const { rows } = await empty.pool.query(`select to_regclass('instance') as instance`);
    expect(rows).toEqual([{ instance: null }]);
    await empty.pool.query('drop table customers');
    expect(await migrate(empty.pool)).toContain('0001_main_road.sql');
  });

  it('give pooled sessions back unchanged', async () => {
    const one = openPool(empty.url, { max: 1 });
    const before = (await one.query('show statement_timeout')).rows;
    await migrate(one);
    expect((await one.query('show statement_timeout')).rows).toEqual(before);
    await one.end();
  });
});

describe('partitions of the raw mail', () => {
  it('exist for this month and three ahead, made once', async () => {
    await migrate(empty.pool);
    const { rows } = await empty.pool.query(
      `select to_char(now() at time zone 'UTC' + n * interval '1 month', '"raws_y"YYYY"m"MM') as name
         from generate_series(0, 3) as n`,
    );
    const expected = ['raws_default', ...rows.map((row) => row.name)];
    expect(await partitions()).toEqual(expected.sort());
    const [first, second] = await Promise.all([makeRawPartitions(empty.pool), makeRawPartitions(empty.pool)]);
    expect([first, second]).toEqual([[], []]);
  });

  it('take over the rows that came before them, and keep bytes out of line', async () => {
    await migrate(empty.pool);
    const month = (await partitions()).find((name) => name !== 'raws_default')!;
    await empty.pool.query(`drop table ${month}`);
    const insert = `insert into raws (mail_id, kept_at, bytes, wrapped_key, key_id)
      values (7, date_trunc('month', now() at time zone 'UTC') at time zone 'UTC', '\\x01', '\\x02', 'mail:1')`;
    await empty.pool.query(insert);
    const where = 'select tableoid::regclass::text as part, mail_id from raws';
    expect((await empty.pool.query(where)).rows).toEqual([{ part: 'raws_default', mail_id: 7 }]);
    const made = await Promise.allSettled([makeRawPartitions(empty.pool), makeRawPartitions(empty.pool)]);
    expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect((await empty.pool.query(where)).rows).toEqual([{ part: month, mail_id: 7 }]);
    await expect(empty.pool.query(insert)).rejects.toMatchObject({ code: '23505' });
    const { rows } = await empty.pool.query(
      `select attstorage from pg_attribute where attrelid = $1::regclass and attname = 'bytes'`,
      [month],
    );
    expect(rows).toEqual([{ attstorage: 'e' }]);
  });

  it('are made while Rootdesk runs, and a database that is away only delays them', async () => {
    await migrate(empty.pool);
    const month = (await partitions()).findLast((name) => name !== 'raws_default')!;
    await empty.pool.query(`drop table ${month}`);
    let errors = 0;
    const log = createLog('silent');
    log.error = () => {
      errors += 1;
    };
    const away = openPool('postgresql://nobody@localhost:5432/x?host=/nonexistent');
    const seal = {
      dayKeysBefore: () => [],
      destroyDayKeysBefore: () => [],
      destroyDayKeys: () => {},
      toDayKey: () => expect.unreachable(),
    };
    const others = { seal, clock: systemClock, secretDays: 5, mailDays: 0, log };
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const working = startMaintenance({ ...others, pool: empty.pool });
    const failing = startMaintenance({ ...others, pool: away });
    vi.advanceTimersByTime(24 * 60 * 60 * 1000);
    vi.useRealTimers();
    await Promise.all([working.close(), failing.close()]);
    await away.end();
    expect(await partitions()).toContain(month);
    expect(errors).toBeGreaterThan(0);
  });
});
