import { type FoldedTicket, foldTicket, type TicketMail } from './ticket.ts';

/**
 * What is known about the customers of the mails at hand when they are decided: loaded from the tables for a batch, or
 * grown in memory by `explain`. Ticket numbers below zero are tickets that are not yet written.
 */
export type Situation = {
  /** Account → customer, for the accounts that the mails name. */
  accounts: ReadonlyMap<string, number>;
  keys: Map<string, number>;
  mails: Map<string, KnownMail[]>;
  tickets: Map<number, KnownTicket>;
  /** Tickets that were taken into another. */
  merged: Map<number, number>;
  /** Number of the last ticket that is not yet written: 0, -1, -2 … */
  lastNew: number;
};

/** A mail that was decided before, found by its Message-ID. */
export type KnownMail = { id: number; contentHash: string | null; ticketId: number | null; alone: boolean };

export type TicketState = 'open' | 'waiting' | 'solved';

export type KnownTicket = {
  id: number;
  customerId: number;
  state: TicketState;
  /** ISO 8601: a person took it out of the queue until then. */
  snoozedUntil?: string | null;
  mails: TicketMail[];
  folded: FoldedTicket;
};

export function emptySituation(accounts: ReadonlyMap<string, number> = new Map()): Situation {
  return { accounts, keys: new Map(), mails: new Map(), tickets: new Map(), merged: new Map(), lastNew: 0 };
}

/** The ticket that holds a key of this customer, or null. */
export function ticketOfKey(situation: Situation, customerId: number, key: string): number | null {
  const ticketId = situation.keys.get(scoped(customerId, key));
  return ticketId === undefined ? null : currentTicket(situation, ticketId);
}

/** Mails of this customer that bear a Message-ID, with the tickets that they are on now. */
export function knownMails(situation: Situation, customerId: number, messageId: string): KnownMail[] {
  return (situation.mails.get(scoped(customerId, messageId)) ?? []).map((mail) => ({
    ...mail,
    ticketId: mail.ticketId === null ? null : currentTicket(situation, mail.ticketId),
  }));
}

export function addKey(situation: Situation, customerId: number, key: string, ticketId: number): void {
  situation.keys.set(scoped(customerId, key), ticketId);
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

/** The number that a ticket goes by now. */
export function currentTicket(situation: Situation, ticketId: number): number {
  let id = ticketId;
  for (let next = situation.merged.get(id); next !== undefined; next = situation.merged.get(id)) id = next;
  return id;
}

/** Scopes a key by its customer: two customers never meet. */
function scoped(customerId: number, key: string): string {
  return `${customerId} ${key}`;
}
