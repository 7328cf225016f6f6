import type { People } from './people.ts';
import { type FoldedTicket, foldTicket, type TicketMail } from './ticket.ts';
import type { Outcome } from './values.ts';

/**
 * What is known about the customers of the mails at hand when they are decided: loaded from the tables for a batch, or
 * grown in memory by `explain`. Ticket numbers below zero are tickets that are not yet written.
 */
export type Situation = {
  /** Account → customer, for the accounts that the mails name. */
  accounts: ReadonlyMap<string, number>;
  /** Customer → its people, for the customers of persons' mails. One that is missing has none that are known. */
  people: ReadonlyMap<number, People>;
  /** Tickets that hold a key: several when a matter came up again long after its end. */
  keys: Map<string, number[]>;
  /** Tickets whose mails name a key that is another matter's. */
  mentions: Map<string, number[]>;
  mails: Map<string, KnownMail[]>;
  /** Message-IDs of our own notices that prove themselves, with the ticket that each is about. */
  notices: Map<string, number>;
  tickets: Map<number, KnownTicket>;
  /** Number of the last ticket that is not yet written: 0, -1, -2 … */
  lastNew: number;
};

/** A mail that was decided before, found by its Message-ID. */
export type KnownMail = {
  id: number;
  contentHash: string | null;
  ticketId: number | null;
  alone: boolean;
  outcome: Outcome;
  /** The sender's address when it is proven, lower case, else null. */
  provenBy: string | null;
  /** See Understanding.listCopyOf. */
  listCopyOf: string[] | null;
  /** A person said what it is. */
  reviewed: boolean;
};

/** What is known about customers whatever their tickets. */
export type Known = Pick<Situation, 'accounts' | 'people'>;

export type TicketState = 'open' | 'waiting' | 'solved';

export type KnownTicket = {
  id: number;
  customerId: number;
  state: TicketState;
  /** ISO 8601: since when it is solved, by the time of the mail that ended it or of the person who did; else null. */
  solvedAt: string | null;
  /** ISO 8601: a person took it out of the queue until then. */
  snoozedUntil?: string | null;
  mails: TicketMail[];
  folded: FoldedTicket;
};

export function emptySituation(known: Partial<Known> = {}): Situation {
  return {
    accounts: known.accounts ?? new Map(),
    people: known.people ?? new Map(),
    keys: new Map(),
    mentions: new Map(),
    mails: new Map(),
    notices: new Map(),
    tickets: new Map(),
    lastNew: 0,
  };
}

/** The tickets of this customer that hold a key. */
export function ticketsOfKey(situation: Situation, customerId: number, key: string): readonly number[] {
  return situation.keys.get(scoped(customerId, key)) ?? [];
}

/** The tickets of this customer whose mails name a key that is not their own. */
export function ticketsThatName(situation: Situation, customerId: number, key: string): readonly number[] {
  return situation.mentions.get(scoped(customerId, key)) ?? [];
}

/** Mails of this customer that bear a Message-ID. */
export function knownMails(situation: Situation, customerId: number, messageId: string): readonly KnownMail[] {
  return situation.mails.get(scoped(customerId, messageId)) ?? [];
}

/** The ticket of this customer that a Message-ID of a notice of ours proves, or null. */
export function ticketOfNotice(situation: Situation, customerId: number, messageId: string): number | null {
  return situation.notices.get(scoped(customerId, messageId)) ?? null;
}

export function addNotice(situation: Situation, customerId: number, messageId: string, ticketId: number): void {
  situation.notices.set(scoped(customerId, messageId), ticketId);
}

export function addKey(situation: Situation, customerId: number, key: string, ticketId: number): void {
  add(situation.keys, scoped(customerId, key), ticketId);
}

export function addMention(situation: Situation, customerId: number, key: string, ticketId: number): void {
  add(situation.mentions, scoped(customerId, key), ticketId);
}

/** The key leads to this ticket no longer. */
export function dropKey(situation: Situation, customerId: number, key: string, ticketId: number): void {
  drop(situation.keys, scoped(customerId, key), ticketId);
}

export function dropMention(situation: Situation, customerId: number, key: string, ticketId: number): void {
  drop(situation.mentions, scoped(customerId, key), ticketId);
}

function drop(from: Map<string, number[]>, key: string, ticketId: number): void {
  const known = from.get(key);
  if (known !== undefined)
    from.set(
      key,
      known.filter((id) => id !== ticketId),
    );
}

function add(to: Map<string, number[]>, key: string, ticketId: number): void {
  const known = to.get(key);
  if (known === undefined) to.set(key, [ticketId]);
  else if (!known.includes(ticketId)) known.push(ticketId);
}

/** Adds a mail, or what became of it when it is known already. */
export function addMail(situation: Situation, customerId: number, messageId: string, mail: KnownMail): void {
  const key = scoped(customerId, messageId);
  const others = (situation.mails.get(key) ?? []).filter((other) => other.id !== mail.id);
  situation.mails.set(key, [...others, mail]);
}

/** Adds a ticket with its mails; `mails` must not be empty. */
export function addTicket(situation: Situation, ticket: Omit<KnownTicket, 'folded'>): void {
  situation.tickets.set(ticket.id, { ...ticket, folded: foldTicket(ticket.mails) });
}

/** Scopes a key by its customer: two customers never meet. */
function scoped(customerId: number, key: string): string {
  return `${customerId} ${key}`;
}

/**
 * A situation that grows piece by piece, while the tables stay as they are: takes over what was loaded for `query` except
 * what is known already, which may have changed in memory since. `seen` holds what was asked for so far.
 */
export function mergeSituation(
  grown: Situation,
  loaded: Situation,
  query: { keys: { customerId: number; key: string }[]; messageIds: { customerId: number; messageId: string }[] },
  seen: Set<string>,
): Situation {
  for (const { customerId, key } of query.keys) {
    const name = scoped(customerId, key);
    if (seen.has(`key ${name}`)) continue;
    seen.add(`key ${name}`);
    for (const id of loaded.keys.get(name) ?? []) add(grown.keys, name, id);
    for (const id of loaded.mentions.get(name) ?? []) add(grown.mentions, name, id);
  }
  for (const { customerId, messageId } of query.messageIds) {
    const name = scoped(customerId, messageId);
    if (seen.has(`mail ${name}`)) continue;
    seen.add(`mail ${name}`);
    const mails = loaded.mails.get(name);
    if (mails !== undefined) grown.mails.set(name, mails);
  }
  for (const [name, id] of loaded.notices) grown.notices.set(name, id);
  for (const [id, ticket] of loaded.tickets) if (!grown.tickets.has(id)) grown.tickets.set(id, ticket);
  return {
    ...grown,
    accounts: new Map([...grown.accounts, ...loaded.accounts]),
    people: new Map([...grown.people, ...loaded.people]),
  };
}
