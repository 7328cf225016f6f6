import type { AuthResult, Facts, Review, SecretLevel, SenderVerdict } from '../../core/values.ts';
import { flag, type Html, html, type Value } from '../html.ts';
import type { MailForm, MailLook } from '../mailLook.ts';
import type { View } from '../view.ts';
import { mailText } from './mailText.ts';
import { authenticity, foreign, scriptLanguage, sealedChip, secretWords } from './marks.ts';

/** What of a mail its frame shows; redacted fields only. */
export type FramedMail = {
  id: number;
  receivedAt: Date;
  outcome: string | null;
  auth: AuthResult;
  secretLevel: SecretLevel | null;
  subject: string | null;
  sender: string | null;
  recipients: readonly unknown[] | null;
  text: string | null;
  attachments: { name: string; type: string; size: number }[] | null;
  facts: Facts | null;
  secrets: { count: number; kinds: string[]; level: SecretLevel } | null;
  senderVerdict: SenderVerdict | null;
  ticketBody?: string | null;
  review?: Review | null;
  reviewBy?: string | null;
  reviewReason?: string | null;
};

export type FrameOptions = {
  look: MailLook;
  open: boolean;
  /** Address of this page with this mail in another form. */
  href(form: MailForm, tall?: boolean): string;
  /** The sender stands above the frame already. */
  bare?: boolean;
};

/** Longest run of text that a page shows of one mail; the rest stays in the database. */
const TEXT_LIMIT = 60_000;
/** The same of a mail that is closed: one of many on its page. */
const CLOSED_LIMIT = 6000;
/** Why there is no rendered form, where that says something about the mail that nobody asked about. */
const SAID: ReadonlySet<string> = new Set(['hidden', 'large', 'unsafe']);
/** Height of a frame before "Show all", and at most (px). */
const HEIGHT = 560;
const TALLEST = 12_000;

/** The mail in its sealed frame: sender, proof, the mail in one of three forms, and what was held back. */
export function mailFrame(view: View, mail: FramedMail, options: FrameOptions): Html {
  const { t } = view;
  const to = recipientsOf(mail.recipients).map(view.mask);
  const head = html`<span class="mail-head"><b>${mail.sender ? view.mask(mail.sender) : t.ticket.mailUnknown}</b> ${authenticity(t, mail.senderVerdict, mail.auth)}</span><span class="mail-to">${to[0] ? t.ticket.to(to[0]) : null}${to.length > 1 ? ` +${to.length - 1}` : null}</span>`;
  const subject = mail.subject ? html`<span class="mail-subject">${foreign(t, view.mask(mail.subject))}</span>` : null;
  return html`<details class="mail" id="mail-${mail.id}" ${flag('open', options.open)}><summary>${options.bare ? html`<span class="mail-head"><b>${t.story.text}</b></span>` : html`${head}${options.open ? null : subject}`}</summary>
${confirmed(view, mail)}${formTabs(view, mail, options)}${body(view, mail, options)}${foot(view, mail, options.look)}</details>`;
}

/** What a person vouches for, and nothing else does. */
function confirmed({ t, mask }: View, mail: FramedMail): Html | null {
  if (mail.review !== 'internal' || !mail.reviewBy) return null;
  return html`<p class="not-proven"><strong>${t.review.confirmedBy(mail.reviewBy)}</strong> <span>${mask(mail.reviewReason ?? '')}</span></p>`;
}

/** Whether there is more than one form to look at. */
function hasForms(mail: FramedMail): boolean {
  return mail.text !== null && mail.outcome !== 'parked' && mail.secretLevel !== 'sealed';
}

function formTabs({ t }: View, mail: FramedMail, { look, href }: FrameOptions): Html | null {
  if (!hasForms(mail)) return null;
  const tab = (form: MailForm) =>
    html`<li><a href="${href(form)}" ${look.form === form ? html`aria-current="true"` : null}>${t.mail[form]}</a></li>`;
  return html`<ul class="forms" aria-label="${t.mail.forms}">${tab('html')}${tab('text')}${tab('headers')}</ul>`;
}

