import type { NotDone } from '../../store/acts/changeTickets.ts';
import { type BandCounts, isLeast } from '../../store/countBands.ts';
import { BANDS, type Band } from '../../store/queueOrder.ts';
import type { FirstRun } from '../../store/readFirstRun.ts';
import type { QueueKey, QueueRow, QueueSort } from '../../store/readQueue.ts';
import type { TicketQueue } from '../../store/schema.ts';
import { type FilterProblem, type FilterToken, filterTextOf } from '../filterText.ts';
import { type Html, html, type Value } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import { fieldAddress, listAddress, queueAddress } from '../queueAddress.ts';
import type { View } from '../view.ts';
import { bulkBar, pickBox } from './bulkBar.ts';
import { filterBar } from './filterBar.ts';
import { emptyState, frame, type Key } from './frame.ts';
import { icon } from './icons.ts';
import { deadlineWords, foreign, sealedChip, secretWords, timeLeft, urgencyMark } from './marks.ts';

export type QueueData = {
  /** The filter in its typed form, without what could not be read. */
  filterText: string;
  queues: readonly TicketQueue[];
  tokens: readonly FilterToken[];
  problems: readonly FilterProblem[];
  sort: QueueSort;
  rows: QueueRow[];
  next: QueueKey | null;
  /** The page does not begin at the start of the queue. */
  paged: boolean;
  bands: BandCounts;
  /** Tickets that "select all" means; counted a little beyond those that one act takes. */
  selectable: number;
  /** Only of a page without rows. */
  installation: FirstRun | null;
  /** Every row of the filter is ticked, those of other pages too. */
  selectAll: boolean;
  /** Tickets that the act before left as they were; they stay ticked. */
  kept: readonly NotDone[];
};

/** Tickets by the time they must be acted upon: the next thing to do is the first row. */
export function queuePage(view: View, data: QueueData): Html {
  const { t } = view;
  const list = data.queues.length === 1 ? (data.queues[0] as TicketQueue) : null;
  const others = data.tokens.some(({ field }) => field !== 'state');
  const title = t.queue.titles[list ?? 'some'];
  const count = t.queue.counts[others ? 'some' : (list ?? 'some')](data.bands.all);
  return frame(view, {
    title,
    place: list,
    live: 'queue',
    search: data.filterText,
    head: html`<div class="title-line"><h1>${title}</h1><p class="beside">${count}${isLeast(data.bands, 'all') ? '+' : null}</p></div>
${filterBar(view, data)}${data.rows.length > 0 ? bulkBar(view, data) : null}`,
    main: data.rows.length === 0 ? empty(view, data, list) : table(view, data),
    keys: keysOf(view),
  });
}

function keysOf({ t }: View): Key[] {
  return [
    { keys: ['j', 'k'], does: t.keys.move },
    { keys: ['Enter'], does: t.keys.open },
    { keys: ['Space'], does: t.keys.peek },
    { keys: ['x'], does: t.keys.select },
    { keys: ['s'], does: t.keys.state },
    { keys: ['h'], does: t.keys.snooze },
    { keys: ['e'], does: t.keys.solve },
    { keys: ['f'], does: t.keys.filter },
  ];
}

function table(view: View, data: QueueData): Html {
  const { t } = view;
  const columns = t.queue.columns;
  const banded = isBanded(data);
  const groups = banded ? BANDS.map((band) => data.rows.filter((row) => row.band === band)) : [data.rows];
  return html`<table class="queue" data-rows data-next="${data.next ? 'more' : ''}">
<caption class="hidden">${t.queue.caption}</caption>
<thead><tr><th scope="col" class="c-box"><span class="hidden">${columns.select}</span></th><th scope="col" class="c-mark"><span class="hidden">${columns.urgency}</span></th><th scope="col" class="c-number">${columns.number}</th><th scope="col">${columns.matter}</th><th scope="col" class="c-customer">${columns.customer}</th><th scope="col" class="c-kind">${columns.kind}</th><th scope="col" class="c-left right">${columns.left}</th><th scope="col" class="c-deadline">${columns.deadline}</th><th scope="col" class="c-changed right">${columns.changed}</th></tr></thead>
${groups.map((rows) =>
  rows.length === 0
    ? null
    : html`<tbody>${banded ? bandRow(view, data, (rows[0] as QueueRow).band) : null}${rows.map((row) => ticketRow(view, data, row))}</tbody>`,
)}
</table>
${paging(view, data)}`;
}

/** Other sorts drop the bands, and what is solved has none. */
export function isBanded({ sort, queues }: Pick<QueueData, 'sort' | 'queues'>): boolean {
  return sort === 'act' && !queues.includes('solved');
}

function bandRow({ t }: View, data: QueueData, band: Band): Html {
  const count = data.bands[band];
  return html`<tr class="band"><th scope="rowgroup" colspan="9">${t.queue.bands[band]} <span class="band-count">${count.toLocaleString(t.times.locale)}${isLeast(data.bands, band) ? '+' : null}</span> <span class="band-rule">${t.queue.bandRules[band]}</span></th></tr>`;
}

