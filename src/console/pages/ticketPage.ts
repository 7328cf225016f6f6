import { NAV_LIMIT } from '../../store/readNav.ts';
import { PLACE_LIMIT, type QueuePlace, type QueueStep } from '../../store/readPlace.ts';
import type { EffectRow, ListMembers, MailMatter, TicketMail, TicketRow } from '../../store/readTickets.ts';
import type { Timeline, TimelinePiece } from '../../store/readTimeline.ts';
import { type Html, html } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import type { MailLook } from '../mailLook.ts';
import { listAddress } from '../queueAddress.ts';
import type { View } from '../view.ts';
import { deadlinePanel } from './deadlinePanel.ts';
import { effectTable } from './effectTable.ts';
import { factsPanel } from './factsPanel.ts';
import { frame, type Key } from './frame.ts';
import { icon } from './icons.ts';
import { counted, foreign, urgencyMark } from './marks.ts';
import { ticketActs } from './ticketActs.ts';
import { timeline, withLinks } from './timeline.ts';

export type TicketData = {
  ticket: TicketRow;
  timeline: Timeline;
  piece: TimelinePiece;
  /** Those of the piece of the timeline that is shown. */
  mails: TicketMail[];
  /** What the newest mails say, in order of mail time. */
  matter: MailMatter[];
  /** How the mails that are open are looked at. */
  looks: ReadonlyMap<number, MailLook>;
  effects: EffectRow[];
  lists: ListMembers[];
  place: QueuePlace | null;
};

/** One matter: what came and happened on the left, what it means and what to do on the right. */
export function ticketPage(view: View, data: TicketData): Html {
  const { t } = view;
  const { ticket } = data;
  return frame(view, {
    title: `${ticket.id} ${view.mask(ticket.subject)}`,
    place: ticket.queue,
    live: 'ticket',
    back: listAddress(ticket.queue),
    head: head(view, data),
    main: html`<div class="split split-ticket">
<section class="left-column" aria-label="${t.ticket.timeline}">${lead(view, data)}${timeline(view, { ticketId: ticket.id, ...data })}</section>
<div class="right-column">${deadlinePanel(view, ticket)}${factsPanel(view, data)}${doNext(view, data)}${receives(view, data.lists)}${
      data.effects.length > 0
        ? html`<section class="later"><h2>${t.ticket.effects}</h2>${effectTable(view, data.effects, `/tickets/${ticket.id}`)}</section>`
        : null
    }</div></div>`,
    keys: keys(view, data),
  });
}

function head(view: View, { ticket, place }: TicketData): Html {
  const { t } = view;
  return html`<div class="crumb-line"><p class="crumbs"><a href="${listAddress(ticket.queue)}">${icon('back')} ${t.queue.titles[ticket.queue]}</a> <span aria-hidden="true">/</span> ${ticket.id}</p>${
    place ? neighbours(view, place) : null
  }</div>
<div class="title-line"><h1>${foreign(t, view.mask(ticket.subject))}</h1>${ticket.mergedInto === null ? ticketActs(view, ticket) : null}</div>
${ticketMeta(view, ticket)}${
  ticket.incident === null
    ? null
    : html`<p class="lead">${t.incident.partOf} <a href="/incidents/${ticket.incident.id}">${t.incident.customers(ticket.incident.customers)}</a></p>`
}${ticket.mergedInto === null ? null : html`<p class="lead">${withLinks(t.ticket.isMerged, { ticket: html`<a href="/tickets/${ticket.mergedInto}">${ticket.mergedInto}</a>` })}</p>`}`;
}

/** Where it stands in the queue, and the rows above and below; with the letters that lead there, where rows have no use for them. */
export function neighbours({ t, nav }: View, place: QueuePlace, letters = true): Html {
  const step = (to: QueueStep | null, words: string, key: string) => {
    if (to === null) return null;
    const href = to.incident === null ? `/tickets/${to.ticket}` : `/incidents/${to.incident}`;
    return letters
      ? html`<a class="button flat" href="${href}" data-key="${key}">${words} <kbd>${key}</kbd></a>`
      : html`<a class="button flat" href="${href}">${words}</a>`;
  };
  return html`<p class="neighbours"><span class="beside">${t.ticket.place(counted(place.position, PLACE_LIMIT + 1), counted(nav.open, NAV_LIMIT))}</span>${step(place.previous, t.ticket.previous, 'k')}${step(place.next, t.ticket.next, 'j')}</p>`;
}

/** Urgency, customer, kind with its code, state. */
export function ticketMeta({ t, times }: View, ticket: TicketRow): Html {
  const snoozed =
    ticket.queue === 'snoozed' && ticket.snoozedUntil ? html` ${t.queue.until(times.row(ticket.snoozedUntil))}` : null;
  return html`<ul class="meta"><li>${urgencyMark(t, ticket.urgency, true)}</li><li><a href="/customers/${ticket.customer}">${foreign(t, ticket.customerName)}</a></li><li>${kindWord(t.kinds, ticket.kind)} <code>${ticket.kind}</code></li><li data-live-state>${t.state[ticket.queue]}${snoozed}</li></ul>`;
}

/** Our sentence, from the kind's template: AWS's subject often says nothing. */
function lead({ t, mask }: View, { matter, ticket }: TicketData): Html | null {
  const written = matter.filter((mail) => mail.ticketBody);
  const body = (written.findLast((mail) => mail.kind === ticket.kind) ?? written.at(-1))?.ticketBody ?? '';
  const sentence = body.split('\n').find((line) => line.trim() !== '');
  return sentence ? html`<p class="lead">${foreign(t, mask(sentence))}</p>` : null;
}

function doNext({ t, mask }: View, { matter, ticket }: TicketData): Html | null {
  const withSteps = matter.filter((mail) => mail.nextSteps && mail.nextSteps.length > 0);
  const steps = (withSteps.findLast((mail) => mail.kind === ticket.kind) ?? withSteps.at(-1))?.nextSteps;
  if (!steps || ticket.state === 'solved') return null;
  return html`<section><h2>${t.ticket.doNext}</h2><ol class="steps">${steps.map((step) => html`<li>${foreign(t, mask(step))}</li>`)}</ol></section>`;
}

function receives({ t, mask }: View, lists: ListMembers[]): Html | null {
  if (lists.length === 0) return null;
  return html`<section class="later"><h2>${t.ticket.receives}</h2>${lists.map((list) => {
    const all = Object.entries(list.members).reduce(
      (sum, [state, count]) => (state === 'removed' ? sum : sum + count),
      0,
    );
    const bouncing = list.members.bouncing ?? 0;
    return html`<p><span class="mono">${mask(list.address)}</span><br>${all === 0 ? t.ticket.noMembers : t.ticket.members(list.members.confirmed ?? 0, all)}${
      bouncing > 0 ? html`${t.listJoin}<strong class="worst">${t.ticket.bouncing(bouncing)}</strong>` : null
    }<br><a href="/lists/${list.listId}">${t.ticket.deliveries}</a></p>`;
  })}</section>`;
}

function keys({ t }: View, { place, ticket }: TicketData): Key[] {
  const all: Key[] = [];
  if (place?.next || place?.previous) all.push({ keys: ['j', 'k'], does: t.keys.neighbours });
  all.push({ keys: ['s'], does: t.keys.state });
  if (ticket.state !== 'solved') {
    all.push({ keys: ['h'], does: t.keys.snooze }, { keys: ['e'], does: t.keys.solve });
  }
  all.push({ keys: ['w'], does: t.keys.why }, { keys: ['c'], does: t.keys.copy });
  return all;
}
