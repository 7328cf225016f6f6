import { QUEUE_SORTS } from '../../store/readQueue.ts';
import { type FilterField, type FilterToken, filterTextOf, filterToken } from '../filterText.ts';
import { type Html, html } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import { queueAddress } from '../queueAddress.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';
import type { QueueData } from './queuePage.ts';

/** Tokens of the filter, each with the link that takes it away, a form for one more, and the order of the list. */
export function filterBar(view: View, data: QueueData): Html {
  const { t } = view;
  const shown = data.tokens.some(({ field }) => field === 'state')
    ? data.tokens
    : [filterToken('state', 'open'), ...data.tokens];
  return html`<div class="bar"><div class="filters-line"><ul class="tokens" aria-label="${t.queue.filterLabel}">${shown.map((token) => tokenItem(view, data, token))}</ul>${addFilter(view, data)}</div>${sortMenu(view, data)}</div>
${
  data.problems.length > 0
    ? html`<ul class="filter-problems" role="alert">${data.problems.map(({ token, problem }) => html`<li>${icon('cross')} ${t.queue.problems[problem](token)}</li>`)}</ul>`
    : null
}`;
}

/** A state that nobody asked for cannot be taken away: without any, it is what is open. */
function tokenItem(view: View, data: QueueData, token: FilterToken): Html {
  const { t } = view;
  const name = t.queue.fields[token.field ?? 'word'];
  const rest = data.tokens.includes(token) ? queueAddress(filterTextOf(data.tokens, token), data.sort) : null;
  return html`<li class="token"><span>${name}${token.not ? html` <b>${t.queue.not}</b>` : null}</span><b>${valueWords(view, token)}</b>${
    rest === null ? null : html`<a href="${rest}" aria-label="${t.queue.removeFilter(name)}">×</a>`
  }</li>`;
}

function valueWords({ t }: View, { field, value }: FilterToken): string {
  if (field === 'state') return (t.state as Record<string, string>)[value]?.toLowerCase() ?? value;
  if (field === 'urgency') return (t.urgency as Record<string, string>)[value]?.toLowerCase() ?? value;
  return field === 'kind' && value.includes('.') ? kindWord(t.kinds, value) : value;
}

const FIELDS: readonly (FilterField | 'word')[] = ['word', 'customer', 'kind', 'urgency', 'due', 'state'];

function addFilter({ t }: View, data: QueueData): Html {
  return html`<details class="drop"><summary class="button flat" data-key="f">+ ${t.queue.addFilter} <kbd>f</kbd></summary>
<form class="panel" method="get" action="/"><input type="hidden" name="q" value="${data.filterText}"><input type="hidden" name="sort" value="${data.sort}">
<label>${t.queue.field} <select name="field">${FIELDS.map((field) => html`<option value="${field}">${t.queue.fields[field]}</option>`)}</select></label>
<label>${t.queue.value} <input name="value" autocomplete="off" spellcheck="false" required></label>
<label class="check"><input type="checkbox" name="not" value="1"> ${t.queue.exclude}</label>
<button class="button">${t.queue.add}</button>
<p class="quiet-note">${t.queue.typed}<br><code>state:waiting customer:kumo -kind:budget urgency:high due:&lt;7d "port scan"</code></p></form></details>`;
}

function sortMenu({ t }: View, data: QueueData): Html {
  return html`<div class="sort"><span class="beside">${t.queue.sorted}</span><details class="drop drop-right"><summary class="button">${t.queue.sorts[data.sort]} ${icon('down')}</summary>
<ul class="panel panel-list">${QUEUE_SORTS.map(
    (sort) =>
      html`<li><a href="${queueAddress(data.filterText, sort)}" ${sort === data.sort ? html`aria-current="true"` : null}>${t.queue.sorts[sort]}</a></li>`,
  )}</ul></details></div>`;
}
