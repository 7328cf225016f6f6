import { COUNT_LIMIT, type ParkedEffect, type Pipe, type ProbeMark, type RootAddress } from '../../store/readHealth.ts';
import type { GapAudit, Mailboxes } from '../../store/readMailboxes.ts';
import type { SesQueueRow, SesTroubleRow } from '../../store/sesQueues.ts';
import { type Html, html, type Value } from '../html.ts';
import { isListener, type ListenerState, otherQueues } from '../listeners.ts';
import type { View } from '../view.ts';
import { tryEffect } from './effectTable.ts';
import { frame } from './frame.ts';
import { icon } from './icons.ts';
import { counted, foreign } from './marks.ts';
import { unreadMail } from './unreadMail.ts';
import { mailboxRows, wayRow, waysTable } from './waysTable.ts';

export type HealthData = {
  pipe: Pipe;
  addresses: { rows: RootAddress[]; all: number };
  /** The worst first, and how many there are. */
  mailboxes: Mailboxes;
  audit: GapAudit | null;
  queues: SesQueueRow[];
  /** Messages of queues whose mail cannot be read, the oldest. */
  unread: SesTroubleRow[];
  listeners: ListenerState[];
  parked: ParkedEffect[];
};

/** A wait longer than this is worth a look (ms). */
const SLOW_MS = 60_000;

/** Whether mail comes in, is decided, and leaves: by the oldest that waits, worst first. */
export function healthPage(view: View, data: HealthData): Html {
  const { t, times } = view;
  const problems = problemsOf(view, data);
  const silent = view.nav.silent;
  return frame(view, {
    title: t.health.title,
    place: 'health',
    head: html`<div class="title-line"><h1>${t.health.title}</h1><p class="beside">${
      silent > 0
        ? html`<strong class="worst">${icon('critical')} ${t.health.silentAddresses(silent)}</strong>`
        : problems > 0
          ? html`<strong class="worst">${icon('critical')} ${t.health.problems(problems)}</strong>`
          : t.health.fine
    }</p><p class="beside"><time datetime="${times.now.toISOString()}">${t.health.checked(times.precise(times.now).slice(0, 8))}</time></p></div>`,
    main: html`<div class="plain">${view.nav.held ? html`<p class="worst">${icon('critical')} <strong>${t.health.held}</strong></p>` : null}${pipe(view, data)}${parkedEffects(view, data.parked)}${unreadMail(view, data.unread, data.queues)}${addresses(view, data.addresses)}${listeners(view, data)}</div>`,
  });
}

function problemsOf({ times, down }: View, { unread, pipe: { authenticate, decide, act } }: HealthData): number {
  const slow = [authenticate, decide, act].filter(
    (part) => part.oldestAt && times.now.getTime() - part.oldestAt.getTime() > SLOW_MS,
  );
  return down + slow.length + (act.parked > 0 ? 1 : 0) + (unread.length > 0 ? 1 : 0);
}

function pipe(view: View, { pipe: state, audit }: HealthData): Html {
  const { t, times } = view;
  const waits = (part: { waiting: number; oldestAt: Date | null }): Value => {
    if (part.waiting === 0 || part.oldestAt === null) return t.health.nothingWaiting;
    const ms = times.now.getTime() - part.oldestAt.getTime();
    const oldest = t.health.oldest(times.age(part.oldestAt));
    return html`${t.health.waiting(counted(part.waiting, COUNT_LIMIT))}, ${ms > SLOW_MS ? html`<strong class="slow">${oldest}</strong>` : oldest}`;
  };
  const cell = (name: string, words: Value) => html`<div><dt>${name}</dt><dd>${words}</dd></div>`;
  return html`<dl class="pipe">
${cell(t.health.comingIn, state.lastMailAt ? t.health.lastMail(times.age(state.lastMailAt)) : t.health.noMail)}
${cell(t.health.authenticating, waits(state.authenticate))}
${cell(t.health.deciding, waits(state.decide))}
${cell(t.health.effects, html`${waits(state.act)}${state.act.parked > 0 ? html`, <strong class="worst">${t.health.parked(counted(state.act.parked, COUNT_LIMIT))}</strong>` : null}`)}
${audit === null ? null : cell(t.health.gapAudit, auditCell(view, audit))}
</dl>`;
}

