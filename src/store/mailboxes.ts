import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/** How far a mailbox is read. Decimal text: UIDVALIDITY and UID are 32 bits without sign. */
export type MailboxCursor = {
  /** Null: never read. */
  uidValidity: string | null;
  /** Every message below this UID is kept. */
  uidNext: string;
};

/** `watching`, or why not: shown on the health page. */
export type MailboxState = 'new' | 'connecting' | 'watching' | 'waiting' | 'refused' | 'stopped';

/** The cursor of a mailbox; makes its row when it is seen for the first time. */
export async function openMailbox(db: Kysely<Tables>, name: string): Promise<MailboxCursor> {
  await sql`insert into mailboxes (name) values (${name}) on conflict (name) do nothing`.execute(db);
  const { rows } = await sql<{ uid_validity: string | null; uid_next: string }>`
    select uid_validity::text, uid_next::text from mailboxes where name = ${name}`.execute(db);
  const row = rows[0] as (typeof rows)[number];
  return { uidValidity: row.uid_validity, uidNext: row.uid_next };
}

/** The server gave all messages new UIDs, or the mailbox is read for the first time: it is read from its start. */
export async function restartMailbox(db: Kysely<Tables>, name: string, uidValidity: string): Promise<void> {
  await sql`update mailboxes set uid_validity = ${uidValidity}::bigint, uid_next = 1, changed_at = now()
    where name = ${name}`.execute(db);
}

/** Moves the cursor over UIDs that hold no message (any more). Never back. */
export async function advanceMailbox(
  db: Kysely<Tables>,
  name: string,
  cursor: { uidValidity: string; uidNext: string },
): Promise<void> {
  await sql`update mailboxes set uid_next = greatest(uid_next, ${cursor.uidNext}::bigint), changed_at = now()
    where name = ${name} and uid_validity = ${cursor.uidValidity}::bigint`.execute(db);
}

/** Records how the watching goes. `error` must name no secret; null clears it. `success` is a poll that worked. */
export async function noteMailbox(
  db: Kysely<Tables>,
  name: string,
  note: { state: MailboxState; error: string | null; success?: Date },
): Promise<void> {
  const success = note.success ?? null;
  await sql`insert into mailboxes (name, state, last_error, last_success_at)
      values (${name}, ${note.state}, ${note.error}, ${success}::timestamptz)
    on conflict (name) do update
      set state = excluded.state, last_error = excluded.last_error, changed_at = now(),
          last_success_at = coalesce(excluded.last_success_at, mailboxes.last_success_at)`.execute(db);
}
