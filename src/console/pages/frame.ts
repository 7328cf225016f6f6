import { NAV_LIMIT } from '../../store/readNav.ts';
import { FILTER_CHARS } from '../filterText.ts';
import { flag, type Html, html, type Value } from '../html.ts';
import { listAddress } from '../queueAddress.ts';
import { STYLESHEET } from '../styles.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';
import { counted } from './marks.ts';
import { undoLine } from './undoLine.ts';

export type Place =
  | 'open'
  | 'waiting'
  | 'snoozed'
  | 'solved'
  | 'incidents'
  | 'quarantine'
  | 'parked'
  | 'unrouted'
  | 'mails'
  | 'health'
  | 'customers'
  | 'lists'
  | 'history'
  | 'sink'
  | null;

export type Key = { keys: string[]; does: string };

export type Page = {
  title: string;
  place: Place;
  /** The head of the page: title line and bar. */
  head: Html;
  main: Html;
  /** Keys that work here; shown by the script that makes them work. */
  keys?: Key[];
  /** Said once, politely, when the page opens, where it is no act that could be taken back. */
  status?: Html | null;
  /** What the search box holds. */
  search?: string;
  /** What live news do to this page. */
  live?: 'queue' | 'ticket';
  /** Where `u` leads. */
  back?: string;
};

/** How far behind the road may be before the frame of every page says so (ms). */
const BEHIND_MS = 60_000;

/** The worst state of the road in words, or null. It stands on every page, because a silent address is the worst failure. */
export function worstState(view: View): string | null {
  const { t, nav, times, down } = view;
  if (nav.held) return t.worst.held;
  if (nav.silent > 0) return t.worst.silent(nav.silent);
  if (down > 0) return t.worst.down(down);
  if (nav.parkedEffects > 0) return t.worst.effects(nav.parkedEffects);
  const oldest = Math.min(
    ...[nav.oldestUndecided, nav.oldestEffect].map((at) => at?.getTime() ?? Number.POSITIVE_INFINITY),
  );
  const behind = times.now.getTime() - oldest;
  return behind > BEHIND_MS ? t.worst.deciding(times.span(behind)) : null;
}

/** The whole document. */
export function frame(view: View, page: Page): Html {
  const { t } = view;
  return html`<!doctype html>
<html lang="${t.lang}" data-rows="${view.preferences.rows}" data-keys="${view.preferences.keys}" data-line="${view.preferences.line}" data-map="${mapText(view)}">
<head>
<meta charset="utf-8">
<title>${page.title} · ${t.product}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${STYLESHEET}">
<script src="/assets/console.js" type="module"></script>
</head>
<body data-live="${page.live ?? 'counts'}" data-now="${view.times.now.toISOString()}" data-units="${[t.times.units.minute, t.times.units.hour, t.times.units.day].join('|')}" data-gap="${t.times.gap}" data-words-late="${t.late('#')}" data-words-left="${t.left('#')}" data-locale="${t.times.locale}" data-gone="${t.live.left}">
<a class="skip" href="#main">${t.skipToMain}</a>
<aside class="side">
<a class="brand" href="/"><span class="logo">${icon('logo')}</span>${t.product}</a>
${searchBox(view, page.search ?? '', 'side-search')}
${navigation(view, page.place)}
<div class="side-foot">
<div>${view.demo ? t.nav.demoFolder : t.nav.noSignIn}</div>
<div>${t.nav.times(view.times.zoneName())}</div>
<div class="own">${languageSwitch(view)}<a href="/preferences">${t.keys.preferences}</a></div>
</div>
</aside>
<div class="top">
<a class="brand" href="/"><span class="logo">${icon('logo')}</span>${t.product}</a>
<details class="menu"><summary>${icon('menu')}<span>${t.menu}</span></summary>
${searchBox(view, page.search ?? '', 'top-search')}
${navigation(view, page.place)}
<div class="own">${languageSwitch(view)}<a href="/preferences">${t.keys.preferences}</a></div>
</details>
</div>
<div class="page" ${page.back ? html`data-back="${page.back}"` : null}>
<header class="head">${page.head}${newsPill(view)}</header>
<main id="main" tabindex="-1">
${page.main}
</main>
<div class="status" role="status"><span class="hidden" data-live-status data-copied="${t.keys.copied}"></span>${view.done ? undoLine(view, view.done) : page.status}</div>
${keyLine(view, page)}
</div>
${thumbBar(view, page.place)}
</body>
</html>
`;
}

function navigation(view: View, place: Place): Html {
  const { t, nav } = view;
  const worst = worstState(view);
  const link = (to: Place, href: string, words: string, count?: Value) =>
    html`<li><a href="${href}" ${
      place === to ? html`aria-current="page"` : null
    }><span>${words}</span>${count ? html` <span class="count">${count}</span>` : null}</a></li>`;
  const number = (count: number) => (count > 0 ? counted(count, NAV_LIMIT) : null);
  return html`<nav aria-label="${t.nav.label}">
<h2>${t.nav.queues}</h2>
<ul>${link('open', '/', t.nav.open, number(nav.open))}${link('waiting', listAddress('waiting'), t.nav.waiting, number(nav.waiting))}${link('snoozed', listAddress('snoozed'), t.nav.snoozed, number(nav.snoozed))}${link('solved', listAddress('solved'), t.nav.solved)}${link('incidents', '/incidents', t.incident.many)}</ul>
<h2>${t.nav.review}</h2>
<ul>${link('quarantine', '/quarantine', t.nav.quarantine, number(nav.quarantine))}${link(
    'parked',
    '/parked',
    t.nav.parked,
    number(nav.parked),
  )}${link('unrouted', '/mails?outcome=unrouted', t.nav.unrouted, number(nav.unrouted))}${link('mails', '/mails', t.nav.mails)}${link('history', '/history', t.nav.history)}</ul>
<h2>${t.nav.paths}</h2>
<ul>${link('health', '/health', t.nav.health, worst ? html`<strong class="worst">${worst}</strong>` : null)}${link(
    'customers',
    '/customers',
    t.nav.customers,
  )}${link('lists', '/lists', t.nav.lists, nav.bouncing > 0 ? html`<strong class="worst">${t.lists.bouncing(nav.bouncing)}</strong>` : null)}</ul>
${view.sink ? html`<h2>${t.nav.demo}</h2><ul>${link('sink', '/sink', t.nav.sink)}</ul>` : null}
</nav>`;
}

