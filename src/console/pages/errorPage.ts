import { type Html, html } from '../html.ts';
import { STYLESHEET } from '../styles.ts';
import type { Texts } from '../words/texts.ts';
import { icon } from './icons.ts';

export type ErrorKind = 'notFound' | 'wrong' | 'ours' | 'database';

export type FailedRequest = {
  /** To be quoted; the log has it. */
  id: string;
  /** Where it was asked. */
  url: string;
  /** What a form sent; null where nothing was to be changed. */
  sent: [name: string, value: string][] | null;
  detail?: string;
};

/**
 * Says what did not happen, what is kept, one thing to do, and a number to quote. What a form sent is on the page: it is sent
 * again as it was, also after a browser has forgotten what was typed. Needs no database.
 */
export function errorPage(t: Texts, kind: ErrorKind, failed: FailedRequest): Html {
  const titles = {
    notFound: t.error.notFoundTitle,
    wrong: t.error.wrongTitle,
    ours: t.error.ourTitle,
    database: t.error.databaseTitle,
  };
  const texts = {
    notFound: t.error.notFoundText,
    wrong: failed.detail ?? '',
    ours: t.error.ourText,
    database: t.error.databaseText,
  };
  const ours = kind === 'ours' || kind === 'database';
  return html`<!doctype html>
<html lang="${t.lang}"><head><meta charset="utf-8"><title>${titles[kind]} · ${t.product}</title><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="icon" href="/assets/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="${STYLESHEET}"></head>
<body class="alone"><main id="main"><a class="brand" href="/"><span class="logo">${icon('logo')}</span>${t.product}</a>
<h1>${titles[kind]}</h1><p>${texts[kind]}</p>${ours && failed.sent !== null ? html`<p>${t.error.changeText}</p>` : null}${ours ? again(t, failed) : html`<p><a class="button" href="/">${t.error.home}</a></p>`}${ours ? html`<p class="quiet-note">${t.error.quote(failed.id)}</p>` : null}</main></body></html>
`;
}

function again(t: Texts, { url, sent }: FailedRequest): Html {
  const home = html`<a class="button flat" href="/">${t.error.home}</a>`;
  return sent === null
    ? html`<p><a class="button primary" href="${url}">${t.error.again}</a> ${home}</p>`
    : html`<form method="post" action="${url}">${sent.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<p><button class="button primary">${t.error.again}</button> ${home}</p></form>`;
}

/** One sentence and a way back: a change that came too late. */
export function conflictPage(t: Texts, sentence: string, back: string, words: string): Html {
  return html`<!doctype html>
<html lang="${t.lang}"><head><meta charset="utf-8"><title>${sentence} · ${t.product}</title><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="stylesheet" href="${STYLESHEET}"></head>
<body class="alone"><main id="main"><h1>${sentence}</h1><p><a class="button" href="${back}">${words}</a></p></main></body></html>
`;
}
