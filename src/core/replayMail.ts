import { keysToStore, type Links, type Place, placeOf, sameLinks } from './correlate.ts';
import { collides, type DecideRules, directKey, type MailAtHand, ticketsOf, verdictOf } from './decide.ts';
import type { Relation } from './entry.ts';
import { copiesOf, directMail, provenAddress } from './listCopies.ts';
import { withSeries } from './planTicket.ts';
import {
  addKey,
  addMail,
  addMention,
  dropKey,
  dropMention,
  type KnownMail,
  type KnownTicket,
  type Situation,
} from './situation.ts';
import { byMailTime, foldTicket, type TicketMail } from './ticket.ts';
import { closingMail, collisionReason, OWN_LIST_COPY, ticketMailOf } from './ticketMail.ts';
import type { Outcome, Reason, SecretLevel, Understanding } from './values.ts';

/** What was decided about a mail before. */
export type StoredDecision = {
  outcome: Outcome;
  rule: string | null;
  ticketId: number | null;
  threadKey: string | null;
  /** Keys by which it was put on its ticket; null: it was put on none by keys. */
  links: Links | null;
  /** Those of deciding it; those of reading it are not among them. */
  reasons: Reason[];
  secretLevel: SecretLevel;
};

/** A stored mail, read again with the rules of today. */
export type ReplayMail = {
  mail: MailAtHand & { reading: { read: true; understanding: Understanding } };
  stored: StoredDecision;
  /** The rules of today alone would take fewer secrets out of it: texts, facts and keys stay as they were. */
  held: boolean;
};

/** What a replay knows of its customer: the situation, the keys of each mail of its tickets, what people did to them. */
export type ReplayState = {
  situation: Situation;
  linksOf: Map<number, Links | null>;
  /** Tickets into which a person merged another one: no mail is taken out of them. */
  joined: Set<number>;
};

/** Where a mail belongs by the rules of today. The situation has it there already. */
export type Placed = {
  replay: ReplayMail;
  /** null: on no ticket. Below zero: on a new one. */
  ticketId: number | null;
  /** The ticket that it left. */
  left: number | null;
  rule: string | null;
  /** See Plan.kind. */
  kind?: string;
  threadKey: string | null;
  links: Links | null;
  ticketMail: TicketMail | null;
  /** The outcome of a mail on no ticket, or that is shown for one that its ticket keeps; null: the fold says it. */
  settled: Outcome | null;
  /** null: what was decided stands, with its reasons. */
  reasons: Reason[] | null;
  collision: boolean;
  related: { ticketId: number; how: Relation }[];
  /** Held mails that must be decided again: copies of it by our own list. */
  again: number[];
};

/**
 * Puts a stored mail where the rules of today want it. One whose own key is what it was stays on its ticket; so does one
 * that was put there otherwise than by keys (it was parked), and any on a ticket that a person merged. One whose key
 * changed goes where a new mail would go, except that the first mail of a ticket takes its ticket along.
 */
