import { NAV_LIMIT } from '../../store/readNav.ts';
import { flag, type Html, html, type Value } from '../html.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';
import { counted } from './marks.ts';

export type Place =
  | 'open'
  | 'waiting'
  | 'solved'
  | 'quarantine'
  | 'parked'
  | 'unrouted'
  | 'mails'
  | 'health'
  | 'customers'
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
  /** Said once, politely, when the page opens (what was just done). */
  status?: Html | null;
  /** Where `u` leads. */
  back?: string;
};

/** How far behind the road may be before the frame of every page says so (ms). */
const BEHIND_MS = 60_000;

/** The worst state of the road in words, or null. It stands on every page, because a silent address is the worst failure. */
export function worstState(view: View): string | null {
  const { t, nav, times, down } = view;
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
<html lang="${t.lang}">
<head>
<meta charset="utf-8">
<title>${page.title} · ${t.product}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/console.css">
<script src="/assets/console.js" defer></script>
</head>
<body>
<a class="skip" href="#main">${t.skipToMain}</a>
<aside class="side">
<a class="brand" href="/"><span class="logo">${icon('logo')}</span>${t.product}</a>
${navigation(view, page.place)}
<div class="side-foot">
<div>${view.demo ? t.nav.demoFolder : t.nav.noSignIn}</div>
<div>${t.nav.times(view.times.zoneName())}</div>
${languageSwitch(view)}
</div>
</aside>
<div class="top">
<a class="brand" href="/"><span class="logo">${icon('logo')}</span>${t.product}</a>
<details class="menu"><summary>${icon('menu')}<span>${t.menu}</span></summary>
${navigation(view, page.place)}
${languageSwitch(view)}
</details>
</div>
<div class="page" ${page.back ? html`data-back="${page.back}"` : null}>
<header class="head">${page.head}</header>
<main id="main" tabindex="-1">
${page.main}
</main>
<div class="status" role="status">${page.status}</div>
${keyLine(view, page.keys ?? [])}
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
<ul>${link('open', '/', t.nav.open, number(nav.open))}${link('waiting', '/?state=waiting', t.nav.waiting, number(nav.waiting))}${link(
    'solved',
    '/?state=solved',
    t.nav.solved,
  )}</ul>
<h2>${t.nav.review}</h2>
<ul>${link('quarantine', '/quarantine', t.nav.quarantine, number(nav.quarantine))}${link(
    'parked',
    '/parked',
    t.nav.parked,
    number(nav.parked),
  )}${link('unrouted', '/mails?outcome=unrouted', t.nav.unrouted, number(nav.unrouted))}${link('mails', '/mails', t.nav.mails)}</ul>
<h2>${t.nav.paths}</h2>
<ul>${link('health', '/health', t.nav.health, worst ? html`<strong class="worst">${worst}</strong>` : null)}${link(
    'customers',
    '/customers',
    t.nav.customers,
  )}</ul>
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

/** Hidden until the script shows it: without script no key works. */
function keyLine(view: View, keys: Key[]): Html {
  const { t } = view;
  const all: Key[] = [...keys, { keys: ['g', 'q u h'], does: t.keys.goto }];
  return html`<footer class="keys" aria-label="${t.keys.label}" ${flag('hidden', true)}>
<ul>${all.map((key) => html`<li>${key.keys.map((cap) => html`<kbd>${cap}</kbd>`)} ${key.does}</li>`)}</ul>
<button type="button" data-keys-off="${t.keys.off}" data-keys-on="${t.keys.on}">${t.keys.off}</button>
</footer>`;
}

/** A panel that says what is true when there is nothing to list. */
export function emptyState(title: string, text: Value): Html {
  return html`<div class="empty"><h2>${title}</h2><p>${text}</p></div>`;
}
