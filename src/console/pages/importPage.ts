import type { LineVerdict } from '../../store/proposeTable.ts';
import type { ListPage } from '../../store/readListPage.ts';
import { flag, type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { frame } from './frame.ts';
import { icon } from './icons.ts';
import { belowList } from './listHead.ts';

/** What a table would do, line by line; null: none was given yet. */
export type TableCheck = { table: string; applied: boolean; isSound: boolean; verdicts: readonly LineVerdict[] };

/** CSV import: a verdict for every line before anything happens. */
export function importPage(view: View, list: ListPage, check: TableCheck | null): Html {
  const { t } = view;
  return frame(view, {
    title: t.lists.importTitle,
    place: 'lists',
    back: `/lists/${list.id}`,
    head: belowList(view, { id: list.id, address: list.address }, t.lists.importTitle),
    main: html`<div class="left-column">${check === null ? null : verdicts(view, list, check)}
<section><p class="quiet-note">${t.lists.importHint}</p><form class="table-form" method="post" action="/lists/${list.id}/import"><label>${t.lists.table}<textarea name="table" rows="10" required spellcheck="false" autocomplete="off" maxlength="60000" placeholder="address">${check?.table}</textarea></label><label class="from-file" ${flag('hidden', true)}>${t.lists.file} <input type="file" accept=".csv,text/csv,text/plain" data-into="table"></label><p><button class="button">${t.lists.check}</button></p></form></section></div>`,
  });
}

function verdicts(view: View, list: ListPage, check: TableCheck): Html {
  const { t } = view;
  const some = check.verdicts.filter(({ result }) => result.ok).length;
  return html`<section><h2>${t.lists.verdicts}</h2><table class="list verdicts"><caption class="hidden">${t.lists.verdicts}</caption><thead><tr><th scope="col" class="right">${t.lists.line}</th><th scope="col">${t.lists.address}</th><th scope="col">${t.lists.verdict}</th></tr></thead><tbody>${check.verdicts.map(
    (one) => verdictRow(view, one),
  )}</tbody></table>${
    check.isSound
      ? html`<form class="acts decide-acts" method="post" action="/lists/${list.id}/import"><input type="hidden" name="table" value="${check.table}"><input type="hidden" name="propose" value="1"><span>${t.lists.dryRun}</span><button class="button primary">${t.lists.proposeAll(some)}</button></form>`
      : html`<p role="alert"><strong class="worst">${t.lists.nothing}</strong></p>`
  }</section>`;
}

function verdictRow({ t, mask }: View, { line, address, result }: LineVerdict): Html {
  const isHarmless = result.ok || result.code === 'already_member';
  const words = result.ok ? t.lists.verdictOk[result.change === null ? 'known' : 'new'] : t.lists.refusals[result.code];
  return html`<tr ${isHarmless ? null : html`class="bad"`}><td class="right">${line}</td><td>${mask(address)}</td><td class="state">${icon(result.ok ? 'tick' : isHarmless ? 'dash' : 'cross')} ${words}</td></tr>`;
}
