import { type Kysely, sql } from 'kysely';
import { LeaseLost, type MailboxLease } from './mailboxCursor.ts';
import { addMailboxEvent } from './mailboxes.ts';
import type { Tables } from './schema.ts';

/** The last comparison of all UIDs of the server with what we have. */
export type LastAudit = { at: Date | null; missing: number; modseq: string | null; uidNext: number | null };

export type Audit = {
  /** UIDs of the server that were compared. */
  messages: number;
  /** That were missing here and have been fetched. */
  fetched: readonly number[];
  /** That are on the server, not here, and could not be fetched. */
  missing: number;
  modseq: string | null;
  serverUidNext: number;
};

type Epoch = { mailbox: string; uidValidity: string };

export async function readLastAudit(db: Kysely<Tables>, { mailbox, uidValidity }: Epoch): Promise<LastAudit> {
  const { rows } = await sql<LastAudit>`select audit_at as at, audit_missing as missing, audit_modseq::text as modseq,
      audit_uid_next as "uidNext" from mailbox_epochs
    where mailbox = ${mailbox} and uid_validity = ${uidValidity}::bigint`.execute(db);
  return rows[0] ?? { at: null, missing: 0, modseq: null, uidNext: null };
}

/**
 * Those of the UIDs that nothing here knows: no arrival, no report. What passed as deleted or never used counts as unknown,
 * since a message that is there was not deleted.
 */
export async function unknownUids(db: Kysely<Tables>, epoch: Epoch, uids: readonly number[]): Promise<number[]> {
  const { rows } = await sql<{ uid: number }>`
    select w.uid from unnest(${uids}::bigint[]) as w (uid)
     where not exists (select from arrivals a where a.transport = 'imap' and a.source = ${`imap:${epoch.mailbox}`}
                        and a.uid_validity = ${epoch.uidValidity}::bigint and a.uid = w.uid)
       and not exists (select from mailbox_spans s where s.mailbox = ${epoch.mailbox} and s.why = 'report'
                        and s.uid_validity = ${epoch.uidValidity}::bigint and w.uid between s.first_uid and s.last_uid)
     order by w.uid`.execute(db);
  return rows.map(({ uid }) => uid);
}

/**
 * Writes what an audit found, with an event where it fetched something. UIDs that were fetched leave the spans that took them for gone, and what is done with kept mail
 * is done for them too. Rejects with LeaseLost.
 */
export async function recordAudit(
  db: Kysely<Tables>,
  lease: MailboxLease,
  uidValidity: string,
  audit: Audit,
  now: Date,
): Promise<void> {
  const { mailbox, fence } = lease;
  await db.transaction().execute(async (tx) => {
    const held = await sql`select from mailboxes where name = ${mailbox} and fence = ${fence} for share`.execute(tx);
    if (held.rows.length === 0) throw new LeaseLost(mailbox);
    for (const uid of audit.fetched) await cutSpan(tx, { mailbox, uidValidity }, uid);
    const lowest = audit.fetched.length === 0 ? null : Math.min(...audit.fetched);
    await sql`update mailbox_epochs
        set audit_at = ${now}, audit_messages = ${audit.messages}, audit_fetched = ${audit.fetched.length},
            audit_missing = ${audit.missing}, audit_modseq = ${audit.modseq}::numeric,
            audit_uid_next = ${audit.serverUidNext}, after_uid = least(after_uid, ${lowest}::bigint)
      where mailbox = ${mailbox} and uid_validity = ${uidValidity}::bigint`.execute(tx);
    if (audit.fetched.length === 0) return;
    const detail = { uidValidity, mails: audit.fetched.length, first: audit.fetched[0] };
    await addMailboxEvent(tx, mailbox, 'missing_fetched', detail, now);
  });
}

/** Takes one UID out of the span that holds it, if one does. */
async function cutSpan(tx: Kysely<Tables>, { mailbox, uidValidity }: Epoch, uid: number): Promise<void> {
  const epoch = sql`mailbox = ${mailbox} and uid_validity = ${uidValidity}::bigint and why <> 'report'`;
  await sql`insert into mailbox_spans (mailbox, uid_validity, first_uid, last_uid, why, found_at)
      select mailbox, uid_validity, ${uid}::bigint + 1, last_uid, why, found_at from mailbox_spans
       where ${epoch} and ${uid}::bigint between first_uid and last_uid - 1`.execute(tx);
  await sql`delete from mailbox_spans where ${epoch} and first_uid = ${uid}::bigint`.execute(tx);
  await sql`update mailbox_spans set last_uid = ${uid}::bigint - 1
     where ${epoch} and ${uid}::bigint between first_uid + 1 and last_uid`.execute(tx);
}
