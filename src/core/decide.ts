import { byAge, type Join, type Links, linksOf, ticketsOf } from './correlate.ts';
import { type NoticeType, type NotifyRules, noticesDue } from './effect.ts';
import type { Change, EntryDraft } from './entry.ts';
import { isNotChecked } from './sender.ts';
import { type KnownTicket, knownMails, type Situation, type TicketState } from './situation.ts';
import { byMailTime, type FoldedTicket, foldTicket, type TicketMail } from './ticket.ts';
import { collisionReason, repeatReason, ticketMailOf } from './ticketMail.ts';
import { type Unread, unreadTicketMail } from './unread.ts';
import type { Outcome, Reason, Review, Understanding } from './values.ts';

/** What became of the attempt to understand a mail. */
export type Reading = { read: true; understanding: Understanding } | { read: false; unread: Unread };

export type MailAtHand = {
  id: number;
  /** null: no address of it is ours. */
  customerId: number | null;
  /** Hex. */
  sha256: string;
  reading: Reading;
  /** It was decided before and is tried again. */
  before: { outcome: Outcome; ticketId: number | null } | null;
  /** What a person said about it while it was held: data of the row, so a replay decides the same. */
  review?: Review | null;
};

/** What shall be done with one mail. Nothing is done yet: `applyPlan` does it in memory, the tables follow. */
export type Plan = {
  outcome: Outcome;
  /** Name of the rule that drops or quarantines. */
  rule: string | null;
  reasons: Reason[];
  threadKey: string | null;
  links: Links | null;
  ticket: TicketPlan | null;
};

export type TicketPlan = {
  /** null: a new one. */
  id: number | null;
  /** Tickets that are the same matter: taken into `id`. */
  merges: number[];
  state: TicketState;
  /** It stays out of the queue until then; null: it is in it, also because this mail says something new. */
  snoozedUntil: string | null;
  mail: TicketMail;
  mails: TicketMail[];
  folded: FoldedTicket;
  entries: EntryDraft[];
  /** Mails already on the ticket that repeat another one, or no longer do, now that this one came. */
  remarks: { mailId: number; seenBefore: number | null }[];
  notices: NoticeType[];
};

/**
 * Decides one mail: facts were gathered before, this is the one place that makes an outcome of them. Pure; the same
 * function decides in the workers and in `explain`.
 */
export function decide(mail: MailAtHand, situation: Situation, notify: NotifyRules): Plan {
  if (!mail.reading.read) return decideUnread(mail, mail.reading.unread, situation, notify);
  const u = mail.reading.understanding;
  if (mail.customerId === null) {
    const text = 'None of its addresses is a root address that is known; it waits for a person.';
    return without('unrouted', null, [{ code: 'decide.no_customer', text }]);
  }
  const settled = settledBySender(u) ?? settledByKind(u, mail.review);
  if (settled) return keepOnTicket(settled, mail, ticketMailOf(mail, u, null), situation, notify);
  const foreign = foreignAccounts(u, mail.customerId, situation);
  const links = linksOf(mail.sha256, u, foreign);
  const reasons: Reason[] = [];
  if (foreign > 0) {
    const text = `${foreign === 1 ? 'An account' : `${foreign} accounts`} in it belong${foreign === 1 ? 's' : ''} to another customer.`;
    reasons.push({ code: 'account.foreign', text });
  }
  if (links.alone) reasons.push(links.alone);
  const joins = ticketsOf(mail.customerId, links, situation);
  const ticketMail = ticketMailOf(mail, u, links);
  const collision = collides(mail.id, u, mail.customerId, situation);
  if (collision) reasons.push(collisionReason());
  const plan = planTicket(mail, ticketMail, joins, situation, notify, collision);
  reasons.push(...plan.reasons);
  return { outcome: plan.outcome, rule: null, reasons, threadKey: ticketMail.threadKey, links, ticket: plan.ticket };
}

/** Keys that must be loaded before `decide` can see every ticket that a mail may belong to. */
export function keysToLoad(mail: MailAtHand, situation: Pick<Situation, 'accounts'>): Links | null {
  if (!mail.reading.read || mail.customerId === null) return null;
  const u = mail.reading.understanding;
  if (settledBySender(u) ?? settledByKind(u, mail.review)) return null;
  return linksOf(mail.sha256, u, foreignAccounts(u, mail.customerId, situation));
}

/** Customer accounts are 12 digits; masked ones (`********1926`) belong to nobody. */
export function accountsNamed(u: Understanding): string[] {
  return [...new Set(u.facts.accountIds.map((found) => found.value))].filter((account) => /^\d{12}$/.test(account));
}

function foreignAccounts(u: Understanding, customerId: number, situation: Pick<Situation, 'accounts'>): number {
  return accountsNamed(u).filter((account) => (situation.accounts.get(account) ?? customerId) !== customerId).length;
}