/** "0 missing of 48,213": a mailbox that was never compared is said, so that nothing is taken for complete. */
function auditCell({ t, times }: View, { mailboxes, compared, messages, missing, since }: GapAudit): Value {
  if (since === null) return t.mailbox.neverCompared;
  const found = t.health.missingOf(missing, messages);
  return html`${missing > 0 ? html`<strong class="worst">${found}</strong>` : found}, <time datetime="${since.toISOString()}">${times.entry(since)}</time>${compared < mailboxes ? html`, <strong class="slow">${t.health.notCompared(mailboxes - compared)}</strong>` : null}`;
}

function parkedEffects(view: View, effects: ParkedEffect[]): Html | null {
  if (effects.length === 0) return null;
  const { t, times, mask } = view;
  const columns = t.health.columns;
  return html`<section><h2>${t.health.parkedEffects} <span class="beside">${t.health.parkedEffectsHint}</span></h2>
<table class="list"><thead><tr><th scope="col">${columns.what}</th><th scope="col">${columns.customer}</th><th scope="col">${columns.ticket}</th><th scope="col">${columns.error}</th><th scope="col" class="right">${columns.since}</th><th scope="col"><span class="hidden">${columns.act}</span></th></tr></thead><tbody>${effects.map(
    (effect) =>
      html`<tr class="bad"><td>${t.story.effectTypes[effect.type] ?? effect.type}</td><td>${effect.customerName ? foreign(t, effect.customerName) : null}</td><td>${effect.ticketId ? html`<a href="/tickets/${effect.ticketId}">${effect.ticketId}</a>` : null}</td><td>${icon('cross')} <strong class="worst">${mask(effect.attempts.at(-1)?.text ?? '')}</strong></td><td class="right">${times.age(effect.createdAt)}</td><td class="right">${tryEffect(view, effect.id, '/health')}</td></tr>`,
  )}</tbody></table></section>`;
}

function addresses(view: View, { rows, all }: HealthData['addresses']): Html {
  const { t } = view;
  return html`<section><h2>${t.health.addresses} <span class="beside">${t.health.addressCount(all)}</span></h2>${
    rows.length === 0
      ? html`<p class="quiet-note">${t.health.addressNone}</p>`
      : html`${addressTable(view, rows, true)}${all > rows.length ? html`<p class="quiet-note">${t.health.addressMore(all - rows.length)}</p>` : null}`
  }</section>`;
}

