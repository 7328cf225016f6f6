import type { ClientBase } from 'pg';
import { type NotifyRules, noticeDraft, noticesDue } from '../core/effect.ts';
import type { Urgency } from '../core/values.ts';
import { lockCustomers } from './loadSituation.ts';
import type { TicketState } from './schema.ts';

/** A matter that no mail of AWS opened: a member who cannot be reached, copies that do not leave. */
export type OwnMatter = {
  customerId: number;
  /** `list.member_bouncing` … */
  kind: string;
  /** One ticket a cause: while one with this key is open, it gets a note instead. */
  key: string;
  subject: string;
  /** What happened, for the timeline. Names, addresses, states; never text of a mail. */
  note: string;
  urgency: Urgency;
  /** People should look until then. */
  actAt: Date;
};

type Known = { id: number; urgency: Urgency; state: TicketState };

const RISING: readonly Urgency[] = ['none', 'low', 'normal', 'high', 'critical'];

/**
 * Opens a ticket of our own or adds to it, in the caller's transaction; notices follow the rules of every ticket. Takes the lock that deciding takes: call it before rows of the customer are locked.
 * Returns the ticket's number. Ring 'act' after the commit.
 */
export async function openOwnTicket(
  client: ClientBase,
  matter: OwnMatter,
  notify: NotifyRules,
  now: Date,
): Promise<number> {
  const { customerId, kind, key, subject, note, urgency, actAt } = matter;
  await lockCustomers(client as Parameters<typeof lockCustomers>[0], [customerId]);
  const threadKey = `own:${key}`;
  const { rows } = await client.query<Known>(
    `select t.id, t.urgency, t.state from thread_keys k join tickets t on t.id = k.ticket_id
      where k.customer_id = $1 and k.key = $2 and t.state <> 'solved' order by t.id desc limit 1`,
    [customerId, threadKey],
  );
  // A solved one stays what it was: the same trouble again is a new matter, and is told of again.
  const known = rows[0];
  const raised = known && RISING.indexOf(known.urgency) > RISING.indexOf(urgency) ? known.urgency : urgency;
  let ticketId = known?.id;
  if (ticketId === undefined) {
    const made = await client.query<{ id: number }>(
      `insert into tickets (customer_id, kind, subject, urgency, action_required, act_at, thread_key, created_at, updated_at)
       values ($1, $2, $3, $4, true, $5, $6, $7, $7) returning id`,
      [customerId, kind, subject, urgency, actAt, threadKey, now],
    );
    ticketId = made.rows[0]!.id;
    await client.query('insert into thread_keys (customer_id, key, ticket_id) values ($1, $2, $3)', [
      customerId,
      threadKey,
      ticketId,
    ]);
  } else {
    await client.query(
      `update tickets set state = 'open', subject = $2, urgency = $3, act_at = least(act_at, $4), updated_at = $5,
              version = version + 1, snoozed_until = null
        where id = $1`,
      [ticketId, subject, raised, actAt, now],
    );
  }
  await client.query(
    `insert into entries (ticket_id, customer_id, type, at, actor, body) values ($1, $2, 'note', $3, 'rootdesk', $4)`,
    [ticketId, customerId, now, JSON.stringify({ text: note })],
  );
  const after = { urgency: raised, state: 'open' as const };
  for (const type of noticesDue(notify, known ? [known] : [], after)) {
    const draft = noticeDraft(type, ticketId);
    await client.query(
      `insert into effects (type, key, customer_id, ticket_id, order_key, payload, due_at)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (key) do nothing`,
      [draft.type, draft.key, customerId, ticketId, draft.orderKey, JSON.stringify(draft.payload), now],
    );
  }
  return ticketId;
}
