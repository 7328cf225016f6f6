import type { TicketState } from './situation.ts';
import { atLeast } from './ticket.ts';
import type { Urgency } from './values.ts';

/** Who is told of urgent tickets, from the settings. */
export type NotifyRules = { mail: boolean; webhook: boolean; least: Urgency };

export type NoticeType = 'notify.mail' | 'notify.webhook';

/** Something that must happen outside because of a decision. One `key` happens once; one `orderKey`, one after another. */
export type EffectDraft = {
  type: NoticeType;
  key: string;
  orderKey: string;
  payload: { ticketId: number };
};

/**
 * Notices that are due when a ticket opens urgent or rises to urgent. A solved ticket is no news. `before`: the tickets
 * that it was; none for a new one, several when they became one.
 */
export function noticesDue(
  rules: NotifyRules,
  before: readonly { urgency: Urgency; state: TicketState }[],
  after: { urgency: Urgency; state: TicketState },
): NoticeType[] {
  if (after.state === 'solved' || !atLeast(after.urgency, rules.least)) return [];
  if (before.some(({ state, urgency }) => state !== 'solved' && atLeast(urgency, rules.least))) return [];
  const due: NoticeType[] = [];
  if (rules.mail) due.push('notify.mail');
  if (rules.webhook) due.push('notify.webhook');
  return due;
}

/**
 * The effect row of a notice: its key makes sure that a ticket is told of once. Mail and webhook have an order of their
 * own each, so that a mail server that is down does not hold back the webhook.
 */
export function noticeDraft(type: NoticeType, ticketId: number): EffectDraft {
  const key = `${type}:ticket:${ticketId}`;
  return { type, key, orderKey: key, payload: { ticketId } };
}
