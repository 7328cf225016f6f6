import { keysToStore, type Links, type Place } from './correlate.ts';
import type { MailAtHand } from './decide.ts';
import { type NoticeType, type NotifyRules, noticesDue } from './effect.ts';
import type { Change, EntryDraft, Relation } from './entry.ts';
import type { KnownTicket, Situation, TicketState } from './situation.ts';
import { byMailTime, type FoldedTicket, foldTicket, type TicketMail } from './ticket.ts';
import { repeatReason } from './ticketMail.ts';
import { nextState, solvedSince } from './ticketState.ts';
import type { Deadline, Outcome, Reason } from './values.ts';

/** What becomes of the ticket of a mail. */
export type TicketPlan = {
  /** null: a new one. */
  id: number | null;
  state: TicketState;
  /** ISO 8601; null while it is not solved. */
  solvedAt: string | null;
  /** It stays out of the queue until then; null: it is in it, also because this mail says something new. */
  snoozedUntil: string | null;
  mail: TicketMail;
  mails: TicketMail[];
  folded: FoldedTicket;
  /** Keys that lead to it from now on, and keys of other matters that its mails name. */
  keys: string[];
  mentions: string[];
  entries: EntryDraft[];
  /** Tickets that are linked with it from now on. */
  related: { ticketId: number; how: Relation }[];
  /** Mails already on the ticket that repeat another one, or no longer do, now that this one came. */
  remarks: { mailId: number; seenBefore: number | null }[];
  notices: NoticeType[];
};

export type TicketOutcome = { outcome: Outcome; reasons: Reason[]; ticket: TicketPlan };

/** A mail that goes on a ticket. */
export type Arriving = {
  mail: MailAtHand;
  ticketMail: TicketMail;
  /** null: it has no keys but its own (a mail that nobody could read, or that needs no ticket after all). */
  links: Links | null;
  place: Place;
  /** Another mail of the customer bears its Message-ID with other text. */
  collision: boolean;
  /** What the timeline shows in place of the outcome. */
  shown?: Outcome;
};

/** Puts a mail on its ticket, or on a new one: what the ticket is then, what its timeline says, who is told. */
export function planTicket(arriving: Arriving, situation: Situation, notify: NotifyRules): TicketOutcome {
  const { mail, links, place, collision } = arriving;
  // A mail that was on a ticket stays there: it was parked, its ticket was seen and answered.
  const id = mail.before?.ticketId ?? place.ticketId;
  const target = id === null ? null : (situation.tickets.get(id) ?? null);
  const related = relatedTickets(place, target);
  const ticketMail = withSeries(arriving, target);
  const others = target?.mails.filter((other) => other.id !== mail.id) ?? [];
  const mails = [...others, ticketMail];
  const folded = foldTicket(mails);
  const repeats = others.length > 0 ? repeatOf(ticketMail.id, folded) : null;
  const outcome: Outcome = others.length === 0 ? 'open' : repeats !== null ? 'duplicate' : 'append';
  const last = others.every((other) => byMailTime(other, ticketMail) < 0);
  const state = nextState(target, folded, { repetition: outcome === 'duplicate', last });
  const snoozedUntil = outcome === 'duplicate' ? (target?.snoozedUntil ?? null) : null;
  const reasons = outcomeReasons(outcome, ticketMail, place, mails, repeats);
  if (related.length > 0) {
    const text = `It is linked with ${related.length === 1 ? 'another ticket' : `${related.length} other tickets`} of the customer; only people make them one.`;
    reasons.push({ code: 'thread.linked', text });
  }
  const entries: EntryDraft[] = [
    {
      type: 'mail',
      at: ticketMail.mailTime,
      body: {
        outcome: mail.reading.read ? (arriving.shown ?? outcome) : 'parked',
        subject: ticketMail.subject,
        seenBefore: folded.seenBefore.get(ticketMail.id) ?? null,
        collision,
      },
    },
  ];
  if (target) {
    const changes = changesOf(target, folded, state, snoozedUntil);
    if (changes.length > 0) entries.push({ type: 'change', at: null, body: { changes, mailId: mail.id } });
    if (state !== target.state) reasons.push(stateReason(state));
  }
  if (mail.history) reasons.push(historyReason(mail.history));
  // Of history nobody was told: what comes later may be the first that people hear of it.
  const isNews = others.some((other) => !other.history);
  const was = target && isNews ? [{ urgency: target.folded.face.urgency, state: target.state }] : [];
  return {
    outcome,
    reasons,
    ticket: {
      id: target?.id ?? null,
      state,
      solvedAt: solvedSince(state, target, folded),
      snoozedUntil,
      mail: ticketMail,
      mails,
      folded,
      keys: links === null ? [] : keysToStore(mail.customerId!, links, target?.id ?? null, situation),
      mentions: links?.mentions ?? [],
      entries,
      related,
      remarks: remarksOf(target?.folded ?? null, folded, others),
      notices: mail.history ? [] : noticesDue(notify, was, { urgency: folded.face.urgency, state }),
    },
  };
}

