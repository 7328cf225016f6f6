import { type Html, html } from '../html.ts';
import { STYLESHEET } from '../styles.ts';
import type { Texts } from '../words/texts.ts';
import { icon } from './icons.ts';

export type ErrorKind = 'notFound' | 'wrong' | 'ours' | 'database';

/** Says what did not happen, what is kept, one thing to do, and a number to quote. Needs no database. */
export function errorPage(
  t: Texts,
  kind: ErrorKind,
  options: { id: string; detail?: string; changing: boolean },
): Html {
  const titles = {
    notFound: t.error.notFoundTitle,
    wrong: t.error.wrongTitle,
    ours: t.error.ourTitle,
    database: t.error.databaseTitle,
  };
  const texts = {
    notFound: t.error.notFoundText,
    wrong: options.detail ?? '',
    ours: t.error.ourText,
    database: t.error.databaseText,
  };
  const ours = kind === 'ours' || kind === 'database';
  return html`<!doctype html>
<html lang="${t.lang}"><head><meta charset="utf-8"><title>${titles[kind]} · ${t.product}</title><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="icon" href="/assets/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="${STYLESHEET}"></head>
<body class="alone"><main id="main"><a class="brand" href="/"><span class="logo">${icon('logo')}</span>${t.product}</a>
<h1>${titles[kind]}</h1><p>${texts[kind]}</p>${ours && options.changing ? html`<p>${t.error.changeText}</p>` : null}<p><a class="button" href="/">${t.error.home}</a></p>${ours ? html`<p class="quiet-note">${t.error.quote(options.id)}</p>` : null}</main></body></html>
`;
}

/** One sentence and a way back: a change that came too late. */
export function conflictPage(t: Texts, sentence: string, back: string, words: string): Html {
  return html`<!doctype html>
<html lang="${t.lang}"><head><meta charset="utf-8"><title>${sentence} · ${t.product}</title><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="stylesheet" href="${STYLESHEET}"></head>
<body class="alone"><main id="main"><h1>${sentence}</h1><p><a class="button" href="${back}">${words}</a></p></main></body></html>
`;
}
