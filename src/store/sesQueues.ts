import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/** How the reading of a queue goes: shown on the health page. */
export type SesQueueState = 'new' | 'watching' | 'waiting' | 'stopped';

/** Why a queue, or the mail that a message tells of, cannot be read; receive/sesFailure.ts says what each means. */
export type SesFailureClass =
  | 'authentication'
  | 'denied'
  | 'kms'
  | 'absent'
  | 'missing'
  | 'throttled'
  | 'network'
  | 'storage'
  | 'message'
  | 'encrypted'
  | 'bucket';

export type SesQueueNote = {
  state: SesQueueState;
  /** One line without secrets; null clears it. */
  error: string | null;
  errorClass?: SesFailureClass | null;
  /** Failures in a row. */
  failures?: number;
  nextTryAt?: Date | null;
  /** The queue answered. */
  success?: Date;
};

/** Makes the rows of queues that are seen for the first time. */
export async function registerSesQueues(db: Kysely<Tables>, names: readonly string[], now: Date): Promise<void> {
  if (names.length === 0) return;
  await sql`insert into ses_queues (name, created_at, changed_at)
    select name, ${now}, ${now} from unnest(${names}::text[]) as n (name) on conflict do nothing`.execute(db);
}

/** Records how the reading goes, as the process that says so last has it. */
export async function noteSesQueue(db: Kysely<Tables>, name: string, note: SesQueueNote, now: Date): Promise<void> {
  const success = note.success ?? null;
  await sql`update ses_queues
      set state = ${note.state}, last_error = ${note.error}, error_class = ${note.errorClass ?? null},
          failures = ${note.failures ?? 0}, next_try_at = ${note.nextTryAt ?? null}::timestamptz, changed_at = ${now},
          last_success_at = coalesce(${success}::timestamptz, last_success_at),
          alerted_at = case when ${success}::timestamptz is null then alerted_at end
    where name = ${name}`.execute(db);
}

/** A message is in no queue for longer than 14 days, so that nothing comes of it any more a day later (ms). */
const GONE_MS = 15 * 24 * 3_600_000;

/** Records how many messages wait, as the queue says itself, and forgets those that no queue can hold any more. */
export async function noteSesWaiting(
  db: Kysely<Tables>,
  name: string,
  waiting: number | null,
  now: Date,
): Promise<void> {
  await db.updateTable('ses_queues').set({ waiting }).where('name', '=', name).execute();
  const before = new Date(now.getTime() - GONE_MS);
  await db.deleteFrom('ses_troubles').where('queue', '=', name).where('last_at', '<', before).execute();
}

/** The mail of a message was kept: what was wrong with it is over, also where another message told of the same mail. */
export async function settleSesTrouble(
  db: Kysely<Tables>,
  queue: string,
  messageId: string,
  objects: readonly string[],
): Promise<void> {
  await sql`delete from ses_troubles where queue = ${queue}
    and (message_id = ${messageId} or object = any(${objects}::text[]))`.execute(db);
}

/** A queue as lists show it. */
export type SesQueueRow = {
  name: string;
  state: string;
  lastSuccessAt: Date | null;
  lastError: string | null;
  errorClass: string | null;
  failures: number;
  /** Messages in the queue, as it says itself; null: not known. */
  waiting: number | null;
  createdAt: Date;
  /** Messages whose mail cannot be kept, and since when the oldest of them. */
  troubles: number;
  oldestTroubleAt: Date | null;
};

/** All queues by name. */
export async function readSesQueues(db: Kysely<Tables>): Promise<SesQueueRow[]> {
  return (
    await sql<SesQueueRow>`select q.name, q.state, q.last_success_at as "lastSuccessAt", q.last_error as "lastError",
        q.error_class as "errorClass", q.failures, q.waiting, q.created_at as "createdAt",
        count(t.id)::int as troubles, min(t.first_at) as "oldestTroubleAt"
      from ses_queues q left join ses_troubles t on t.queue = q.name group by q.name order by q.name`.execute(db)
  ).rows;
}

/** A message whose mail could not be kept: it is still in the queue. */
export type SesTroubleRow = {
  id: number;
  queue: string;
  messageId: string;
  object: string | null;
  class: SesFailureClass;
  error: string;
  attempts: number;
  firstAt: Date;
  lastAt: Date;
  nextTryAt: Date;
};

/** Messages whose mail could not be kept, the oldest first. */
export async function readSesTroubles(db: Kysely<Tables>, limit: number): Promise<SesTroubleRow[]> {
  return (
    await sql<SesTroubleRow>`select id, queue, message_id as "messageId", object, class, error, attempts,
      first_at as "firstAt", last_at as "lastAt", next_try_at as "nextTryAt"
      from ses_troubles order by first_at, id limit ${limit}`.execute(db)
  ).rows;
}
