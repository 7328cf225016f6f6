import { applyPlan } from '../core/applyPlan.ts';
import { decide, type MailAtHand, type Plan } from '../core/decide.ts';
import { type NotifyRules, noticeDraft } from '../core/effect.ts';
import { currentTicket, type Situation } from '../core/situation.ts';
import type { ClaimedMail } from '../store/claimMails.ts';
import type { Decisions, EntryWrite } from '../store/writeDecisions.ts';
import { decidedOf, readingOf } from './mailRows.ts';

/** A claimed mail with what became of reading it. */
export type BatchMail = { claimed: ClaimedMail; atHand: MailAtHand; claimedAt: Date; readAt: Date };

export type Planned = { mail: BatchMail; plan: Plan; ticketId: number | null };

/** Decides the mails of a batch one after another, each in the situation that the one before left. */
export function planBatch(mails: readonly BatchMail[], situation: Situation, notify: NotifyRules): Planned[] {
  return mails.map((mail) => {
    const plan = decide(mail.atHand, situation, notify);
    return { mail, plan, ticketId: applyPlan(situation, mail.atHand, plan) };
  });
}

/** Tickets of the plans that are not yet written, oldest first. */
export function newTickets(planned: readonly Planned[], situation: Situation): number[] {
  const ids = planned.map(({ ticketId }) => (ticketId === null ? 0 : currentTicket(situation, ticketId)));
  return [...new Set(ids)].filter((id) => id < 0).toSorted((a, b) => b - a);
}

/** The rows that make the plans true. `drawn`: numbers for `newTickets`, in their order. */
export function rowsOf(
  planned: readonly Planned[],
  situation: Situation,
  drawn: readonly number[],
  now: Date,
): Omit<Decisions, 'rewrapped'> {
  const numbers = new Map(newTickets(planned, situation).map((id, index) => [id, drawn[index]!]));
  const numberOf = (ticketId: number) => {
    const id = currentTicket(situation, ticketId);
    return numbers.get(id) ?? id;
  };
  const rows: Omit<Decisions, 'rewrapped'> = {
    now,
    merges: [],
    opened: [],
    changed: [],
    keys: [],
    mails: [],
    readings: [],
    entries: [],
    remarks: [],
    effects: [],
    audit: [],
    counters: {},
  };
  const touched = new Set<number>();
  for (const { mail, plan, ticketId } of planned) {
    const { claimed, atHand } = mail;
    const number = ticketId === null ? null : numberOf(ticketId);
    rows.mails.push(decidedOf(atHand, plan, number));
    rows.readings.push(readingOf(mail, plan, now));
    count(rows.counters, `mails.${plan.outcome}`, 1);
    if (!atHand.reading.read) count(rows.counters, 'errors.decide', 1);
    if (claimed.outcome !== null) count(rows.counters, `mails.${claimed.outcome}`, -1);
    rows.audit.push(auditOf(mail, plan, number, now));
    if (number === null || ticketId === null || plan.ticket === null || claimed.customerId === null) continue;
    touched.add(currentTicket(situation, ticketId));
    addTicketRows(rows, { mail, plan, ticketId }, number);
  }
  for (const id of touched) {
    const ticket = situation.tickets.get(id)!;
    const { customerId, state, snoozedUntil = null } = ticket;
    const row = { id: numberOf(id), customerId, state, snoozedUntil, face: ticket.folded.face };
    (id < 0 ? rows.opened : rows.changed).push(row);
  }
  return rows;
}

function addTicketRows(rows: Omit<Decisions, 'rewrapped'>, { mail, plan }: Planned, number: number): void {
  const customerId = mail.claimed.customerId!;
  const mailId = mail.claimed.id;
  const ticket = plan.ticket!;
  for (const key of plan.links?.keys ?? []) rows.keys.push({ customerId, key, ticketId: number });
  for (const taken of ticket.merges) {
    // One that was opened in this very batch has never been seen: nothing to move, nothing to tell.
    if (taken < 0) continue;
    rows.merges.push({ from: taken, into: number });
    const detail = { ticket: number, merged: taken, mail: mailId };
    rows.audit.push({ customerId, at: rows.now, actor: 'rootdesk', action: 'tickets.merged', detail });
  }
  for (const entry of ticket.entries) {
    if (entry.type === 'related' && entry.body.merged < 0) continue;
    rows.entries.push({ ...entry, ticketId: number, customerId, mailId });
  }
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
