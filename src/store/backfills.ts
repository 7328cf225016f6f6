import { type Kysely, sql } from 'kysely';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { hasSession } from './leaseOwner.ts';
import type { UidSpan } from './mailboxCursor.ts';
import { addMailboxEvent } from './mailboxes.ts';
import type { Tables } from './schema.ts';

export type Backfill = {
  id: number;
  uidValidity: string;
  newestFirst: boolean;
  /** It walks the UIDs below. */
  belowUid: number;
  /** UID that was done last; null: none yet. */
  position: number | null;
  total: number;
  done: number;
};

const ROW = sql`id, uid_validity::text as "uidValidity", newest_first as "newestFirst", below_uid as "belowUid", position, total,
  done`;

/**
 * The walk over a mailbox that was begun and not ended, taken over by `owner`; null: there is none. Of another UIDVALIDITY it is
 * void and stopped. Throws RootdeskError (exit 75) while another process walks.
 */
export async function resumeBackfill(
  db: Kysely<Tables>,
  mailbox: string,
  uidValidity: string,
  owner: string,
  now: Date,
): Promise<Backfill | null> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<Backfill & { isWalked: boolean }>`select ${ROW}, ${hasSession(sql`owner`)} as "isWalked"
      from backfills where mailbox = ${mailbox} and state = 'running' for update`.execute(tx);
    const row = rows[0];
    if (row === undefined) return null;
    const { isWalked, ...backfill } = row;
    if (isWalked) throw walkedByAnother(mailbox);
    if (row.uidValidity !== uidValidity) {
      await sql`update backfills set state = 'stopped', finished_at = ${now} where id = ${row.id}`.execute(tx);
      return null;
    }
    // What it took is changed_at less started_at: the time in which nobody walked does not count.
    await sql`update backfills set owner = ${owner}, started_at = ${now}::timestamptz - (changed_at - started_at), changed_at = ${now}
      where id = ${row.id}`.execute(tx);
    return backfill;
  });
}

function walkedByAnother(mailbox: string): RootdeskError {
  return new RootdeskError(
    'backfill.running',
    `another process walks the mailbox ${mailbox}`,
    'wait for it, or stop it',
    { exitCode: EXIT.temporary },
  );
}

/** Begins a walk. Throws RootdeskError (exit 75) when another process began one a moment ago: there is one a mailbox. */
export async function beginBackfill(
  db: Kysely<Tables>,
  mailbox: string,
  walk: Pick<Backfill, 'uidValidity' | 'newestFirst' | 'belowUid' | 'total'> & { owner: string },
  now: Date,
): Promise<Backfill> {
  const { rows } = await sql<Backfill>`insert into backfills
      (mailbox, uid_validity, newest_first, below_uid, total, owner, started_at, changed_at)
    values (${mailbox}, ${walk.uidValidity}::bigint, ${walk.newestFirst}, ${walk.belowUid}, ${walk.total}, ${walk.owner}, ${now},
            ${now})
    on conflict (mailbox) where state = 'running' do nothing
    returning ${ROW}`.execute(db);
  if (rows[0] === undefined) throw walkedByAnother(mailbox);
  return rows[0];
}

/** Notes what was done since; all of it is committed. Reports on copies are noted as such, so that no audit misses them. */
export async function noteBackfill(
  db: Kysely<Tables>,
  backfill: Pick<Backfill, 'id' | 'uidValidity'> & { mailbox: string },
  step: { position: number; done: number; kept: number; tooLarge: number; spans: readonly UidSpan[] },
  now: Date,
): Promise<void> {
  const reports = step.spans.filter(({ why }) => why === 'report');
  await sql`with noted as (
      insert into mailbox_spans (mailbox, uid_validity, first_uid, last_uid, why, found_at)
        select ${backfill.mailbox}, ${backfill.uidValidity}::bigint, s.first, s.last, s.why, ${now}::timestamptz
          from jsonb_to_recordset(${JSON.stringify(reports)}::jsonb) as s (first bigint, last bigint, why text)
      on conflict do nothing)
    update backfills set position = ${step.position}, done = done + ${step.done}, kept = kept + ${step.kept},
           too_large = too_large + ${step.tooLarge}, changed_at = ${now} where id = ${backfill.id}`.execute(db);
}

/** The whole mailbox is here: from now on audits compare it from its first UID. */
export async function finishBackfill(
  db: Kysely<Tables>,
  backfill: Pick<Backfill, 'id' | 'uidValidity'> & { mailbox: string },
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`update mailbox_epochs set first_uid = 1
      where mailbox = ${backfill.mailbox} and uid_validity = ${backfill.uidValidity}::bigint`.execute(tx);
    const { rows } = await sql<{ done: number; kept: number }>`update backfills
        set state = 'done', finished_at = ${now}, changed_at = ${now} where id = ${backfill.id} returning done, kept`.execute(
      tx,
    );
    await addMailboxEvent(tx, backfill.mailbox, 'backfill_done', { ...rows[0] }, now);
  });
}

/** Mails that wait to be decided, counted up to `most`. */
export async function countUndecided(db: Kysely<Tables>, most: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count
    from (select from mails where decide_due is not null limit ${most}) as waiting`.execute(db);
  return rows[0]!.count;
}
