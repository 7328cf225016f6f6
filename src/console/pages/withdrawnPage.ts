import type { WithdrawnTicket } from '../../store/withdrawnTickets.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';

/** In the place of a ticket that was taken back with the release of its mail: what happened, and where the mail is. */
export function withdrawnPage(view: View, { id, at, mails }: WithdrawnTicket): Html {
  const { t, times } = view;
  const links = mails.map((mail) => html`<li><a href="/mails/${mail}">${t.ticket.heldMail(mail)}</a></li>`);
  return frame(view, {
    title: t.ticket.withdrawn(id),
    place: null,
    back: '/',
    head: html`<div class="title-line"><h1>${t.ticket.withdrawn(id)}</h1></div>`,
    main: emptyState(times.full(at), html`${t.ticket.withdrawnHint}<ul>${links}</ul>`),
  });
}
