import type { ListPage } from '../../store/readListPage.ts';
import type { MemberRow } from '../../store/readMembers.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { frame } from './frame.ts';
import { belowList } from './listHead.ts';

/** Acts that nothing takes back are asked on a page of their own: what follows in sentences, the act on the button. */
type ForGood = {
  title: string;
  consequences: readonly string[];
  /** Where the button posts to, and what it says. */
  action: string;
  yes: string;
  /** Where somebody goes who thinks better of it. */
  back: string;
  list: { id: number; address: string };
};

function forGoodPage(view: View, asked: ForGood): Html {
  const { t } = view;
  return frame(view, {
    title: asked.title,
    place: 'lists',
    back: asked.back,
    head: belowList(view, asked.list, asked.title),
    main: html`<div class="left-column"><ul class="plain-list">${asked.consequences.map((one) => html`<li>${one}</li>`)}</ul><div class="acts decide-acts"><form method="post" action="${asked.action}"><button class="button">${asked.yes}</button></form><a class="button flat" href="${asked.back}">${t.lists.keep}</a></div></div>`,
  });
}

/** Releasing a root address. */
export function releasePage(view: View, list: ListPage): Html {
  const { t, times } = view;
  const { release } = t.lists.forGood;
  const receiving = list.members.filter(({ state }) => state === 'confirmed' || state === 'bouncing').length;
  const [last] = list.mails;
  return forGoodPage(view, {
    title: release.title,
    consequences: [
      release.members(receiving),
      release.account(list.account, last ? times.entry(last.at) : null),
      release.mail,
      release.never,
    ],
    action: `/lists/${list.id}/release`,
    yes: release.yes,
    back: `/lists/${list.id}`,
    list,
  });
}

/** Taking a person off every list and forgetting them. */
export function erasePage(view: View, member: MemberRow): Html {
  const { erase } = view.t.lists.forGood;
  return forGoodPage(view, {
    title: erase.title(member.address),
    consequences: [erase.lists, erase.forgets, erase.stays],
    action: `/members/${member.memberId}/erase`,
    yes: erase.yes,
    back: `/members/${member.memberId}`,
    list: { id: member.listId, address: member.list },
  });
}
