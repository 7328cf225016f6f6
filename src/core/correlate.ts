import type { Relation } from './entry.ts';
import {
  type KnownTicket,
  knownMails,
  type Situation,
  ticketOfNotice,
  ticketsOfKey,
  ticketsThatName,
} from './situation.ts';
import { byMailTime } from './ticket.ts';
import { OWN_LIST_COPY } from './ticketMail.ts';
import type { Reason, Understanding } from './values.ts';

/**
 * Which mails are one matter, within one customer. The primary key that a mail bears by itself decides its ticket; other
 * keys of its own matter (`keys`) lead it to a ticket only where none has its primary one; keys of other matters
 * (`mentions`) only link. A mail whose keys lead to several tickets goes to one of them and the others are linked:
 * tickets are made one by people.
 */
export type Links = {
  /** Stored with the ticket: whoever has one of them belongs to it. The primary one first. */
  keys: string[];
  /** Stored with the ticket: keys of other matters that the mail names. */
  mentions: string[];
  /** Own Message-ID, which replies refer to. Two mails with the same one are not joined by it (they may be forged). */
  ownId: string | null;
  /** Message-IDs that this mail refers to. */
  refs: string[];
  /** Why it stands alone, or null: a mail that stands alone is joined with nothing but itself. */
  alone: Reason | null;
};

/** Prefix of the thread key of a mail that stands alone: replies to its Message-ID do not find it. */
export const ALONE = 'alone:';

/**
 * On which of two tickets it is told that they are linked. A stranger's own ticket names what the stranger wrote about; on
 * the one that is named it changes nothing, not even a line.
 */
export function toldOn(a: number, b: number, tickets: ReadonlyMap<number, KnownTicket>): number[] {
  const isAlone = (id: number) => tickets.get(id)?.folded.face.threadKey.startsWith(ALONE) ?? false;
  if (isAlone(a) === isAlone(b)) return [a, b];
  return isAlone(a) ? [a] : [b];
}

/** Keys a mail that are used. A References field may name thousands. */
const MAX_KEYS = 100;
/** Characters of a key: more than any true one has, less than an index entry takes. */
const MAX_KEY = 500;
/** Keys that name the Message-ID of a mail: this one's own, or one that it answers. */
const MESSAGE = 'message:';

/**
 * What this mail is joined by. A mail whose sender is not proven stands alone, whatever case number it quotes; so does
 * one that names an account of another customer, and what a proven `outsider` writes: their own mail at most.
 */
export function linksOf(sha256: string, mail: Understanding, foreignAccounts: number, outsider: boolean): Links {
  const ownId = bounded(mail.messageId);
  const alone = standsAlone(mail, foreignAccounts);
  if (alone === null && outsider) return outsiderLinks(sha256, mail);
  if (alone !== null) {
    const same = ownId !== null && ownId.length + ALONE.length + 65 <= MAX_KEY;
    const key = ALONE + (same ? `${ownId}:${mail.contentHash}` : sha256);
    return { keys: [key], mentions: [], ownId: null, refs: [], alone };
  }
  const { primary, aliases, mentions } = mail.threadKeys;
  const usable = (key: string) => key !== '' && key.length <= MAX_KEY && !key.startsWith(ALONE);
  const named = [primary, ...aliases]
    .filter(usable)
    .filter((key) => ownId === null || key.slice(key.indexOf(':') + 1) !== ownId);
  const refs = named.filter((key) => key.startsWith(MESSAGE)).map((key) => key.slice(MESSAGE.length));
  const keys = named.map((key) => (key.startsWith(MESSAGE) ? refKey(key.slice(MESSAGE.length)) : key));
  if (ownId !== null) keys.push(`same:${ownId}:${mail.contentHash}`);
  if (mail.dedupingId !== null) keys.push(`dedup:${mail.dedupingId}`);
  return {
    keys: [...new Set(keys.filter((key) => key.length <= MAX_KEY))].slice(0, MAX_KEYS),
    mentions: mentions.filter(usable).slice(0, MAX_KEYS),
    ownId,
    refs: refs.slice(0, MAX_KEYS),
    alone: null,
  };
}

