import type { LineVerdict } from '../../store/proposeTable.ts';
import type { ListPage } from '../../store/readListPage.ts';
import type { MemberRow } from '../../store/readMembers.ts';
import { flag, type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { frame } from './frame.ts';
import { icon } from './icons.ts';

/** Asked first, with the consequence on the button: nobody is brought back by an undo. */
export function takeOffPage(view: View, member: MemberRow): Html {
  const { t, mask } = view;
  const title = t.lists.removeTitle(member.address);
  const isInvited = member.state === 'invited';
  const act = (how: 'remove' | 'suspend', words: string) =>
    html`<form method="post" action="/members/${member.memberId}/${how}"><button class="button">${words}</button></form>`;
  return frame(view, {
    title,
    place: 'lists',
    back: `/lists/${member.listId}`,
    head: html`<div class="crumb-line"><p class="crumbs"><a href="/lists">${t.lists.title}</a> <span aria-hidden="true">/</span> <a href="/lists/${member.listId}">${mask(member.list)}</a></p></div><div class="title-line"><h1>${title}</h1></div>`,
    main: html`<div class="left-column"><p>${t.lists.removeHint}</p><div class="acts decide-acts">${act('remove', isInvited ? t.lists.withdrawYes : t.lists.removeYes)}${
      member.state === 'confirmed' || member.state === 'bouncing' ? act('suspend', t.lists.suspendYes) : null
    }<a class="button flat" href="/lists/${member.listId}">${t.lists.keep}</a></div></div>`,
  });
}

/** What a table would do, line by line; null: none was given yet. */
export type TableCheck = { table: string; applied: boolean; isSound: boolean; verdicts: readonly LineVerdict[] };

/** CSV import: a verdict for every line before anything happens. */
export function importPage(view: View, list: ListPage, check: TableCheck | null): Html {
  const { t, mask } = view;
  return frame(view, {
    title: t.lists.importTitle,
    place: 'lists',
    back: `/lists/${list.id}`,
    head: html`<div class="crumb-line"><p class="crumbs"><a href="/lists">${t.lists.title}</a> <span aria-hidden="true">/</span> <a href="/lists/${list.id}">${mask(list.address)}</a></p></div><div class="title-line"><h1>${t.lists.importTitle}</h1></div>`,
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
