import type { BackfillRow, MailboxPage, MailboxRow } from '../../store/readMailboxes.ts';
import { type Html, html, type Value } from '../html.ts';
import { conditionOf } from '../listeners.ts';
import type { View } from '../view.ts';
import { frame } from './frame.ts';
import { icon } from './icons.ts';

/** One mailbox: whether it is read, that nothing is missing, what passed unseen, what happened. */
export function mailboxPage(view: View, box: MailboxPage): Html {
  const { t, mask } = view;
  const words = t.mailbox;
  return frame(view, {
    title: box.name,
    place: 'health',
    back: '/health',
    head: html`<div class="crumb-line"><p class="crumbs"><a href="/health">${t.health.title}</a> <span aria-hidden="true">/</span> ${words.one}</p></div>
<div class="title-line"><h1>${box.name}</h1></div>
<ul class="meta"><li>${stateWords(view, box)}</li><li>${words.watchedBy}: ${box.receiver ?? words.nobody}</li><li>${box.uidValidity !== null && box.uidNext !== null ? t.health.uid(box.uidValidity, box.uidNext) : words.neverOpened}</li></ul>`,
    main: html`<div class="plain">${box.pausedAt ? paused(view, box) : box.lastError ? html`<p class="quiet-note">${mask(box.lastError)}</p>` : null}
<section><h2>${words.completeness}</h2>${completeness(view, box)}</section>
${box.backfill ? html`<section><h2>${words.backfill}</h2>${backfill(view, box.backfill)}</section>` : null}
<section><h2>${words.gaps} <span class="beside">${words.gapsHint}</span></h2>${gaps(view, box)}</section>
<section><h2>${words.events}</h2>${events(view, box)}</section></div>`,
  });
}

function stateWords({ t }: View, box: MailboxRow): Value {
  const condition = conditionOf(box.state);
  if (box.pausedAt) return html`${icon('cross')} <strong class="worst">${t.mailbox.paused}</strong>`;
  if (condition === 'working') return html`${icon('tick')} ${t.mailbox.watching}`;
  if (condition === 'starting') return html`${icon('clock')} <strong class="slow">${t.health.connecting}</strong>`;
  return html`${icon('cross')} <strong class="worst">${box.state === 'stopped' ? t.health.stopped : t.health.failing}</strong>`;
}

function paused(view: View, box: MailboxPage): Html {
  const { t, times, mask } = view;
  return html`<section class="broken" role="alert"><p>${icon('cross')} <strong>${t.mailbox.pausedSince(times.entry(box.pausedAt!))}</strong> ${box.lastError ? mask(box.lastError) : null}</p><p>${t.mailbox.pausedHint}</p><form method="post" action="/mailboxes/${box.name}/resume"><button class="button" data-key="1">${t.story.tryAgain} <kbd>1</kbd></button></form></section>`;
}

/** "0 missing" with its date; never a number without one. */
export function auditWords(view: View, box: Pick<MailboxRow, 'auditAt' | 'auditMissing'>): Value {
  const { t, times } = view;
  if (box.auditAt === null) return t.mailbox.neverCompared;
  const at = html`<time datetime="${box.auditAt.toISOString()}">${times.entry(box.auditAt)}</time>`;
  return box.auditMissing === 0
    ? html`${t.mailbox.missing(0)}, ${at}`
    : html`<strong class="worst">${t.mailbox.missing(box.auditMissing)}</strong>, ${at}`;
}

function completeness(view: View, box: MailboxPage): Html {
  const { t, mask } = view;
  const words = t.mailbox;
  const cell = (name: string, value: Value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const first = box.firstUid ?? 1;
  return html`<dl class="pipe">${cell(words.compared, auditWords(view, box))}
${cell(words.onServer, box.serverMessages === null ? '–' : words.messages(box.serverMessages))}
${cell(words.fetched, box.auditAt === null ? '–' : words.messages(box.auditFetched))}
${cell(words.history, first > 1 ? words.historyLeft(first) : words.historyRead)}
${cell(words.after, box.afterError ? html`<strong class="worst">${mask(box.afterError)}</strong>` : afterWords(view, box.afterMode ?? 'leave'))}</dl>`;
}

function backfill({ t, times }: View, walk: BackfillRow): Html {
  const words = t.mailbox;
  const share = walk.total === 0 ? 100 : Math.floor((Math.min(walk.done, walk.total) / walk.total) * 100);
  const state =
    walk.state === 'running'
      ? html`${icon('hourglass')} ${words.backfillStates.running}${walk.leftMs === null ? null : html`, ${words.timeLeft(times.span(walk.leftMs))}`}`
      : walk.state === 'done'
        ? html`${icon('tick')} ${words.backfillStates.done}`
        : html`${icon('clock')} <strong class="slow">${words.backfillStates[walk.state]}</strong>`;
  return html`<p>${state}, <time datetime="${walk.changedAt.toISOString()}">${times.entry(walk.changedAt)}</time></p>
<p>${words.backfillCount(walk.done, walk.total, share)} ${words.backfillNew(walk.kept)} ${walk.newestFirst ? words.newestFirst : words.oldestFirst}${walk.tooLarge > 0 ? ` ${words.backfillTooLarge(walk.tooLarge)}` : null}</p>`;
}

/** `move:Processed` → "moved to Processed". */
function afterWords({ t, mask }: View, mode: string): Value {
  const [what = mode, ...rest] = mode.split(':');
  return `${t.mailbox.afterModes[what] ?? what} ${mask(rest.join(':'))}`.trim();
}

function gaps(view: View, box: MailboxPage): Html {
  const { t, times } = view;
  const words = t.mailbox;
  if (box.spans.length === 0) return html`<p class="quiet-note">${words.noGaps}</p>`;
  return html`<p>${words.gapCount(box.passedUids)}</p><table class="list"><thead><tr><th scope="col">${words.columns.uids}</th><th scope="col" class="right">${words.columns.count}</th><th scope="col">${words.columns.why}</th><th scope="col" class="right">${words.columns.found}</th></tr></thead><tbody>${box.spans.map(
    ({ first, last, why, foundAt }) =>
      html`<tr><td class="mono">${first === last ? first : `${first}–${last}`}</td><td class="right">${(last - first + 1).toLocaleString(t.times.locale)}</td><td>${words.why[why]}</td><td class="right"><time datetime="${foundAt.toISOString()}">${times.entry(foundAt)}</time></td></tr>`,
  )}</tbody></table>`;
}

function events(view: View, box: MailboxPage): Html {
  const { t, times } = view;
  if (box.events.length === 0) return html`<p class="quiet-note">${t.mailbox.noEvents}</p>`;
  return html`<table class="list"><tbody>${box.events.map(
    ({ at, event, detail }) =>
      html`<tr><td><time datetime="${at.toISOString()}">${times.entry(at)}</time></td><td>${t.mailbox.eventWords[event] ?? event}</td><td><span class="quiet-note">${detailText(view, detail)}</span></td></tr>`,
  )}</tbody></table>`;
}

/** Numbers and codes, as they were recorded. */
function detailText({ mask }: View, detail: Record<string, unknown>): string {
  return mask(
    Object.entries(detail)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', '),
  );
}
