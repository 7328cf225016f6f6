import type { Change } from '../../core/entry.ts';
import type { Deadline } from '../../core/values.ts';
import type { TicketMail } from '../../store/readTickets.ts';
import { TIMELINE_LIMIT, type TicketEntry, type Timeline, type TimelinePiece } from '../../store/readTimeline.ts';
import { type Html, html, type Value } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import type { MailForm, MailLook } from '../mailLook.ts';
import { dayInstant } from '../times.ts';
import type { View } from '../view.ts';
import { type IconName, icon } from './icons.ts';
import { type FrameOptions, mailFrame } from './mailFrame.ts';
import { counted } from './marks.ts';

export type TimelineData = {
  ticketId: number;
  timeline: Timeline;
  /** Which piece was asked for. */
  piece: TimelinePiece;
  mails: readonly TicketMail[];
  /** Of all mails of the ticket, the newest last. */
  matter: readonly { id: number }[];
  looks: ReadonlyMap<number, MailLook>;
};

/**
 * A piece of the timeline of a ticket, oldest first; the newest mail is open, older ones are closed. The entry that opened
 * the ticket stands above whatever piece it is, and what is left out is a link that says how much it is.
 */
export function timeline(view: View, data: TimelineData): Html {
  const { first, entries, earlier, later } = data.timeline;
  const byId = new Map(data.mails.map((mail) => [mail.id, mail]));
  const newest = data.matter.at(-1)?.id;
  const opened = first ?? entries[0];
  const one = (run: TicketEntry[]) =>
    run.length > 1 ? foldedRun(view, run, byId) : entryOf(view, data, run[0] as TicketEntry, { byId, newest, opened });
  return html`<ol class="timeline" id="timeline">${first === null ? null : one([first])}${earlier === null ? null : gap(view, data, 'upto', earlier)}${folded(entries, newest).map(one)}${
    later === null ? null : gap(view, data, 'from', later)
  }</ol><div id="timeline-end"></div>`;
}

/** Entries that are not on this page: how many, and the way to those next to it. */
function gap({ t }: View, { ticketId }: TimelineData, to: 'upto' | 'from', side: { count: number; id: number }): Html {
  const words = to === 'upto' ? t.ticket.earlier : t.ticket.later;
  const newest =
    to === 'from' ? html` <a href="/tickets/${ticketId}#timeline-end">${t.ticket.newestEntries}</a>` : null;
  return html`<li class="gap" data-gap="${to}"><span class="rail">${icon('more')}</span><div class="entry"><a href="/tickets/${ticketId}?${to}=${side.id}#timeline${to === 'upto' ? '-end' : ''}">${words(side.count, counted(side.count, TIMELINE_LIMIT))}</a>${newest}</div></li>`;
}

function entryOf(
  view: View,
  data: TimelineData,
  entry: TicketEntry,
  around: { byId: ReadonlyMap<number, TicketMail>; newest: number | undefined; opened: TicketEntry | undefined },
): Html {
  const mail = entry.mailId === null ? undefined : around.byId.get(entry.mailId);
  if (entry.type === 'mail')
    return mailEntry(view, entry, mail, {
      address: (form, tall) => mailAddress(data, mail?.id ?? 0, form, tall),
      newest: mail?.id === around.newest,
      first: entry.id === around.opened?.id,
      look: mail ? (data.looks.get(mail.id) ?? null) : null,
    });
  if (entry.type === 'change') return changeEntry(view, entry);
  if (entry.type === 'moved') return item(view, entry, 'dash', movedWords(view, entry));
  if (entry.type === 'scrubbed')
    return item(view, entry, 'lock', withLinks(view.t.ticket.scrubbed, { mail: mailLink(entry) }));
  if (entry.type === 'merged') return mergedEntry(view, entry);
  if (entry.type === 'related')
    return item(view, entry, 'link', html`<b>${view.t.ticket.related}</b> ${relatedWords(entry)}`);
  return item(
    view,
    entry,
    'note',
    html`<b>${actorName(view, entry.actor)}</b> ${view.t.ticket.note}`,
    html`<div class="note">${textOf(entry.body)}</div>`,
  );
}

