import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/** What an empty queue says of the installation: how far its first run is, and which addresses are heard from. */
export type FirstRun = {
  hasCustomer: boolean;
  hasAddress: boolean;
  lastMailAt: Date | null;
  /** Root addresses in use, counted up to 1000, and those of them that had mail since a time. */
  addresses: number;
  heard: number;
};

export async function readFirstRun(db: Kysely<Tables>, since: Date): Promise<FirstRun> {
  const { rows } = await sql<FirstRun>`
    with used as materialized (
      select (select m.received_at from mails m where m.list_id = l.id order by m.id desc limit 1) as last
        from lists l where list_state(l) = 'live' limit 1000)
    select exists (select from customers) as "hasCustomer", exists (select from lists) as "hasAddress",
      (select received_at from mails order by id desc limit 1) as "lastMailAt",
      (select count(*)::int from used) as addresses,
      (select count(*)::int from used where last >= ${since.toISOString()}::timestamptz) as heard`.execute(db);
  return rows[0] as FirstRun;
}