function ticketRow(view: View, data: QueueData, row: QueueRow): Html {
  const { t } = view;
  // Where nothing but a list is asked for, the row stands for all tickets of its incident.
  const incident = data.tokens.every(({ field }) => field === 'state') ? row.incidentId : null;
  const ticked = data.selectAll || data.kept.some(({ id }) => id === row.id);
  return html`<tr class="row" data-id="${row.id}" data-version="${row.version}" data-list="${row.queue}" ${incident === null ? null : html`data-incident="${incident}"`}><td class="c-box">${incident === null ? pickBox(view, row, ticked) : null}${
    data.selectAll && incident === null ? html`<input type="hidden" form="bulk" name="shown" value="${row.id}">` : null
  }</td><td class="c-mark">${urgencyMark(t, row.urgency)}</td><td class="c-number">${row.id}</td>
<td class="c-matter"><div class="matter"><a id="row-${row.id}" href="${incident === null ? `/tickets/${row.id}` : `/incidents/${incident}`}">${foreign(t, view.mask(row.subject))}</a>${
    row.secretLevel === 'sealed' ? sealedChip(secretWords(t, row.secretKinds)) : null
  }${row.incidentId !== null && incident === null ? html`<a class="chip" href="/incidents/${row.incidentId}">${t.incident.chip}</a>` : null}</div></td>
<td class="c-customer">${
    incident === null
      ? html`<a class="quiet" href="${fieldAddress('customer', row.customer)}">${foreign(t, row.customerName)}</a>`
      : html`<b>${t.incident.customers(row.incidentCustomers)}</b>`
  }</td>
${rowTimes(view, row)}</tr>`;
}

/** Kind, time left, deadline and last change: the last four columns. */
export function rowTimes(view: View, row: QueueRow): Html {
  const { t, times } = view;
  return html`<td class="c-kind"><a class="quiet" href="${fieldAddress('kind', row.kind)}">${kindWord(t.kinds, row.kind)}</a></td>
<td class="c-left right">${left(view, row)}</td>
<td class="c-deadline">${
    row.queue === 'snoozed' && row.snoozedUntil
      ? html`<time datetime="${row.snoozedUntil.toISOString()}">${t.queue.until(times.row(row.snoozedUntil))}</time>`
      : row.deadline
        ? deadlineWords(view, row.kind, row.deadline)
        : null
  }</td>
<td class="c-changed right"><time datetime="${row.updatedAt.toISOString()}">${times.age(row.updatedAt)}</time></td>`;
}

/** Who waits is not late: its hourglass says so. */
function left(view: View, row: QueueRow): Value {
  if (row.queue === 'solved') return null;
  if (row.queue === 'open') return row.deadline ? timeLeft(view, row.actAt) : null;
  return html`<span class="left left-far">${icon('hourglass')} ${view.t.paused}</span>`;
}

function paging({ t }: View, data: QueueData): Html | null {
  if (!data.next && !data.paged) return null;
  return html`<p class="paging">${data.next ? html`<a href="${queueAddress(data.filterText, data.sort, data.next)}">${t.queue.more}</a>` : null}${
    data.paged ? html`<a href="${queueAddress(data.filterText, data.sort)}">${t.queue.first}</a>` : null
  }</p>`;
}

function empty(view: View, data: QueueData, list: TicketQueue | null): Html {
  const { t, times } = view;
  if (data.next) {
    const further = queueAddress(data.filterText, data.sort, data.next);
    return emptyState(t.queue.noneYet, html`<a href="${further}">${t.queue.further}</a>`);
  }
  const lastMailAt = data.installation?.lastMailAt ?? null;
  const last = lastMailAt ? t.queue.lastMail(times.age(lastMailAt)) : t.queue.noMail;
  const filters = data.tokens.filter(({ field }) => field !== 'state');
  if (filters.length > 0 || list === null) {
    const removed = queueAddress(filterTextOf(data.tokens, data.tokens.at(-1)), data.sort);
    return emptyState(
      t.queue.emptyFilter,
      html`${t.queue.emptyFilterHint} <code>${data.filterText}</code><br><a href="${removed}">${t.queue.removeLast}</a>`,
    );
  }
  if (list === 'waiting') return emptyState(t.queue.emptyWaiting, last);
  if (list === 'snoozed') return emptyState(t.queue.emptySnoozed, last);
  if (list === 'solved') return emptyState(t.queue.emptySolved, last);
  if (data.installation && lastMailAt === null) return firstRun(view, data.installation);
  const { addresses = 0, heard = 0 } = data.installation ?? {};
  const { waiting, snoozed } = view.nav;
  const others =
    waiting + snoozed > 0
      ? html`<br><a href="${listAddress('waiting')}">${t.queue.counts.waiting(waiting)}</a>${t.listJoin}<a href="${listAddress('snoozed')}">${t.queue.counts.snoozed(snoozed)}</a>`
      : null;
  return emptyState(
    t.queue.empty,
    html`${last}${addresses > 0 ? ` ${t.queue.heard(heard, addresses)}` : null}${others}`,
  );
}

/** Three steps to the first ticket; each is ticked when it is so. */
function firstRun({ t }: View, { hasCustomer, hasAddress }: FirstRun): Html {
  const words = t.queue.firstSteps;
  const step = (done: boolean, what: string, how: Value) =>
    html`<li ${done ? html`class="done"` : null}>${icon(done ? 'tick' : 'normal')} <b>${what}</b> <span>${done ? words.done : how}</span></li>`;
  return html`<div class="empty first-run"><h2>${words.title}</h2><p>${t.queue.noMail}</p><ol>${step(hasCustomer, words.customer, html`${words.customerHow} <code>rootdesk customers import FILE</code>`)}${step(
    hasAddress,
    words.address,
    html`<a href="/customers">${words.addressHow}</a>`,
  )}${step(false, words.mail, html`<a href="/health">${words.mailHow}</a>`)}</ol></div>`;
}
