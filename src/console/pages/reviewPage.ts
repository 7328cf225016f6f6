import type { MailNotDone } from '../../store/acts/manyMails.ts';
import type { MailRow, MailStory, WaitingGroups } from '../../store/readMails.ts';
import { heldChecks } from '../heldChecks.ts';
import { type Html, html, type Value } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import type { MailLook } from '../mailLook.ts';
import { withoutDone } from '../pageAddress.ts';
import { packKey } from '../pagingKey.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';
import { icon } from './icons.ts';
import { mailFrame } from './mailFrame.ts';
import { authenticity, counted, foreign, sealedChip, secretWords } from './marks.ts';
import { retryForm } from './retryForm.ts';

export type ReviewData = {
  of: 'quarantine' | 'parked';
  /** Quarantine: what waits for a decision, or what somebody decided about. */
  decided: boolean;
  /** Only mails of this kind, of this customer (slug). */
  kind: string | null;
  customer: string | null;
  /** What the filters offer. */
  groups: WaitingGroups;
  rows: MailRow[];
  next: { id: number } | null;
  /** The page does not begin at the start of the list. */
  paged: boolean;
  chosen: MailStory | null;
  look: MailLook | null;
  /** Counted up to `limit`. */
  count: number;
  limit: number;
  /** Mails that the act before left as they were. */
  kept: readonly MailNotDone[];
};

/** Mails that wait for somebody: the list on the left, what is known about the chosen one on the right. */
export function reviewPage(view: View, data: ReviewData): Html {
  const { t } = view;
  const quarantine = data.of === 'quarantine';
  const title = quarantine ? t.review.quarantine : t.review.parked;
  const count = counted(data.count, data.limit);
  const beside = data.decided
    ? t.review.decidedCount
    : data.rows.length > 0
      ? (quarantine ? t.review.quarantineCount : t.review.parkedCount)(count)
      : null;
  const bar = showBar(view, data);
  const order = data.decided ? t.review.newestFirst : t.review.oldestFirst;
  return frame(view, {
    title,
    place: data.of,
    head: html`<div class="title-line"><h1>${title}</h1><p class="beside">${beside}${beside !== null && bar === null ? html`${t.listJoin}${order.toLowerCase()}` : null}</p><p class="beside push">${quarantine ? t.review.quarantineNote : t.review.parkedNote}</p></div>${bar}${data.decided || data.rows.length === 0 ? null : bulkBar(view, data)}${left(view, data.kept)}`,
    main:
      data.rows.length === 0
        ? data.decided
          ? emptyState(t.review.decidedEmpty, t.review.decidedEmptyHint)
          : data.kind !== null || data.customer !== null
            ? emptyState(t.review.filterEmpty, html`<a href="/${data.of}">${t.review.filterNone}</a>`)
            : emptyState(
                quarantine ? t.review.quarantineEmpty : t.review.parkedEmpty,
                quarantine ? t.review.quarantineEmptyHint : t.review.parkedEmptyHint,
              )
        : html`<div class="split split-review"><div class="review-list"><ul aria-label="${t.review.list}" data-rows>${data.rows.map((row) => listItem(view, data, row))}</ul>${
            data.next || data.paged
              ? html`<p class="paging">${data.next ? html`<a href="${reviewAddress(data, { after: packKey(data.next) })}">${t.mails.more}</a>` : null}${data.paged ? html`<a href="${reviewAddress(data, {})}">${t.queue.first}</a>` : null}</p>`
              : null
          }</div>${data.chosen && data.look ? chosenMail(view, data, data.chosen, data.look) : null}</div>`,
    keys: [
      { keys: ['j', 'k'], does: t.keys.move },
      { keys: ['Enter'], does: t.keys.open },
      ...(data.decided || data.rows.length === 0 ? [] : [{ keys: ['x'], does: t.keys.select }]),
      ...(quarantine && !data.decided && data.chosen
        ? [
            { keys: ['1'], does: t.keys.reject },
            { keys: ['2'], does: t.keys.ordinary },
          ]
        : []),
      ...(!quarantine && data.chosen && !data.chosen.decideDue ? [{ keys: ['1'], does: t.story.tryAgain }] : []),
      ...(data.chosen
        ? [
            { keys: ['t'], does: t.keys.form },
            { keys: ['w'], does: t.keys.why },
          ]
        : []),
    ],
  });
}

function reviewAddress(data: ReviewData, query: Record<string, string>): string {
  const all = new URLSearchParams({
    ...(data.decided && { show: 'decided' }),
    ...(data.kind !== null && { kind: data.kind }),
    ...(data.customer !== null && { customer: data.customer }),
    ...query,
  });
  return `/${data.of}${all.size > 0 ? `?${all}` : ''}`;
}

