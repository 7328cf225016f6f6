import type { CustomerPage, CustomerRow, Member } from '../../store/readCustomers.ts';
import type { RootAddress } from '../../store/readHealth.ts';
import { type Html, html } from '../html.ts';
import { packKey } from '../pagingKey.ts';
import { fieldAddress } from '../queueAddress.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';
import { addressTable } from './healthPage.ts';
import { foreign } from './marks.ts';
import { isTroubled, memberState } from './memberState.ts';

/** Customers by name, with what is open for each. */
export function customersPage(view: View, rows: CustomerRow[], next: { name: string; id: number } | null): Html {
  const { t, times } = view;
  const columns = t.customers.columns;
  return frame(view, {
    title: t.customers.title,
    place: 'customers',
    head: html`<div class="title-line"><h1>${t.customers.title}</h1></div>`,
    main:
      rows.length === 0
        ? emptyState(t.customers.empty, t.customers.emptyHint)
        : html`<table class="list customers" data-rows><caption class="hidden">${t.customers.caption}</caption><thead><tr><th scope="col">${columns.name}</th><th scope="col">${columns.slug}</th><th scope="col" class="right">${columns.accounts}</th><th scope="col" class="right">${columns.lists}</th><th scope="col" class="right">${columns.members}</th><th scope="col" class="right">${columns.open}</th><th scope="col" class="right">${columns.lastMail}</th></tr></thead><tbody>${rows.map(
            (row) =>
              html`<tr class="row"><td><a href="/customers/${row.slug}">${foreign(t, row.name)}</a></td><td class="mono">${row.slug}</td><td class="right" data-term="${columns.accounts}">${row.accounts}</td><td class="right" data-term="${columns.lists}">${row.lists}</td><td class="right" data-term="${columns.members}">${row.members}</td><td class="right" data-term="${columns.open}">${
                row.open > 0 ? html`<a href="${fieldAddress('customer', row.slug)}">${row.open}</a>` : 0
              }</td><td class="right" data-term="${columns.lastMail}">${row.lastMailAt ? times.age(row.lastMailAt) : t.health.never}</td></tr>`,
          )}</tbody></table>${next ? html`<p class="paging"><a href="/customers?after=${packKey(next)}">${t.customers.more}</a></p>` : null}`,
    keys: [
      { keys: ['j', 'k'], does: t.keys.move },
      { keys: ['Enter'], does: t.keys.open },
    ],
  });
}

/** One customer: root addresses, members (those that need somebody first), accounts. */
export function customerPage(view: View, customer: CustomerPage, addresses: RootAddress[]): Html {
  const { t } = view;
  return frame(view, {
    title: customer.name,
    place: 'customers',
    back: '/customers',
    head: html`<div class="crumb-line"><p class="crumbs"><a href="/customers">${t.customers.title}</a> <span aria-hidden="true">/</span> <code>${customer.slug}</code></p></div>
<div class="title-line"><h1>${foreign(t, customer.name)}</h1></div>
<ul class="meta"><li><a href="${fieldAddress('customer', customer.slug)}">${t.customers.tickets}: ${customer.open}</a></li><li><a href="/mails?customer=${customer.slug}">${t.customers.mails}</a></li><li>${t.customers.language}: ${t.customers.languages[customer.language] ?? customer.language}</li></ul>`,
    main: html`<div class="split split-customer"><div class="left-column"><section><h2>${t.customers.addresses}</h2>${addressTable(view, addresses, false)}</section>
<section><h2>${t.customers.members}</h2>${customer.memberRows.length === 0 ? html`<p class="quiet-note">${t.customers.noMembers}</p>` : members(view, customer.memberRows)}</section></div>
<div class="right-column"><section><h2>${t.customers.accounts}</h2><ul class="accounts">${customer.accountNumbers.map(
      (one) =>
        html`<li><span class="mono">${one.account}</span> <span class="quiet-note">${one.management ? t.customers.management : t.customers.member}</span>${
          one.management && !addresses.some(({ account, state }) => account === one.account && state !== 'released')
            ? html`<form method="post" action="/customers/${customer.slug}/lists"><input type="hidden" name="account" value="${one.account}"><button class="button">${t.lists.issue}</button></form>`
            : null
        }</li>`,
    )}</ul></section></div></div>`,
  });
}

function members(view: View, rows: Member[]): Html {
  const { t, times } = view;
  return html`<table class="list"><thead><tr><th scope="col">${t.customers.address}</th><th scope="col">${t.customers.state}</th><th scope="col" class="right">${t.customers.since}</th></tr></thead><tbody>${rows.map(
    (row) => {
      return html`<tr ${isTroubled(row.state) ? html`class="bad"` : null}><td>${row.address}</td><td class="state">${memberState(view, row)}</td><td class="right">${times.entry(row.changedAt)}</td></tr>`;
    },
  )}</tbody></table>`;
}