export function replayMail(
  replay: ReplayMail,
  state: ReplayState,
  { followUpDays, own }: Pick<DecideRules, 'followUpDays' | 'own'>,
): Placed {
  const { mail, stored, held } = replay;
  const u = mail.reading.understanding;
  const { situation } = state;
  const verdict = verdictOf(mail, situation, own, held ? (stored.links ?? undefined) : undefined);
  const byKeys = stored.outcome === 'open' || stored.outcome === 'append' || stored.outcome === 'duplicate';
  const copies = mail.customerId === null ? [] : copiesOf(u, mail.customerId, situation);
  const again = copies.filter(({ outcome, reviewed }) => outcome === 'quarantine' && !reviewed).map(({ id }) => id);
  const base = { replay, left: null, settled: null, related: [], collision: false, again };
  // One that came before the mail itself has keys of its own, and its ticket.
  const ofItself = byKeys && stored.links !== null;
  const direct = mail.customerId === null || ofItself ? null : directMail(u, mail.customerId, situation);
  if (direct) return { ...base, ...placeCopy(replay, direct, state, byKeys) };
  if (verdict.settled !== null) {
    const { outcome, rule, kind, reasons } = verdict.settled;
    const same = outcome === stored.outcome && rule === stored.rule;
    const gone = {
      ...base,
      rule,
      ...(kind !== undefined && { kind }),
      links: null,
      settled: outcome,
      reasons: same ? null : reasons,
    };
    if (stored.ticketId === null) return { ...gone, ticketId: null, threadKey: null, ticketMail: null };
    if (byKeys) {
      takeOff(state, replay);
      return { ...gone, ticketId: null, left: stored.ticketId, threadKey: null, ticketMail: null };
    }
    const closing = closingMail(ticketMailOf(mail, u, null));
    putOn(state, mail, stored.ticketId, closing, null);
    return { ...gone, ticketId: stored.ticketId, threadKey: closing.threadKey, ticketMail: closing };
  }
  const links = verdict.links as Links;
  const plain = { ...ticketMailOf(mail, u, links), threadKey: threadKeyOf(links, u, held, stored) };
  const collision = collides(mail.id, u, copies, mail.customerId!, situation);
  const about = [...verdict.reasons, ...(collision ? [collisionReason()] : [])];
  const on = { ...base, rule: null, links, collision };
  const samePrimary = stored.links !== null && stored.links.keys[0] === links.keys[0];
  if (stored.ticketId !== null && (!byKeys || samePrimary || state.joined.has(stored.ticketId))) {
    const ticketMail = samePrimary && stored.threadKey !== null ? { ...plain, threadKey: stored.threadKey } : plain;
    putOn(state, mail, stored.ticketId, ticketMail, links);
    const unchanged = byKeys && stored.links !== null && sameLinks(stored.links, links);
    const place = unchanged ? null : placeOf(mail.customerId!, links, plain.mailTime, situation, followUpDays);
    const reasons = unchanged ? null : [...about, staysReason(ticketMail.threadKey)];
    const related = place === null ? [] : relatedTo(place, stored.ticketId);
    return { ...on, ticketId: stored.ticketId, threadKey: ticketMail.threadKey, ticketMail, reasons, related };
  }
  const wasFirst = stored.ticketId !== null && isFirst(situation.tickets.get(stored.ticketId), mail.id);
  if (stored.ticketId !== null) takeOff(state, replay);
  const place = placeOf(mail.customerId!, links, plain.mailTime, situation, followUpDays, ticketsOf(copies));
  const target = place.ticketId ?? (wasFirst ? stored.ticketId : null);
  const ticketMail = withSeries({ ticketMail: plain, place }, target === null ? null : situation.tickets.get(target)!);
  const ticketId = putOn(state, mail, target, ticketMail, links);
  const left = stored.ticketId !== null && stored.ticketId !== ticketId ? stored.ticketId : null;
  const related = relatedTo(place, ticketId);
  // Whoever looks at one of two tickets that were one sees the other.
  if (left !== null && target === null && !related.some((one) => one.ticketId === left))
    related.push({ ticketId: left, how: 'joins' });
  const why = left !== null ? [movedReason(ticketMail.threadKey)] : place.reasons;
  const reasons = [...about, ...(why.length > 0 ? why : [staysReason(ticketMail.threadKey)])];
  return { ...on, ticketId, left, threadKey: ticketMail.threadKey, ticketMail, reasons, related };
}

/** What our own list made of a mail that came directly: it goes where that one is, and has no keys of its own. */
function placeCopy(replay: ReplayMail, direct: KnownMail, state: ReplayState, byKeys: boolean) {
  const { mail, stored } = replay;
  const { ticketId } = direct;
  const stays = byKeys && stored.ticketId === ticketId;
  const left = byKeys && stored.ticketId !== ticketId ? stored.ticketId : null;
  if (left !== null) takeOff(state, replay);
  const reasons = stays ? null : [OWN_LIST_COPY];
  const none = { rule: null, links: null, left, reasons };
  if (ticketId === null) return { ...none, ticketId, threadKey: null, ticketMail: null, settled: 'duplicate' as const };
  const threadKey = directKey(direct, state.situation);
  const ticketMail = { ...ticketMailOf(mail, mail.reading.understanding, null), threadKey };
  putOn(state, mail, ticketId, ticketMail, null);
  return { ...none, ticketId, threadKey, ticketMail };
}

function threadKeyOf(links: Links, u: Understanding, held: boolean, stored: StoredDecision): string {
  if (links.alone !== null) return links.keys[0]!;
  return held && stored.threadKey !== null ? stored.threadKey : u.threadKeys.primary;
}

