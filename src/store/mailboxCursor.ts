import { type Kysely, sql } from 'kysely';
import { RootdeskError } from '../lib/errors.ts';
import type { Tables } from './schema.ts';

/** Who may move the cursor of a mailbox: the lease with this fence, as long as nobody has a younger one. */
export type MailboxLease = { mailbox: string; fence: number };

export type SpanReason = 'before' | 'passed' | 'vanished' | 'report';
/** UIDs from `first` to `last` that are no mail of ours. */
export type UidSpan = { first: number; last: number; why: SpanReason };

/** What the server said when the mailbox was opened. */
export type ServerState = {
  uidValidity: string;
  uidNext: number;
  messages: number;
  /** HIGHESTMODSEQ; null: the server keeps none (NOMODSEQ). */
  modseq: string | null;
};

/** How far a mailbox is read under one UIDVALIDITY. */
export type MailboxEpoch = {
  /** Watching began there; what is below was left to a backfill. */
  firstUid: number;
  /** Every UID from `firstUid` below it is kept, or known to hold no mail. */
  uidNext: number;
  /** UIDNEXT when we first saw this UIDVALIDITY. */
  beganUidNext: number;
  /** When the mailbox was first opened: what was received before is history. */
  beganAt: Date;
  afterMode: string;
  afterUid: number;
  /** `changed`: the server gave all messages new UIDs since last time. */
  entry: 'first' | 'changed' | 'same';
  /** UIDVALIDITY until now; null: never opened. */
  before: string | null;
};

/** Another process has the lease by now. */
export class LeaseLost extends RootdeskError {
  constructor(mailbox: string) {
    super('mailbox.lease_lost', `another process watches the mailbox ${mailbox} now`, 'nothing: it goes on there');
  }
}

type EpochRow = {
  first_uid: number;
  uid_next: number;
  began_uid_next: number;
  began_at: Date;
  after_mode: string;
  after_uid: number;
};

/**
 * Opens the state of a mailbox under the UIDVALIDITY that the server says now, and notes what else it said. A UIDVALIDITY that
 * is not the last one begins at UID 1, also when it was there long ago: the UIDs of any other are void (RFC 9051 §2.3.1.1).
 * `leaveHistory`: a mailbox that was never opened begins at UIDNEXT. `afterMode`: what is done with mail once it is kept;
 * when that changes, it is done from here on. Rejects with LeaseLost.
 */
export async function openEpoch(
  db: Kysely<Tables>,
  lease: MailboxLease,
  server: ServerState,
  options: { leaveHistory: boolean; afterMode: string },
  now: Date,
): Promise<MailboxEpoch> {
  return db.transaction().execute(async (tx) => {
    const held = await sql<{ uid_validity: string | null }>`select uid_validity::text from mailboxes
      where name = ${lease.mailbox} and fence = ${lease.fence} for no key update`.execute(tx);
    const mailbox = held.rows[0];
    if (mailbox === undefined) throw new LeaseLost(lease.mailbox);
    const before = mailbox.uid_validity;
    const entry = before === null ? 'first' : before === server.uidValidity ? 'same' : 'changed';
    const { uidValidity, uidNext } = server;
    const at = { mailbox: lease.mailbox, validity: uidValidity };
    if (entry !== 'same') {
      const first = entry === 'first' && options.leaveHistory ? uidNext : 1;
      await sql`update mailbox_epochs set ended_at = ${now} where mailbox = ${at.mailbox} and ended_at is null`.execute(
        tx,
      );
      // A UIDVALIDITY that comes back: what is noted of it is of other messages.
      await sql`delete from mailbox_spans where mailbox = ${at.mailbox} and uid_validity = ${at.validity}::bigint`.execute(
        tx,
      );
      await sql`delete from mailbox_epochs where mailbox = ${at.mailbox} and uid_validity = ${at.validity}::bigint`.execute(
        tx,
      );
      await sql`insert into mailbox_epochs
          (mailbox, uid_validity, first_uid, uid_next, began_uid_next, server_uid_next, after_mode, after_uid, started_at)
        values (${at.mailbox}, ${at.validity}::bigint, ${first}, ${first}, ${uidNext}, ${uidNext}, ${options.afterMode}, ${first},
                ${now})`.execute(tx);
      await sql`update mailboxes set uid_validity = ${at.validity}::bigint, began_at = coalesce(began_at, ${now})
        where name = ${at.mailbox}`.execute(tx);
    }
    const { rows } = await sql<EpochRow>`update mailbox_epochs e
        set server_uid_next = ${uidNext}, server_messages = ${server.messages}, modseq = ${server.modseq}::numeric,
            after_uid = case when after_mode = ${options.afterMode} then after_uid else uid_next end,
            after_error = case when after_mode = ${options.afterMode} then after_error end,
            after_mode = ${options.afterMode}
       from mailboxes m
      where m.name = e.mailbox and e.mailbox = ${at.mailbox} and e.uid_validity = ${at.validity}::bigint
      returning e.first_uid, e.uid_next, e.began_uid_next, e.after_mode, e.after_uid, m.began_at`.execute(tx);
    const row = rows[0]!;
    return {
      firstUid: row.first_uid,
      uidNext: row.uid_next,
      beganUidNext: row.began_uid_next,
      beganAt: row.began_at,
      afterMode: row.after_mode,
      afterUid: row.after_uid,
      entry,
      before,
    };
  });
}

/** Moves the cursor, never back, and notes what it passes without a mail. Rejects with LeaseLost: nothing was moved. */
export async function advanceMailbox(
  db: Kysely<Tables>,
  lease: MailboxLease,
  cursor: { uidValidity: string; uidNext: number; spans: readonly UidSpan[] },
  now: Date,
): Promise<void> {
  const { rows } = await sql<{ moved: boolean }>`select mailbox_advance(${lease.mailbox}, ${lease.fence},
    ${cursor.uidValidity}::bigint, ${cursor.uidNext}, ${JSON.stringify(cursor.spans)}::jsonb, ${now}) as moved`.execute(
    db,
  );
  if (rows[0]?.moved !== true) throw new LeaseLost(lease.mailbox);
}
