import type { ActRow } from '../../store/acts/readActs.ts';
import { actSentence } from '../actSentence.ts';
import { type Html, html } from '../html.ts';
import { withoutDone } from '../pageAddress.ts';
import type { View } from '../view.ts';

/** What was just done, and the way back. Where it can no longer be taken back, the sentence alone. */
export function undoLine(view: View, act: ActRow): Html {
  const { t } = view;
  if (act.undoneAt !== null) return html`<p class="undo"><span>${t.acts.takenBack(actSentence(view, act))}</span></p>`;
  if (!act.canUndo) return html`<p class="undo"><span>${actSentence(view, act)}</span></p>`;
  return html`<form class="undo" method="post" action="/acts/${act.id}/undo"><input type="hidden" name="back" value="${withoutDone(view.here)}"><span>${actSentence(view, act)}</span> <button data-key="z">${t.acts.undo}</button><kbd>z</kbd><span class="push">${t.acts.stays} <a href="/history">${t.acts.title}</a></span></form>`;
}
