import type { TicketMove } from '../store/acts/changeTickets.ts';
import type { ActRow } from '../store/acts/readActs.ts';
import type { View } from './view.ts';

/** What an act did, in one sentence. */
export function actSentence({ t, times }: Pick<View, 't' | 'times'>, act: ActRow): string {
  const { detail } = act;
  const id = act.ticketId ?? 0;
  const mails = Array.isArray(detail.mails) ? detail.mails.length : 1;
  switch (act.type) {
    case 'ticket.state':
      return t.acts.state(id, (t.state as Record<string, string>)[String(detail.to)] ?? String(detail.to));
    case 'ticket.snoozed':
      return typeof detail.to === 'string' ? t.acts.snoozed(id, times.full(new Date(detail.to))) : t.acts.returned(id);
    case 'tickets.changed':
      return movesSentence(t, detail.moves as TicketMove[]);
    case 'ticket.merged':
      return t.acts.merged(id, Number(detail.into));
    case 'mail.rejected':
      return t.acts.rejected(mails);
    case 'mail.released':
      return t.acts.released(mails);
    case 'mail.confirmed':
      return t.acts.confirmed(String(detail.by));
    case 'mail.retried':
      return t.acts.retried(mails);
    case 'effect.retried':
      return t.acts.effect;
  }
}

/** All moves of an act are to one state, or all are snoozes. */
function movesSentence(t: View['t'], moves: readonly TicketMove[]): string {
  const state = moves.every(({ snooze }) => snooze[1] === null) ? moves[0]?.state[1] : undefined;
  return state === undefined ? t.acts.manySnoozed(moves.length) : t.acts.manyState(moves.length, t.state[state]);
}
