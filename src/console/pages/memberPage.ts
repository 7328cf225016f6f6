import { receives } from '../../core/memberState.ts';
import type { MemberCopy } from '../../store/readMemberCopies.ts';
import type { MemberRow } from '../../store/readMembers.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { frame } from './frame.ts';
import { belowList } from './listHead.ts';
import { foreign, sealedChip, secretWords } from './marks.ts';
import { memberState } from './memberState.ts';

/** One member: how their copies went, and the way off the list, with the consequence beside the buttons. */
export function memberPage(view: View, member: MemberRow, copies: readonly MemberCopy[]): Html {
  const { t } = view;
  return frame(view, {
    title: member.name ?? member.address,
    place: 'lists',
    back: `/lists/${member.listId}`,
    head: html`${belowList(view, { id: member.listId, address: member.list }, member.name ?? member.address)}
<ul class="meta">${member.name === null ? null : html`<li>${member.address}</li>`}<li>${t.lists.sides[member.side]}</li><li>${memberState(view, { state: member.state, changedAt: member.since })}</li></ul>`,
    main: html`<div class="left-column"><section><h2>${t.lists.copies}</h2>${copyTable(view, copies)}</section>
${takeOff(view, member)}
<section><h2>${t.lists.person}</h2><p class="quiet-note">${t.lists.personHint}</p><div class="acts decide-acts"><form method="post" action="/members/${member.memberId}/person"><button class="button">${t.lists.personExport}</button></form><a class="button flat" href="/members/${member.memberId}/erase">${t.lists.erase}</a></div></section></div>`,
    keys: [{ keys: ['j', 'k'], does: t.keys.move }],
  });
}

/** Asked first, with the consequence on the button: nobody is brought back by an undo. */
function takeOff({ t }: View, member: MemberRow): Html {
  const isInvited = member.state === 'invited';
  const act = (how: 'remove' | 'suspend', words: string) =>
    html`<form method="post" action="/members/${member.memberId}/${how}"><button class="button">${words}</button></form>`;
  return html`<section><h2>${t.lists.removeTitle(member.address)}</h2><p>${t.lists.removeHint}</p><div class="acts decide-acts">${act('remove', isInvited ? t.lists.withdrawYes : t.lists.removeYes)}${
    receives(member.state) ? act('suspend', t.lists.suspendYes) : null
  }<a class="button flat" href="/lists/${member.listId}">${t.lists.keep}</a></div></section>`;
}

function copyTable(view: View, copies: readonly MemberCopy[]): Html {
  const { t, times, mask } = view;
  if (copies.length === 0) return html`<p class="quiet-note">${t.lists.noCopies}</p>`;
  return html`<table class="list copies" data-rows><caption class="hidden">${t.lists.copies}</caption><tbody>${copies.map(
    (copy) => {
      const isBad = copy.state === 'failed';
      const subject = copy.subject ? foreign(t, mask(copy.subject)) : t.mails.notRead;
      const words = html`${t.lists.copyStates[copy.state]}${copy.code !== null && copy.state !== 'accepted' ? html` (${copy.code})` : null}${copy.form === 'wrapped' ? html`, ${t.lists.asAttachment}` : null}`;
      return html`<tr ${isBad ? html`class="bad"` : null}><td class="c-at"><time datetime="${copy.at.toISOString()}">${times.entry(copy.at)}</time></td><td><div class="matter"><a data-row href="/mails/${copy.mailId}">${subject}</a>${
        copy.secretLevel === 'sealed' ? sealedChip(secretWords(t, copy.secretKinds)) : null
      }</div></td><td class="right">${isBad ? html`<strong class="worst">${words}</strong>` : words}</td></tr>`;
    },
  )}</tbody></table>`;
}
