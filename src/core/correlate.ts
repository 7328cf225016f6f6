import type { Situation } from './situation.ts';
import { knownMails, ticketOfKey } from './situation.ts';
import type { Reason, Understanding } from './values.ts';

/**
 * Which mails are one matter. Within one customer, mails are joined when they share a key, when one refers to the
 * other's Message-ID, when both refer to the same one, or when they are the same mail twice. A ticket is what is joined,
 * directly or over others: a relation without direction in time, so any order of arrival gives the same tickets. A mail
 * that joins two tickets makes them one.
 */
export type Links = {
  /** Stored with the ticket: whoever has one of them belongs to it. */
  keys: string[];
  /** Own Message-ID, which replies refer to. Two mails with the same one are not joined by it (they may be forged). */
  ownId: string | null;
  /** Message-IDs that this mail refers to. */
  refs: string[];
  /** Why it stands alone, or null: a mail that stands alone is joined with nothing but itself. */
  alone: Reason | null;
};

/** Prefix of the thread key of a mail that stands alone: replies to its Message-ID do not find it. */
export const ALONE = 'alone:';

/** Keys a mail that are used. A References field may name thousands. */
const MAX_KEYS = 100;
/** Characters of a key: more than any true one has, less than an index entry takes. */
const MAX_KEY = 500;
/** Keys that name the Message-ID of a mail: this one's own, or one that it answers. */
const MESSAGE = 'message:';

/**
 * What this mail is joined by. A mail whose sender is not proven stands alone, whatever case number it quotes; so does
 * one that names an account of another customer.
 */
export function linksOf(sha256: string, mail: Understanding, foreignAccounts: number): Links {
  const ownId = bounded(mail.messageId);
  const alone = standsAlone(mail, foreignAccounts);
  if (alone !== null) {
    const same = ownId !== null && ownId.length + ALONE.length + 65 <= MAX_KEY;
    return { keys: [ALONE + (same ? `${ownId}:${mail.contentHash}` : sha256)], ownId: null, refs: [], alone };
  }
  const named = [mail.threadKeys.primary, ...mail.threadKeys.aliases]
    .filter((key) => key !== '' && key.length <= MAX_KEY && !key.startsWith(ALONE))
    .filter((key) => ownId === null || key.slice(key.indexOf(':') + 1) !== ownId);
  const refs = named.filter((key) => key.startsWith(MESSAGE)).map((key) => key.slice(MESSAGE.length));
  const keys = named.filter((key) => !key.startsWith(MESSAGE));
  for (const id of refs) keys.push(refKey(id));
  if (ownId !== null) keys.push(`same:${ownId}:${mail.contentHash}`);
  if (mail.dedupingId !== null) keys.push(`dedup:${mail.dedupingId}`);
  const usable = keys.filter((key) => key.length <= MAX_KEY);
  return { keys: [...new Set(usable)].slice(0, MAX_KEYS), ownId, refs: refs.slice(0, MAX_KEYS), alone: null };
}

/** All keys under which a ticket of this mail may be stored: its own, and those of mails that refer to it. */
export function lookupKeys(links: Links): string[] {
  return links.ownId === null ? links.keys : [...links.keys, refKey(links.ownId)];
}

/** A ticket that this mail belongs to, and what says so. */
export type Join = { ticketId: number; reason: Reason };

/** Tickets that this mail belongs to, oldest number first: none, one, or several that are one from now on. */
export function ticketsOf(customerId: number, links: Links, situation: Situation): Join[] {
  const joins = new Map<number, Reason>();
  const add = (ticketId: number | null, reason: Reason) => {
    if (ticketId !== null && !joins.has(ticketId)) joins.set(ticketId, reason);
  };
  for (const key of lookupKeys(links)) add(ticketOfKey(situation, customerId, key), joinReason(key));
  for (const id of links.refs) {
    for (const mail of knownMails(situation, customerId, id)) {
      if (!mail.alone) add(mail.ticketId, { code: 'thread.reply', text: `It refers to mail ${id} of the ticket.` });
    }
  }
  return [...joins]
    .map(([ticketId, reason]) => ({ ticketId, reason }))
    .toSorted((a, b) => byAge(a.ticketId, b.ticketId));
}

/** Older tickets first: written ones by number, then those of this batch (-1 before -2). */
export function byAge(a: number, b: number): number {
  if (a > 0 !== b > 0) return a > 0 ? -1 : 1;
  return Math.abs(a) - Math.abs(b);
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
