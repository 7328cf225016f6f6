import { deadlineInstant } from '../../core/ticket.ts';
import type { Deadline } from '../../core/values.ts';
import type { QueuePlace } from '../../store/readQueue.ts';
import type { EffectRow, ListMembers, TicketEntry, TicketMail, TicketRow } from '../../store/readTickets.ts';
import type { TicketState } from '../../store/schema.ts';
import { type Html, html } from '../html.ts';
import { deadlineVerb, kindWord } from '../kindWords.ts';
import type { MailLook } from '../mailLook.ts';
import { factRows, mergeFacts } from '../ticketFacts.ts';
import { dayInstant } from '../times.ts';
import type { View } from '../view.ts';
import { effectTable } from './effectTable.ts';
import { frame, type Key } from './frame.ts';
import { icon } from './icons.ts';
import { foreign, urgencyMark } from './marks.ts';
import { timeline } from './timeline.ts';

export type TicketData = {
  ticket: TicketRow;
  entries: TicketEntry[];
  mails: TicketMail[];
  /** How the mails that are open are looked at. */
  looks: ReadonlyMap<number, MailLook>;
  effects: EffectRow[];
  lists: ListMembers[];
  place: QueuePlace | null;
  /** The state before the change that was just made: for the line that undoes it. */
  was: TicketState | null;
};

const STATES: readonly TicketState[] = ['open', 'waiting', 'solved'];

/** One matter: what came and happened on the left, what it means and what to do on the right. */
export function ticketPage(view: View, data: TicketData): Html {
  const { t } = view;
  const { ticket } = data;
  return frame(view, {
    title: `${ticket.id} ${view.mask(ticket.subject)}`,
    place: ticket.state,
    back: ticket.state === 'open' ? '/' : `/?state=${ticket.state}`,
    head: head(view, data),
    main: html`<div class="split split-ticket">
<section class="left-column" aria-label="${t.ticket.timeline}">${lead(view, data)}${timeline(view, ticket.id, data.entries, data.mails, data.looks)}</section>
<div class="right-column">${deadlinePanel(view, ticket)}${factsPanel(view, data)}${doNext(view, data)}${receives(view, data.lists)}${
      data.effects.length > 0
        ? html`<section class="later"><h2>${t.ticket.effects}</h2>${effectTable(view, data.effects, `/tickets/${ticket.id}`)}</section>`
        : null
    }</div></div>`,
    keys: keys(view, data),
    status: data.was === null ? null : undoLine(view, ticket, data.was),
  });
}

function head(view: View, { ticket, place }: TicketData): Html {
  const { t } = view;
  const queue = ticket.state === 'open' ? '/' : `/?state=${ticket.state}`;
  const step = (id: number | null, words: string, key: string) =>
    id === null ? null : html`<a class="button flat" href="/tickets/${id}" data-key="${key}">${words}</a>`;
  return html`<div class="crumb-line"><p class="crumbs"><a href="${queue}">${t.queue.titles[ticket.state]}</a> <span aria-hidden="true">/</span> ${ticket.id}</p>${
    place
      ? html`<p class="neighbours"><span class="beside">${t.ticket.place(place.position, place.of)}</span>${step(place.previous, t.ticket.previous, 'k')}${step(place.next, t.ticket.next, 'j')}</p>`
      : null
  }</div>
<div class="title-line"><h1>${foreign(t, view.mask(ticket.subject))}</h1>${stateForm(view, ticket)}</div>
<ul class="meta"><li>${urgencyMark(t, ticket.urgency, true)}</li><li><a href="/customers/${ticket.customer}">${foreign(t, ticket.customerName)}</a></li><li>${kindWord(t.kinds, ticket.kind)} <code>${ticket.kind}</code></li><li>${t.state[ticket.state]}</li></ul>`;
}

function stateForm({ t }: View, ticket: TicketRow): Html {
  const words = { open: t.ticket.makeOpen, waiting: t.ticket.makeWaiting, solved: t.ticket.makeSolved };
  return html`<form class="acts" method="post" action="/tickets/${ticket.id}/state"><input type="hidden" name="from" value="${ticket.state}">${STATES.filter(
    (state) => state !== ticket.state,
  ).map(
    (state) =>
      html`<button class="button${state === 'solved' ? ' primary' : ''}" name="to" value="${state}" ${state === 'solved' ? html`data-key="e"` : null}>${words[state]}</button>`,
  )}</form>`;
}

function undoLine({ t }: View, ticket: TicketRow, was: TicketState): Html {
  return html`<form class="undo" method="post" action="/tickets/${ticket.id}/state"><input type="hidden" name="from" value="${ticket.state}"><input type="hidden" name="undo" value="1"><span>${t.ticket.done(ticket.id, t.state[ticket.state])}</span> <button name="to" value="${was}" data-key="z">${t.ticket.undo}</button></form>`;
}

