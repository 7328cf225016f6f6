import { type Kysely, type RawBuilder, sql } from 'kysely';
import { appendAudit } from './audit.ts';
import type { Tables } from './schema.ts';

/** Nothing leaves: no effect, no copy. */
export type Hold = {
  /** As of when the database was found to be. */
  asOf: Date;
  /** `restored`: it is older than what this installation has seen; `asked`: somebody said so. */
  why: 'restored' | 'asked';
  foundAt: Date;
  /** Until then the database that was lost let things leave, as far as this machine saw; null: nothing was restored. */
  livedUntil: Date | null;
};

/** For the claims of whatever leaves: held while this row is there. */
export const HELD = `exists (select from instance where name = 'hold')`;

/** The beat is noted this often (ms). */
export const BEAT_MS = 15_000;
/** A database that nobody has used for so long is not one that a further machine joins (ms). */
const QUIET_MS = 10 * 60_000;

type HoldValue = { asOf: string; why: Hold['why']; livedUntil?: string | null };

export async function readHold(db: Kysely<Tables>): Promise<Hold | null> {
  const { rows } = await sql<{ value: HoldValue; at: Date }>`
    select value, changed_at as at from instance where name = 'hold'`.execute(db);
  const row = rows[0];
  if (row === undefined) return null;
  const { asOf, why, livedUntil } = row.value;
  const until = why === 'asked' ? null : livedUntil ? new Date(livedUntil) : row.at;
  return { asOf: new Date(asOf), why, foundAt: row.at, livedUntil: until };
}

/**
 * Puts all that leaves on hold; false: it was already. `isRestored`: somebody says that this database was restored, which cannot
 * be seen where its key folder came back with it.
 */
export async function putOnHold(
  db: Kysely<Tables>,
  { isRestored, actor, now }: { isRestored: boolean; actor: string; now: Date },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{
      at: string;
    }>`select value ->> 'at' as at from instance where name = 'beat' for update`.execute(tx);
    const asOf = isRestored && rows[0] ? new Date(rows[0].at) : now;
    return hold(tx, { asOf, livedUntil: isRestored ? now : null, actor, now });
  });
}

/** Writes the hold; after a restore numbers go on elsewhere. False: it was on hold already. */
async function hold(
  tx: Kysely<Tables>,
  { asOf, livedUntil, actor, now }: { asOf: Date; livedUntil: Date | null; actor: string; now: Date },
): Promise<boolean> {
  if (livedUntil !== null) await leaveNumbersOut(tx);
  const detail = { asOf: asOf.toISOString(), why: livedUntil === null ? 'asked' : 'restored' };
  const value = JSON.stringify({ ...detail, livedUntil: livedUntil?.toISOString() ?? null });
  const { rows } = await sql`insert into instance (name, value, changed_at) values ('hold', ${value}::jsonb, ${now})
    on conflict (name) do nothing returning name`.execute(tx);
  if (rows.length > 0) await appendAudit(tx, [{ customerId: null, at: now, actor, action: 'effects.held', detail }]);
  return rows.length > 0;
}

/** Rows that may have been made between a backup and its restore, of tables that grow and of those that hardly do. */
const LOST_ROWS = { bigint: 100_000, integer: 10_000 } as const;

/**
 * Numbers that were given out after the backup stand in mails that people have: in the Message-ID of a notice, a bounce address,
 * a link. None of them may come to mean a row of another customer, so numbers go on well behind the last one that is known.
 */
async function leaveNumbersOut(tx: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ sequence: string; type: keyof typeof LOST_ROWS }>`
    select pg_get_serial_sequence(quote_ident(table_name), column_name) as sequence, data_type as type
      from information_schema.columns
     where table_schema = current_schema() and is_identity = 'YES' order by table_name`.execute(tx);
  for (const { sequence, type } of rows) {
    await sql`select setval(${sequence}::regclass, nextval(${sequence}::regclass) + ${LOST_ROWS[type]}::bigint)`.execute(
      tx,
    );
  }
}

/**
 * Lets it go; null: nothing was on hold. `notAgain`: notices and copies that may have left before the restore are settled
 * instead, as withheld; their number is the answer. What has a link in it goes again all the same: somebody waits for it.
 */
export async function endHold(
  db: Kysely<Tables>,
  { notAgain, actor, now }: { notAgain: boolean; actor: string; now: Date },
): Promise<number | null> {
  return db.transaction().execute(async (tx) => {
    // Held until the commit: nobody claims what is settled here.
    await sql`select from instance where name = 'hold' for update`.execute(tx);
    const held = await readHold(tx);
    if (held === null) return null;
    const withheld = notAgain && held.livedUntil !== null ? await withholdOld(tx, held, now) : 0;
    await sql`delete from instance where name = 'hold'`.execute(tx);
    await appendAudit(tx, [{ customerId: null, at: now, actor, action: 'effects.resumed', detail: { withheld } }]);
    return withheld;
  });
}

