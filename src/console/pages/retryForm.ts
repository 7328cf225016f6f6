import type { MailStory } from '../../store/readMails.ts';
import { type Html, html } from '../html.ts';
import type { View } from '../view.ts';

/** Tries a parked mail again, and those like it unless that is unticked. While it is in line there is nothing to press. */
export function retryForm({ t }: View, mail: MailStory, back: string): Html {
  if (mail.decideDue) return html`<p>${t.story.triedAgain}</p>`;
  return html`<form class="retry" method="post" action="/mails/${mail.id}/retry"><input type="hidden" name="back" value="${back}"><button class="button" data-key="1">${t.story.tryAgain} <kbd>1</kbd></button>${
    mail.alike > 0
      ? html`<label class="check"><input type="checkbox" name="alike" value="1" checked> ${t.review.alsoAlike(mail.alike)} <span class="beside">(${t.review.alikeParked})</span></label>`
      : null
  }</form>`;
}
