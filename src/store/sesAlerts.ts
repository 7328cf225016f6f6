import type { Pool, PoolClient } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import { houseCustomer } from './houseCustomer.ts';
import { inTransaction } from './inTransaction.ts';
import { openOwnTicket } from './ownTickets.ts';
import type { SesFailureClass } from './sesQueues.ts';

/** What could not be done with a message. */
export type SesTroubleNote = {
  queue: string;
  messageId: string;
  /** `bucket/key`; null: none that could be read. */
  object: string | null;
  class: SesFailureClass;
  error: string;
  attempts: number;
  nextTryAt: Date;
};

/** People hear of a class of trouble once it stands for so long (ms): what passes by itself is no news. */
const ALERT_AFTER_MS: Record<SesFailureClass, number> = {
  message: 0,
  encrypted: 0,
  bucket: 0,
  kms: 0,
  denied: 60_000,
  absent: 60_000,
  authentication: 60_000,
  missing: 10 * 60_000,
  throttled: 30 * 60_000,
  network: 30 * 60_000,
  storage: 30 * 60_000,
};

/** What people should do, a class of trouble. */
const ADVICE: Record<SesFailureClass, string> = {
  message:
    'It is no message about a mail in a bucket. Look at it in the console of SQS; what sends it should send it elsewhere.',
  encrypted:
    'SES encrypts mail before it stores it (message encryption of the receipt rule), so nobody can read it without the encryption client of S3. Switch that off and use the encryption of the bucket; what is stored must be decrypted and imported.',
  bucket: 'It names another bucket than the settings. Somebody else may write to the queue: look at its policy.',
  kms: 'The key of the bucket may not be used, or not now. Look at its state and at the policy of key and role (kms:Decrypt).',
  denied:
    'The role may not read it. Look at its policy (s3:GetObject, and s3:ListBucket to tell a missing object from a forbidden one) and at that of the bucket.',
  absent: 'The bucket does not exist where it is looked for.',
  authentication: 'The credentials are not accepted.',
  missing:
    'It was told of and is not in the bucket. It may have been deleted; a rule that deletes old objects must leave them longer than messages stay in the queue.',
  throttled: 'AWS asks to come back later, for half an hour now.',
  network: 'It cannot be read, for half an hour now.',
  storage: 'It cannot be kept here, for half an hour now.',
};

/**
 * Notes a message whose mail cannot be kept, so that people see it, and tells them by a ticket once the class of trouble stands
 * long enough: one ticket a queue and class. True: people are told; ring 'act' after it.
 */
export async function noteSesTrouble(
  pool: Pool,
  trouble: SesTroubleNote,
  notify: NotifyRules,
  now: Date,
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    // Whoever notes another message of this queue waits: the first of a class tells, the others do not.
    await client.query('select from ses_queues where name = $1 for no key update', [trouble.queue]);
    await client.query(
      `insert into ses_troubles (queue, message_id, object, class, error, attempts, first_at, last_at, next_try_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
       on conflict (queue, message_id) do update
         set object = excluded.object, class = excluded.class, error = excluded.error, attempts = excluded.attempts,
             last_at = excluded.last_at, next_try_at = excluded.next_try_at`,
      [
        trouble.queue,
        trouble.messageId,
        trouble.object,
        trouble.class,
        trouble.error,
        trouble.attempts,
        now,
        trouble.nextTryAt,
      ],
    );
    const before = new Date(now.getTime() - ALERT_AFTER_MS[trouble.class]);
    const { rows } = await client.query<{ told: number; due: number }>(
      `select count(*) filter (where alerted_at is not null)::int as told,
              count(*) filter (where first_at <= $3)::int as due
         from ses_troubles where queue = $1 and class = $2`,
      [trouble.queue, trouble.class, before],
    );
    if (rows[0]!.told > 0 || rows[0]!.due === 0) return false;
    await client.query('update ses_troubles set alerted_at = $3 where queue = $1 and class = $2 and first_at <= $4', [
      trouble.queue,
      trouble.class,
      now,
      before,
    ]);
    const what = trouble.object === null ? `Message ${trouble.messageId}` : `Object ${trouble.object}`;
    const note = `${what}: ${trouble.error}\n${ADVICE[trouble.class]}\nThe message stays in the queue and is tried again, until the queue's own time for messages is over. The health page lists all of them.`;
    const subject = `Mail of the queue ${trouble.queue} cannot be read`;
    await tell(client, { queue: trouble.queue, event: trouble.class, subject, note, urgency: 'high' }, notify, now);
    return true;
  });
}

/**
 * Tells people of queues that did not answer for `silentMs`, whatever the reason: each once, until it answers again. Returns the
 * names. Ring 'act' when there are any.
 */
export async function alertSilentSesQueues(
  pool: Pool,
  names: readonly string[],
  silentMs: number,
  notify: NotifyRules,
  now: Date,
): Promise<string[]> {
  if (names.length === 0) return [];
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ name: string; since: Date | null; last_error: string | null }>(
      `update ses_queues q set alerted_at = $2
         from (select name from ses_queues
                where name = any($1::text[]) and alerted_at is null and coalesce(last_success_at, created_at) < $3
                order by name for no key update skip locked) late
        where q.name = late.name returning q.name, q.last_success_at as since, q.last_error`,
      [names, now, new Date(now.getTime() - silentMs)],
    );
    for (const { name, since, last_error: error } of rows) {
      const last = since === null ? 'It was never read.' : `It answered last at ${since.toISOString()}.`;
      const said = error === null ? '' : ` What was said last: ${error}`;
      const note = `${last}${said}\nMail that SES takes meanwhile waits in the bucket and is not seen until the queue can be read again.`;
      const subject = `Nobody reads the queue ${name}`;
      await tell(client, { queue: name, event: 'silent', subject, note, urgency: 'critical' }, notify, now);
    }
    return rows.map(({ name }) => name);
  });
}

type Alert = { queue: string; event: string; subject: string; note: string; urgency: 'high' | 'critical' };

/** A queue serves many root addresses: its matters are those of the house. */
async function tell(client: PoolClient, alert: Alert, notify: NotifyRules, now: Date): Promise<void> {
  const { queue, event, subject, note, urgency } = alert;
  const customerId = await houseCustomer(client);
  const key = `ses:${queue}:${event}`;
  await openOwnTicket(
    client,
    { customerId, kind: `ses.${event}`, key, subject, note, urgency, actAt: now },
    notify,
    now,
  );
}
