import type { ListItem } from '../../store/readLists.ts';
import { type Html, html } from '../html.ts';
import { packKey } from '../pagingKey.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';
import { icon } from './icons.ts';
import { foreign } from './marks.ts';

/** Root addresses with whoever gets their mail. */
export function listsPage(view: View, rows: ListItem[], next: { id: number } | null): Html {
  const { t } = view;
  const { columns } = t.lists;
  return frame(view, {
    title: t.lists.title,
    place: 'lists',
    head: html`<div class="title-line"><h1>${t.lists.title}</h1></div>`,
    main:
      rows.length === 0
        ? emptyState(t.lists.empty, t.lists.emptyHint)
        : html`<table class="list lists" data-rows><caption class="hidden">${t.lists.caption}</caption><thead><tr><th scope="col">${columns.address}</th><th scope="col">${columns.customer}</th><th scope="col">${columns.account}</th><th scope="col" class="right">${columns.receiving}</th><th scope="col" class="right">${columns.lastMail}</th><th scope="col">${columns.state}</th></tr></thead><tbody>${rows.map(
            (row) => listRow(view, row),
          )}</tbody></table>${next ? html`<p class="paging"><a href="/lists?after=${packKey(next)}">${t.lists.more}</a></p>` : null}`,
    keys: [
      { keys: ['j', 'k'], does: t.keys.move },
      { keys: ['Enter'], does: t.keys.open },
    ],
  });
}

function listRow({ t, times, mask }: View, row: ListItem): Html {
  const isBad = row.bouncing > 0 || row.stillWritten || (row.state === 'live' && row.receiving === 0);
  return html`<tr class="row${isBad ? ' bad' : ''}"><td><a class="mono" data-row href="/lists/${row.id}">${mask(row.address)}</a></td><td><a class="quiet" href="/customers/${row.customer}">${foreign(t, row.customerName)}</a></td><td class="mono">${row.account}</td><td class="right" data-term="${t.lists.columns.receiving}">${t.lists.receivingOf(row.receiving, row.members)}</td><td class="right" data-term="${t.lists.columns.lastMail}">${row.lastMailAt ? times.age(row.lastMailAt) : t.health.never}</td><td class="state">${
    row.stillWritten
      ? html`${icon('cross')} <strong class="worst">${t.lists.stillWritten}</strong>`
      : row.bouncing > 0
        ? html`${icon('cross')} <strong class="worst">${t.lists.bouncing(row.bouncing)}</strong>`
        : isBad
          ? html`${icon('cross')} <strong class="worst">${t.lists.nobodyGets}</strong>`
          : row.state === 'live'
            ? html`${icon('tick')} ${t.lists.states.live}`
            : html`${icon('dash')} ${t.lists.states[row.state]}`
  }</td></tr>`;
}
