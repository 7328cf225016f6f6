import { type Kysely, sql } from 'kysely';
import { LeaseLost, type MailboxLease } from './mailboxCursor.ts';
import type { Tables } from './schema.ts';

type Epoch = { mailbox: string; uidValidity: string };

/**
 * UIDs of kept mail, and of reports that were taken, with which nothing was done yet, lowest first. Mail that was too large is
 * not among them: it was not taken and must stay where it is.
 */
export async function nextToDo(db: Kysely<Tables>, epoch: Epoch, limit: number): Promise<number[]> {
  const { mailbox, uidValidity } = epoch;
  const { rows } = await sql<{ uid: number }>`
    with e as (select after_uid, uid_next from mailbox_epochs
                where mailbox = ${mailbox} and uid_validity = ${uidValidity}::bigint)
    select uid from (
      select distinct a.uid from e, arrivals a join mails m on m.id = a.mail_id
       where a.transport = 'imap' and a.source = ${`imap:${mailbox}`} and a.uid_validity = ${uidValidity}::bigint
         and a.uid >= e.after_uid and a.uid < e.uid_next and m.outcome is distinct from 'too_large'
      union
      select generate_series(greatest(s.first_uid, e.after_uid), s.last_uid) from e, mailbox_spans s
       where s.mailbox = ${mailbox} and s.uid_validity = ${uidValidity}::bigint and s.why = 'report'
         and s.last_uid >= e.after_uid) as found
    order by uid limit ${limit}`.execute(db);
  return rows.map(({ uid }) => uid);
}

/** Notes that it is done for all UIDs below, or why it could not be done. Returns what was wrong before. */
export async function noteAfter(
  db: Kysely<Tables>,
  lease: MailboxLease,
  uidValidity: string,
  note: { doneBelow: number | null; error: string | null },
): Promise<string | null> {
  const { rows } = await sql<{ before: string | null }>`update mailbox_epochs e
      set after_uid = greatest(e.after_uid, ${note.doneBelow}::bigint), after_error = ${note.error}
     from mailbox_epochs b join mailboxes m on m.name = b.mailbox
    where b.mailbox = e.mailbox and b.uid_validity = e.uid_validity and m.fence = ${lease.fence}
      and e.mailbox = ${lease.mailbox} and e.uid_validity = ${uidValidity}::bigint
    returning b.after_error as before`.execute(db);
  if (rows[0] === undefined) throw new LeaseLost(lease.mailbox);
  return rows[0].before;
}