/**
 * Keys that only this sender's own mail has: several mails of one stranger are one ticket, which no other mail joins. What
 * they name is linked.
 */
function outsiderLinks(sha256: string, mail: Understanding): Links {
  const { primary, aliases, mentions } = mail.threadKeys;
  const named = [primary, ...aliases].filter((key) => key !== '' && !key.startsWith(ALONE));
  const scope = `${ALONE}${mail.sender.address!.toLowerCase()}:`;
  const own = named.map((key) => scope + key);
  if (mail.messageId !== null) own.push(`${scope}${MESSAGE}${mail.messageId}`);
  const keys = [...new Set(own)].filter((key) => key.length <= MAX_KEY).slice(0, MAX_KEYS);
  const others = [...named, ...mentions].filter((key) => !key.startsWith(MESSAGE) && key.length <= MAX_KEY);
  return {
    keys: keys.length > 0 ? keys : [ALONE + sha256],
    mentions: [...new Set(others)].slice(0, MAX_KEYS),
    ownId: null,
    refs: [],
    alone: OUTSIDER,
  };
}

/** Whether two mails (or one, read twice) are joined by the same. */
export function sameLinks(a: Links, b: Links): boolean {
  const same = (x: readonly string[], y: readonly string[]) =>
    x.length === y.length && x.every((one, n) => one === y[n]);
  const lists = same(a.keys, b.keys) && same(a.mentions, b.mentions) && same(a.refs, b.refs);
  return lists && a.ownId === b.ownId && a.alone?.code === b.alone?.code;
}

/** All keys under which a ticket that this mail has to do with may be stored. */
export function lookupKeys(links: Links): string[] {
  const own = links.ownId === null ? [] : [refKey(links.ownId)];
  return [...new Set([...links.keys, ...own, ...links.mentions])];
}

/** Another ticket that a mail has to do with. */
export type Related = { ticketId: number; how: Relation };

/** Where a mail belongs. */
export type Place = {
  /** null: on a new ticket. */
  ticketId: number | null;
  reasons: Reason[];
  related: Related[];
};

/**
 * The ticket of a mail of this time (ISO 8601), and those that it is linked with. Where several would take it: the one of
 * its primary key, else the older one, by the time of its first mail and not by when it came. A ticket that was solved
 * more than `followUpDays` before is over: the matter goes on in a new one that is linked with it.
 * `copyTickets`: those that hold copies of this mail by our own list.
 */
export function placeOf(
  customerId: number,
  links: Links,
  mailTime: string,
  situation: Situation,
  followUpDays: number,
  copyTickets: readonly number[] = [],
): Place {
  const found = new Map<number, Reason>();
  const add = (ticketIds: Iterable<number | null>, reason: Reason) => {
    for (const id of ticketIds) if (id !== null && situation.tickets.has(id) && !found.has(id)) found.set(id, reason);
  };
  const [primary] = links.keys;
  if (primary !== undefined) add(ticketsOfKey(situation, customerId, primary), joinReason(primary));
  const ofPrimary = [...found.keys()];
  for (const id of links.refs) add([ticketOfNotice(situation, customerId, id)], ANSWERS_NOTICE);
  for (const key of lookupJoins(links)) add(ticketsOfKey(situation, customerId, key), joinReason(key));
  add(copyTickets, OWN_LIST_COPY);
  for (const id of links.refs) {
    const mails = knownMails(situation, customerId, id).filter((mail) => !mail.alone);
    add(
      mails.map((mail) => mail.ticketId),
      { code: 'thread.reply', text: `It refers to mail ${id} of the ticket.` },
    );
  }
  const tickets = (ids: Iterable<number>) => [...ids].map((id) => situation.tickets.get(id)!).toSorted(byAge);
  const run = ofPrimary.length > 0 ? tickets(ofPrimary) : tickets(found.keys()).slice(0, 1);
  const at = Date.parse(mailTime);
  const begun = run.filter((ticket) => beginning(ticket) <= at);
  const current = begun.at(-1) ?? run[0] ?? null;
  const next = current === null ? null : (run[run.indexOf(current) + 1] ?? null);
  const over = current !== null && isOver(current, at, followUpDays);
  const target = over ? next : current;
  const related = new Map<number, Relation>();
  const relate = (ids: Iterable<number>, how: Relation) => {
    for (const id of ids) if (id !== target?.id && !related.has(id) && situation.tickets.has(id)) related.set(id, how);
  };
  if (over) relate([current.id], 'followUp');
  relate(
    tickets(found.keys())
      .map((ticket) => ticket.id)
      .filter((id) => !run.some((ticket) => ticket.id === id)),
    'joins',
  );
  for (const key of links.mentions) relate(ticketsOfKey(situation, customerId, key), 'names');
  for (const key of links.keys) relate(ticketsThatName(situation, customerId, key), 'names');
  const reasons = target === null ? [] : [found.get(target.id)!];
  if (over && target === null) {
    const text = `The ticket of its matter was solved more than ${followUpDays} days before: a new one follows it up.`;
    reasons.push({ code: 'thread.follow_up', text });
  }
  return {
    ticketId: target?.id ?? null,
    reasons,
    related: [...related].map(([ticketId, how]) => ({ ticketId, how })),
  };
}