/** Which mails are listed, and in which order. */
function showBar(view: View, data: ReviewData): Html | null {
  const { t } = view;
  const link = (decided: boolean, words: string) =>
    html`<li><a href="${reviewAddress({ ...data, decided }, {})}" ${data.decided === decided ? html`aria-current="true"` : null}>${words}</a></li>`;
  const { kinds, customers } = data.groups;
  const show =
    data.of === 'quarantine'
      ? html`<ul class="choice" aria-label="${t.review.show}">${link(false, t.review.waits)}${link(true, t.review.decided)}</ul>`
      : null;
  const by = (what: 'kind' | 'customer', words: string, offers: { value: string; words: Value; count: number }[]) =>
    offers.length + (data[what] === null ? 0 : 1) < 2 ? null : filterMenu(view, data, what, words, offers);
  const menus = [
    by(
      'kind',
      t.review.byKind,
      kinds.map(({ kind, count }) => ({ value: kind, words: kindWord(t.kinds, kind), count })),
    ),
    by(
      'customer',
      t.review.byCustomer,
      customers.map(({ slug, name, count }) => ({ value: slug, words: foreign(t, name), count })),
    ),
  ];
  if (show === null && menus.every((one) => one === null)) return null;
  return html`<div class="bar"><div class="filters-line">${show}${menus}</div><span class="beside">${data.decided ? t.review.newestFirst : t.review.oldestFirst}</span></div>`;
}

function filterMenu(
  { t }: View,
  data: ReviewData,
  what: 'kind' | 'customer',
  name: string,
  offers: { value: string; words: Value; count: number }[],
): Html {
  const now = data[what];
  const chosen = offers.find(({ value }) => value === now)?.words ?? now ?? t.review.any;
  const link = (value: string | null, words: Value, count: number | null) =>
    html`<li><a href="${reviewAddress({ ...data, [what]: value }, {})}" ${value === now ? html`aria-current="true"` : null}><span>${words}</span>${count === null ? null : html` <span class="beside">${count}</span>`}</a></li>`;
  return html`<details class="drop"><summary class="token" ${what === 'kind' ? html`data-key="f"` : null}><span>${name}</span><b>${chosen}</b></summary><ul class="panel panel-list">${link(null, t.review.any, null)}${offers.map(({ value, words, count }) => link(value, words, count))}</ul></details>`;
}

/** What can be done with the mails that are ticked; it stands in the place of the filters while one is. */
function bulkBar(view: View, data: ReviewData): Html {
  const { t, here } = view;
  const bare = withoutDone(here);
  const acts =
    data.of === 'quarantine'
      ? html`<button class="button" name="act" value="reject" data-key="1">${t.review.reject} <kbd>1</kbd></button><button class="button" name="act" value="release" data-key="2">${t.review.ordinary} <kbd>2</kbd></button><label class="reason">${t.review.reasonIfAny} <input name="reason" maxlength="500" autocomplete="off"></label>`
      : html`<button class="button" name="act" value="retry" data-key="1">${t.story.tryAgain} <kbd>1</kbd></button>`;
  return html`<form class="bulk" id="bulk" method="post" action="/mails/bulk" aria-label="${t.review.selected}" data-filter="${reviewAddress(data, {})}" data-words-selected="${t.queue.bulk.count}"><input type="hidden" name="back" value="${reviewAddress(data, {})}"><b data-selected>${t.queue.bulk.some}</b>
${acts}<span class="push bulk-all"><a class="button flat" href="${bare}" data-bulk-clear>${t.queue.bulk.clear} <kbd>Esc</kbd></a></span></form>`;
}

/** What the act before left as it was, each with its reason. */
function left({ t }: View, kept: readonly MailNotDone[]): Html | null {
  if (kept.length === 0) return null;
  return html`<p class="kept" role="alert">${icon('cross')} <b>${t.review.notDone(kept.length)}</b> ${kept.map(
    ({ id, why }, index) =>
      html`${index > 0 ? t.listJoin : null}<a href="/mails/${id}">${id}</a> ${t.review.whyNot[why]}`,
  )}</p>`;
}

/** What can be decided, with its consequence written on it. What two people must agree on has no button here. */
function decision(view: View, mail: MailStory): Html {
  const { t } = view;
  return html`<form class="decide" method="post" action="/mails/${mail.id}/reject"><h3>${t.review.decide}</h3><input type="hidden" name="back" value="/quarantine">
<div class="decisions"><button class="decision" data-key="1"><b>${t.review.reject}</b><kbd>1</kbd><span>${t.review.rejectThen}</span></button><button class="decision" formaction="/mails/${mail.id}/release" data-key="2"><b>${t.review.ordinary}</b><kbd>2</kbd><span>${t.review.ordinaryThen}</span></button></div>
<p class="decide-foot"><label class="reason">${t.review.reasonIfAny} <input name="reason" maxlength="500" autocomplete="off"></label>${
    mail.alike > 0
      ? html`<label class="check"><input type="checkbox" name="alike" value="1" checked> ${t.review.alsoAlike(mail.alike)} <span class="beside">(${t.review.alikeRule})</span></label>`
      : null
  }<span class="beside push">${t.review.undoFor}</span></p></form>
<details class="decide confirm"><summary><b>${t.review.internal}</b> <span>${t.review.internalThen}</span></summary><form method="post" action="/mails/${mail.id}/confirm"><input type="hidden" name="back" value="/quarantine"><p class="decide-foot"><label class="reason">${t.review.by} <input name="by" maxlength="80" autocomplete="name" required></label><label class="reason">${t.review.reason} <input name="reason" maxlength="500" autocomplete="off" required></label><button class="button">${t.review.internal}</button></p></form></details>`;
}