/** Outcomes that the sender's proof decides before any kind is asked (invariant 6). */
function settledBySender(u: Understanding): Plan | null {
  if (u.sender.class === 'unverifiable') {
    const text = 'It looks like AWS but is too old to be checked: history, which changes no ticket.';
    return without('drop', 'history.unverifiable', [{ code: 'decide.history', text }]);
  }
  if (isNotChecked(u.sender)) {
    const text = 'It looks like AWS and could not be checked (DNS): held for review.';
    return without('quarantine', 'auth.temperror', [{ code: 'decide.not_checked', text }]);
  }
  const claimsAws = u.sender.class === 'pretends' || (u.sender.class !== 'other' && !u.sender.authentic);
  if (claimsAws) {
    const text = 'It looks like AWS and nothing proves it: held for review.';
    return without('quarantine', u.rule ?? 'sender.pretends', [{ code: 'decide.pretends', text }]);
  }
  return null;
}

function settledByKind(u: Understanding, review: Review | null = null): Plan | null {
  if (u.disposition === 'ticket') return null;
  // A person looked at it and let it go: it is not held a second time.
  if (u.disposition === 'quarantine' && review === 'not_aws') return null;
  const outcome = u.disposition;
  const rule = u.rule ?? `kind.${u.kind}`;
  const verb = outcome === 'drop' ? 'needs no ticket' : 'is held for review';
  return without(outcome, rule, [
    { code: `decide.${outcome}`, text: `Mail of kind ${u.kind} ${verb} (rule ${rule}).` },
  ]);
}

function without(outcome: Outcome, rule: string | null, reasons: Reason[]): Plan {
  return { outcome, rule, reasons, threadKey: null, links: null, ticket: null };
}

/** A mail that could not be read is parked; one that is AWS by proof opens an urgent ticket, so that nobody misses it. */
function decideUnread(mail: MailAtHand, unread: Unread, situation: Situation, notify: NotifyRules): Plan {
  const reasons: Reason[] = [{ code: `parked.${unread.why}`, text: unread.error }];
  const proven = unread.sender.authentic && (unread.sender.class === 'aws' || unread.sender.class === 'aws_person');
  if (mail.customerId === null || !proven) return without('parked', null, reasons);
  reasons.push({ code: 'parked.ticket', text: 'AWS sent it by proof, so an urgent ticket says that it must be read.' });
  const ticketMail = unreadTicketMail(mail, unread);
  const plan = planTicket(mail, ticketMail, [], situation, notify, false);
  return { outcome: 'parked', rule: null, reasons, threadKey: ticketMail.threadKey, links: null, ticket: plan.ticket };
}

/** A mail that was parked with a ticket and needs none after all: it stays there, and its ticket is solved. */
function keepOnTicket(
  plan: Plan,
  mail: MailAtHand,
  ticketMail: TicketMail,
  situation: Situation,
  notify: NotifyRules,
): Plan {
  if (mail.before === null || mail.before.ticketId === null) return plan;
  const closing: TicketMail = { ...ticketMail, urgency: 'none', actionRequired: false, deadline: null, resolves: true };
  const kept = planTicket(mail, closing, [], situation, notify, false, plan.outcome);
  return { ...plan, threadKey: closing.threadKey, ticket: kept.ticket };
}

type TicketOutcome = { outcome: Outcome; reasons: Reason[]; ticket: TicketPlan };

function planTicket(
  mail: MailAtHand,
  ticketMail: TicketMail,
  joins: readonly Join[],
  situation: Situation,
  notify: NotifyRules,
  collision: boolean,
  shown?: Outcome,
): TicketOutcome {
  const found = joins.map((join) => join.ticketId);
  if (mail.before?.ticketId != null) found.push(mail.before.ticketId);
  const tickets = [...new Set(found)]
    .toSorted(byAge)
    .map((id) => situation.tickets.get(id))
    .filter((t) => t !== undefined);
  const target = tickets[0] ?? null;
  const others = tickets.flatMap((ticket) => ticket.mails).filter((other) => other.id !== mail.id);
  const mails = [...others, ticketMail];
  const folded = foldTicket(mails);
  const before = tickets.length === 1 && target ? target.folded : others.length > 0 ? foldTicket(others) : null;
  const repeats = others.length > 0 ? repeatOf(ticketMail.id, folded) : null;
  const outcome: Outcome = others.length === 0 ? 'open' : repeats !== null ? 'duplicate' : 'append';
  const state = nextState(tickets, before, folded, outcome === 'duplicate', isLast(ticketMail, others));
  const snoozedUntil = outcome === 'duplicate' ? (target?.snoozedUntil ?? null) : null;
  const reasons = outcomeReasons(outcome, ticketMail, joins, mails, repeats);
  const entries: EntryDraft[] = [
    {
      type: 'mail',
      at: ticketMail.mailTime,
      body: {
        outcome: mail.reading.read ? (shown ?? outcome) : 'parked',
        subject: ticketMail.subject,
        seenBefore: folded.seenBefore.get(ticketMail.id) ?? null,
        collision,
      },
    },
  ];
  for (const taken of tickets.slice(1)) {
    entries.push({ type: 'related', at: null, body: { merged: taken.id, mailId: mail.id } });
  }
  if (target) {
    const changes = changesOf(target, folded, state, snoozedUntil);
    if (changes.length > 0) entries.push({ type: 'change', at: null, body: { changes, mailId: mail.id } });
    if (state !== target.state) reasons.push(stateReason(state));
  }
  const was = tickets.map((ticket) => ({ urgency: ticket.folded.face.urgency, state: ticket.state }));
  return {
    outcome,
    reasons,
    ticket: {
      id: target?.id ?? null,
      merges: tickets.slice(1).map((ticket) => ticket.id),
      state,
      snoozedUntil,
      mail: ticketMail,
      mails,
      folded,
      entries,
      remarks: remarksOf(before, folded, others),
      notices: noticesDue(notify, was, { urgency: folded.face.urgency, state }),
    },
  };
}