/** The language of the browser holds until somebody chooses; needs no script. */
function languageSwitch({ t, here }: View): Html {
  const other = t.lang === 'ja' ? 'en' : 'ja';
  return html`<form class="language" method="post" action="/language" aria-label="${t.language.label}"><input type="hidden" name="back" value="${here}"><button name="language" value="${other}" lang="${other}">${t.language[other]}</button></form>`;
}

/** On a phone: the three places that one goes to, at the thumb. */
function thumbBar(view: View, place: Place): Html {
  const { t, nav } = view;
  const worst = worstState(view);
  const review = nav.quarantine + nav.parked;
  const link = (here: boolean, href: string, sign: Html, words: Value) =>
    html`<a href="${href}" ${here ? html`aria-current="page"` : null}>${sign}<span>${words}</span></a>`;
  return html`<div class="thumb">
${link(place === 'open', '/', icon('lines'), t.nav.queue)}
${link(place === 'quarantine', '/quarantine', icon('shield'), html`${t.nav.review}${review > 0 ? ` ${review}` : null}`)}
${link(place === 'mails', '/mails', icon('mail'), t.nav.mails)}
${link(place === 'health', '/health', icon('pulse'), worst ? html`<strong class="worst">${worst}</strong>` : t.nav.health)}
</div>`;
}

/** Shown by the script when something came: new rows never push those away that are read. */
function newsPill({ t }: View): Html {
  return html`<button type="button" class="news" data-rows-one="${t.live.newRows.one}" data-rows-many="${t.live.newRows.many}" data-entries-one="${t.live.newEntries.one}" data-entries-many="${t.live.newEntries.many}" data-since="${t.live.since}" ${flag('hidden', true)}><span data-news></span> <b>${t.live.show}</b> <kbd>.</kbd></button>`;
}

/** One box for a typed filter, words, or the number of a ticket. */
function searchBox({ t }: View, value: string, id: string): Html {
  return html`<form class="search" method="get" action="/" role="search"><label class="hidden" for="${id}">${t.search.label}</label>${icon('search')}<input id="${id}" name="q" value="${value}" placeholder="${t.search.hint}" autocomplete="off" spellcheck="false" maxlength="${FILTER_CHARS}"><kbd>/</kbd><button class="hidden-go">${t.search.go}</button></form>`;
}

/** Hidden until the script shows it: without script no key works. */
function keyLine(view: View, page: Page): Html {
  const { t } = view;
  const own = page.keys ?? [];
  const more: Key[] = [
    ...(view.done?.canUndo ? [{ keys: ['z'], does: t.keys.undo }] : []),
    ...(page.back ? [{ keys: ['u'], does: t.keys.back }] : []),
  ];
  const all: Key[] = [
    ...own,
    ...more,
    { keys: ['/'], does: t.keys.search },
    ...(page.live ? [{ keys: ['.'], does: t.keys.news }] : []),
    { keys: ['g', 'q u h l'], does: t.keys.goto },
  ];
  const list = (keys: Key[]) =>
    keys.map(
      (key) =>
        html`<li data-act="${key.keys.length === 1 ? key.keys[0] : null}">${key.keys.map((cap) => html`<kbd>${cap}</kbd>`)} <span>${key.does}</span></li>`,
    );
  return html`<footer class="keys" aria-label="${t.keys.label}" ${flag('hidden', true)}>
<ul>${list([...own, ...more])}</ul>
<p class="news-paused push" data-words="${t.live.paused}" ${flag('hidden', true)}></p>
<button type="button" data-key="?"><kbd>?</kbd> ${t.keys.all}</button>
</footer>
<dialog class="all-keys" aria-label="${t.keys.label}"><h2>${t.keys.label}</h2><ul>${list(all)}<li><kbd>Ctrl</kbd><kbd>k</kbd> <span>${t.keys.palette}</span></li></ul><div class="acts"><a class="button" href="/preferences">${t.keys.preferences}</a><form method="dialog"><button class="button">${t.keys.close}</button></form></div></dialog>
<dialog class="palette" aria-label="${t.keys.act}" data-words-none="${t.keys.noAct}" data-words-ticket="${t.keys.toTicket}"><label class="hidden" for="palette-input">${t.keys.act}</label><input id="palette-input" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list" placeholder="${t.keys.actHint}" autocomplete="off" spellcheck="false"><ul role="listbox" id="palette-list" aria-label="${t.keys.act}"></ul></dialog>`;
}

/** Changed keys, for the script: `e=d x=v`. */
function mapText({ preferences }: View): string {
  return Object.entries(preferences.map)
    .map(([letter, key]) => `${letter}=${key}`)
    .join(' ');
}

/** A panel that says what is true when there is nothing to list. */
export function emptyState(title: string, text: Value): Html {
  return html`<div class="empty"><h2>${title}</h2><p>${text}</p></div>`;
}
