import type { Copies } from '../../store/readCopies.ts';
import type { MailStory } from '../../store/readMails.ts';
import type { EffectRow } from '../../store/readTickets.ts';
import { type Html, html, type Value } from '../html.ts';
import type { MailLook } from '../mailLook.ts';
import { arrivalWords, type StoryStep, storySteps } from '../storySteps.ts';
import type { View } from '../view.ts';
import { effectTable } from './effectTable.ts';
import { frame } from './frame.ts';
import { icon } from './icons.ts';
import { mailFrame } from './mailFrame.ts';
import { foreign } from './marks.ts';
import { retryForm } from './retryForm.ts';

export type StoryData = { mail: MailStory; effects: EffectRow[]; copies: Copies; look: MailLook; looked: boolean };

/** The road of one mail: every step with its time, verdict and reasons; the codes are those that `explain` prints. */
export function storyPage(view: View, { mail, effects, copies, look, looked }: StoryData): Html {
  const { t, times } = view;
  const title = mail.subject === null ? t.mails.notRead : view.mask(mail.subject) || t.mails.noSubject;
  const crumbs = mail.ticketId
    ? html`<a href="/">${t.queue.titles.open}</a> <span aria-hidden="true">/</span> <a href="/tickets/${mail.ticketId}">${mail.ticketId}</a>`
    : html`<a href="/mails">${t.mails.title}</a>`;
  return frame(view, {
    title,
    place: mail.outcome === 'quarantine' || mail.outcome === 'parked' ? mail.outcome : 'mails',
    back: mail.ticketId ? `/tickets/${mail.ticketId}` : '/mails',
    head: html`<div class="crumb-line"><p class="crumbs">${crumbs} <span aria-hidden="true">/</span> ${t.story.crumb}</p><p class="beside">${t.bytes(mail.size)}</p></div>
<div class="title-line"><h1>${foreign(t, title)}</h1></div>
<ul class="meta"><li><b>${outcomeWords(view, mail)}</b></li>${mail.decidedAt ? html`<li>${t.story.fromArrival(duration(mail.decidedAt.getTime() - mail.receivedAt.getTime()))}</li>` : null}${
      mail.sender ? html`<li>${t.story.from(view.mask(mail.sender))}</li>` : null
    }${mail.customer ? html`<li><a href="/customers/${mail.customer}">${foreign(t, mail.customerName ?? mail.customer)}</a></li>` : html`<li>${t.mails.unroutedCustomer}</li>`}<li><time datetime="${mail.receivedAt.toISOString()}">${times.full(mail.receivedAt)}</time></li></ul>`,
    main: html`<div class="split split-story"><div class="left-column">${mail.outcome === 'parked' ? parkedBox(view, mail) : null}${rail(view, mail)}${text(view, mail, look, looked)}</div>
<div class="right-column">${effectsPanel(view, mail, effects, copies)}${arrivals(view, mail)}${headers(view, mail)}</div></div>`,
    keys: [
      { keys: ['j', 'k'], does: t.keys.steps },
      { keys: ['Enter'], does: t.keys.openStep },
      { keys: ['t'], does: t.keys.form },
      { keys: ['c'], does: t.keys.copy },
    ],
  });
}

function outcomeWords({ t }: View, mail: MailStory): Value {
  const outcome = mail.outcome ?? 'pending';
  const ticket = mail.ticketId ? html`<a href="/tickets/${mail.ticketId}">${mail.ticketId}</a>` : null;
  const rule = mail.rule ? html` <code>${mail.rule}</code>` : null;
  if (outcome === 'append' && ticket) return html`${t.story.outcome}: ${t.story.appendedTo} ${ticket}`;
  if (outcome === 'open' && ticket) return html`${t.story.outcome}: ${t.story.opened} ${ticket}`;
  return html`${t.story.outcome}: ${t.outcome[outcome].toLowerCase()}${rule} ${ticket}`;
}

/** "28 ms", "1.4 s", "3 h 5 m" are read at one glance, so the unit follows the size. */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function parkedBox(view: View, mail: MailStory): Html {
  const { t, mask } = view;
  return html`<section class="broken"><h2>${icon('cross')} ${t.story.parkedTitle}</h2><p class="mono">${mask(mail.error ?? '')}</p><p>${t.story.parkedKept} ${t.story.parkedAuto}</p>${retryForm(view, mail, `/mails/${mail.id}`)}</section>`;
}

