import { BULK_TICKETS, type NotDone } from '../../store/acts/changeTickets.ts';
import type { QueueRow } from '../../store/readQueue.ts';
import { flag, type Html, html } from '../html.ts';
import { withoutDone, withQuery } from '../pageAddress.ts';
import { SNOOZE_CHOICES, snoozeUntil } from '../snoozeChoice.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';
import type { QueueData } from './queuePage.ts';

const STATES = ['open', 'waiting', 'solved'] as const;

/**
 * What can be done with the rows that are ticked. It stands in the place of the filter bar while one is (by the
 * stylesheet, so without script too), and the boxes of the table belong to its form.
 */
export function bulkBar(view: View, data: QueueData): Html {
  const { t, here } = view;
  const bare = withoutDone(here);
  const all = Math.min(data.selectable, BULK_TICKETS);
  const words = { open: t.ticket.makeOpen, waiting: t.ticket.makeWaiting, solved: t.ticket.makeSolved };
  const selected = data.selectAll ? t.queue.bulk.selected(all) : t.queue.bulk.some;
  return html`<form class="bulk" id="bulk" method="post" action="/tickets/bulk" aria-label="${t.queue.bulk.label}" data-filter="${data.filterText}" ${data.selectAll ? html`data-all="${all}"` : null} data-words-selected="${t.queue.bulk.count}" data-words-solved="${t.queue.bulk.allSolved}">
<button class="hidden" name="until" value="day" tabindex="-1" aria-hidden="true">${t.acts.snoozeSet}</button><input type="hidden" name="back" value="${bare}">${
    data.selectAll
      ? html`<input type="hidden" name="all" value="1"><input type="hidden" name="q" value="${data.filterText}"><input type="hidden" name="asOf" value="${view.times.now.toISOString()}">`
      : null
  }
<b data-selected>${selected}</b>
<details class="drop"><summary class="button" data-key="s">${t.ticket.changeState} <kbd>s</kbd></summary><div class="panel panel-list">${STATES.map((state) => html`<button name="to" value="${state}">${words[state]}</button>`)}</div></details>
${snoozeMenu(view)}<button class="button" name="to" value="solved" data-key="e">${words.solved} <kbd>e</kbd></button><span class="beside" data-bulk-note></span>
<span class="push bulk-all">${
    data.selectAll || data.bands.all <= data.rows.length || all === 0
      ? null
      : html`<a href="${withQuery(bare, 'select', 'all')}">${data.selectable > BULK_TICKETS ? t.queue.bulk.first(all) : t.queue.bulk.all(all)}</a>`
  }<a class="button flat" href="${bare}" data-bulk-clear>${t.queue.bulk.clear} <kbd>Esc</kbd></a></span></form>${left(view, data.kept)}`;
}

function snoozeMenu({ t, times }: View): Html {
  const until = (choice: (typeof SNOOZE_CHOICES)[number]) =>
    snoozeUntil(choice, { now: times.now, zone: times.zone, deadline: null });
  const tomorrow = new Date(times.now.getTime() + 86_400_000).toISOString().slice(0, 10);
  return html`<details class="drop"><summary class="button" data-key="h">${t.acts.snooze} <kbd>h</kbd></summary><div class="panel panel-list">${SNOOZE_CHOICES.map(
    (choice) => {
      const at = until(choice);
      return html`<button name="until" value="${choice}"><span>${t.acts.choices[choice]}</span>${at ? html` <span class="beside">${times.row(at)}</span>` : null}</button>`;
    },
  )}<div class="day"><label>${t.acts.snoozeDay} <input type="date" name="day" min="${tomorrow}"></label><button class="button" name="until" value="day">${t.acts.snoozeSet}</button></div></div></details>`;
}

/** What the act before left as it was, each with its reason. */
function left({ t }: View, kept: readonly NotDone[]): Html | null {
  if (kept.length === 0) return null;
  return html`<p class="kept" role="alert">${icon('cross')} <b>${t.queue.bulk.notDone(kept.length)}</b> ${kept.map(
    ({ id, why }, index) =>
      html`${index > 0 ? t.listJoin : null}<a href="/tickets/${id}">${id}</a> ${t.queue.bulk.why[why]}`,
  )}</p>`;
}

/** The box of a row: its number and the version that is seen. */
export function pickBox({ t }: View, row: QueueRow, ticked: boolean): Html {
  return html`<label class="pick-area"><span class="hidden">${t.queue.bulk.pick(row.id)}</span><input type="checkbox" class="pick" form="bulk" name="t" value="${row.id}.${row.version}" autocomplete="off" ${flag('checked', ticked)}></label>`;
}
