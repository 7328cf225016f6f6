import { applyPlan } from '../core/applyPlan.ts';
import { type Links, toldOn } from '../core/correlate.ts';
import { type DecideRules, decide, type MailAtHand, type Plan } from '../core/decide.ts';
import { noticeDraft } from '../core/effect.ts';
import type { Situation } from '../core/situation.ts';
import type { ClaimedMail } from '../store/claimMails.ts';
import { type Decisions, type EntryWrite, type EventWrite, emptyDecisions } from '../store/writeDecisions.ts';
import { decidedOf, readingOf } from './mailRows.ts';

/** A claimed mail with what became of reading it. */
export type BatchMail = { claimed: ClaimedMail; atHand: MailAtHand; claimedAt: Date; readAt: Date };

export type Planned = { mail: BatchMail; plan: Plan; ticketId: number | null };

/** Decides the mails of a batch one after another, each in the situation that the one before left. */
export function planBatch(mails: readonly BatchMail[], situation: Situation, rules: DecideRules): Planned[] {
  return mails.map((mail) => {
    const plan = decide(mail.atHand, situation, rules);
    return { mail, plan, ticketId: applyPlan(situation, mail.atHand, plan) };
  });
}

/** Tickets of the plans that are not yet written, oldest first. */
export function newTickets(planned: readonly Planned[]): number[] {
  const ids = planned.map(({ ticketId }) => ticketId ?? 0);
  return [...new Set(ids)].filter((id) => id < 0).toSorted((a, b) => b - a);
}

/** The rows that make the plans true. `drawn`: numbers for `newTickets`, in their order. */
export function rowsOf(
  planned: readonly Planned[],
  situation: Situation,
  drawn: readonly number[],
  now: Date,
): Decisions {
  const numbers = new Map(newTickets(planned).map((id, index) => [id, drawn[index]!]));
  const numberOf = (ticketId: number) => numbers.get(ticketId) ?? ticketId;
  const rows = emptyDecisions(now);
  const touched = new Set<number>();
  for (const { mail, plan, ticketId } of planned) {
    const { claimed, atHand } = mail;
    const number = ticketId === null ? null : numberOf(ticketId);
    rows.mails.push(decidedOf(atHand, plan, number));
    rows.readings.push(readingOf(mail, plan, now));
    count(rows.counters, `mails.${plan.outcome}`, 1);
    if (!atHand.reading.read) count(rows.counters, 'errors.decide', 1);
    if (claimed.outcome !== null) count(rows.counters, `mails.${claimed.outcome}`, -1);
    rows.again.push(...plan.again);
    rows.audit.push(auditOf(mail, plan, number, now));
    if (number === null || ticketId === null || plan.ticket === null || claimed.customerId === null) continue;
    touched.add(ticketId);
    addTicketRows(rows, { mail, plan, ticketId }, numberOf, situation);
  }
  for (const id of touched) {
    const ticket = situation.tickets.get(id)!;
    const { customerId, state, solvedAt, snoozedUntil = null } = ticket;
    const row = { id: numberOf(id), customerId, state, solvedAt, snoozedUntil, face: ticket.folded.face };
    (id < 0 ? rows.opened : rows.changed).push(row);
  }
  return rows;
}

function addTicketRows(
  rows: Decisions,
  { mail, plan, ticketId }: Planned,
  numberOf: (ticketId: number) => number,
  { tickets }: Situation,
): void {
  const customerId = mail.claimed.customerId!;
  const mailId = mail.claimed.id;
  const ticket = plan.ticket!;
  const number = numberOf(ticketId!);
  for (const key of ticket.keys) rows.keys.push({ customerId, key, ticketId: number });
  for (const key of ticket.mentions) rows.mentions.push({ customerId, key, ticketId: number });
  for (const { ticketId: other, how } of ticket.related) {
    const [low, high] = [number, numberOf(other)].toSorted((a, b) => a - b) as [number, number];
    if (rows.links.some((link) => link.ticketId === low && link.otherId === high)) continue;
    const told = toldOn(ticketId!, other, tickets).map(numberOf);
    rows.links.push({ customerId, ticketId: low, otherId: high, how, mailId, told });
  }
  rows.events.push(...eventsOf(mail.atHand, plan.links, number));
  for (const entry of ticket.entries) rows.entries.push({ ...entry, ticketId: number, customerId, mailId });
  for (const remark of ticket.remarks) {
    const own = rows.entries.find((entry) => entry.type === 'mail' && entry.mailId === remark.mailId);
    if (own) setSeenBefore(own, remark.seenBefore);
    else rows.remarks.push({ ticketId: number, ...remark });
  }
  for (const type of ticket.notices) {
    const draft = noticeDraft(type, number);
    if (rows.effects.some((effect) => effect.key === draft.key)) continue;
    rows.effects.push({ ...draft, customerId, ticketId: number, mailId });
  }
}

/** A mail that joins nothing, for it may be forged or about another's account, is no part of an incident either. */
export function eventsOf(mail: MailAtHand, links: Links | null, ticketId: number): EventWrite[] {
  const event = mail.reading.read ? mail.reading.understanding.sameEvent : null;
  if (!mail.reading.read || event === null || links === null || links.alone !== null) return [];
  const { kind, mailTime } = mail.reading.understanding;
  return [{ ticketId, kind, ...event, at: mailTime }];
}

function setSeenBefore(entry: EntryWrite, seenBefore: number | null): void {
  if (entry.type === 'mail') entry.body = { ...entry.body, seenBefore };
}

function count(counters: Record<string, number>, name: string, by: number): void {
  counters[name] = (counters[name] ?? 0) + by;
}

function auditOf({ claimed }: BatchMail, plan: Plan, ticket: number | null, at: Date): Decisions['audit'][number] {
  const { outcome, rule } = plan;
  const detail = { mail: claimed.id, outcome, rule: rule ?? undefined, ticket: ticket ?? undefined };
  return { customerId: claimed.customerId, at, actor: 'rootdesk', action: 'mail.decided', detail };
}
