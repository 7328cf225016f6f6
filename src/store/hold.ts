import { type Kysely, sql } from 'kysely';
import { appendAudit } from './audit.ts';
import type { Tables } from './schema.ts';

/** Nothing leaves: no effect, no copy. */
export type Hold = {
  /** As of when the database was found to be. */
  asOf: Date;
  /** `restored`: it is older than what this installation has seen; `asked`: somebody said so. */
  why: 'restored' | 'asked';
  foundAt: Date;
};

/** For the claims of whatever leaves: held while this row is there. */
export const HELD = `exists (select from instance where name = 'hold')`;

/** A database that nobody has used for so long is not one that a further machine joins (ms). */
const QUIET_MS = 10 * 60_000;

export async function readHold(db: Kysely<Tables>): Promise<Hold | null> {
  const { rows } = await sql<{ value: { asOf: string; why: Hold['why'] }; at: Date }>`
    select value, changed_at as at from instance where name = 'hold'`.execute(db);
  const row = rows[0];
  return row ? { asOf: new Date(row.value.asOf), why: row.value.why, foundAt: row.at } : null;
}

/** Puts all that leaves on hold; false: it was already. */
export async function putOnHold(
  db: Kysely<Tables>,
  { asOf, why, actor, now }: { asOf: Date; why: Hold['why']; actor: string; now: Date },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql`
      insert into instance (name, value, changed_at)
      values ('hold', ${JSON.stringify({ asOf: asOf.toISOString(), why })}::jsonb, ${now})
      on conflict (name) do nothing returning name`.execute(tx);
    if (rows.length === 0) return false;
    await appendAudit(tx, [
      { customerId: null, at: now, actor, action: 'effects.held', detail: { asOf: asOf.toISOString(), why } },
    ]);
    return true;
  });
}

/** Lets it go; false: nothing was on hold. */
export async function endHold(db: Kysely<Tables>, { actor, now }: { actor: string; now: Date }): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql`delete from instance where name = 'hold' returning name`.execute(tx);
    if (rows.length === 0) return false;
    await appendAudit(tx, [{ customerId: null, at: now, actor, action: 'effects.resumed' }]);
    return true;
  });
}

/**
 * Counts one more beat of the database, and puts everything on hold in the same transaction when the database is older than
 * `seen`, the beat that this machine saw last; or when this machine has seen none (`seen` null) and nobody used the database
 * for ten minutes: then it may be a backup on a new machine. Returns the beat, and the time of the one before when held.
 */
export async function countBeat(
  db: Kysely<Tables>,
  { seen, now }: { seen: number | null; now: Date },
): Promise<{ beat: number; heldAsOf: Date | null }> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ beat: number; at: string }>`
      select (value ->> 'beat')::bigint as beat, value ->> 'at' as at from instance where name = 'beat' for update`.execute(
      tx,
    );
    const before = rows[0] ?? { beat: 0, at: now.toISOString() };
    const at = new Date(before.at);
    const isOlder = seen === null ? now.getTime() - at.getTime() > QUIET_MS : before.beat < seen;
    // Beyond what was seen: once it is told of, it is not found again at each beat.
    const beat = Math.max(before.beat, seen ?? 0) + 1;
    await sql`
      insert into instance (name, value, changed_at)
      values ('beat', ${JSON.stringify({ beat, at: now.toISOString() })}::jsonb, ${now})
      on conflict (name) do update set changed_at = ${now}, value = jsonb_build_object(
        'beat', greatest((instance.value ->> 'beat')::bigint + 1, ${beat}::bigint), 'at', ${now.toISOString()}::text)`.execute(
      tx,
    );
    if (!isOlder) return { beat, heldAsOf: null };
    const value = JSON.stringify({ asOf: at.toISOString(), why: 'restored' });
    await sql`insert into instance (name, value, changed_at) values ('hold', ${value}::jsonb, ${now})
      on conflict (name) do nothing`.execute(tx);
    const detail = { asOf: at.toISOString(), why: 'restored' };
    await appendAudit(tx, [{ customerId: null, at: now, actor: 'rootdesk', action: 'effects.held', detail }]);
    return { beat, heldAsOf: at };
  });
}

/** What waits to leave: effects by type, copies by what they are. `before`: of these, made until then. */
export type Waiting = { what: string; count: number; before: number; oldest: Date };

export async function readWaiting(db: Kysely<Tables>, asOf: Date): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    select type as what, count(*)::int as count, count(*) filter (where created_at <= ${asOf})::int as before,
           min(created_at) as oldest from effects where state in ('due', 'leased') group by type
    union all
    select case priority when 1 then 'copies with codes and reset links' else 'copies to list members' end, count(*)::int,
           count(*) filter (where created_at <= ${asOf})::int, min(created_at)
      from deliveries where state in ('due', 'leased') group by priority
    order by 1`.execute(db);
  return rows;
}
