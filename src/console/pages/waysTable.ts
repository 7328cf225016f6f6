import type { MailboxRow } from '../../store/readMailboxes.ts';
import type { SesQueueRow } from '../../store/sesQueues.ts';
import { type Html, html, type Value } from '../html.ts';
import { conditionOf, isListener, type ListenerState } from '../listeners.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';
import { auditWords } from './mailboxPage.ts';

/** Listeners and mailboxes in one table. */
export function waysTable({ t }: View, rows: readonly Html[]): Html {
  const columns = t.health.columns;
  return html`<table class="list"><thead><tr><th scope="col">${columns.where}</th><th scope="col">${columns.how}</th><th scope="col" class="right">${columns.behind}</th><th scope="col" class="right">${columns.lastSuccess}</th><th scope="col">${columns.cursor}</th><th scope="col">${columns.compared}</th><th scope="col">${columns.state}</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Rows of mailboxes. One that this process watches itself is known better than its row tells. */
export function mailboxRows(view: View, boxes: readonly MailboxRow[], own: readonly ListenerState[]): Html[] {
  const known = new Map(own.filter((one) => !isListener(one)).map((one) => [one.name, one]));
  return boxes.map((box) => wayRow(view, known.get(box.name) ?? wayOf(box), { box }));
}

function wayOf({ name, state, lastSuccessAt, lastError }: MailboxRow): ListenerState {
  return { name, how: 'IMAP', address: '', state, lastSuccessAt, detail: lastError };
}

/** One way in, with what the database knows of a mailbox or a queue. */
export function wayRow(
  view: View,
  row: ListenerState,
  { box, queue }: { box?: MailboxRow | undefined; queue?: SesQueueRow | undefined },
): Html {
  const { t, times, mask } = view;
  const columns = t.health.columns;
  const condition = conditionOf(row.state);
  const at = row.lastSuccessAt ? new Date(row.lastSuccessAt) : null;
  const waiting = queue?.waiting ?? null;
  const source = box ?? queue;
  const words = row.detail ? mask(row.detail) : null;
  return html`<tr ${condition === 'failing' ? html`class="bad"` : null}><td>${box ? html`<a href="/mailboxes/${row.name}">${row.name}</a>` : mask(row.name === row.how && row.address ? row.address : row.name)}${row.name !== row.how && row.address ? html` <span class="quiet-note">${mask(row.address)}</span>` : null}</td><td>${row.how.toUpperCase()}</td><td class="right" data-term="${columns.behind}">${source ? behind(view, source, condition) : '–'}</td><td class="right">${
    at ? html`<time datetime="${at.toISOString()}">${times.entry(at)}</time>` : t.health.never
  }</td><td>${box?.uidValidity && box.uidNext ? t.health.uid(box.uidValidity, box.uidNext) : waiting === null ? '–' : t.health.inQueue(waiting)}</td><td>${box ? auditWords(view, box) : '–'}</td><td class="state">${
    condition === 'working'
      ? html`${icon('tick')} ${t.health.listening}`
      : condition === 'starting'
        ? html`${icon('clock')} <strong class="slow">${t.health.connecting}</strong>`
        : html`${icon('cross')} <strong class="worst">${row.state === 'paused' ? t.mailbox.paused : row.state === 'stopped' ? t.health.stopped : t.health.failing}</strong>`
  }${words ? html`<span class="quiet-note"> ${words}</span>` : null}</td></tr>`;
}

/** For how long mail that came in there is not seen: since it was read last, while it is not being read. */
function behind({ times }: View, box: MailboxRow | SesQueueRow, condition: ReturnType<typeof conditionOf>): Value {
  if (condition === 'working') return times.age(times.now);
  const since = box.lastSuccessAt ?? box.createdAt;
  return html`<strong class="slow">${times.age(since)}</strong>`;
}
