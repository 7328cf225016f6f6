import { type Kysely, type RawBuilder, sql } from 'kysely';
import { hasSession } from './leaseOwner.ts';
import type { Tables } from './schema.ts';

/** A process that takes mail, as the others see it. */
export type Receiver = { id: string; host: string; pid: number; mailboxes: readonly string[] };

export type Standing = {
  /** Mailboxes that this process has, with the fence of each. */
  mine: Map<string, number>;
  /** Those of its settings that nobody alive has. */
  free: string[];
  /** The other processes that live: what their settings name. */
  others: (readonly string[])[];
};

/** A process that was not heard of for this long is dead (seconds), whatever the database knows of its session. */
const DEAD_SECONDS = 9;
/** One whose session ended is dead after this: a session that broke a moment ago is back by then. */
const GONE_SECONDS = 3;

function isAlive(receiver: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`exists (select from receivers r where r.id = ${receiver}
    and r.seen_at > now() - make_interval(secs => ${DEAD_SECONDS})
    and (r.seen_at > now() - make_interval(secs => ${GONE_SECONDS}) or ${hasSession(sql`r.id`)}))`;
}

/**
 * Says that this process lives, which renews all its leases, and reads how things stand. The clock is that of the database:
 * those of several machines differ.
 */
export function createReceiverBeat(db: Kysely<Tables>, self: Receiver): () => Promise<Standing> {
  // Names of mailboxes by their hash: they are the same in every process and change with the settings only.
  const known = new Map<string, readonly string[]>();
  const names = async (id: string, hash: string): Promise<readonly string[]> => {
    const cached = known.get(hash);
    if (cached) return cached;
    const row = await db.selectFrom('receivers').select('mailboxes').where('id', '=', id).executeTakeFirst();
    if (row) known.set(hash, row.mailboxes);
    return row?.mailboxes ?? [];
  };
  return async () => {
    const { numUpdatedRows } = await db
      .updateTable('receivers')
      .set({ seen_at: sql`now()` })
      .where('id', '=', self.id)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) {
      await sql`insert into receivers (id, host, pid, mailboxes, started_at, seen_at)
        values (${self.id}, ${self.host}, ${self.pid}, ${self.mailboxes}::text[], now(), now())`.execute(db);
      await sql`delete from receivers where seen_at < now() - interval '1 day'`.execute(db);
    }
    const live = await sql<{ id: string; hash: string }>`select o.id, md5(o.mailboxes::text) as hash from receivers o
      where o.id <> ${self.id} and ${isAlive(sql`o.id`)}`.execute(db);
    const taken = [self.id, ...live.rows.map(({ id }) => id)];
    const [mine, free] = await Promise.all([
      sql<{ name: string; fence: number }>`select name, fence from mailboxes where receiver = ${self.id}`.execute(db),
      sql<{ name: string }>`select name from mailboxes where name = any(${self.mailboxes}::text[])
        and (receiver is null or receiver <> all(${taken}::text[]))`.execute(db),
    ]);
    return {
      mine: new Map(mine.rows.map(({ name, fence }) => [name, fence])),
      free: free.rows.map(({ name }) => name),
      others: await Promise.all(live.rows.map(({ id, hash }) => names(id, hash))),
    };
  };
}

/**
 * Takes up to `most` of the mailboxes that nobody alive has, the first ones first. Each gets a fence that none had before, so
 * that whoever had it can move its cursor no more. Never waits for a lock.
 */
export async function claimMailboxes(
  db: Kysely<Tables>,
  self: Pick<Receiver, 'id' | 'host' | 'pid'>,
  names: readonly string[],
  most: number,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ name: string; fence: number }>`
    with wanted as (
      select m.name, m.receiver from mailboxes m
       where m.name = any(${names}::text[]) and (m.receiver is null or not ${isAlive(sql`m.receiver`)})
       order by array_position(${names}::text[], m.name) limit ${most} for no key update skip locked),
    claimed as (
      update mailboxes m set receiver = ${self.id}, fence = m.fence + 1, changed_at = now(),
             state = case when m.paused_at is null then 'connecting' else m.state end
        from wanted w where m.name = w.name returning m.name, m.fence, w.receiver as before),
    told as (
      insert into mailbox_events (mailbox, at, event, detail)
        select name, now(), 'taken_over', jsonb_build_object('by', ${`${self.host}:${self.pid}`}::text)
          from claimed where before is not null)
    select name, fence from claimed`.execute(db);
  return new Map(rows.map(({ name, fence }) => [name, fence]));
}

/** Gives mailboxes back, so that others take them at once. */
export async function releaseMailboxes(db: Kysely<Tables>, id: string, names: readonly string[]): Promise<void> {
  await sql`update mailboxes set receiver = null where receiver = ${id} and name = any(${names}::text[])`.execute(db);
}

/** The process ends: all its mailboxes are free at once. */
export async function leaveReceivers(db: Kysely<Tables>, id: string): Promise<void> {
  await sql`update mailboxes set receiver = null where receiver = ${id}`.execute(db);
  await sql`delete from receivers where id = ${id}`.execute(db);
}
