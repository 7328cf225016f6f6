import type { MailMatter, TicketRow } from '../../store/readTickets.ts';
import { flag, type Html, html } from '../html.ts';
import { factRows, mergeFacts } from '../ticketFacts.ts';
import type { View } from '../view.ts';
import { deadlineFull } from './deadlinePanel.ts';
import { icon } from './icons.ts';
import { foreign } from './marks.ts';

/** Facts that a phone shows before it is asked for all. */
const ON_PHONE = 4;

/** What AWS buried in prose, with the place it was found. The account is always named, also when the mail does not say it. */
export function factsPanel(
  view: View,
  data: { ticket: TicketRow; matter: readonly Pick<MailMatter, 'facts'>[] },
  most = Number.POSITIVE_INFINITY,
): Html {
  const { t } = view;
  const facts = mergeFacts(data.matter.flatMap((mail) => (mail.facts ? [mail.facts] : [])));
  const rows = factRows(facts);
  let shown = 0;
  const row = (name: string, value: Html | string, where: string, copied?: string) =>
    ++shown > most
      ? null
      : html`<tr ${shown > ON_PHONE ? html`class="more"` : null}><th scope="row">${name}</th><td>${copied === undefined ? null : copyButton(t, name, copied)}${value}</td><td class="where">${where}</td></tr>`;
  const { deadline } = data.ticket;
  const deadlineRow = deadline
    ? row(t.factNames.deadline, deadlineFull(view, deadline), facts.deadline?.where ?? '', deadline.at ?? deadline.date)
    : null;
  const copied = (fact: (typeof rows)[number]) => view.mask(fact.values.map((value) => value.text).join('\n'));
  const account = rows.find((fact) => fact.name === 'account');
  const others = rows.filter((fact) => fact !== account);
  const cells = (values: (typeof rows)[number]['values'], inline = false) =>
    html`<ul class="${inline ? 'values-inline' : 'values'}">${values.map((value) => {
      const text = value.mono
        ? html`<span class="mono">${view.mask(value.text)}</span>`
        : foreign(t, view.mask(value.text));
      return html`<li>${value.href ? html`<a href="${value.href}" rel="noreferrer noopener" target="_blank">${text}</a>` : text}</li>`;
    })}</ul>`;
  return html`<section class="facts-panel"><table class="facts"><caption><h2>${t.ticket.facts}</h2><span class="where">${t.ticket.foundIn}</span></caption><tbody>
${account ? row(t.factNames.account, cells(account.values), account.where, copied(account)) : row(t.factNames.account, html`<span class="not-said">${t.ticket.notSaid}</span>`, '–')}
${deadlineRow}
${others.map((fact) => row(t.factNames[fact.name], cells(fact.values, fact.name === 'regions'), fact.where, copied(fact)))}
</tbody></table>${
    Math.min(shown, most) > ON_PHONE
      ? html`<label class="all-facts"><input type="checkbox"> ${t.ticket.allFacts(Math.min(shown, most) - ON_PHONE)}</label>`
      : null
  }</section>`;
}

/** Shown by the script that makes it copy. */
function copyButton(t: View['t'], name: string, value: string): Html {
  return html`<button type="button" class="copy" data-copy="${value}" ${flag('hidden', true)}>${icon('copies')}<span class="hidden">${t.keys.copyValue(name)}</span></button>`;
}
