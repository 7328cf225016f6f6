import type { KnownTicket, TicketState } from './situation.ts';
import type { FoldedTicket } from './ticket.ts';

/**
 * State of a ticket after a mail. Where nobody touched it, it follows the mails: solved when they end with a resolving
 * one, else open. Where people set another state, that stays unless the mail says something new: a repetition does not,
 * nor does an old mail of a matter that has ended. `last`: no mail of the ticket is younger.
 */
export function nextState(
  ticket: KnownTicket | null,
  after: FoldedTicket,
  { repetition, last }: { repetition: boolean; last: boolean },
): TicketState {
  const wanted = stateOfMails(after);
  if (ticket === null || ticket.state === stateOfMails(ticket.folded)) return wanted;
  if (ticket.folded.face.resolved !== after.face.resolved) return wanted;
  return repetition || (after.face.resolved && !last) ? ticket.state : wanted;
}

/** Since when a ticket of this state is solved (ISO 8601): the mail that ended it, else as before. */
export function solvedSince(state: TicketState, before: KnownTicket | null, after: FoldedTicket): string | null {
  if (state !== 'solved') return null;
  return after.endedAt ?? before?.solvedAt ?? null;
}

function stateOfMails(folded: FoldedTicket): TicketState {
  return folded.face.resolved ? 'solved' : 'open';
}
