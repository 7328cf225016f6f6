import type { Plan } from '../core/decide.ts';
import { repeatOf } from '../core/planTicket.ts';
import type { Placed } from '../core/replayMail.ts';
import type { TicketReplay } from '../core/replayTickets.ts';
import { repeatReason } from '../core/ticketMail.ts';
import type { Outcome, Reason } from '../core/values.ts';
import type { StoredMail } from '../store/loadReplay.ts';
import type { DecidedMail, MailReading } from '../store/writeDecisions.ts';
import { decidedOf, readingOf } from './mailRows.ts';
import type { ReadAgain } from './replayChunk.ts';
import { changedCodes } from './replayCodes.ts';

/** What a replay changed about one mail. */
export type ChangedMail = {
  placed: Placed;
  read: ReadAgain;
  stored: StoredMail;
  decided: DecidedMail;
  reading: MailReading;
  codes: string[];
};

/** What the rules of today say of one mail, beside what was decided; `codes` is empty where nothing changed. */
export function changedMail(
  one: Placed,
  read: ReadAgain,
  stored: StoredMail,
  now: Date,
  tickets: ReadonlyMap<number, TicketReplay>,
): ChangedMail {
  const { replay } = one;
  const { claimed } = read;
  const ticket = one.ticketMail === null ? null : { mail: one.ticketMail };
  const { outcome, repeat } = outcomeOf(one, tickets);
  const reasons = one.reasons === null && outcome === replay.stored.outcome ? replay.stored.reasons : null;
  const plan: Plan = {
    outcome,
    rule: one.rule,
    ...(one.kind !== undefined && { kind: one.kind }),
    reasons: reasons ?? [...(one.reasons ?? replay.stored.reasons), ...(repeat === null ? [] : [repeat])],
    threadKey: one.threadKey,
    links: one.links,
    ticket: ticket as Plan['ticket'],
    again: one.again,
  };
  const decided = decidedOf(replay.mail, plan, one.ticketId);
  const fresh = readingOf({ claimed, atHand: replay.mail, claimedAt: now, readAt: now }, plan, now);
  const steps = stored.reading.steps.filter(({ step }) => step !== 'replayed');
  const reading = { ...fresh, steps: [...steps, { step: 'replayed', at: now.toISOString() }] };
  if (replay.mail.review === 'rejected') {
    decided.ticketId = stored.decided.ticketId;
    decided.threadKey = stored.decided.threadKey;
  }
  return { placed: one, read, stored, decided, reading, codes: changedCodes(stored, decided, reading) };
}

/** A mail that stays where it was keeps its outcome as long as it repeats another mail, or none, as before. */
function outcomeOf(
  one: Placed,
  tickets: ReadonlyMap<number, TicketReplay>,
): { outcome: Outcome; repeat: Reason | null } {
  if (one.settled !== null) return { outcome: one.settled, repeat: null };
  const { mail, stored } = one.replay;
  const ticket = tickets.get(one.ticketId!)!;
  const folded = ticket.folded!;
  const stays = one.left === null && stored.ticketId === one.ticketId;
  if (stays && one.reasons === null && stored.outcome !== 'duplicate') return { outcome: stored.outcome, repeat: null };
  if (ticket.opener === mail.id || (stays && stored.outcome === 'open')) return { outcome: 'open', repeat: null };
  const repeats = repeatOf(mail.id, folded);
  if (repeats !== null) {
    if (stays && stored.outcome === 'duplicate') return { outcome: 'duplicate', repeat: null };
    const other = ticket.mails.find(({ id }) => id === repeats);
    return { outcome: 'duplicate', repeat: other === undefined ? null : repeatReason(one.ticketMail!, other) };
  }
  return { outcome: folded.face.mails === 1 ? 'open' : 'append', repeat: null };
}
