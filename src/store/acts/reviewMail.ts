import { type Kysely, sql } from 'kysely';
import type { Outcome, Review } from '../../core/values.ts';
import type { Tables } from '../schema.ts';
import { ALIKE_LIMIT, alikeMails } from './alikeMails.ts';
import { type LockedMail, lockMails, type ManyMails, notDoneOf, recordMany } from './manyMails.ts';
import { type ActBy, recordAct } from './recordAct.ts';

/** How long a decision about held mail can be taken back (ms). */
export const REVIEW_UNDO_MS = 10 * 60_000;

/**
 * What became of a decision about held mail. `decided`: it no longer waits for one; nothing was written, and what it is
 * now is named. null: no such mail.
 */
export type ReviewResult =
  | { result: 'done'; act: number; mails: number[] }
  | { result: 'decided'; outcome: Outcome | null; review: Review | null }
  | null;

/** `alike`: take those with the same sender and text along. */
export type ReviewAct = ActBy & { id: number; alike: boolean; reason?: string | null };

/** Who says so and why, as they wrote it: nobody is signed in. */
export type Confirmation = { by: string; reason: string };

/** Rejects held mail: it stays in quarantine for good, out of the list of what waits. */
export async function rejectMail(db: Kysely<Tables>, act: ReviewAct): Promise<ReviewResult> {
  return review(db, act, 'rejected');
}

/**
 * Releases held mail as not AWS: it is decided again as a mail of somebody else, through the same rules. Its sender
 * counts as unproven, so it joins no ticket, and its links stay dead. The caller rings 'decide'.
 */
export async function releaseMail(db: Kysely<Tables>, act: ReviewAct): Promise<ReviewResult> {
  return review(db, act, 'not_aws');
}

/**
 * Makes held mail a ticket of its own for the team, marked as not proven and confirmed by this name for this reason. It is
 * decided again: its sender counts as unproven, it joins no ticket, its links and secrets stay as they were. One mail at a
 * time, since each must be looked at. The caller rings 'decide'.
 */
export async function confirmMail(
  db: Kysely<Tables>,
  { by, ...act }: Omit<ReviewAct, 'alike' | 'reason'> & Confirmation,
): Promise<ReviewResult> {
  return review(db, { ...act, alike: false }, 'internal', by);
}

/** Names of the acts. */
export const ACT = { rejected: 'mail.rejected', not_aws: 'mail.released', internal: 'mail.confirmed' } as const;

async function review(
  db: Kysely<Tables>,
  { id, alike, at, actor, reason = null }: ReviewAct,
  said: Review,
  by: string | null = null,
): Promise<ReviewResult> {
  return db.transaction().execute(async (tx) => {
    const found = alike ? await alikeMails(tx, id) : [];
    const rows = await lockMails(tx, [id, ...found]);
    const own = rows.find((row) => row.id === id);
    if (!own) return null;
    if (!isHeld(own)) return { result: 'decided', outcome: own.outcome, review: own.review };
    const mails = rows.filter(isHeld).map((row) => row.id);
    await writeReview(tx, mails, { at, said, by, reason });
    const act = await recordAct(tx, {
      type: ACT[said],
      customerId: own.customerId,
      ticketId: null,
      mailId: id,
      at,
      actor,
      detail: { mails, ...(by !== null && { by }), ...(reason !== null && { reason }) },
      undoUntil: new Date(at.getTime() + REVIEW_UNDO_MS),
      mails,
    });
    return { result: 'done', act, mails };
  });
}

/**
 * Rejects or releases many held mails, of any customers, in one transaction: what can be done is done, and each of the
 * others is named with its reason. One act, which undo takes back as a whole; a record in the log of each customer. The
 * caller rings 'decide' after a release.
 */
export async function reviewMails(
  db: Kysely<Tables>,
  act: ActBy & { ids: readonly number[]; said: 'rejected' | 'not_aws'; reason?: string | null },
): Promise<ManyMails> {
  const { said, reason = null, at, actor } = act;
  const ids = [...new Set(act.ids)].slice(0, ALIKE_LIMIT);
  return db.transaction().execute(async (tx) => {
    const rows = await lockMails(tx, ids);
    const done = rows.filter(isHeld);
    const notDone = notDoneOf(ids, rows, done);
    if (done.length === 0) return { act: null, done: [], notDone };
    const mails = done.map((row) => row.id);
    await writeReview(tx, mails, { at, said, by: null, reason });
    const more: Record<string, string> = reason === null ? {} : { reason };
    const number = await recordMany(tx, done, { type: ACT[said], at, actor, more, undoMs: REVIEW_UNDO_MS });
    return { act: number, done: mails, notDone };
  });
}

const isHeld = (row: LockedMail) => row.outcome === 'quarantine' && row.review === null;

async function writeReview(
  tx: Kysely<Tables>,
  mails: readonly number[],
  { at, said, by, reason }: { at: Date; said: Review; by: string | null; reason: string | null },
): Promise<void> {
  await tx
    .updateTable('mails')
    .set({
      review: said,
      reviewed_at: at,
      review_by: by,
      review_reason: reason,
      ...(said !== 'rejected' ? { decide_due: at, decide_attempts: 0 } : {}),
    })
    .where('id', '=', sql<number>`any(${mails}::bigint[])`)
    .execute();
}