function listItem(view: View, data: ReviewData, row: MailRow): Html {
  const { t, times } = view;
  const here = row.id === data.chosen?.id;
  const box =
    data.decided || (data.of === 'parked' && row.decideDue)
      ? null
      : html`<label class="pick-area"><span class="hidden">${t.review.pick(row.id)}</span><input type="checkbox" class="pick" form="bulk" name="m" value="${row.id}" autocomplete="off"></label>`;
  return html`<li data-id="${row.id}" ${here ? html`class="chosen"` : null}>${box}<div class="review-line"><a href="${reviewAddress(data, { mail: String(row.id) })}" ${here ? html`aria-current="true"` : null}>${subjectOf(view, row)}</a><time datetime="${row.receivedAt.toISOString()}">${times.age(row.receivedAt)}</time></div>
<p class="review-why">${reasonOf(view, row)}${row.secretLevel === 'sealed' ? html` ${sealedChip(secretWords(t, row.secretKinds))}` : null}</p>
<p class="review-who"><bdi>${row.sender ? view.mask(row.sender) : t.ticket.mailUnknown}</bdi> <span>${row.customerName ? t.review.toCustomer(row.customerName) : t.mails.unroutedCustomer}</span>${row.alike > 0 ? html` <b>${t.review.alike(row.alike)}</b>` : null}${row.review ? html` <b>${t.review.said[row.review]}</b>` : null}</p></li>`;
}

function subjectOf(view: View, row: MailRow): Value {
  if (row.subject === null) return view.t.mails.notRead;
  return row.subject === '' ? view.t.mails.noSubject : foreign(view.t, view.mask(row.subject));
}

function reasonOf(view: View, row: MailRow): string {
  if (row.error) return view.mask(row.error);
  if (row.why) return view.mask(row.why.text);
  return row.kind ? kindWord(view.t.kinds, row.kind) : '';
}

function chosenMail(view: View, data: ReviewData, mail: MailStory, look: MailLook): Html {
  const { t, mask } = view;
  return html`<article class="review-mail"><h2>${subjectOf(view, mail)}</h2>
<p class="review-verdict">${mail.outcome === 'parked' ? html`<strong class="worst">${icon('cross')} ${mask(mail.error ?? t.story.parkedTitle)}</strong>` : authenticity(t, mail.senderVerdict, mail.auth)} <a href="/mails/${mail.id}" data-key="w">${t.review.story}</a></p>
${mail.outcome === 'parked' ? retry(view, mail) : null}
${mail.outcome === 'quarantine' ? checks(view, mail) : null}
${
  mail.text === null
    ? html`<h3>${t.review.text}</h3><p>${t.ticket.unread}</p>`
    : mailFrame(view, mail, {
        look,
        open: true,
        bare: true,
        href: (form, tall) =>
          `${reviewAddress(data, { mail: String(mail.id), form, ...(tall && { tall: '1' }) })}#mail-${mail.id}`,
      })
}
${mail.outcome === 'quarantine' && mail.review === null ? decision(view, mail) : null}</article>`;
}

function retry(view: View, mail: MailStory): Html {
  const { t } = view;
  return html`<section class="broken"><p>${t.story.parkedKept} ${t.story.parkedAuto}</p>${retryForm(view, mail, '/parked')}</section>`;
}

/** This mail beside what proof would need, a line each. */
function checks(view: View, mail: MailStory): Html {
  const { t, mask } = view;
  return html`<table class="checks"><thead><tr><th scope="col"><span class="hidden">${t.review.check}</span></th><th scope="col">${t.review.thisMail}</th><th scope="col">${t.review.real}</th></tr></thead>
<tbody>${heldChecks(mail).map(
    (check) =>
      html`<tr><th scope="row">${t.review.checks[check.name]}</th><td class="check-${check.fits ? 'good' : 'bad'}">${icon(check.fits ? 'tick' : 'cross')}<span class="hidden">${check.fits ? t.review.good : t.review.bad}</span> <span>${check.value === null ? t.review.none : mask(check.value)}</span></td><td class="quiet-note">${t.review.needs[check.name]}</td></tr>`,
  )}</tbody></table>`;
}
