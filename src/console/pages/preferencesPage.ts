import { flag, type Html, html } from '../html.ts';
import { LETTERS } from '../preferences.ts';
import type { View } from '../view.ts';
import { frame } from './frame.ts';

/** What each reader sets for this browser: rows, the line of keys, and letters that act by themselves (WCAG 2.1.4). */
export function preferencesPage(view: View): Html {
  const { t, preferences } = view;
  const { words } = t.preferences;
  const choice = (name: 'rows' | 'keys' | 'line', value: string, text: string) =>
    html`<label class="check"><input type="radio" name="${name}" value="${value}" ${flag('checked', preferences[name] === value)}> ${text}</label>`;
  return frame(view, {
    title: t.preferences.title,
    place: null,
    back: '/',
    head: html`<div class="title-line"><h1>${t.preferences.title}</h1><p class="beside">${t.preferences.hint}</p></div>`,
    main: html`<form class="plain preferences" method="post" action="/preferences">
<fieldset><legend>${words.rows}</legend>${choice('rows', 'dense', words.dense)}${choice('rows', 'roomy', words.roomy)}</fieldset>
<fieldset><legend>${words.keys}</legend>${choice('keys', 'on', words.on)}${choice('keys', 'off', words.off)}<p class="quiet-note">${words.palette}</p></fieldset>
<fieldset><legend>${words.line}</legend>${choice('line', 'on', words.on)}${choice('line', 'off', words.off)}</fieldset>
<fieldset class="letters"><legend>${words.letters}</legend><p class="quiet-note">${words.lettersHint}</p><ul>${LETTERS.map(
      (letter) =>
        html`<li><label><span><code>${letter}</code> ${t.preferences.letters[letter]}</span><input name="key_${letter}" value="${preferences.map[letter] ?? ''}" placeholder="${letter}" maxlength="1" autocomplete="off" autocapitalize="none" spellcheck="false"></label></li>`,
    )}</ul></fieldset>
<p class="acts"><button class="button primary">${t.preferences.keep}</button></p></form>`,
  });
}
