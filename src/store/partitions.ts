import type { Pool, PoolClient } from 'pg';

/** Months ahead that always have a partition: a machine that is off for a quarter still starts with one. */
const MONTHS_AHEAD = 3;

/**
 * Makes the monthly partitions of `raws` from this month to three months ahead (UTC, the database's clock). Rows that
 * fell into the default partition meanwhile move over. Idempotent; run at every start and once a day. Returns the names
 * of the partitions that were made.
 */
export async function makeRawPartitions(client: Pool | PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string; from: string; to: string }>(
    `select to_char(month, '"raws_y"YYYY"m"MM') as name,
            to_char(month, 'YYYY-MM-DD') as from, to_char(month + interval '1 month', 'YYYY-MM-DD') as to
       from generate_series(date_trunc('month', now() at time zone 'UTC'),
                            date_trunc('month', now() at time zone 'UTC') + $1 * interval '1 month',
                            interval '1 month') as month
      where to_regclass(to_char(month, '"raws_y"YYYY"m"MM')) is null
      order by month`,
    [MONTHS_AHEAD],
  );
  for (const { name, from, to } of rows) await client.query(partitionSql(name, from, to));
  return rows.map((row) => row.name);
}

/**
 * One statement string, so it is one transaction on a pool too. The names and dates come from to_char above. The lock on
 * `raws` keeps two processes apart and no row from landing in the default partition between move and attach.
 */
function partitionSql(name: string, from: string, to: string): string {
  const range = `kept_at >= '${from} 00:00:00+00' and kept_at < '${to} 00:00:00+00'`;
  return `
    lock table raws in access exclusive mode;
    create table if not exists ${name} (like raws including defaults including constraints);
    alter table ${name} alter column bytes set storage external;
    do $$ begin
      if not exists (select 1 from pg_inherits where inhrelid = '${name}'::regclass) then
        with moved as (delete from raws_default where ${range} returning *) insert into ${name} select * from moved;
        alter table raws attach partition ${name}
          for values from ('${from} 00:00:00+00') to ('${to} 00:00:00+00');
      end if;
    end $$;`;
}
