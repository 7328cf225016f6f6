import type { SesQueueRow, SesTroubleRow } from '../../store/sesQueues.ts';
import { type Html, html, type Value } from '../html.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';

/** Rows that are shown; all of them are counted. */
export const UNREAD_ROWS = 20;
/** A message whose next try is this long ago is not handed out any more (ms). */
const GONE_MS = 3_600_000;

/** Messages of queues whose mail cannot be read: where it lies, why, and when it is tried again. Null: there is none. */
export function unreadMail(view: View, unread: readonly SesTroubleRow[], queues: readonly SesQueueRow[]): Html | null {
  if (unread.length === 0) return null;
  const { t, times } = view;
  const columns = t.health.columns;
  const all = queues.reduce((sum, queue) => sum + queue.troubles, 0);
  const next = ({ nextTryAt, attempts }: SesTroubleRow): Value =>
    html`<span class="quiet-note">${t.health.unreadTries(attempts)}, ${
      times.now.getTime() - nextTryAt.getTime() > GONE_MS
        ? t.health.unreadGone
        : t.health.unreadNext(times.entry(nextTryAt))
    }</span>`;
  return html`<section><h2>${t.health.unread} <span class="beside">${all}. ${t.health.unreadHint}</span></h2>
<table class="list"><thead><tr><th scope="col">${columns.queue}</th><th scope="col">${columns.object}</th><th scope="col">${columns.error}</th><th scope="col" class="right">${columns.since}</th></tr></thead><tbody>${unread.map(
    (row) =>
      html`<tr class="bad"><td>${row.queue}</td><td class="mono">${view.mask(row.object ?? row.messageId)}</td><td>${icon('cross')} <strong class="worst">${t.health.unreadWhy[row.class]}</strong> ${next(row)}<br><span class="quiet-note">${view.mask(row.error)}</span></td><td class="right">${times.age(row.firstAt)}</td></tr>`,
  )}</tbody></table>${all > unread.length ? html`<p class="quiet-note">${t.health.unreadMore(all - unread.length)}</p>` : null}</section>`;
}
