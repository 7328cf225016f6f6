import type { Outcome } from '../../core/values.ts';
import type { MailFilter, MailRow } from '../../store/readMails.ts';
import { flag, type Html, html } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import { OUTCOMES } from '../outcomes.ts';
import { packKey } from '../pagingKey.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';
import { type IconName, icon } from './icons.ts';
import { foreign, sealedChip, secretWords } from './marks.ts';

export type MailsData = {
  filter: MailFilter;
  rows: MailRow[];
  next: { id: number } | null;
  /** Fields of the form that could not be read, with the reason. */
  wrong: string[];
};

const SIGNS: Record<Outcome | 'pending', IconName> = {
  open: 'mail',
  append: 'tick',
  duplicate: 'copies',
  drop: 'dash',
  quarantine: 'shieldCross',
  unrouted: 'cross',
  too_large: 'cross',
  parked: 'cross',
  pending: 'hourglass',
};

/** Every mail that was kept, with the one outcome that it ended in. */
export function mailsPage(view: View, data: MailsData): Html {
  const { t } = view;
  const filtered = Object.values(data.filter).some((value) => value !== undefined);
  return frame(view, {
    title: data.filter.outcome ? t.outcome[data.filter.outcome] : t.mails.title,
    place: data.filter.outcome === 'unrouted' ? 'unrouted' : 'mails',
    head: html`<div class="title-line"><h1>${data.filter.outcome === 'unrouted' ? t.nav.unrouted : t.mails.title}</h1><p class="beside">${t.mails.count}</p></div>${form(view, data, filtered)}`,
    main: html`${data.wrong.length > 0 ? html`<div class="broken" role="alert"><p>${icon('cross')} ${t.mails.wrongFilter} ${data.wrong.join('; ')}</p></div>` : null}${
      data.rows.length > 0
        ? table(view, data)
        : emptyState(filtered ? t.mails.empty : t.mails.emptyAll, t.mails.emptyHint)
    }`,
    keys: [
      { keys: ['j', 'k'], does: t.keys.move },
      { keys: ['Enter'], does: t.keys.open },
    ],
  });
}

function form(view: View, { filter }: MailsData, filtered: boolean): Html {
  const { t } = view;
  return html`<form class="bar filters" method="get" action="/mails">
<label>${t.mails.outcome} <select name="outcome"><option value="">${t.mails.any}</option>${OUTCOMES.map((outcome) => html`<option value="${outcome}" ${flag('selected', filter.outcome === outcome)}>${t.outcome[outcome]}</option>`)}</select></label>
<label>${t.mails.customer} <input name="customer" value="${filter.customer}" autocomplete="off" spellcheck="false"></label>
<label>${t.mails.messageId} <input name="messageId" value="${filter.messageId}" autocomplete="off" spellcheck="false"></label>
<label>${t.mails.columns.ticket} <input name="ticket" value="${filter.ticket}" inputmode="numeric" size="8" autocomplete="off"></label>
<label>${t.mails.hash} <input name="sha256" value="${filter.sha256}" autocomplete="off" spellcheck="false"></label>
<button class="button">${t.mails.apply}</button>${filtered ? html`<a href="/mails">${t.mails.clear}</a>` : null}</form>`;
}

function table(view: View, data: MailsData): Html {
  const { t } = view;
  const columns = t.mails.columns;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(data.filter)) if (value) query.set(name, String(value));
  if (data.next) query.set('after', packKey(data.next));
  return html`<table class="list mails" data-rows><caption class="hidden">${t.mails.caption}</caption>
<thead><tr><th scope="col" class="c-came right">${columns.came}</th><th scope="col" class="c-outcome">${columns.outcome}</th><th scope="col">${columns.subject}</th><th scope="col" class="c-sender">${columns.sender}</th><th scope="col" class="c-customer">${columns.customer}</th><th scope="col" class="c-kind">${columns.kind}</th><th scope="col" class="c-why">${columns.why}</th><th scope="col" class="c-ticket right">${columns.ticket}</th></tr></thead>
<tbody>${data.rows.map((row) => mailRow(view, row))}</tbody></table>
${data.next ? html`<p class="paging"><a href="/mails?${query.toString()}">${t.mails.more}</a></p>` : null}`;
}

function mailRow(view: View, row: MailRow): Html {
  const { t, times } = view;
  const outcome = row.outcome ?? 'pending';
  const subject =
    row.subject === null
      ? t.mails.notRead
      : row.subject === ''
        ? t.mails.noSubject
        : foreign(t, view.mask(row.subject));
  return html`<tr class="row"><td class="c-came right"><time datetime="${row.receivedAt.toISOString()}">${times.age(row.receivedAt)}</time></td>
<td class="c-outcome"><span class="outcome outcome-${outcome}">${icon(SIGNS[outcome])}${t.outcome[outcome]}</span></td>
<td class="c-matter"><div class="matter"><a href="/mails/${row.id}">${subject}</a>${row.secretLevel === 'sealed' ? sealedChip(secretWords(t, row.secretKinds)) : null}</div></td>
<td class="c-sender"><div class="cut"><bdi>${row.sender === null ? '–' : view.mask(row.sender)}</bdi></div></td>
<td class="c-customer">${row.customerName ? html`<a class="quiet" href="/customers/${row.customer}">${foreign(t, row.customerName)}</a>` : t.mails.unroutedCustomer}</td>
<td class="c-kind">${row.kind ? kindWord(t.kinds, row.kind) : null}</td>
<td class="c-why"><div class="cut">${row.error ? view.mask(row.error) : row.rule ? html`<code>${row.rule}</code>` : row.why ? view.mask(row.why.text) : null}</div></td>
<td class="c-ticket right">${row.ticketId ? html`<a href="/tickets/${row.ticketId}">${row.ticketId}</a>` : null}</td></tr>`;
}
