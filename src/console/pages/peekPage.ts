import type { TicketMail, TicketRow } from '../../store/readTickets.ts';
import type { TicketEntry } from '../../store/readTimeline.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { deadlinePanel } from './deadlinePanel.ts';
import { factsPanel } from './factsPanel.ts';
import { frame } from './frame.ts';
import { foreign } from './marks.ts';
import { ticketActs } from './ticketActs.ts';
import { ticketMeta } from './ticketPage.ts';
import { shortTimeline } from './timeline.ts';

/** A ticket at a glance: what a script shows beside the queue, and a page of its own without one. */
export function peekPage(
  view: View,
  { ticket, entries, mails }: { ticket: TicketRow; entries: TicketEntry[]; mails: TicketMail[] },
): Html {
  const { t } = view;
  return frame(view, {
    title: t.queue.peek(ticket.id),
    place: ticket.queue,
    back: '/',
    head: html`<div class="title-line"><h1>${t.queue.peek(ticket.id)}</h1></div>`,
    main: html`<section class="peek" aria-label="${t.queue.peek(ticket.id)}"><div class="peek-top"><span class="beside">${t.queue.peek(ticket.id)}</span><button type="button" class="button flat" data-peek-close>${t.keys.close} <kbd>Space</kbd></button></div>
<h2>${foreign(t, view.mask(ticket.subject))}</h2>${ticketMeta(view, ticket)}
${deadlinePanel(view, ticket)}${factsPanel(view, { ticket, matter: mails }, 5)}${shortTimeline(view, entries, mails)}
<div class="peek-acts"><a class="button primary" href="/tickets/${ticket.id}">${t.queue.openTicket} <kbd>Enter</kbd></a>${ticketActs(view, ticket, false)}</div></section>`,
  });
}
