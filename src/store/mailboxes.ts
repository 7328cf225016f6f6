import { type Kysely, sql } from 'kysely';
import { appendAudit } from './audit.ts';
import type { Tables } from './schema.ts';

/** How the watching of a mailbox goes: shown on the health page. `paused`: its login was refused and is not tried. */
export type MailboxState = 'new' | 'connecting' | 'watching' | 'waiting' | 'paused' | 'stopped';

/** Why a mailbox is not watched now; receive/mailboxFailure.ts says what each means. */
export type FailureClass = 'authentication' | 'token' | 'throttled' | 'network' | 'protocol' | 'storage';

export type MailboxNote = {
  state: MailboxState;
  /** One line without secrets; null clears it. */
  error: string | null;
  errorClass?: FailureClass | null;
  /** Failures in a row. */
  failures?: number;
  nextTryAt?: Date | null;
  /** A poll that worked. */
  success?: Date;
};

/** What the settings say of a mailbox, for its row. */
export type MailboxEntry = { name: string; rootAddress: string | null };

/** Makes the rows of mailboxes that are seen for the first time, and notes whose root address each serves. */
export async function registerMailboxes(
  db: Kysely<Tables>,
  entries: readonly MailboxEntry[],
  now: Date,
): Promise<void> {
  if (entries.length === 0) return;
  const rows = JSON.stringify(
    entries.map(({ name, rootAddress }) => ({ name, root: rootAddress?.toLowerCase() ?? null })),
  );
  await sql`insert into mailboxes (name, customer_id, created_at, changed_at)
      select e.name, l.customer_id, ${now}, ${now}
        from jsonb_to_recordset(${rows}::jsonb) as e (name text, root text) left join lists l on l.address = e.root
    on conflict (name) do update set customer_id = excluded.customer_id
      where mailboxes.customer_id is distinct from excluded.customer_id`.execute(db);
}

/** Records how the watching goes; only for whoever has the lease. */
export async function noteMailbox(
  db: Kysely<Tables>,
  lease: { mailbox: string; fence: number },
  note: MailboxNote,
  now: Date,
): Promise<void> {
  const success = note.success ?? null;
  await sql`update mailboxes
      set state = ${note.state}, last_error = ${note.error}, error_class = ${note.errorClass ?? null},
          failures = ${note.failures ?? 0}, next_try_at = ${note.nextTryAt ?? null}::timestamptz, changed_at = ${now},
          last_success_at = coalesce(${success}::timestamptz, last_success_at),
          alerted_at = case when ${success}::timestamptz is null then alerted_at end
    where name = ${lease.mailbox} and fence = ${lease.fence}`.execute(db);
}

/** The keyed hash of the secret that was refused, while a mailbox is paused; else null. */
export async function pausedMark(db: Kysely<Tables>, name: string): Promise<string | null> {
  const row = await db
    .selectFrom('mailboxes')
    .select(['paused_at', 'paused_mark'])
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.paused_at ? (row.paused_mark ?? '') : null;
}

/** Lets a paused mailbox be tried again; false: there is none of that name, or it was not paused. */
export async function resumeMailbox(
  db: Kysely<Tables>,
  name: string,
  by: { actor: string; why: 'person' | 'secret_changed' },
  now: Date,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ name: string }>`with resumed as (
      update mailboxes set paused_at = null, paused_mark = null, state = 'connecting', next_try_at = null, failures = 0,
             changed_at = ${now}
       where name = ${name} and paused_at is not null returning name)
    insert into mailbox_events (mailbox, at, event, detail)
      select name, ${now}, 'resumed', ${JSON.stringify(by)}::jsonb from resumed returning mailbox as name`.execute(tx);
    if (rows.length === 0) return false;
    const detail = { mailbox: name, why: by.why };
    await appendAudit(tx, [{ customerId: null, at: now, actor: by.actor, action: 'mailbox.resumed', detail }]);
    return true;
  });
}

/** Events kept of a mailbox. */
const MOST_EVENTS = 500;

export type MailboxEvent =
  | 'uidvalidity_changed'
  | 'missing_fetched'
  | 'missing'
  | 'paused'
  | 'resumed'
  | 'silent'
  | 'taken_over'
  | 'after_failed'
  | 'backfill_done';

/** Adds to what people should know of a mailbox. `detail`: numbers and codes only. */
export async function addMailboxEvent(
  db: Kysely<Tables>,
  mailbox: string,
  event: MailboxEvent,
  detail: Record<string, unknown>,
  now: Date,
): Promise<void> {
  await sql`insert into mailbox_events (mailbox, at, event, detail)
    values (${mailbox}, ${now}, ${event}, ${JSON.stringify(detail)}::jsonb)`.execute(db);
  await sql`delete from mailbox_events where mailbox = ${mailbox} and id <= (
    select id from mailbox_events where mailbox = ${mailbox} order by id desc offset ${MOST_EVENTS} limit 1)`.execute(
    db,
  );
}
