import { BANDS, type Band, type QueueKey, type QueueRow } from '../../store/readQueue.ts';
import type { TicketState } from '../../store/schema.ts';
import { type Html, html } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import { packKey } from '../pagingKey.ts';
import type { View } from '../view.ts';
import { emptyState, frame, type Key } from './frame.ts';
import { icon } from './icons.ts';
import { deadlineWords, foreign, sealedChip, secretWords, timeLeft, urgencyMark } from './marks.ts';

export type QueueData = {
  state: TicketState;
  filter: { customer?: string; kind?: string };
  rows: QueueRow[];
  next: QueueKey | null;
  /** The page does not begin at the start of the queue. */
  paged: boolean;
  /** null for solved tickets: they have no bands. */
  bands: Record<Band | 'all', number>;
  lastMailAt: Date | null;
  customers: number;
};

/** Tickets by the time they must be acted upon: the next thing to do is the first row. */
export function queuePage(view: View, data: QueueData): Html {
  const { t } = view;
  const title = t.queue.titles[data.state];
  return frame(view, {
    title,
    place: data.state,
    head: html`<div class="title-line"><h1>${title}</h1><p class="beside">${t.queue.counts[data.state](data.bands.all)}</p></div>
${filterBar(view, data)}`,
    main: data.rows.length === 0 ? empty(view, data) : table(view, data),
    keys: keysOf(view),
  });
}

function keysOf({ t }: View): Key[] {
  return [
    { keys: ['j', 'k'], does: t.keys.move },
    { keys: ['Enter'], does: t.keys.open },
  ];
}

function address(data: QueueData, change: { customer?: string; kind?: string; after?: string }): string {
  const query = new URLSearchParams();
  if (data.state !== 'open') query.set('state', data.state);
  for (const [name, value] of Object.entries({ ...data.filter, ...change })) if (value) query.set(name, value);
  return query.size > 0 ? `/?${query}` : '/';
}

function filterBar(view: View, data: QueueData): Html {
  const { t } = view;
  const token = (field: string, value: string, without: string | null) =>
    html`<li class="token"><span>${field}</span><b>${value}</b>${
      without === null ? null : html`<a href="${without}" aria-label="${t.queue.removeFilter(field)}">×</a>`
    }</li>`;
  return html`<div class="bar"><ul class="tokens" aria-label="${t.queue.filterLabel}">
${token(t.queue.filterState, t.state[data.state].toLowerCase(), null)}
${data.filter.customer && token(t.queue.filterCustomer, data.filter.customer, address(data, { customer: '' }))}
${data.filter.kind && token(t.queue.filterKind, kindWord(t.kinds, data.filter.kind), address(data, { kind: '' }))}
</ul><p class="beside">${t.queue.sorted} ${data.state === 'solved' ? t.queue.lastChanged : t.queue.nextToAct}</p></div>`;
}

function table(view: View, data: QueueData): Html {
  const { t } = view;
  const columns = t.queue.columns;
  const groups =
    data.state === 'solved' ? [data.rows] : BANDS.map((band) => data.rows.filter((row) => row.band === band));
  return html`<table class="queue" data-rows>
<caption class="hidden">${t.queue.caption}</caption>
<thead><tr><th scope="col" class="c-mark"><span class="hidden">${columns.urgency}</span></th><th scope="col" class="c-number">${columns.number}</th><th scope="col">${columns.matter}</th><th scope="col" class="c-customer">${columns.customer}</th><th scope="col" class="c-kind">${columns.kind}</th><th scope="col" class="c-left right">${columns.left}</th><th scope="col" class="c-deadline">${columns.deadline}</th><th scope="col" class="c-changed right">${columns.changed}</th></tr></thead>
${groups.map((rows) =>
  rows.length === 0
    ? null
    : html`<tbody>${data.state === 'solved' ? null : bandRow(view, data, (rows[0] as QueueRow).band)}${rows.map((row) => ticketRow(view, data, row))}</tbody>`,
)}
</table>
${paging(view, data)}`;
}

function bandRow({ t }: View, data: QueueData, band: Band): Html {
  return html`<tr class="band"><th scope="rowgroup" colspan="8">${t.queue.bands[band]} <span class="band-count">${data.bands[band].toLocaleString(t.times.locale)}</span> <span class="band-rule">${t.queue.bandRules[band]}</span></th></tr>`;
}

function ticketRow(view: View, data: QueueData, row: QueueRow): Html {
  const { t, times } = view;
  const filtered = (field: 'customer' | 'kind', value: string) => address(data, { [field]: value });
  return html`<tr class="row"><td class="c-mark">${urgencyMark(t, row.urgency)}</td><td class="c-number">${row.id}</td>
<td class="c-matter"><div class="matter"><a href="/tickets/${row.id}">${foreign(t, view.mask(row.subject))}</a>${
    row.secretLevel === 'sealed' ? sealedChip(secretWords(t, row.secretKinds)) : null
  }</div></td>
<td class="c-customer"><a class="quiet" href="${filtered('customer', row.customer)}">${foreign(t, row.customerName)}</a></td>
<td class="c-kind"><a class="quiet" href="${filtered('kind', row.kind)}">${kindWord(t.kinds, row.kind)}</a></td>
<td class="c-left right">${row.deadline && data.state !== 'solved' ? (data.state === 'waiting' ? html`<span class="left left-far">${icon('hourglass')}${times.left(row.actAt).text}</span>` : timeLeft(view, row.actAt)) : null}</td>
<td class="c-deadline">${row.deadline ? deadlineWords(view, row.kind, row.deadline) : null}</td>
<td class="c-changed right"><time datetime="${row.updatedAt.toISOString()}">${times.age(row.updatedAt)}</time></td></tr>`;
}

function paging({ t }: View, data: QueueData): Html | null {
  if (!data.next && !data.paged) return null;
  return html`<p class="paging">${data.next ? html`<a href="${address(data, { after: packKey(data.next) })}">${t.queue.more}</a>` : null}${
    data.paged ? html`<a href="${address(data, {})}">${t.queue.first}</a>` : null
  }</p>`;
}

function empty({ t, times }: View, data: QueueData): Html {
  if (data.filter.customer || data.filter.kind) {
    return emptyState(
      t.queue.emptyFilter,
      html`${t.queue.emptyFilterHint} <a href="${address(data, { customer: '', kind: '' })}">${t.mails.clear}</a>`,
    );
  }
  const last = data.lastMailAt ? t.queue.lastMail(times.age(data.lastMailAt)) : t.queue.noMail;
  if (data.state === 'waiting') return emptyState(t.queue.emptyWaiting, last);
  if (data.state === 'solved') return emptyState(t.queue.emptySolved, last);
  return emptyState(t.queue.empty, data.customers === 0 ? `${last} ${t.queue.firstRun}` : last);
}