function body(view: View, mail: FramedMail, { look, open, href }: FrameOptions): Html {
  const { t } = view;
  if (look.form === 'headers') {
    const headers = look.headers ?? [];
    return html`<div class="paper paper-raw">${headers.length === 0 ? t.mail.noHeaders : headers.map((header) => html`<div><b>${header.name}:</b> ${view.mask(header.value)}</div>`)}</div>`;
  }
  if (look.form === 'html' && look.html?.shown) {
    const estimate = 48 + look.html.lines * 21;
    const height = look.tall ? Math.min(TALLEST, estimate * 2) : Math.min(HEIGHT, estimate);
    const sender = mail.sender ? view.mask(mail.sender) : t.ticket.mailUnknown;
    return html`<iframe class="paper-frame" src="/mails/${mail.id}/rendered" height="${Math.round(height)}" sandbox="" loading="lazy" referrerpolicy="no-referrer" title="${t.mail.title(sender, view.times.full(mail.receivedAt))}"></iframe>${
      estimate > HEIGHT && !look.tall
        ? html`<p class="show-all"><a href="${href('html', true)}">${t.mail.showAll}</a></p>`
        : null
    }`;
  }
  const why =
    look.html && !look.html.shown && (look.asked || SAID.has(look.html.why)) && hasForms(mail)
      ? html`<p class="why-text">${t.mail.whyText[look.html.why]}</p>`
      : null;
  return html`${why}<div class="paper">${textForm(view, mail, open ? TEXT_LIMIT : CLOSED_LIMIT)}</div>${
    !open && (mail.text?.length ?? 0) > CLOSED_LIMIT
      ? html`<p class="show-all"><a href="${href('text')}">${t.mail.showAll}</a></p>`
      : null
  }`;
}

function textForm(view: View, mail: FramedMail, limit: number): Html {
  const { t } = view;
  if (mail.text === null || mail.outcome === 'parked') {
    return html`<p>${t.ticket.unread}</p>${mail.ticketBody ? textBlock(view, mail.ticketBody, mail.senderVerdict) : null}`;
  }
  if (mail.secretLevel === 'sealed') {
    const words = secretWords(t, mail.secrets?.kinds ?? []);
    return html`<p>${sealedChip(words)}</p>${mail.text ? textBlock(view, mail.text, mail.senderVerdict, limit) : null}<p class="sealed-note">${t.ticket.sealedMail}</p>`;
  }
  return mail.text.trim() === ''
    ? html`<p>${t.ticket.noText}</p>`
    : textBlock(view, mail.text, mail.senderVerdict, limit);
}

/** What was held back. The links of the mail are dead in it and stand here: only AWS's own hosts lead anywhere. */
function foot(view: View, mail: FramedMail, look: MailLook): Html {
  const { t } = view;
  const links = mail.facts?.links ?? [];
  const rendered = look.form === 'html' && look.html?.shown ? look.html : null;
  const parts: Value[] = [rendered ? t.mail.sealedFrame : t.mail.textOnly];
  if (rendered && rendered.remoteImages > 0) parts.push(t.mail.remoteImages(rendered.remoteImages));
  if (mail.attachments && mail.attachments.length > 0) {
    parts.push(
      html`${t.ticket.attachments}: ${mail.attachments.slice(0, 20).map((file, index) => html`${index > 0 ? t.listJoin : null}<bdi>${view.mask(file.name)}</bdi> (${t.bytes(file.size)})`)}`,
    );
  }
  const sealed = mail.secrets?.count ?? 0;
  return html`<div class="mail-foot">${parts.map((part) => html`<span>${part}</span>`)}${
    links.length > 0
      ? html`<details class="mail-links"><summary>${t.mail.linksAsText(links.length)}</summary><ul aria-label="${t.mail.links}">${links
          .slice(0, 50)
          .map(
            (link) =>
              html`<li class="mono">${link.href ? html`<a href="${link.href}" rel="noreferrer noopener" target="_blank">${view.mask(link.text)}</a>` : view.mask(link.text)}</li>`,
          )}</ul></details>`
      : null
  }${sealed > 0 ? html`<span class="push">${t.mail.partsSealed(sealed)}</span>` : null}</div>`;
}

export function textBlock(view: View, text: string, verdict: SenderVerdict | null, limit = TEXT_LIMIT): Html {
  const isAws = verdict?.class === 'aws' || verdict?.class === 'aws_person';
  return html`<div class="mail-text" dir="auto" lang="${scriptLanguage(text.slice(0, 2000))}">${mailText(view.t, view.mask(text.slice(0, limit)), isAws)}</div>`;
}

/** Addresses of a stored recipients list: plain strings or address objects. */
function recipientsOf(recipients: readonly unknown[] | null): string[] {
  return (recipients ?? []).flatMap((one) => {
    if (typeof one === 'string') return [one];
    const address = (one as { address?: unknown } | null)?.address;
    return typeof address === 'string' ? [address] : [];
  });
}
