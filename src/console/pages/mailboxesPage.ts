import type { MailboxRow } from '../../store/readMailboxes.ts';
import { type Html, html } from '../html.ts';
import type { ListenerState } from '../listeners.ts';
import { packKey } from '../pagingKey.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';
import { mailboxRows, waysTable } from './waysTable.ts';

export type MailboxList = {
  rows: MailboxRow[];
  /** Ways in of this process. */
  listeners: ListenerState[];
  /** Only those that need somebody. */
  onlyTroubled: boolean;
  next: { name: string } | null;
};

/** Mailboxes by name; the health page has the worst of them. */
export function mailboxesPage(view: View, { rows, listeners, onlyTroubled, next }: MailboxList): Html {
  const { t } = view;
  const words = t.mailboxes;
  const tab = (isHere: boolean, href: string, name: string) =>
    html`<li>${isHere ? html`<strong aria-current="page">${name}</strong>` : html`<a href="${href}">${name}</a>`}</li>`;
  return frame(view, {
    title: words.title,
    place: 'health',
    back: '/health',
    head: html`<div class="crumb-line"><p class="crumbs"><a href="/health">${t.health.title}</a> <span aria-hidden="true">/</span> ${words.title}</p></div>
<div class="title-line"><h1>${words.title}</h1></div>
<ul class="meta">${tab(!onlyTroubled, '/mailboxes', words.everyOne)}${tab(onlyTroubled, '/mailboxes?only=troubled', words.onlyTroubled)}</ul>`,
    main:
      rows.length === 0
        ? emptyState(
            onlyTroubled ? words.noneTroubled : words.none,
            onlyTroubled ? words.noneTroubledHint : words.noneHint,
          )
        : html`<div class="plain">${waysTable(view, mailboxRows(view, rows, listeners))}${
            next
              ? html`<p class="paging"><a href="/mailboxes?${onlyTroubled ? 'only=troubled&' : ''}after=${packKey(next)}">${words.more}</a></p>`
              : null
          }</div>`,
  });
}
