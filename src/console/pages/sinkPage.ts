import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';
import { foreign } from './marks.ts';

/** A mail that the demo's own mail server took. */
export type SinkMail = { at: Date | string; from: string; to: string | string[]; subject: string; text: string };

/** Notices as their readers would have got them; only the demo has this page. */
export function sinkPage(view: View, mails: readonly SinkMail[]): Html {
  const { t, times, mask } = view;
  const newest = mails.toSorted((a, b) => new Date(b.at).getTime() - new Date(a.at).getTime()).slice(0, 100);
  return frame(view, {
    title: t.sink.title,
    place: 'sink',
    head: html`<div class="title-line"><h1>${t.sink.title}</h1><p class="beside">${t.sink.note}</p></div>`,
    main:
      newest.length === 0
        ? emptyState(t.sink.empty, t.sink.emptyHint)
        : html`<div class="plain narrow">${newest.map((mail, index) => {
            const at = new Date(mail.at);
            const to = [mail.to].flat().map(mask).join(', ');
            return html`<details class="mail" ${index === 0 ? html`open` : null}><summary><span class="mail-head"><b>${foreign(t, mask(mail.subject))}</b></span><span class="mail-to">${t.sink.to} ${to} <time datetime="${at.toISOString()}">${times.entry(at)}</time></span></summary><div class="paper"><div class="mail-text mono" dir="auto">${mask(mail.text)}</div></div></details>`;
          })}</div>`,
  });
}