/** Runs of mails whose text was seen before, as one piece each; everything else, and the newest mail, is a piece of its own. */
function folded(entries: readonly TicketEntry[], newest: number | undefined): TicketEntry[][] {
  const runs: TicketEntry[][] = [];
  const folds = (entry: TicketEntry) =>
    entry.type === 'mail' && entry.body.seenBefore != null && entry.mailId !== newest;
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last && folds(entry) && last.every(folds)) last.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

function foldedRun(view: View, run: readonly TicketEntry[], byId: ReadonlyMap<number, TicketMail>): Html {
  const { t, times } = view;
  const last = run.at(-1) as TicketEntry;
  return html`<li data-entry="${last.id}"><span class="rail">${icon('copies')}</span><details class="entry run"><summary class="entry-line"><span><b>${t.ticket.mailFromAws}</b> ${t.ticket.folded(run.length)}</span><time datetime="${last.at.toISOString()}">${times.entry(last.at)}</time></summary><ul>${run.map(
    (entry) =>
      html`<li><a href="/mails/${entry.mailId}">${byId.get(entry.mailId ?? 0)?.sender ?? t.ticket.mailUnknown}</a> <time datetime="${entry.at.toISOString()}">${times.entry(entry.at)}</time></li>`,
  )}</ul></details></li>`;
}

/** The same in one line an entry: for a glance. */
export function shortTimeline(view: View, entries: readonly TicketEntry[], mails: readonly TicketMail[]): Html {
  const byId = new Map(mails.map((mail) => [mail.id, mail]));
  const first = entries.find((entry) => entry.type === 'mail')?.id;
  return html`<ol class="timeline">${entries.map((entry) => {
    const mail = entry.mailId === null ? undefined : byId.get(entry.mailId);
    if (entry.type === 'change') return changeEntry(view, entry);
    if (entry.type !== 'mail' || !mail) return item(view, entry, 'note', html`<b>${actorName(view, entry.actor)}</b>`);
    return item(view, entry, 'mail', html`<b>${whose(view, mail)}</b> ${didOf(view, entry, mail, entry.id === first)}`);
  })}</ol>`;
}

function item(view: View, entry: TicketEntry, sign: IconName, words: Value, more?: Value): Html {
  return html`<li data-entry="${entry.id}"><span class="rail">${icon(sign)}</span><div class="entry"><div class="entry-line"><div>${words}</div><time datetime="${entry.at.toISOString()}">${view.times.entry(entry.at)}</time></div>${more}</div></li>`;
}

function mailEntry(
  view: View,
  entry: TicketEntry,
  mail: TicketMail | undefined,
  place: { address: FrameOptions['href']; newest: boolean; first: boolean; look: MailLook | null },
): Html {
  const { t } = view;
  if (!mail) return item(view, entry, 'mail', html`<b>${t.ticket.mailUnknown}</b>`);
  // By the fold, not by what arrived first: the mail that was decided as a duplicate may be the earlier one.
  const seenBefore = entry.body.seenBefore != null;
  const did = didOf(view, entry, mail, place.first);
  const why = html`<a href="/mails/${mail.id}" ${place.newest ? html`data-key="w"` : null}>${t.ticket.why}</a>`;
  const arrivals = mail.arrivals > 1 ? html`<span class="quiet-note">${t.ticket.arrivals(mail.arrivals)}</span>` : null;
  const words = html`<b>${whose(view, mail)}</b> ${did} ${why} ${arrivals}`;
  return item(
    view,
    entry,
    seenBefore ? 'copies' : 'mail',
    words,
    mailFrame(view, mail, {
      look: place.look ?? { form: 'text', html: null, asked: false, headers: null, tall: false },
      open: place.look !== null && !(place.newest && seenBefore && !place.look.asked),
      href: place.address,
    }),
  );
}

/** The same piece of the timeline, with a mail in another form. */
function mailAddress({ ticketId, piece }: TimelineData, mailId: number, form: MailForm, tall = false): string {
  const { upTo, from } = piece;
  const query = new URLSearchParams({
    ...(upTo !== undefined && { upto: String(upTo) }),
    ...(from !== undefined && { from: String(from) }),
    mail: String(mailId),
    form,
    ...(tall && { tall: '1' }),
  });
  return `/tickets/${ticketId}?${query}#mail-${mailId}`;
}