/** The other mail, when this one repeats it or (having come late) is repeated by it. */
function repeatOf(mailId: number, folded: FoldedTicket): number | null {
  const leader = folded.seenBefore.get(mailId);
  if (leader !== undefined) return leader;
  for (const [follower, first] of folded.seenBefore) if (first === mailId) return follower;
  return null;
}

/**
 * State after a mail. Where nobody touched it, it follows the mails: solved when they end with a resolving one, else
 * open. Where people set another state, that stays unless the mail says something new: a repetition does not, nor does
 * an old mail of a matter that has ended.
 */
function nextState(
  tickets: readonly KnownTicket[],
  before: FoldedTicket | null,
  after: FoldedTicket,
  repetition: boolean,
  last: boolean,
): TicketState {
  const wanted = stateOfMails(after);
  const current = (['open', 'waiting', 'solved'] as const).find((state) => tickets.some((t) => t.state === state));
  const touched = tickets.some((ticket) => ticket.state !== stateOfMails(ticket.folded));
  if (!touched || current === undefined || before === null) return wanted;
  if (before.face.resolved !== after.face.resolved) return wanted;
  return repetition || (after.face.resolved && !last) ? current : wanted;
}

function stateOfMails(folded: FoldedTicket): TicketState {
  return folded.face.resolved ? 'solved' : 'open';
}

function isLast(mail: TicketMail, others: readonly TicketMail[]): boolean {
  return others.every((other) => byMailTime(other, mail) < 0);
}

function changesOf(
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
  if (JSON.stringify(from.deadline) !== JSON.stringify(to.deadline)) {
    changes.push({ field: 'deadline', from: from.deadline, to: to.deadline });
  }
  if (ticket.state !== state) changes.push({ field: 'state', from: ticket.state, to: state });
  const snoozed = ticket.snoozedUntil ?? null;
  if (snoozed !== snoozedUntil) changes.push({ field: 'snooze', from: snoozed, to: snoozedUntil });
  return changes;
}

function remarksOf(
  before: FoldedTicket | null,
  after: FoldedTicket,
  others: readonly TicketMail[],
): { mailId: number; seenBefore: number | null }[] {
  return others
    .map(({ id }) => ({ mailId: id, was: before?.seenBefore.get(id) ?? null, is: after.seenBefore.get(id) ?? null }))
    .filter(({ was, is }) => was !== is)
    .map(({ mailId, is }) => ({ mailId, seenBefore: is }));
}

function outcomeReasons(
  outcome: Outcome,
  mail: TicketMail,
  joins: readonly Join[],
  mails: readonly TicketMail[],
  repeats: number | null,
): Reason[] {
  const reasons = joins.map((join) => join.reason);
  if (joins.length > 1) {
    reasons.push({ code: 'thread.merged', text: `It shows that ${joins.length} tickets are one matter.` });
  }
  const other = mails.find((one) => one.id === repeats);
  if (outcome === 'open') {
    reasons.push({ code: 'thread.new', text: `No ticket of this customer has its key ${mail.threadKey}.` });
  } else if (other) {
    reasons.push(repeatReason(mail, other));
  }
  return reasons;
}

function stateReason(state: TicketState): Reason {
  return state === 'solved'
    ? { code: 'ticket.solved', text: 'It says that the matter has ended, so the ticket is solved.' }
    : { code: 'ticket.reopened', text: 'It says something new, so the ticket is open again.' };
}

function collides(mailId: number, u: Understanding, customerId: number, situation: Situation): boolean {
  if (u.messageId === null) return false;
  return knownMails(situation, customerId, u.messageId).some(
    (other) => other.id !== mailId && other.contentHash !== null && other.contentHash !== u.contentHash,
  );
}