/** Puts a mail on a ticket (null: on a new one), in place of what stood there for it; answers with the ticket's number. */
function putOn(
  state: ReplayState,
  mail: ReplayMail['mail'],
  ticketId: number | null,
  ticketMail: TicketMail,
  links: Links | null,
): number {
  const { situation, linksOf } = state;
  const customerId = mail.customerId!;
  const id = ticketId ?? --situation.lastNew;
  const known = situation.tickets.get(id);
  const mails = [...(known?.mails ?? []).filter((one) => one.id !== mail.id), ticketMail];
  const fresh = { id, customerId, state: 'open', solvedAt: null, snoozedUntil: null } as const;
  situation.tickets.set(id, known ? { ...known, mails } : { ...fresh, mails, folded: foldTicket(mails) });
  const own = linksOf.get(mail.id) ?? null;
  linksOf.set(mail.id, links);
  letGo(state, customerId, id, own);
  know(state, mail, ticketMail, id, links);
  if (links === null) return id;
  for (const key of keysToStore(customerId, links, id, situation)) addKey(situation, customerId, key, id);
  for (const key of links.mentions) addMention(situation, customerId, key, id);
  return id;
}

/** Answers to it find it where it is now. */
function know(
  { situation }: ReplayState,
  mail: ReplayMail['mail'],
  { messageId, contentHash }: TicketMail,
  ticketId: number | null,
  links: Links | null,
): void {
  if (messageId === null) return;
  const alone = links === null || links.alone !== null;
  const { understanding } = mail.reading;
  addMail(situation, mail.customerId!, messageId, {
    id: mail.id,
    contentHash,
    ticketId,
    alone,
    outcome: ticketId === null ? 'drop' : 'append',
    provenBy: provenAddress(understanding),
    listCopyOf: understanding.listCopyOf,
    reviewed: mail.review != null,
  });
}

/** Takes a mail off its ticket, with the keys that no other mail of the ticket has. */
function takeOff(state: ReplayState, { mail, stored }: ReplayMail): void {
  const { situation, linksOf } = state;
  const id = stored.ticketId!;
  const ticket = situation.tickets.get(id)!;
  situation.tickets.set(id, { ...ticket, mails: ticket.mails.filter((one) => one.id !== mail.id) });
  const own = linksOf.get(mail.id) ?? null;
  linksOf.set(mail.id, null);
  const gone = ticket.mails.find((one) => one.id === mail.id);
  if (gone !== undefined) know(state, mail, gone, null, null);
  letGo(state, mail.customerId!, id, own);
}

/** Of these keys, those that no mail of the ticket has any more lead to it no longer. */
function letGo(state: ReplayState, customerId: number, ticketId: number, links: Links | null): void {
  if (links === null) return;
  const { keys, mentions } = keysHeld(state, ticketId);
  for (const key of links.keys) if (!keys.has(key)) dropKey(state.situation, customerId, key, ticketId);
  for (const key of links.mentions) if (!mentions.has(key)) dropMention(state.situation, customerId, key, ticketId);
}

/** The keys, and those of other matters, that the mails of a ticket have. */
export function keysHeld(
  { situation, linksOf }: ReplayState,
  ticketId: number,
): { keys: Set<string>; mentions: Set<string> } {
  const mails = situation.tickets.get(ticketId)?.mails ?? [];
  const all = mails.map((mail) => linksOf.get(mail.id) ?? null).filter((links) => links !== null);
  return { keys: new Set(all.flatMap((one) => one.keys)), mentions: new Set(all.flatMap((one) => one.mentions)) };
}

function isFirst(ticket: KnownTicket | undefined, mailId: number): boolean {
  return ticket?.mails.toSorted(byMailTime)[0]?.id === mailId;
}

function relatedTo(place: Place, ticketId: number): Placed['related'] {
  const related: Placed['related'] = place.related.filter((one) => one.ticketId !== ticketId);
  if (place.ticketId !== null && place.ticketId !== ticketId) related.push({ ticketId: place.ticketId, how: 'joins' });
  return related;
}

function staysReason(key: string): Reason {
  return { code: 'thread.stays', text: `It was on the ticket before and stays there under the key ${key}.` };
}

function movedReason(key: string): Reason {
  return { code: 'thread.moved', text: `A replay moved it here: by today's rules its key is ${key}.` };
}
