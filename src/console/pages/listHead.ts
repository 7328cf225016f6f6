import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';

/** The head of a page that stands below a list: the way back, and what it is about. */
export function belowList({ t, mask }: View, list: { id: number; address: string }, title: string): Html {
  return html`<div class="crumb-line"><p class="crumbs"><a href="/lists">${t.lists.title}</a> <span aria-hidden="true">/</span> <a href="/lists/${list.id}">${mask(list.address)}</a></p></div><div class="title-line"><h1>${title}</h1></div>`;
}