function deadlinePanel(view: View, ticket: TicketRow): Html {
  const { t, times } = view;
  if (ticket.state === 'solved') return html``;
  if (ticket.deadline === null) {
    const hint = ticket.actAt <= times.now ? t.ticket.noDeadlineNow : t.ticket.noDeadlineHint(times.full(ticket.actAt));
    return html`<section class="deadline deadline-none"><h2>${t.ticket.noDeadline}</h2><p>${hint}</p></section>`;
  }
  const { deadline } = ticket;
  const instant = deadlineInstant(deadline);
  const { text, level } = times.left(new Date(Number.isNaN(instant) ? ticket.actAt.getTime() : instant));
  const verb = deadlineVerb(ticket.kind, deadline.sort);
  return html`<section class="deadline deadline-${level}"><div class="deadline-line"><h2>${t.ticket.deadlineTitle[verb]}</h2><time datetime="${deadline.at ?? deadline.date}">${deadlineFull(view, deadline)}</time></div>
<p class="deadline-left">${level === 'late' ? html`${icon('clock')} ${t.late(text)}` : t.left(text)}</p>
<p>${t.ticket.deadlineThen[verb]}</p>
<p class="quiet-note">${deadline.at ? (times.zoneName(new Date(deadline.at)) === 'UTC' ? null : times.full(new Date(deadline.at), { time: true, zone: 'UTC' })) : t.ticket.dayOnly}</p></section>`;
}

function deadlineFull({ times }: View, deadline: Deadline): string {
  return deadline.at
    ? times.full(new Date(deadline.at))
    : times.full(dayInstant(deadline.date), { time: false, zone: 'UTC' });
}

/** What AWS buried in prose, with the place it was found. The account is always named, also when the mail does not say it. */
function factsPanel(view: View, data: TicketData): Html {
  const { t } = view;
  const facts = mergeFacts(data.mails.flatMap((mail) => (mail.facts ? [mail.facts] : [])));
  const rows = factRows(facts);
  const row = (name: string, value: Html | string, where: string) =>
    html`<tr><th scope="row">${name}</th><td>${value}</td><td class="where">${where}</td></tr>`;
  const { deadline } = data.ticket;
  const deadlineRow = deadline
    ? row(t.factNames.deadline, deadlineFull(view, deadline), facts.deadline?.where ?? '')
    : null;
  const account = rows.find((fact) => fact.name === 'account');
  const others = rows.filter((fact) => fact !== account);
  const cells = (values: (typeof rows)[number]['values'], inline = false) =>
    html`<ul class="${inline ? 'values-inline' : 'values'}">${values.map((value) => {
      const text = value.mono
        ? html`<span class="mono">${view.mask(value.text)}</span>`
        : foreign(t, view.mask(value.text));
      return html`<li>${value.href ? html`<a href="${value.href}" rel="noreferrer noopener" target="_blank">${text}</a>` : text}</li>`;
    })}</ul>`;
  return html`<section><table class="facts"><caption><h2>${t.ticket.facts}</h2><span class="where">${t.ticket.foundIn}</span></caption><tbody>
${account ? row(t.factNames.account, cells(account.values), account.where) : row(t.factNames.account, html`<span class="not-said">${t.ticket.notSaid}</span>`, '–')}
${deadlineRow}
${others.map((fact) =>
  fact.name === 'links'
    ? html`<tr><th scope="row">${t.factNames.links}</th><td colspan="2">${cells(fact.values)}</td></tr>`
    : row(t.factNames[fact.name], cells(fact.values, fact.name === 'regions'), fact.where),
)}
</tbody></table></section>`;
}

/** Our sentence, from the kind's template: AWS's subject often says nothing. */
function lead({ t, mask }: View, { mails, ticket }: TicketData): Html | null {
  const written = mails.filter((mail) => mail.ticketBody);
  const body = (written.findLast((mail) => mail.kind === ticket.kind) ?? written.at(-1))?.ticketBody ?? '';
  const sentence = body.split('\n').find((line) => line.trim() !== '');
  return sentence ? html`<p class="lead">${foreign(t, mask(sentence))}</p>` : null;
}

function doNext({ t, mask }: View, { mails, ticket }: TicketData): Html | null {
  const withSteps = mails.filter((mail) => mail.nextSteps && mail.nextSteps.length > 0);
  const steps = (withSteps.findLast((mail) => mail.kind === ticket.kind) ?? withSteps.at(-1))?.nextSteps;
  if (!steps || ticket.state === 'solved') return null;
  return html`<section><h2>${t.ticket.doNext}</h2><ol class="steps">${steps.map((step) => html`<li>${mask(step)}</li>`)}</ol></section>`;
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
      bouncing > 0 ? html`, <strong class="worst">${t.ticket.bouncing(bouncing)}</strong>` : null
    }</p>`;
  })}</section>`;
}

function keys({ t }: View, { place, ticket }: TicketData): Key[] {
  const all: Key[] = [];
  if (place?.next || place?.previous) all.push({ keys: ['j', 'k'], does: t.keys.neighbours });
  if (ticket.state !== 'solved') all.push({ keys: ['e'], does: t.keys.solve });
  all.push({ keys: ['w'], does: t.keys.why }, { keys: ['u'], does: t.keys.back });
  return all;
}
