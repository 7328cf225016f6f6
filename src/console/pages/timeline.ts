import type { Change } from '../../core/entry.ts';
import type { Deadline, SenderVerdict } from '../../core/values.ts';
import type { TicketEntry, TicketMail } from '../../store/readTickets.ts';
import { flag, type Html, html, type Value } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import { dayInstant } from '../times.ts';
import type { View } from '../view.ts';
import { type IconName, icon } from './icons.ts';
import { mailText } from './mailText.ts';
import { authenticity, foreign, scriptLanguage, sealedChip, secretWords } from './marks.ts';

/** Longest run of text that a page shows of one mail; the rest stays in the database. */
const TEXT_LIMIT = 60_000;

/** The timeline of a ticket, oldest first; the newest mail is open, older ones are closed. */
export function timeline(view: View, entries: readonly TicketEntry[], mails: readonly TicketMail[]): Html {
  const byId = new Map(mails.map((mail) => [mail.id, mail]));
  const newest = mails.at(-1)?.id;
  const first = entries.find((entry) => entry.type === 'mail')?.id;
  return html`<ol class="timeline">${entries.map((entry) => {
    const mail = entry.mailId === null ? undefined : byId.get(entry.mailId);
    if (entry.type === 'mail')
      return mailEntry(view, entry, mail, { open: mail?.id === newest, first: entry.id === first });
    if (entry.type === 'change') return changeEntry(view, entry);
    if (entry.type === 'related')
      return item(view, entry, 'link', html`<b>${view.t.ticket.related}</b> ${relatedWords(entry)}`);
    return item(
      view,
      entry,
      'note',
      html`<b>${actor(view, entry.actor)}</b> ${view.t.ticket.note}`,
      html`<div class="note">${textOf(entry.body)}</div>`,
    );
  })}</ol>`;
}

function item(view: View, entry: TicketEntry, sign: IconName, words: Value, more?: Value): Html {
  return html`<li><span class="rail">${icon(sign)}</span><div class="entry"><div class="entry-line"><div>${words}</div><time datetime="${entry.at.toISOString()}">${view.times.entry(entry.at)}</time></div>${more}</div></li>`;
}

function mailEntry(
  view: View,
  entry: TicketEntry,
  mail: TicketMail | undefined,
  place: { open: boolean; first: boolean },
): Html {
  const { t } = view;
  if (!mail) return item(view, entry, 'mail', html`<b>${t.ticket.mailUnknown}</b>`);
  // By the fold, not by what arrived first: the mail that was decided as a duplicate may be the earlier one.
  const seenBefore = entry.body.seenBefore != null;
  const did =
    mail.outcome === 'parked'
      ? t.ticket.mailParked
      : seenBefore
        ? t.ticket.mailSeenBefore
        : place.first
          ? t.ticket.mailOpened
          : t.ticket.mailAppended;
  const why = html`<a href="/mails/${mail.id}" data-key="${place.open ? 'w' : ''}">${t.ticket.why}</a>`;
  const arrivals = mail.arrivals > 1 ? html`<span class="quiet-note">${t.ticket.arrivals(mail.arrivals)}</span>` : null;
  const words = html`<b>${whose(view, mail)}</b> ${did} ${why} ${arrivals}`;
  return item(view, entry, seenBefore ? 'copies' : 'mail', words, mailFrame(view, mail, place.open && !seenBefore));
}

function whose({ t }: View, mail: TicketMail): string {
  if (mail.senderVerdict?.class === 'aws') return t.ticket.mailFromAws;
  if (mail.senderVerdict?.class === 'aws_person') return t.ticket.mailFromPerson;
  return mail.sender ? t.ticket.mailFrom(mail.sender) : t.ticket.mailUnknown;
}

