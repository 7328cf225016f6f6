import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Tables } from './schema.ts';

/** First number of the two-part advisory locks that stand for a process which leases rows. */
const OWNER_LOCK = 7_305_518;
const LAST_ID = 2 ** 31 - 1;
const AGAIN_MS = 500;

/** This process as an owner of leases: a session holds a lock for as long as it lives, so that its death is seen at once. */
export type LeaseOwner = {
  /** The name for one claim: the process's number, and a random part that is drawn anew. */
  draw(): string;
  close(): Promise<void>;
};

/** Takes a number that no other process has. A session that breaks is opened again. Keeps one connection of the pool. */
export async function openLeaseOwner(pool: Pool, log: Log): Promise<LeaseOwner> {
  let closed = false;
  let held: PoolClient | null = null;
  let id = 0;

  const hold = async (number: number): Promise<boolean> => {
    const client = await pool.connect();
    try {
      const { rows } = await client.query('select pg_try_advisory_lock($1, $2) as got', [OWNER_LOCK, number]);
      if (rows[0]?.got !== true) {
        client.release();
        return false;
      }
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
    held = client;
    // A session that ends may say so several times; only the first time is it still ours.
    client.on('error', (error) => {
      if (held !== client) return;
      held = null;
      client.release(error);
      returning = comeBack();
    });
    return true;
  };
  const comeBack = async (): Promise<void> => {
    while (!closed) {
      try {
        if (await hold(id)) return;
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the session that shows that this process lives is not back yet');
      }
      await wait(AGAIN_MS);
    }
  };
  let returning = Promise.resolve();

  do id = randomInt(1, LAST_ID);
  while (!(await hold(id)));
  return {
    draw: () => `${id}:${randomUUID()}`,
    async close() {
      closed = true;
      await returning;
      // The session goes with its lock.
      const client = held;
      held = null;
      client?.release(true);
    },
  };
}

/** Whether the process of an owner (a name that it drew) has its session now. */
export function hasSession(owner: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`exists (
      select 1 from pg_locks l
      where l.locktype = 'advisory' and l.granted and l.objsubid = 2
        and l.database = (select oid from pg_database where datname = current_database())
        and l.classid = ${OWNER_LOCK}::oid and l.objid::text = split_part(${owner}, ':', 1))`;
}

/** Tables whose rows are leased by processes, claim by claim. */
export type Leased = 'effects' | 'deliveries';

/** Owners of leases, and whether their process has a session now: without one it ended, or its connection broke a moment ago. */
export async function ownersOfLeases(
  db: Kysely<Tables>,
  table: Leased,
): Promise<{ owner: string; hasSession: boolean }[]> {
  const { rows } = await sql<{ owner: string; hasSession: boolean }>`
    select owner, ${hasSession(sql`owner`)} as "hasSession"
      from (select distinct lease_owner as owner from ${sql.table(table)} where state = 'leased') leased`.execute(db);
  return rows;
}
