import { type Links, linksOf, type Place, placeOf } from './correlate.ts';
import type { NotifyRules } from './effect.ts';
import { copiesOf, directMail } from './listCopies.ts';
import { isOneOf, type People, personOf } from './people.ts';
import { planTicket, type TicketPlan } from './planTicket.ts';
import { accountsNamed, settledByItself, without } from './settled.ts';
import { type Known, type KnownMail, knownMails, type Situation } from './situation.ts';
import type { TicketMail } from './ticket.ts';
import { closingMail, collisionReason, OWN_LIST_COPY, ticketMailOf } from './ticketMail.ts';
import { type Unread, unreadTicketMail } from './unread.ts';
import type { Arrival, Outcome, Reason, Review, Understanding } from './values.ts';

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
  /** See Arrival.history. */
  history?: Arrival['history'] | null;
};

/** What shall be done with one mail. Nothing is done yet: `applyPlan` does it in memory, the tables follow. */
export type Plan = {
  outcome: Outcome;
  /** Name of the rule that drops or quarantines. */
  rule: string | null;
  /** What it is, where its own words do not say so: who the customer's people are had to be known. */
  kind?: string;
  reasons: Reason[];
  threadKey: string | null;
  links: Links | null;
  ticket: TicketPlan | null;
  /** Mails that were held and must be decided again, now that this one is known: copies of it by our own list. */
  again: number[];
};

/** What the settings say about deciding. */
export type DecideRules = NotifyRules & {
  /** Days after a ticket was solved in which later mail of its matter reopens it; after them a linked one follows it up. */
  followUpDays: number;
  /** Ourselves: our mail may join tickets of every customer. */
  own: People;
};

/**
 * Decides one mail: facts were gathered before, this is the one place that makes an outcome of them. Pure; the same
 * function decides in the workers and in `explain`.
 */
export function decide(mail: MailAtHand, situation: Situation, rules: DecideRules): Plan {
  if (!mail.reading.read) return decideUnread(mail, mail.reading.unread, situation, rules);
  const u = mail.reading.understanding;
  const verdict = verdictOf({ ...mail, reading: mail.reading }, situation, rules.own);
  if (mail.customerId === null) return verdict.settled as Plan;
  const copies = copiesOf(u, mail.customerId, situation);
  const again = copies.filter((copy) => copy.outcome === 'quarantine' && !copy.reviewed).map((copy) => copy.id);
  const direct = directMail(u, mail.customerId, situation);
  if (direct) return decideCopy(mail, u, direct, situation, rules);
  if (verdict.settled) {
    return { ...keepOnTicket(verdict.settled, mail, ticketMailOf(mail, u, null), situation, rules), again };
  }
  const { links, reasons } = verdict;
  const ticketMail = ticketMailOf(mail, u, links);
  const place = placeOf(mail.customerId, links, ticketMail.mailTime, situation, rules.followUpDays, ticketsOf(copies));
  const collision = collides(mail.id, u, copies, mail.customerId, situation);
  if (collision) reasons.push(collisionReason());
  const { outcome, ticket, reasons: why } = planTicket({ mail, ticketMail, links, place, collision }, situation, rules);
  reasons.push(...why);
  return { outcome, rule: null, reasons, threadKey: ticket.mail.threadKey, links, ticket, again };
}

export type Verdict =
  /** Its ticket, if any, follows from nothing but itself. */
  { settled: Plan; links: null; reasons: Reason[] } | { settled: null; links: Links; reasons: Reason[] };

/**
 * What a mail by itself says about its outcome, and by which keys it joins tickets where it needs one. `known`: keys that
 * are used in place of those that it names today.
 */
export function verdictOf(
  mail: MailAtHand & { reading: { read: true; understanding: Understanding } },
  situation: Known,
  own: People,
  known?: Links,
): Verdict {
  const u = mail.reading.understanding;
  if (mail.customerId === null) {
    const text = 'None of its addresses is a root address that is known; it waits for a person.';
    return { settled: without('unrouted', null, [{ code: 'decide.no_customer', text }]), links: null, reasons: [] };
  }
  const settled = settledByItself(u, mail, situation, own);
  if (settled) return { settled, links: null, reasons: [] };
  const foreign = foreignAccounts(u, mail.customerId, situation);
  const links = known ?? linksOf(mail.sha256, u, foreign, isOutsider(u, mail.customerId, situation, own));
  const reasons: Reason[] = [];
  if (foreign > 0) {
    const text = `${foreign === 1 ? 'An account' : `${foreign} accounts`} in it belong${foreign === 1 ? 's' : ''} to another customer.`;
    reasons.push({ code: 'account.foreign', text });
  }
  if (links.alone) reasons.push(links.alone);
  return { settled: null, links, reasons };
}

