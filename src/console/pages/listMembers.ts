import type { ListPage, ListPageMember } from '../../store/readListPage.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';
import { isTroubled, memberState } from './memberState.ts';

/** Additions that wait, with whom they wait for. No button agrees: that is a link in somebody else's mail. */
export function pendingAdditions(view: View, list: ListPage): Html | null {
  const { t, times } = view;
  const waiting = list.members.filter(({ state }) => state === 'invited');
  if (waiting.length === 0) return null;
  return html`<div class="pending">${waiting.map(({ id, address, name, proposal }) => {
    const words =
      proposal === null
        ? t.lists.notProposed
        : `${t.lists.askedBy(proposal.proposer, times.entry(proposal.at))} ${
            proposal.approvals === 0 ? t.lists.waitsSecond(proposal.asked) : t.lists.waitsMember
          } ${t.lists.until(times.left(proposal.expiresAt).text)}`;
    return html`<div class="pending-one">${icon('person')}<div><strong>${t.lists.pending(name === null ? address : `${name} <${address}>`)}</strong><p>${words}</p></div><div class="acts"><a class="button" href="/members/${id}">${t.lists.withdraw}</a><form method="post" action="/members/${id}/invite"><button class="button">${t.lists.again}</button></form></div></div>`;
  })}</div>`;
}

/** Everybody on the list, those that need somebody first, one act a row. */
export function listMembers(view: View, list: ListPage): Html {
  const { t } = view;
  const { memberColumns: columns } = t.lists;
  const confirmed = list.members.filter(({ state }) => state === 'confirmed').length;
  return html`<section><h2>${t.lists.members} <span class="beside">${t.lists.count(list.members.length, confirmed)}</span></h2>${
    list.members.length === 0
      ? html`<p class="quiet-note">${t.lists.noMembers}</p>`
      : html`<table class="list members" data-rows><caption class="hidden">${t.lists.members}</caption><thead><tr><th scope="col">${columns.person}</th><th scope="col">${columns.address}</th><th scope="col">${columns.side}</th><th scope="col">${columns.state}</th><th scope="col" class="right">${columns.lastCopy}</th><th scope="col" class="right">${columns.bounces}</th><th scope="col"><span class="hidden">${columns.act}</span></th></tr></thead><tbody>${list.members.map((member) => memberRow(view, member))}</tbody></table>`
  }</section>`;
}

function memberRow(view: View, member: ListPageMember): Html {
  const { t, times } = view;
  const { lists } = t;
  return html`<tr ${isTroubled(member.state) ? html`class="bad"` : null}><td>${member.name}</td><td><a class="quiet" data-row href="/members/${member.id}">${member.address}</a></td><td>${lists.sides[member.side]}</td><td class="state">${stateOf(view, member)}</td><td class="right" data-term="${lists.memberColumns.lastCopy}">${
    member.lastCopyAt
      ? html`<time datetime="${member.lastCopyAt.toISOString()}">${times.entry(member.lastCopyAt)}</time>`
      : lists.never
  }</td><td class="right" data-term="${lists.memberColumns.bounces}">${member.bounces > 0 ? html`<strong>${member.bounces}</strong>` : '0'}</td><td class="right">${actOf(view, member)}</td></tr>`;
}

function stateOf(view: View, member: ListPageMember): Html {
  const { t } = view;
  const notes = [
    ...(member.state === 'confirmed' && member.acknowledgedAt === null ? [t.lists.unproven] : []),
    ...(member.wrapped ? [t.lists.wrapped] : []),
  ];
  return html`${memberState(view, member)}${notes.length > 0 ? html` <span class="quiet-note">${notes.join(', ')}</span>` : null}`;
}

/** A member that mail does not reach is replaced: another one comes first, or the last one could not go. */
function actOf({ t }: View, { id, state, address }: ListPageMember): Html {
  if (state === 'invited') {
    return html`<form method="post" action="/members/${id}/invite"><button class="link" aria-label="${t.lists.again}: ${address}">${t.lists.again}</button></form>`;
  }
  const remove = html`<a href="/members/${id}" aria-label="${t.lists.remove}: ${address}">${t.lists.remove}</a>`;
  return state === 'confirmed'
    ? remove
    : html`<a href="#new-member" aria-label="${t.lists.replace}: ${address}">${t.lists.replace}</a> ${remove}`;
}