function didOf({ t }: View, entry: TicketEntry, mail: TicketMail, first: boolean): string {
  if (mail.outcome === 'parked') return t.ticket.mailParked;
  if (entry.body.seenBefore != null) return t.ticket.mailSeenBefore;
  return first ? t.ticket.mailOpened : t.ticket.mailAppended;
}

function whose({ t }: View, mail: TicketMail): string {
  if (mail.senderVerdict?.class === 'aws') return t.ticket.mailFromAws;
  if (mail.senderVerdict?.class === 'aws_person') return t.ticket.mailFromPerson;
  return mail.sender ? t.ticket.mailFrom(mail.sender) : t.ticket.mailUnknown;
}

function changeEntry(view: View, entry: TicketEntry): Html {
  const { t } = view;
  const changes = Array.isArray(entry.body.changes) ? (entry.body.changes as Change[]) : [];
  const sentences = changes.map((change) => changeWords(view, change));
  return item(
    view,
    entry,
    'up',
    html`<b>${entry.body.replay ? t.ticket.actorReplay : actorName(view, entry.actor)}</b> ${sentences.map((one, index) => (index > 0 ? t.listJoin + one : one))}`,
  );
}

function changeWords(view: View, change: Change): string {
  const { t } = view;
  const field = (t.ticket.fields as Record<string, string>)[change.field] ?? change.field;
  const say = (value: unknown): string | null => {
    if (value === null || value === undefined || value === '') return null;
    if (change.field === 'state')
      return ((t.state as Record<string, string>)[String(value)] ?? String(value)).toLowerCase();
    if (change.field === 'snooze') return view.times.full(new Date(String(value)));
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
  if (change.field === 'snooze') {
    return change.to ? t.ticket.snoozedUntil(say(change.to) as string) : t.ticket.snoozeOver;
  }
  const from = say(change.from);
  const to = say(change.to) ?? t.ticket.notSaid;
  return from === null ? t.ticket.set(field, to) : t.ticket.changed(field, from, to);
}

export function actorName({ t }: View, name: string): string {
  if (name === 'rootdesk') return t.ticket.actorSystem;
  return name === 'unknown' ? t.ticket.actorUnknown : name;
}

function relatedWords(entry: TicketEntry): Value {
  const other = entry.body.related;
  if (typeof other === 'number') return html`<a href="/tickets/${other}">${other}</a>`;
  return textOf(entry.body);
}

/** A sentence with links where it says `{ticket}` or `{mail}`: languages put them in different places. */
export function withLinks(sentence: string, links: { ticket?: Html; mail?: Html }): Html {
  const parts = sentence.split(/(\{(?:ticket|mail)\})/);
  return html`${parts.map((part) => (part === '{ticket}' ? links.ticket : part === '{mail}' ? links.mail : part))}`;
}

function mailLink(entry: TicketEntry): Html {
  return html`<a href="/mails/${entry.mailId}">${entry.mailId}</a>`;
}

function ticketLink(id: number): Html {
  return html`<a href="/tickets/${id}">${id}</a>`;
}

function movedWords({ t }: View, entry: TicketEntry): Html {
  const { to } = entry.body;
  return typeof to === 'number'
    ? withLinks(t.ticket.movedTo, { mail: mailLink(entry), ticket: ticketLink(to) })
    : withLinks(t.ticket.movedOff, { mail: mailLink(entry) });
}

/** A person made two tickets one, or took that back; the reason stands under it. */
function mergedEntry(view: View, entry: TicketEntry): Html {
  const { t } = view;
  const { into, from, undone } = entry.body;
  const words = undone ? t.ticket.unmerged : into === undefined ? t.ticket.mergedHere : t.ticket.mergedInto;
  const reason = typeof entry.body.reason === 'string' ? entry.body.reason : '';
  return item(
    view,
    entry,
    'link',
    html`<b>${actorName(view, entry.actor)}</b> ${withLinks(words, { ticket: ticketLink(Number(into ?? from)) })}`,
    reason === '' ? null : html`<div class="note">${view.mask(reason)}</div>`,
  );
}

function textOf(body: Record<string, unknown>): string {
  return typeof body.text === 'string' ? body.text : '';
}