/** Keys that must be loaded before `decide` can see every ticket that a mail may belong to. */
export function keysToLoad(mail: MailAtHand, situation: Known, own: People): Links | null {
  if (!mail.reading.read || mail.customerId === null) return null;
  const u = mail.reading.understanding;
  if (settledByItself(u, mail, situation, own)) return null;
  const { customerId, sha256 } = mail;
  return linksOf(sha256, u, foreignAccounts(u, customerId, situation), isOutsider(u, customerId, situation, own));
}

/** A person who is proven, and belongs neither to the customer nor to us. */
function isOutsider(u: Understanding, customerId: number, { people }: Known, own: People): boolean {
  const person = u.sender.authentic ? personOf(u) : null;
  if (person === null || isOneOf(own, person)) return false;
  const customer = people.get(customerId);
  return customer === undefined || !isOneOf(customer, person);
}

function foreignAccounts(u: Understanding, customerId: number, situation: Pick<Situation, 'accounts'>): number {
  return accountsNamed(u).filter((account) => (situation.accounts.get(account) ?? customerId) !== customerId).length;
}

/** A mail that could not be read is parked; one that is AWS by proof opens an urgent ticket, so that nobody misses it. */
function decideUnread(mail: MailAtHand, unread: Unread, situation: Situation, rules: DecideRules): Plan {
  const reasons: Reason[] = [{ code: `parked.${unread.why}`, text: unread.error }];
  const proven = unread.sender.authentic && (unread.sender.class === 'aws' || unread.sender.class === 'aws_person');
  if (mail.customerId === null || !proven) return without('parked', null, reasons);
  reasons.push({ code: 'parked.ticket', text: 'AWS sent it by proof, so an urgent ticket says that it must be read.' });
  const ticketMail = unreadTicketMail(mail, unread);
  const plan = planTicket({ mail, ticketMail, links: null, place: NOWHERE, collision: false }, situation, rules);
  return {
    outcome: 'parked',
    rule: null,
    reasons,
    threadKey: ticketMail.threadKey,
    links: null,
    ticket: plan.ticket,
    again: [],
  };
}

/** Of a mail that no key leads anywhere. */
const NOWHERE: Place = { ticketId: null, reasons: [], related: [] };

/** A mail that was parked with a ticket and needs none after all: it stays there, and its ticket is solved. */
function keepOnTicket(
  plan: Plan,
  mail: MailAtHand,
  ticketMail: TicketMail,
  situation: Situation,
  rules: DecideRules,
): Plan {
  if (mail.before === null || mail.before.ticketId === null) return plan;
  const closing = closingMail(ticketMail);
  const shown = plan.outcome;
  const arriving = { mail, ticketMail: closing, links: null, place: NOWHERE, collision: false, shown };
  const kept = planTicket(arriving, situation, rules);
  return { ...plan, threadKey: closing.threadKey, ticket: kept.ticket };
}

/** What our own list made of a mail that came directly is that mail again, also where it alone would prove nothing. */
function decideCopy(
  mail: MailAtHand,
  u: Understanding,
  direct: KnownMail,
  situation: Situation,
  rules: DecideRules,
): Plan {
  if (direct.ticketId === null) return without('duplicate', null, [OWN_LIST_COPY]);
  const ticketMail = { ...ticketMailOf(mail, u, null), threadKey: directKey(direct, situation) };
  const place: Place = { ticketId: direct.ticketId, reasons: [], related: [] };
  const { outcome, ticket, reasons } = planTicket(
    { mail, ticketMail, links: null, place, collision: false },
    situation,
    rules,
  );
  return { outcome, rule: null, reasons, threadKey: ticket.mail.threadKey, links: null, ticket, again: [] };
}

/** The tickets that hold copies of a mail by our own list. */
export function ticketsOf(copies: readonly KnownMail[]): number[] {
  return copies.flatMap(({ ticketId, alone }) => (ticketId === null || alone ? [] : [ticketId]));
}

/** The thread key of a copy of a mail that came directly. */
export function directKey(direct: KnownMail, situation: Situation): string {
  const ticket = situation.tickets.get(direct.ticketId!)!;
  return ticket.mails.find((one) => one.id === direct.id)?.threadKey ?? ticket.folded.face.threadKey;
}

/** Another mail of the customer bears its Message-ID with other text. */
export function collides(
  mailId: number,
  u: Understanding,
  copies: readonly KnownMail[],
  customerId: number,
  situation: Situation,
): boolean {
  if (u.messageId === null) return false;
  return knownMails(situation, customerId, u.messageId).some(
    (other) =>
      other.id !== mailId &&
      !copies.includes(other) &&
      other.contentHash !== null &&
      other.contentHash !== u.contentHash,
  );
}