export function addressTable(view: View, rows: RootAddress[], withCustomer: boolean): Html {
  const { t, times } = view;
  const columns = t.health.columns;
  const isProbed = rows.some(({ lastProbeAt }) => lastProbeAt !== null);
  const state = (row: RootAddress): Value => {
    if (BAD[row.pathState] && row.state !== 'released') return badPath(view, row);
    if (row.state === 'draft') return html`${icon('dash')} ${t.health.draft}`;
    if (row.state === 'released') return html`${icon('dash')} ${t.health.released}`;
    return row.lastMailAt || row.pathState === 'heard'
      ? html`${icon('tick')} ${t.health.heard}`
      : html`${icon('clock')} <strong class="slow">${t.health.neverHeard}</strong>`;
  };
  return html`<table class="list addresses"><thead><tr>${withCustomer ? html`<th scope="col">${columns.customer}</th>` : null}<th scope="col">${columns.address}</th><th scope="col">${columns.account}</th><th scope="col" class="right">${columns.lastMail}</th>${
    isProbed
      ? html`<th scope="col" class="right">${columns.lastProbe}</th><th scope="col" class="right">${columns.took}</th><th scope="col">${columns.probes}</th>`
      : null
  }<th scope="col" class="right">${columns.members}</th><th scope="col">${columns.state}</th></tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr ${BAD[row.pathState] === 'worst' && row.state !== 'released' ? html`class="bad"` : null}>${withCustomer ? html`<td><a class="quiet" href="/customers/${row.customer}">${foreign(t, row.customerName)}</a></td>` : null}<td class="mono"><a class="quiet" href="/lists/${row.id}">${view.mask(row.address)}</a></td><td class="mono">${row.account}</td><td class="right" data-term="${columns.lastMail}">${
        row.lastMailAt
          ? html`<time datetime="${row.lastMailAt.toISOString()}">${times.age(row.lastMailAt)}</time>`
          : t.health.never
      }</td>${isProbed ? probeCells(view, row) : null}<td class="right">${t.health.membersOf(row.confirmed, row.members)}</td><td class="state">${state(row)}</td></tr>`,
  )}</tbody></table>${isProbed ? html`<p class="quiet-note">${t.health.probeKey}</p>` : null}`;
}

/** Paths that need somebody. */
const BAD: Partial<Record<RootAddress['pathState'], 'worst' | 'slow'>> = {
  lost: 'worst',
  late: 'slow',
  unsent: 'slow',
};

function badPath({ t }: View, { pathState, pathTicket }: RootAddress): Html {
  const words = pathState === 'lost' ? t.health.silent : pathState === 'late' ? t.health.late : t.health.unsent;
  const ticket =
    pathTicket === null ? null : html` <a href="/tickets/${pathTicket}">${t.health.ticketOpen(pathTicket)}</a>`;
  return html`${icon(pathState === 'lost' ? 'cross' : 'clock')} <strong class="${BAD[pathState] ?? ''}">${words}</strong>${ticket}`;
}

function probeCells({ t, times }: View, row: RootAddress): Html {
  const took = row.tookMs === null ? '–' : times.age(new Date(times.now.getTime() - row.tookMs));
  return html`<td class="right" data-term="${t.health.columns.lastProbe}">${
    row.lastProbeAt
      ? html`<time datetime="${row.lastProbeAt.toISOString()}">${times.age(row.lastProbeAt)}</time>`
      : t.health.never
  }</td><td class="right" data-term="${t.health.columns.took}">${took}</td><td>${probeMarks(t, row.probes)}</td>`;
}

/** One mark a probe: the whole row of them is one picture with one sentence. */
function probeMarks(t: View['t'], probes: readonly ProbeMark[]): Html | null {
  if (probes.length === 0) return null;
  const of = (mark: ProbeMark) => probes.filter((one) => one === mark).length;
  const path = (mark: ProbeMark, top: number, width: number) =>
    probes
      .map((one, at) => (one === mark ? `M${at * 5 + (4 - width) / 2} ${top}h${width}V11h-${width}z` : ''))
      .join('');
  const words = t.health.probeCounts(of('came'), of('late'), of('lost'));
  return html`<svg class="probes" role="img" aria-label="${words}" width="${probes.length * 5}" height="12"><title>${words}</title><path class="came" d="${path('came', 1, 4)}"/><path class="late" d="${path('late', 7, 4)}"/><path class="out" d="${path('out', 9, 4)}"/><path class="lost" d="${path('lost', 1.5, 3)}"/></svg>`;
}

function listeners(view: View, { listeners: own, mailboxes, queues }: HealthData): Html {
  const { t, times } = view;
  const { rows, all, troubled } = mailboxes;
  const ways = [...own.filter(isListener), ...otherQueues({ queues, listeners: own }, times.now)];
  const known = new Map(queues.map((queue) => [queue.name, queue]));
  const parts = [
    ...ways.map((way) => wayRow(view, way, { queue: known.get(way.name) })),
    ...mailboxRows(view, rows, own),
  ];
  return html`<section><h2>${t.health.listeners} <span class="beside">${(ways.length + all).toLocaleString(t.times.locale)}</span></h2>${
    parts.length === 0 ? html`<p class="quiet-note">${t.health.noListeners}</p>` : waysTable(view, parts)
  }${
    all > rows.length
      ? html`<p class="paging">${troubled > 0 ? html`<a href="/mailboxes?only=troubled">${t.mailboxes.troubled(troubled)}</a> ` : null}<a href="/mailboxes">${t.mailboxes.all(all)}</a></p>`
      : null
  }</section>`;
}
