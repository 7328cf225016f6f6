import type { MailAtHand, Plan } from './decide.ts';
import { borrowsName, imitated, isOneOf, type People, personOf } from './people.ts';
import { isConfirmed } from './reviewedSender.ts';
import { isNotChecked } from './sender.ts';
import type { Known } from './situation.ts';
import type { Outcome, Reason, Review, Understanding } from './values.ts';

/** The kind of what a stranger wants done with an account. */
const LURE = 'phish.lure';
/** Of what he wants in the name of AWS, and the rule of its file. */
const IMPOSTOR = { kind: 'phish.impostor', rule: 'quarantine.phish_impostor' };
/** And of what an SNS topic of a stranger wants. */
const TOPIC_LURE = 'phish.sns_message';

/** What is decided before any ticket is asked for. */
export function settledByItself(u: Understanding, mail: MailAtHand, situation: Known, own: People): Plan | null {
  return (
    settledBySender(u) ??
    // Held rather than dropped: what wants something of an account is looked at, also in an invitation.
    (u.disposition === 'drop' ? settledByName(mail, u, situation, own) : null) ??
    settledByKind(u, mail.review) ??
    settledByTopic(u, mail, situation) ??
    settledByName(mail, u, situation, own)
  );
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
  // A person looked at it and let it go: it is not held a second time. What they confirmed by name is not dropped either.
  if (u.disposition === 'quarantine' && review === 'not_aws') return null;
  if (isConfirmed(u.sender)) return null;
  const outcome = u.disposition;
  const rule = u.rule ?? `kind.${u.kind}`;
  const verb = outcome === 'drop' ? 'needs no ticket' : 'is held for review';
  return without(outcome, rule, [
    { code: `decide.${outcome}`, text: `Mail of kind ${u.kind} ${verb} (rule ${rule}).` },
  ]);
}

/** Anybody can put an address on a topic of theirs, and AWS signs what the topic says. */
function settledByTopic(u: Understanding, mail: MailAtHand, { accounts }: Known): Plan | null {
  if (u.strangersAsk !== 'topic' || mail.customerId === null || mail.review != null) return null;
  const account = topicAccount(u);
  if (account !== null && accounts.get(account) === mail.customerId) return null;
  const text = "An SNS topic that is not known to be the customer's tells its reader to do something: held for review.";
  const reasons = [{ code: 'decide.stranger_asks', text }];
  return { ...without('quarantine', 'sender.stranger_topic', reasons), kind: TOPIC_LURE };
}

/** Whoever writes from a domain made to look like the customer's or ours wants to be taken for one of the people there. */
function settledByName(mail: MailAtHand, u: Understanding, { people }: Known, own: People): Plan | null {
  const person = personOf(u);
  if (person === null || mail.customerId === null || mail.review != null) return null;
  const customer = people.get(mail.customerId);
  if (u.disposition === 'drop') return settledByOrder(u, customer, own, person);
  const theirs = customer === undefined ? null : imitated(customer, person);
  if (theirs === null && imitated(own, person) === null) return settledByOrder(u, customer, own, person);
  // The name of a domain is the customer's own, or ours: the reason need not repeat it.
  const text = `Its domain is made to look like one of ${theirs === null ? 'ours' : "the customer's"}: held for review.`;
  return without('quarantine', 'sender.imitates', [{ code: 'decide.imitates', text }]);
}

/**
 * What a stranger wants done at a link, or with an account that is not theirs, is no matter of the customer's before a
 * person has looked at it.
 */
function settledByOrder(u: Understanding, customer: People | undefined, own: People, person: string): Plan | null {
  if (u.strangersAsk === null) return null;
  const isKnown = isOneOf(own, person) || (customer !== undefined && isOneOf(customer, person));
  if (isKnown && u.sender.authentic) return null;
  if (u.strangersAsk === 'voice') {
    const text = 'Somebody who is not AWS by proof speaks for AWS and wants something done: held for review.';
    return { ...without('quarantine', IMPOSTOR.rule, [{ code: 'decide.impostor', text }]), kind: IMPOSTOR.kind };
  }
  // Where no people of the customer are known, everybody would be a stranger.
  if (customer === undefined || customer.domains.length === 0) return null;
  if (u.strangersAsk === 'wish') {
    if (isKnown || ![customer, own].some((people) => borrowsName(people, person, u.sender.displayName))) return null;
    const text = 'A stranger wants something under the name of the customer, or ours: held for review.';
    return { ...without('quarantine', 'sender.borrows_name', [{ code: 'decide.borrows_name', text }]), kind: LURE };
  }
  // Whoever wants to be let in can write any name over his mail.
  if (isKnown && u.strangersAsk === 'link') return null;
  if (u.strangersAsk === 'link') {
    const text = 'A stranger to the customer and to us tells its reader to do something at a link: held for review.';
    return { ...without('quarantine', 'sender.stranger_asks', [{ code: 'decide.stranger_asks', text }]), kind: LURE };
  }
  const text =
    'Nobody who is known to the customer or to us wants something done with an AWS account: held for review.';
  return { ...without('quarantine', 'sender.stranger_asks', [{ code: 'decide.stranger_asks', text }]), kind: LURE };
}

export function without(outcome: Outcome, rule: string | null, reasons: Reason[]): Plan {
  return { outcome, rule, reasons, threadKey: null, links: null, ticket: null, again: [] };
}

/** Accounts whose owner must be known to decide a mail: those that it names, and that of the SNS topic that sent it. */
export function accountsToKnow(u: Understanding): string[] {
  const topic = topicAccount(u);
  return topic === null ? accountsNamed(u) : [...accountsNamed(u), topic];
}

/** `arn:aws:sns:region:account:name` */
function topicAccount(u: Understanding): string | null {
  return u.facts.topicArn?.value.split(':')[4] ?? null;
}

/** Customer accounts are 12 digits; masked ones (`********1926`) belong to nobody. */
export function accountsNamed(u: Understanding): string[] {
  return [...new Set(u.facts.accountIds.map((found) => found.value))].filter((account) => /^\d{12}$/.test(account));
}
