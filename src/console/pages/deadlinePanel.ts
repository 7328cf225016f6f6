import { deadlineInstant } from '../../core/ticket.ts';
import type { Deadline } from '../../core/values.ts';
import type { TicketRow } from '../../store/readTickets.ts';
import { type Html, html } from '../html.ts';
import { deadlineVerb } from '../kindWords.ts';
import { dayInstant } from '../times.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';

/** What happens when, how long that is from now, and who acts. */
export function deadlinePanel(view: View, ticket: TicketRow): Html {
  const { t, times } = view;
  if (ticket.state === 'solved') return html``;
  if (ticket.deadline === null) {
    const hint = ticket.actAt <= times.now ? t.ticket.noDeadlineNow : t.ticket.noDeadlineHint(times.full(ticket.actAt));
    return html`<section class="deadline deadline-none"><h2>${t.ticket.noDeadline}</h2><p>${hint}</p></section>`;
  }
  const { deadline } = ticket;
  const instant = deadlineInstant(deadline);
  const target = new Date(Number.isNaN(instant) ? ticket.actAt.getTime() : instant);
  const { text, level } = times.left(target);
  const verb = deadlineVerb(ticket.kind, deadline.sort);
  return html`<section class="deadline deadline-${level}"><div class="deadline-line"><h2>${t.ticket.deadlineTitle[verb]}</h2><time datetime="${deadline.at ?? deadline.date}">${deadlineFull(view, deadline)}</time></div>
<p class="deadline-left">${level === 'late' ? html`${icon('clock')} ` : null}<span data-left="${target.toISOString()}">${level === 'late' ? t.late(text) : t.left(text)}</span></p>
<p>${t.ticket.deadlineThen[verb]}</p>
<p class="quiet-note">${deadline.at ? (times.zoneName(new Date(deadline.at)) === 'UTC' ? null : times.full(new Date(deadline.at), { time: true, zone: 'UTC' })) : t.ticket.dayOnly}</p></section>`;
}

export function deadlineFull({ times }: View, deadline: Deadline): string {
  return deadline.at
    ? times.full(new Date(deadline.at))
    : times.full(dayInstant(deadline.date), { time: false, zone: 'UTC' });
}