function relatedTickets(place: Place, target: KnownTicket | null): TicketPlan['related'] {
  const related = place.related.filter((one) => one.ticketId !== target?.id);
  if (target === null || place.ticketId === null || place.ticketId === target.id) return related;
  return [...related, { ticketId: place.ticketId, how: 'joins' }];
}

/**
 * Mails of a follow-up bear a key of their own, made of the day of its first mail, so that no two tickets of a customer go
 * by one key.
 */
export function withSeries(
  { ticketMail, place }: Pick<Arriving, 'ticketMail' | 'place'>,
  target: KnownTicket | null,
): TicketMail {
  const key = target?.folded.face.threadKey ?? null;
  if (key?.startsWith(`${ticketMail.threadKey}${SERIES}`)) return { ...ticketMail, threadKey: key };
  const followsUp = target === null && place.related.some(({ how }) => how === 'followUp');
  if (!followsUp) return ticketMail;
  return { ...ticketMail, threadKey: `${ticketMail.threadKey}${SERIES}${ticketMail.mailTime.slice(0, 10)}` };
}

const SERIES = '~';

/** The other mail, when this one repeats it or (having come late) is repeated by it. */
export function repeatOf(mailId: number, folded: FoldedTicket): number | null {
  const leader = folded.seenBefore.get(mailId);
  if (leader !== undefined) return leader;
  for (const [follower, first] of folded.seenBefore) if (first === mailId) return follower;
  return null;
}

/** What is different on a ticket, for its timeline. */
export function changesOf(
  ticket: KnownTicket,
  folded: FoldedTicket,
  state: TicketState,
  snoozedUntil: string | null,
): Change[] {
  const from = ticket.folded.face;
  const to = folded.face;
  const changes: Change[] = [];
  if (from.kind !== to.kind) changes.push({ field: 'kind', from: from.kind, to: to.kind });
  if (from.subject !== to.subject) changes.push({ field: 'subject', from: from.subject, to: to.subject });
  if (from.urgency !== to.urgency) changes.push({ field: 'urgency', from: from.urgency, to: to.urgency });
  if (!sameDeadline(from.deadline, to.deadline)) {
    changes.push({ field: 'deadline', from: from.deadline, to: to.deadline });
  }
  if (ticket.state !== state) changes.push({ field: 'state', from: ticket.state, to: state });
  const snoozed = ticket.snoozedUntil ?? null;
  if (snoozed !== snoozedUntil) changes.push({ field: 'snooze', from: snoozed, to: snoozedUntil });
  return changes;
}

/** By its values: a deadline that a table gave back has its keys in another order. */
export function sameDeadline(a: Deadline | null, b: Deadline | null): boolean {
  return a?.date === b?.date && a?.at === b?.at && a?.sort === b?.sort;
}

/** Mails that repeat another one, or no longer do. */
export function remarksOf(
  before: FoldedTicket | null,
  after: FoldedTicket,
  others: readonly TicketMail[],
): TicketPlan['remarks'] {
  return others
    .map(({ id }) => ({ mailId: id, was: before?.seenBefore.get(id) ?? null, is: after.seenBefore.get(id) ?? null }))
    .filter(({ was, is }) => was !== is)
    .map(({ mailId, is }) => ({ mailId, seenBefore: is }));
}

function outcomeReasons(
  outcome: Outcome,
  mail: TicketMail,
  place: Place,
  mails: readonly TicketMail[],
  repeats: number | null,
): Reason[] {
  const reasons = [...place.reasons];
  const other = mails.find((one) => one.id === repeats);
  if (outcome === 'open') {
    if (reasons.length === 0)
      reasons.push({ code: 'thread.new', text: `No ticket of this customer has its key ${mail.threadKey}.` });
  } else if (other) {
    reasons.push(repeatReason(mail, other));
  }
  return reasons;
}

function historyReason(history: 'open' | 'closed'): Reason {
  return history === 'closed'
    ? {
        code: 'history.closed',
        text: 'It lay in a mailbox before and is old: a ticket of such mail alone is solved, and nobody is told.',
      }
    : { code: 'history.open', text: 'It lay in a mailbox before: nobody is told of it.' };
}

function stateReason(state: TicketState): Reason {
  return state === 'solved'
    ? { code: 'ticket.solved', text: 'It says that the matter has ended, so the ticket is solved.' }
    : { code: 'ticket.reopened', text: 'It says something new, so the ticket is open again.' };
}
