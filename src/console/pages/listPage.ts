import type { ListChange, ListMail, ListPage } from '../../store/readListPage.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { frame } from './frame.ts';
import { type IconName, icon } from './icons.ts';
import { listMembers, pendingAdditions } from './listMembers.ts';
import { foreign, sealedChip, secretWords } from './marks.ts';

const ICONS: Partial<Record<ListChange['change'], IconName>> = {
  'member.bouncing': 'cross',
  'member.recovered': 'tick',
  'member.acknowledged': 'tick',
};

/** What is said once on top of the page. */
export type ListNews = {
  said: string | null;
  /** The root address, whole. */
  shown: string | null;
  /** Whether probes are sent: else nothing asks for one. */
  isProbed: boolean;
};

/** One list: who waits for whom, who gets mail, how it went, what holds, what happened. */
export function listPage(view: View, list: ListPage, news: ListNews): Html {
  const { t } = view;
  const isOpen = list.state !== 'released';
  return frame(view, {
    title: view.mask(list.address),
    place: 'lists',
    back: '/lists',
    head: html`<div class="crumb-line"><p class="crumbs"><a href="/lists">${t.lists.title}</a> <span aria-hidden="true">/</span> <a class="quiet" href="/customers/${list.customer}">${foreign(t, list.customerName)}</a></p><div class="acts">${
      isOpen && news.isProbed
        ? html`<form method="post" action="/lists/${list.id}/probe"><button class="button flat">${t.lists.probeNow}</button></form>`
        : null
    }${
      isOpen ? html`<a class="button flat" href="/lists/${list.id}/import">${t.lists.importTable}</a>` : null
    }<form method="post" action="/lists/${list.id}/export"><button class="button flat">${t.lists.exportTable}</button></form>${
      isOpen
        ? html`<a class="button flat" href="/lists/${list.id}/release">${t.lists.release}</a><a class="button primary" href="#new-member" data-key="n">${t.lists.add} <kbd>n</kbd></a>`
        : null
    }</div></div>
<div class="title-line"><h1 class="mono">${news.shown ?? view.mask(list.address)}</h1>${
      news.shown === null
        ? html`<form method="post" action="/lists/${list.id}/address"><button class="button flat">${t.lists.showOnce}</button></form>`
        : html`<span class="quiet-note">${t.lists.shown}</span>`
    }</div>
<ul class="meta">${list.account === null ? null : html`<li>${t.lists.rootOf} <span class="mono">${list.account}</span></li>`}<li>${t.lists.builtIn}</li><li>${t.lists.states[list.state]}</li><li>${t.lists.domains}: ${list.domains.length === 0 ? html`<strong class="slow">${t.lists.noDomains}</strong>` : list.domains.join(', ')}</li></ul>`,
    main: html`<div class="split split-list"><div class="left-column">${afterRelease(view, list)}${isOpen ? pendingAdditions(view, list) : null}${listMembers(view, list)}
${deliveries(view, list)}${isOpen ? addForm(view, list) : null}</div>
<div class="right-column"><section><h2>${t.lists.rules}</h2><ul class="plain-list">${t.lists.ruleList.map((rule) => html`<li>${rule}</li>`)}</ul></section>
${history(view, list)}</div></div>`,
    status: news.said === null ? null : html`<p class="undo"><span>${news.said}</span></p>`,
    keys: [{ keys: ['j', 'k'], does: t.keys.move }, ...(isOpen ? [{ keys: ['n'], does: t.lists.add }] : [])],
  });
}

/** A released address that AWS still writes to: nobody of the customer gets it. */
function afterRelease({ t, times }: View, { mailAfterRelease }: ListPage): Html | null {
  if (mailAfterRelease === null) return null;
  return html`<p role="alert"><strong class="worst">${icon('cross')} ${t.lists.stillComes(times.entry(mailAfterRelease))}</strong></p>`;
}

function addForm({ t }: View, list: ListPage): Html {
  return html`<section><h2>${t.lists.addTitle}</h2><p class="quiet-note">${t.lists.addHint}</p><form class="bar filters" method="post" action="/lists/${list.id}/members"><label>${t.lists.address} <input id="new-member" type="email" name="address" required maxlength="254" autocomplete="off" spellcheck="false"></label><label>${t.lists.name} <input name="name" maxlength="100" autocomplete="off" spellcheck="false"></label><button class="button primary">${t.lists.propose}</button></form></section>`;
}

function deliveries(view: View, list: ListPage): Html {
  const { t } = view;
  return html`<section><h2>${t.lists.deliveries}</h2>${
    list.mails.length === 0
      ? html`<p class="quiet-note">${t.lists.noDeliveries}</p>`
      : html`<table class="list copies"><caption class="hidden">${t.lists.deliveries}</caption><tbody>${list.mails.map((mail) => mailRow(view, mail))}</tbody></table>`
  }</section>`;
}

function mailRow(view: View, mail: ListMail): Html {
  const { t, times } = view;
  const subject = mail.subject
    ? foreign(t, view.mask(mail.subject))
    : mail.subject === ''
      ? t.mails.noSubject
      : t.mails.notRead;
  const went =
    mail.copies === 0
      ? t.lists.nobody
      : html`${t.lists.arrived(mail.accepted, mail.copies)}${mail.failed > 0 ? html`, <strong class="worst">${t.lists.failed(mail.failed)}</strong>` : null}`;
  return html`<tr><td class="c-at"><time datetime="${mail.at.toISOString()}">${times.entry(mail.at)}</time></td><td><div class="matter"><a data-row href="/mails/${mail.id}">${subject}</a>${
    mail.secretLevel === 'sealed' ? sealedChip(secretWords(t, mail.secretKinds)) : null
  }</div></td><td>${mail.isFirst ? t.lists.first : null}</td><td class="right">${went}</td></tr>`;
}

function history(view: View, list: ListPage): Html {
  const { t, times } = view;
  return html`<section><h2>${t.lists.history}</h2>${
    list.history.length === 0
      ? html`<p class="quiet-note">${t.lists.noHistory}</p>`
      : html`<ol class="changes">${list.history.map(
          ({ at, change, member, code, actor }) =>
            html`<li>${icon(ICONS[change] ?? 'person')}<div>${member === null ? null : html`<strong>${member}</strong> `}${t.lists.changes[change]}${code === null ? null : html` (${code})`} <span class="quiet-note">${actor === null ? t.lists.byNobody : t.lists.by(actor)}</span></div><time datetime="${at.toISOString()}">${times.entry(at)}</time></li>`,
        )}</ol>`
  }<p class="quiet-note">${t.lists.made(times.full(list.createdAt, { time: false }))}</p>${
    list.moreHistory > 0
      ? html`<p><a href="/lists/${list.id}?history=all">${t.lists.allHistory(list.moreHistory)}</a></p>`
      : null
  }</section>`;
}
