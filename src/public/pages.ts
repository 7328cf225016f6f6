import { maskAddress } from '../core/maskAddress.ts';
import { type Html, html } from '../lib/html.ts';
import type { Link } from '../store/readLink.ts';
import { STYLE } from './style.ts';
import type { Texts } from './textsEn.ts';

/** A page with one sentence. */
export function sentencePage(t: Texts, title: string, text: string): Html {
  return page(t, title, html`<p>${text}</p>`);
}

/** What a link is for, with its buttons. Showing it changes nothing. */
export function linkPage(t: Texts, link: Link): Html {
  const { purpose } = link;
  const words = t[purpose];
  const no = purpose === 'approve' ? t.approve.no : purpose === 'confirm' ? t.confirm.no : null;
  const [yesAct, noAct] = ACTS[purpose];
  return page(
    t,
    words.title,
    html`<p>${words.text}</p>${purpose === 'manage' ? memberFacts(t, link) : listFacts(t, link)}${
      purpose === 'approve' || purpose === 'confirm' ? html`<p class="power">${t.power}</p>` : null
    }<form method="post"><button class="first" name="act" value="${yesAct}">${words.yes}</button>${
      no === null ? null : html`<button name="act" value="${noAct}">${no}</button>`
    }</form>`,
  );
}

/** The acts of the buttons of each page. */
const ACTS = {
  approve: ['approve', 'refuse'],
  confirm: ['confirm', 'decline'],
  acknowledge: ['acknowledge', ''],
  manage: ['leave', ''],
} as const;

/** The form in which members ask for their own link. It knows nobody and grants nothing. */
export function askPage(t: Texts): Html {
  return page(
    t,
    t.ask.title,
    html`<p>${t.ask.text}</p><form method="post"><label>${t.address}<input type="email" name="address" required maxlength="254" autocomplete="email"></label><button class="first">${t.ask.yes}</button></form>`,
  );
}

function listFacts(t: Texts, link: Link): Html {
  return html`<dl><dt>${t.address}</dt><dd>${link.member}${link.side === 'reseller' ? html` (${t.ofReseller})` : null}</dd>${
    link.proposer === null ? null : html`<dt>${t.proposed}</dt><dd>${link.proposer}</dd>`
  }<dt>${t.customer}</dt><dd>${link.customer}</dd>${
    link.account === null ? null : html`<dt>${t.account}</dt><dd>${link.account}</dd>`
  }<dt>${t.list}</dt><dd>${maskAddress(link.list)}</dd></dl>`;
}

function memberFacts(t: Texts, link: Link): Html {
  const day = (at: Date | null) => (at === null ? t.never : html`<time>${at.toISOString().slice(0, 10)}</time>`);
  return html`${listFacts(t, link)}<dl><dt>${t.state}</dt><dd>${t.states[link.memberState]}</dd><dt>${t.since}</dt><dd>${day(link.confirmedAt)}</dd><dt>${t.arrived}</dt><dd>${day(link.acknowledgedAt)}</dd></dl>`;
}

function page(t: Texts, title: string, main: Html): Html {
  return html`<!doctype html>
<html lang="${t.lang}"><head><meta charset="utf-8"><title>${title} · ${t.title}</title><meta name="viewport" content="width=device-width, initial-scale=1">${STYLE}</head>
<body><main><h1>${title}</h1>${main}</main></body></html>
`;
}
