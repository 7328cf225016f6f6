import type { Pool, PoolClient } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import type { Urgency } from '../core/values.ts';
import { houseCustomer } from './houseCustomer.ts';
import { inTransaction } from './inTransaction.ts';
import type { MailboxLease } from './mailboxCursor.ts';
import type { FailureClass, MailboxEvent } from './mailboxes.ts';
import { openOwnTicket } from './ownTickets.ts';

type Alert = { mailbox: string; event: MailboxEvent; subject: string; note: string; urgency: Urgency };

/** Opens or renews the ticket of a mailbox: under the customer whose root address it serves, else under the house. */
async function tell(client: PoolClient, alert: Alert, detail: object, notify: NotifyRules, now: Date): Promise<void> {
  const { rows } = await client.query<{ customer_id: number | null }>(
    'select customer_id from mailboxes where name = $1',
    [alert.mailbox],
  );
  const customerId = rows[0]?.customer_id ?? (await houseCustomer(client));
  const { subject, note, urgency } = alert;
  const key = `mailbox:${alert.mailbox}`;
  const matter = { customerId, kind: `mailbox.${alert.event}`, key, subject, note, urgency, actAt: now };
  await openOwnTicket(client, matter, notify, now);
  await client.query('insert into mailbox_events (mailbox, at, event, detail) values ($1, $2, $3, $4)', [
    alert.mailbox,
    now,
    alert.event,
    JSON.stringify(detail),
  ]);
}

/**
 * Pauses a mailbox whose login was refused, so that no process tries it again, and tells people by an urgent ticket.
 * `mark`: keyed hash of what was refused. False: somebody else has the lease. Ring 'act' after it.
 */
export async function pauseMailbox(
  pool: Pool,
  lease: MailboxLease,
  pause: { mark: string; error: string; errorClass: FailureClass; failures: number },
  notify: NotifyRules,
  now: Date,
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `update mailboxes set state = 'paused', paused_at = $3, paused_mark = $4, last_error = $5, error_class = $6,
              failures = $7, next_try_at = null, changed_at = $3
        where name = $1 and fence = $2 and paused_at is null`,
      [lease.mailbox, lease.fence, now, pause.mark, pause.error, pause.errorClass, pause.failures],
    );
    if (rowCount === 0) return false;
    const what =
      pause.errorClass === 'token'
        ? 'The token was refused, so it has expired or was revoked'
        : 'The login was refused';
    const note = `${what}: ${pause.error}\nNo mail of this mailbox is read, and it is not tried again by itself. Mend the secret in its file, which is noticed, or press "Try again" on the page of the mailbox.`;
    const subject = `The mailbox ${lease.mailbox} is paused: its login is refused`;
    const alert = { mailbox: lease.mailbox, event: 'paused' as const, subject, note, urgency: 'critical' as const };
    await tell(client, alert, { class: pause.errorClass, failures: pause.failures }, notify, now);
    return true;
  });
}

/** People are told that mail is on the server that cannot be read. Ring 'act' after it. */
export async function alertMissingMail(
  pool: Pool,
  mailbox: string,
  found: { missing: number; uidValidity: string; first: number },
  notify: NotifyRules,
  now: Date,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const subject = `Mail in the mailbox ${mailbox} cannot be read`;
    const note = `${found.missing} mails are on the server and not here, the first with UID ${found.first} (UIDVALIDITY ${found.uidValidity}). Each audit tries again. Look at them with another mail program.`;
    await tell(client, { mailbox, event: 'missing', subject, note, urgency: 'high' }, found, notify, now);
  });
}

/**
 * Tells people of mailboxes that nobody has read for too long, whatever the reason: each once, until it answers again.
 * `limits`: how long each may be silent (ms). Returns the names. Ring 'act' when there are any.
 */
export async function alertSilentMailboxes(
  pool: Pool,
  limits: ReadonlyMap<string, number>,
  notify: NotifyRules,
  now: Date,
): Promise<string[]> {
  if (limits.size === 0) return [];
  return inTransaction(pool, async (client) => {
    const entries = JSON.stringify([...limits].map(([name, ms]) => ({ name, before: new Date(now.getTime() - ms) })));
    const { rows } = await client.query<{ name: string; since: Date | null; last_error: string | null }>(
      `update mailboxes m set alerted_at = $2
         from (select b.name from mailboxes b
                 join jsonb_to_recordset($1::jsonb) as e (name text, before timestamptz) on e.name = b.name
                where b.alerted_at is null and b.paused_at is null and coalesce(b.last_success_at, b.created_at) < e.before
                order by b.customer_id nulls last, b.name for no key update of b skip locked) late
        where m.name = late.name returning m.name, m.last_success_at as since, m.last_error`,
      [entries, now],
    );
    for (const { name, since, last_error: error } of rows) {
      const last = since === null ? 'It was never read.' : `It was read last at ${since.toISOString()}.`;
      const note = `${last}${error === null ? '' : ` What was said last: ${error}`}\nMail that comes into it is not seen until it can be read again.`;
      const subject = `Nobody reads the mailbox ${name}`;
      await tell(client, { mailbox: name, event: 'silent', subject, note, urgency: 'critical' }, {}, notify, now);
    }
    return rows.map(({ name }) => name);
  });
}