/** The keys of a mail that the ticket stores: its primary one, and those that no other ticket has. */
export function keysToStore(customerId: number, links: Links, ticketId: number | null, situation: Situation): string[] {
  return links.keys.filter(
    (key, index) => index === 0 || ticketsOfKey(situation, customerId, key).every((id) => id === ticketId),
  );
}

const OUTSIDER: Reason = {
  code: 'thread.outsider',
  text: 'Its sender is proven and belongs neither to the customer nor to us, so it joins no ticket, whatever number or mail it quotes; it is linked.',
};

const ANSWERS_NOTICE: Reason = {
  code: 'thread.answers_notice',
  text: 'It answers a notice of ours about the ticket: the Message-ID proves it.',
};

function lookupJoins(links: Links): string[] {
  return links.ownId === null ? links.keys : [...links.keys, refKey(links.ownId)];
}

function isOver(ticket: KnownTicket, at: number, followUpDays: number): boolean {
  return ticket.solvedAt !== null && at - Date.parse(ticket.solvedAt) > followUpDays * 86_400_000;
}

function beginning(ticket: KnownTicket): number {
  return Math.min(...ticket.mails.map((mail) => Date.parse(mail.mailTime)));
}

/** By the first mail, so that numbers, which follow the order of arrival, decide nothing. */
function byAge(a: KnownTicket, b: KnownTicket): number {
  return byMailTime(a.mails.toSorted(byMailTime)[0]!, b.mails.toSorted(byMailTime)[0]!);
}

function standsAlone(mail: Understanding, foreignAccounts: number): Reason | null {
  if (!mail.sender.authentic) {
    return {
      code: 'thread.unproven',
      text: 'Nothing proves its sender, so it joins no ticket, whatever number or mail it quotes.',
    };
  }
  if (foreignAccounts > 0) {
    return {
      code: 'thread.foreign_account',
      text: 'It names an account of another customer, so it joins no ticket.',
    };
  }
  return null;
}

function joinReason(key: string): Reason {
  if (key.startsWith('ref:')) return { code: 'thread.reply', text: `A mail of the ticket refers to ${key.slice(4)}.` };
  if (key.startsWith('dedup:')) return { code: 'thread.same_mail', text: 'A mail of the ticket has its deduping id.' };
  if (key.startsWith('same:')) {
    return { code: 'thread.same_mail', text: 'A mail of the ticket has its Message-ID and content.' };
  }
  return { code: 'thread.key', text: `The ticket has its key ${key}.` };
}

function refKey(id: string): string {
  return `ref:${id}`;
}

function bounded(id: string | null): string | null {
  return id === null || id === '' || id.length > MAX_KEY ? null : id;
}
