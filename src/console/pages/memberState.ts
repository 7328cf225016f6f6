import type { MemberState } from '../../core/memberState.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { icon } from './icons.ts';

/** The state of a member as a mark and words; what waits or is broken says since when. */
export function memberState({ t, times }: View, member: { state: MemberState; changedAt: Date }): Html {
  const words = t.customers.memberStates[member.state];
  if (member.state === 'confirmed') return html`${icon('tick')} ${words}`;
  const since = t.lists.since(words, times.entry(member.changedAt));
  if (member.state === 'removed') return html`${icon('dash')} ${since}`;
  return member.state === 'invited'
    ? html`${icon('clock')} <strong class="slow">${since}</strong>`
    : html`${icon('cross')} <strong class="worst">${since}</strong>`;
}

/** Whether mail of the list does not reach them as it should. */
export function isTroubled(state: MemberState): boolean {
  return state === 'bouncing' || state === 'suspended';
}