/** The mail in its sealed frame: sender, proof, redacted text, and what was held back. */
function mailFrame(view: View, mail: TicketMail, open: boolean): Html {
  const { t } = view;
  const to = recipientsOf(mail.recipients).map(view.mask);
  const secrets = mail.secrets;
  const deadLinks = mail.facts?.links?.filter((link) => link.href === null).length ?? 0;
  return html`<details class="mail" ${flag('open', open)}><summary><span class="mail-head"><b>${mail.sender ? view.mask(mail.sender) : t.ticket.mailUnknown}</b> ${authenticity(t, mail.senderVerdict, mail.auth)}</span><span class="mail-to">${to[0] ? t.ticket.to(to[0]) : null}${to.length > 1 ? ` +${to.length - 1}` : null}</span><span class="mail-subject">${mail.subject ? foreign(t, view.mask(mail.subject)) : null}</span></summary>
<div class="paper">${body(view, mail)}</div>
<div class="mail-foot"><span>${t.ticket.frameText}</span>${deadLinks > 0 ? html`<span>${t.ticket.linksAsText(deadLinks)}</span>` : null}${
    mail.attachments && mail.attachments.length > 0
      ? html`<span>${t.ticket.attachments}: ${mail.attachments.slice(0, 20).map((file, index) => html`${index > 0 ? t.listJoin : null}<bdi>${view.mask(file.name)}</bdi> (${t.bytes(file.size)})`)}</span>`
      : null
  }${secrets && secrets.count > 0 ? html`<span class="push">${t.ticket.partsSealed(secrets.count)}</span>` : null}</div>
</details>`;
}

function body(view: View, mail: TicketMail): Html {
  const { t } = view;
  if (mail.text === null || mail.outcome === 'parked') {
    return html`<p>${t.ticket.unread}</p>${mail.ticketBody ? textBlock(view, mail.ticketBody, mail.senderVerdict) : null}`;
  }
  if (mail.secretLevel === 'sealed') {
    const words = secretWords(t, mail.secrets?.kinds ?? []);
    return html`<p>${sealedChip(words)}</p>${mail.text ? textBlock(view, mail.text, mail.senderVerdict) : null}<p class="sealed-note">${t.ticket.sealedMail}</p>`;
  }
  return mail.text.trim() === '' ? html`<p>${t.ticket.noText}</p>` : textBlock(view, mail.text, mail.senderVerdict);
}

export function textBlock(view: View, text: string, verdict: SenderVerdict | null): Html {
  const isAws = verdict?.class === 'aws' || verdict?.class === 'aws_person';
  return html`<div class="mail-text" dir="auto" lang="${scriptLanguage(text.slice(0, 2000))}">${mailText(view.t, view.mask(text.slice(0, TEXT_LIMIT)), isAws)}</div>`;
}

/** Addresses of a stored recipients list: plain strings or address objects. */
export function recipientsOf(recipients: readonly unknown[] | null): string[] {
  return (recipients ?? []).flatMap((one) => {
    if (typeof one === 'string') return [one];
    const address = (one as { address?: unknown } | null)?.address;
    return typeof address === 'string' ? [address] : [];
  });
}

function changeEntry(view: View, entry: TicketEntry): Html {
  const { t } = view;
  const changes = Array.isArray(entry.body.changes) ? (entry.body.changes as Change[]) : [];
  const sentences = changes.map((change) => changeWords(view, change));
  return item(
    view,
    entry,
    'up',
    html`<b>${actor(view, entry.actor)}</b> ${sentences.map((one, index) => (index > 0 ? t.listJoin + one : one))}`,
  );
}

function changeWords(view: View, change: Change): string {
  const { t } = view;
  const field = (t.ticket.fields as Record<string, string>)[change.field] ?? change.field;
  const say = (value: unknown): string | null => {
    if (value === null || value === undefined || value === '') return null;
    if (change.field === 'state')
      return ((t.state as Record<string, string>)[String(value)] ?? String(value)).toLowerCase();
    if (change.field === 'urgency')
      return ((t.urgency as Record<string, string>)[String(value)] ?? String(value)).toLowerCase();
    if (change.field === 'kind') return kindWord(t.kinds, String(value));
    if (change.field === 'deadline') {
      const deadline = value as Deadline;
      return deadline.at
        ? view.times.full(new Date(deadline.at))
        : view.times.full(dayInstant(deadline.date), { time: false, zone: 'UTC' });
    }
    return view.mask(String(value));
  };
  const from = say(change.from);
  const to = say(change.to) ?? t.ticket.notSaid;
  return from === null ? t.ticket.set(field, to) : t.ticket.changed(field, from, to);
}

function actor({ t }: View, name: string): string {
  if (name === 'rootdesk') return t.ticket.actorSystem;
  return name === 'unknown' ? t.ticket.actorUnknown : name;
}

function relatedWords(entry: TicketEntry): Value {
  const other = entry.body.merged;
  if (typeof other === 'number') return html`<a href="/tickets/${other}">${other}</a>`;
  return textOf(entry.body);
}

function textOf(body: Record<string, unknown>): string {
  return typeof body.text === 'string' ? body.text : '';
}
