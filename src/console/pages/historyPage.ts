import type { ActRow } from '../../store/acts/readActs.ts';
import { actSentence } from '../actSentence.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';
import { actorName } from './timeline.ts';

/** The last acts, for whoever is slower than the line that offers to take them back (WCAG 2.2.1). */
export function historyPage(view: View, acts: ActRow[]): Html {
  const { t } = view;
  const { columns } = t.acts;
  return frame(view, {
    title: t.acts.title,
    place: 'history',
    head: html`<div class="title-line"><h1>${t.acts.title}</h1><p class="beside">${t.acts.hint}</p></div>`,
    main:
      acts.length === 0
        ? emptyState(t.acts.empty, t.acts.emptyHint)
        : html`<div class="plain"><table class="list"><thead><tr><th scope="col">${columns.what}</th><th scope="col">${columns.customer}</th><th scope="col">${columns.who}</th><th scope="col" class="right">${columns.at}</th><th scope="col"><span class="hidden">${columns.undo}</span></th></tr></thead><tbody>${acts.map((act) => row(view, act))}</tbody></table></div>`,
  });
}

function row(view: View, act: ActRow): Html {
  const { t, times } = view;
  const to = act.ticketId ? `/tickets/${act.ticketId}` : act.mailId ? `/mails/${act.mailId}` : null;
  const words = actSentence(view, act);
  return html`<tr><td>${to ? html`<a class="quiet" href="${to}">${words}</a>` : words}</td><td>${act.customer}</td><td>${actorName(view, act.actor)}</td><td class="right"><time datetime="${act.at.toISOString()}">${times.entry(act.at)}</time></td><td class="right">${
    act.undoneAt !== null
      ? t.acts.undone
      : act.canUndo
        ? html`<form method="post" action="/acts/${act.id}/undo"><input type="hidden" name="back" value="/history"><button class="button">${t.acts.undo}</button></form>`
        : null
  }</td></tr>`;
}