const WITHHELD = {
  code: 'restore.withheld',
  text: 'It may have left before the database was restored; a person said not to send it again.',
};

async function withholdOld(tx: Kysely<Tables>, held: Hold, now: Date): Promise<number> {
  const attempt = JSON.stringify([{ at: now.toISOString(), ok: true, ...WITHHELD }]);
  const notices =
    await sql`update effects w set state = 'done', settled_at = ${now}, lease_owner = null, lease_until = null,
      attempts = attempts || ${attempt}::jsonb
    where type like 'notify.%' and state in ('due', 'leased') and ${isOld(held, OF_EFFECT)}`.execute(tx);
  const copies = await sql`update deliveries w set state = 'skipped', lease_owner = null, lease_until = null,
      code = ${WITHHELD.code}, text = ${WITHHELD.text}
    where state in ('due', 'leased') and ${isOld(held, OF_COPY)}`.execute(tx);
  return Number(notices.numAffectedRows ?? 0) + Number(copies.numAffectedRows ?? 0);
}

/**
 * Counts one more beat of the database, and puts everything on hold in the same transaction when the database is older than
 * `seen`, the beat that this machine saw last; or when this machine has seen none (`seen` null) and nobody used the database
 * for ten minutes: then it may be a backup on a new machine. Returns the beat, and the time of the one before when held.
 */
export async function countBeat(
  db: Kysely<Tables>,
  { seen, now }: { seen: { beat: number; at: Date } | null; now: Date },
): Promise<{ beat: number; heldAsOf: Date | null }> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ beat: number; at: string }>`
      select (value ->> 'beat')::bigint as beat, value ->> 'at' as at from instance where name = 'beat' for update`.execute(
      tx,
    );
    const before = rows[0] ?? { beat: 0, at: now.toISOString() };
    const at = new Date(before.at);
    const isOlder = seen === null ? now.getTime() - at.getTime() > QUIET_MS : before.beat < seen.beat;
    // Beyond what was seen: once it is told of, it is not found again at each beat.
    const beat = Math.max(before.beat, seen?.beat ?? 0) + 1;
    await sql`
      insert into instance (name, value, changed_at)
      values ('beat', ${JSON.stringify({ beat, at: now.toISOString() })}::jsonb, ${now})
      on conflict (name) do update set changed_at = ${now}, value = jsonb_build_object(
        'beat', greatest((instance.value ->> 'beat')::bigint + 1, ${beat}::bigint), 'at', ${now.toISOString()}::text)`.execute(
      tx,
    );
    if (!isOlder) return { beat, heldAsOf: null };
    const livedUntil = seen?.at ?? now;
    await hold(tx, { asOf: at, livedUntil, actor: 'rootdesk', now });
    return { beat, heldAsOf: at };
  });
}

/**
 * What waits to leave: effects by type, copies by what they are. `old`: of these, made until the backup, or of mail that came
 * while the lost database lived (a mailbox is read once more). They may have left already.
 */
export type Waiting = { what: string; count: number; old: number; oldest: Date };

/**
 * Made until then, or of mail that arrived while the lost database lived; not what came in its last second, since an IMAP server
 * says whole seconds: where in doubt it leaves again.
 */
const isOld = ({ asOf, livedUntil }: Pick<Hold, 'asOf' | 'livedUntil'>, mail: RawBuilder<unknown>) =>
  sql`(created_at <= ${asOf} or exists (select from arrivals a where ${mail}
    and a.arrived_at <= ${livedUntil}::timestamptz - interval '1 second'))`;
/** Arrivals of whose mail an effect or a copy `w` is. */
const OF_EFFECT = sql`a.mail_id in (select m.id from mails m where m.id = w.mail_id or m.ticket_id = w.ticket_id)`;
const OF_COPY = sql`a.mail_id = w.mail_id`;

export async function readWaiting(db: Kysely<Tables>, hold: Pick<Hold, 'asOf' | 'livedUntil'>): Promise<Waiting[]> {
  const counts = (mail: RawBuilder<unknown>) => sql`count(*)::int as count,
    count(*) filter (where ${isOld(hold, mail)})::int as old, min(created_at) as oldest`;
  const { rows } = await sql<Waiting>`
    select type as what, ${counts(OF_EFFECT)} from effects w where state in ('due', 'leased') group by type
    union all
    select case priority when 1 then 'copies with codes and reset links' else 'copies to list members' end, ${counts(OF_COPY)}
      from deliveries w where state in ('due', 'leased') group by priority
    order by 1`.execute(db);
  return rows;
}