function rail(view: View, mail: MailStory): Html {
  const { t, times, mask } = view;
  const steps = storySteps(view, mail);
  let minute = '';
  return html`<ol class="story">${steps.map((step, index) => {
    const precise = step.at ? times.precise(step.at) : '';
    const shown = precise.slice(0, 8) === minute ? precise.slice(8) : precise;
    if (precise) minute = precise.slice(0, 8);
    return html`<li class="step step-${step.tone}"><time ${step.at ? html`datetime="${step.at.toISOString()}"` : null}>${shown}</time><span class="rail">${icon(signOf(step))}</span><h2>${index + 1} <span>${t.story.steps[step.name]}</span></h2><div class="verdict">${
      step.reasons.length > 0
        ? html`<details open><summary>${step.verdict}</summary><dl>${step.reasons.map((reason) => html`<div><dt>${reason.code}</dt><dd>${mask(reason.text)}</dd></div>`)}</dl></details>`
        : step.verdict
    } ${step.leadsTo}</div></li>`;
  })}</ol>`;
}

function signOf(
  step: StoryStep,
): 'tick' | 'cross' | 'dash' | 'hourglass' | 'shieldTick' | 'shieldUnsure' | 'shieldCross' {
  if (step.sign) return step.sign;
  return step.tone === 'done'
    ? 'tick'
    : step.tone === 'wrong'
      ? 'cross'
      : step.tone === 'waiting'
        ? 'hourglass'
        : 'dash';
}

function text(view: View, mail: MailStory, look: MailLook, looked: boolean): Html | null {
  if (mail.text === null) return null;
  return mailFrame(view, mail, {
    look,
    open: looked || mail.outcome === 'quarantine' || mail.outcome === 'unrouted',
    href: (form, tall) => `/mails/${mail.id}?form=${form}${tall ? '&tall=1' : ''}#mail-${mail.id}`,
    bare: true,
  });
}

function effectsPanel(view: View, mail: MailStory, effects: EffectRow[], copies: Copies): Html {
  const { t } = view;
  const none = effects.length === 0 && copies.all === 0;
  return html`<section><h2>${t.story.effects}</h2>${copies.all > 0 ? copiesLine(view, copies) : null}${none ? html`<p class="quiet-note">${t.story.noEffects}</p>` : effectTable(view, effects, `/mails/${mail.id}`)}</section>`;
}

/** The copies to list members, as one line. */
function copiesLine({ t, times }: View, { all, accepted, failed, lastAt }: Copies): Html {
  const waiting = all - accepted - failed;
  const [sign, tone] =
    failed > 0
      ? (['cross', 'parked'] as const)
      : waiting > 0
        ? (['hourglass', 'trying'] as const)
        : (['tick', 'done'] as const);
  return html`<ul class="effects"><li class="effect effect-${tone}">${icon(sign)}<span>${t.story.copiesTo(all)}</span><span class="effect-words">${t.story.copiesWent(accepted, failed, waiting)}</span>${lastAt ? html`<time datetime="${lastAt.toISOString()}">${times.entry(lastAt)}</time>` : null}</li></ul>`;
}

function arrivals(view: View, mail: MailStory): Html {
  const { t, times, mask } = view;
  return html`<section><h2>${t.story.arrivals}</h2><ul class="effects">${mail.arrivals.map((arrival) => {
    const where =
      arrival.uidValidity !== null && arrival.uid !== null
        ? t.story.arrivalUid(arrival.uidValidity, arrival.uid)
        : mask(arrivalWords(t, arrival));
    return html`<li class="effect"><span class="arrival-how">${arrival.transport.toUpperCase()}</span><span class="effect-words">${where}</span><time datetime="${arrival.arrivedAt.toISOString()}">${times.precise(arrival.arrivedAt)}</time></li>`;
  })}</ul>${mail.arrivals.length > 1 ? html`<p class="quiet-note">${t.story.arrivalsSame}</p>` : null}</section>`;
}

/** Believed is what an aligned, valid signature covers; the rest may be anybody's words. */
function headers(view: View, mail: MailStory): Html {
  const { t, mask } = view;
  const all = mail.headers ?? [];
  const aligned = mail.senderVerdict?.authentic
    ? mail.auth.signatures.filter((one) => one.result === 'pass' && !one.defect)
    : [];
  const signed = new Set(aligned.flatMap((one) => one.signs ?? []));
  const believed = all.filter((header) => signed.has(header.name.toLowerCase()));
  const line = (header: { name: string; value: string }) =>
    html`<div><b>${header.name}:</b> ${mask(header.value)}</div>`;
  return html`<section><h2>${t.story.believed}</h2>${believed.length > 0 ? html`<div class="raw">${believed.map(line)}</div>` : html`<p class="quiet-note">${t.story.noneBelieved}</p>`}</section>
${
  mail.auth.ignored.length > 0
    ? html`<section><h2>${t.story.notBelieved}</h2><dl class="raw pairs">${mail.auth.ignored.map((one) => html`<div><dt>${one.name}</dt><dd>${mask(one.why)}</dd></div>`)}</dl></section>`
    : null
}${
  all.length > 0
    ? html`<details class="all-headers"><summary>${t.story.allHeaders(all.length)}</summary><div class="raw">${all.map(line)}</div></details>`
    : null
}`;
}
