import { type Reason, THROUGH_HOP } from '../core/values.ts';
import type { MailStory } from '../store/readMails.ts';
import { html, type Value } from './html.ts';
import { kindWord } from './kindWords.ts';
import { authenticityWords } from './pages/marks.ts';
import { factRows } from './ticketFacts.ts';
import type { View } from './view.ts';

/** The nine steps of the road (`kept` and `arrival` from the rows of keep, the others from the reasons of the rulebook). */
export const STEPS = [
  'arrival',
  'kept',
  'authentic',
  'addressee',
  'kind',
  'sealed',
  'facts',
  'thread',
  'decided',
] as const;
export type StepName = (typeof STEPS)[number];

export type StoryStep = {
  name: StepName;
  at: Date | null;
  verdict: Value;
  /** Where it leads: stands beside the verdict, which may be a button and hold no link. */
  leadsTo?: Value;
  reasons: Reason[];
  tone: 'done' | 'unsure' | 'wrong' | 'waiting' | 'notYet';
  sign?: 'shieldTick' | 'shieldUnsure' | 'shieldCross';
};

/** Which step a reason belongs to, by the first part of its code. What is not listed is part of the decision. */
const STEP_OF: Record<string, StepName> = {
  auth: 'authentic',
  sender: 'authentic',
  claim: 'authentic',
  addressee: 'addressee',
  kind: 'kind',
  urgency: 'kind',
  redact: 'sealed',
  secrets: 'sealed',
  facts: 'facts',
  account: 'facts',
  time: 'facts',
  thread: 'thread',
  duplicate: 'thread',
  message_id: 'thread',
  scan: 'authentic',
};

/** Names that the deciding role gives its steps, beside our own. */
const STEP_ALIASES: Record<string, StepName> = {
  ...Object.fromEntries(STEPS.map((name) => [name, name])),
  received: 'kept',
  // The rulebook reads a mail in one go: one time stands for kind, sealed and facts.
  read: 'kind',
};

export function storySteps(view: View, mail: MailStory): StoryStep[] {
  const times = new Map<StepName, Date>();
  for (const { step, at } of mail.steps ?? []) {
    const name = STEP_ALIASES[step];
    if (name && !Number.isNaN(Date.parse(at))) times.set(name, new Date(at));
  }
  const first = mail.arrivals[0];
  times.set('arrival', times.get('arrival') ?? first?.arrivedAt ?? mail.receivedAt);
  times.set('kept', times.get('kept') ?? mail.receivedAt);
  if (mail.decidedAt) times.set('decided', mail.decidedAt);
  const reasons = new Map<StepName, Reason[]>(STEPS.map((name) => [name, []]));
  for (const reason of mail.reasons ?? []) {
    reasons.get(STEP_OF[reason.code.split('.')[0] as string] ?? 'decided')?.push(reason);
  }
  const made: Record<
    StepName,
    (
      view: View,
      mail: MailStory,
      reasons: Reason[],
    ) => Omit<StoryStep, 'name' | 'at' | 'reasons'> & { reasons?: Reason[] }
  > = {
    arrival,
    kept,
    authentic,
    addressee,
    kind,
    sealed,
    facts,
    thread,
    decided,
  };
  return STEPS.map((name) => {
    const own = reasons.get(name) as Reason[];
    const step = made[name](view, mail, own);
    const at = step.tone === 'notYet' ? null : (times.get(name) ?? null);
    return { name, at, ...step, reasons: distinct([...own, ...(step.reasons ?? [])]) };
  });
}

type Step = Omit<StoryStep, 'name' | 'at' | 'reasons'> & { reasons?: Reason[] };

function arrival({ t, mask }: View, mail: MailStory): Step {
  const first = mail.arrivals[0];
  if (!first) return { verdict: t.bytes(mail.size), tone: 'done' };
  const to = mail.listAddress ?? first.envelopeTo?.split(/[\s,]+/)[0] ?? null;
  const from = arrivalWords(t, first);
  return {
    verdict: html`${t.story.by[first.transport as keyof typeof t.story.by] ?? first.transport}${
      to ? html` ${t.story.for} <span class="mono">${mail.customer ? mask(to) : maskedUnknown(to)}</span>` : null
    }, ${t.bytes(mail.size)}`,
    reasons: [{ code: `arrival.${first.transport}`, text: from }],
    tone: 'done',
  };
}

/** Who handed it over, or where it was read. */
export function arrivalWords(t: View['t'], arrival: MailStory['arrivals'][number]): string {
  const { source, helo, clientIp, tls } = arrival;
  const client = t.story.arrivalFrom(helo ?? '', clientIp ?? '', tls);
  if (source?.startsWith(THROUGH_HOP)) return `${client}${t.story.arrivalThrough(source.slice(THROUGH_HOP.length))}`;
  return source ? t.story.arrivalSource(source) : client;
}

/** An unrouted mail may be meant for a root address that is not known yet: only its domain is shown. */
function maskedUnknown(address: string): string {
  return `••••${address.slice(address.lastIndexOf('@'))}`;
}

function kept({ t }: View, mail: MailStory): Step {
  if (mail.outcome === 'too_large') return { verdict: t.story.keptTooLarge, tone: 'wrong' };
  const smtp = mail.arrivals[0]?.transport === 'smtp' || mail.arrivals[0]?.transport === 'lmtp';
  const reasons = [{ code: 'kept.sha256', text: `${mail.sha256.slice(0, 8)}…${mail.sha256.slice(-8)}` }];
  if (mail.alike > 0) reasons.push({ code: 'kept.same_text', text: t.story.copies(mail.alike) });
  return { verdict: smtp ? t.story.keptSmtp : t.story.keptOther, reasons, tone: 'done' };
}

function authentic({ t, times }: View, mail: MailStory, own: Reason[]): Step {
  const [sign, words, tone] = authenticityWords(t, mail.senderVerdict, mail.auth);
  const { auth } = mail;
  const reasons: Reason[] = [];
  if (mail.authDue)
    reasons.push({ code: 'auth.temperror', text: t.story.authDue(times.row(mail.authDue), mail.authAttempts) });
  if (!own.some((reason) => reason.code.includes('dkim'))) {
    for (const one of auth.signatures) {
      reasons.push({
        code: 'auth.dkim',
        text: t.story.signature(
          one.domain,
          one.defect ? `${one.result}, ${one.defect}` : one.result,
          (one.signs ?? []).slice(0, 8).join(', '),
        ),
      });
    }
  }
  if (auth.spf) reasons.push({ code: 'auth.spf', text: t.story.spf(auth.spf.result, auth.spf.domain ?? '') });
  if (auth.dmarc) {
    reasons.push({
      code: 'auth.dmarc',
      text: t.story.dmarc(auth.dmarc.result, auth.dmarc.domain ?? '', auth.dmarc.policy ?? ''),
    });
  }
  const step: Step = {
    verdict: words,
    reasons,
    tone: mail.authDue ? 'waiting' : tone === 'proven' ? 'done' : tone === 'false' ? 'wrong' : 'unsure',
  };
  if (sign !== 'person') step.sign = sign as 'shieldTick' | 'shieldUnsure' | 'shieldCross';
  return step;
}

function addressee({ t }: View, mail: MailStory): Step {
  const reasons = mail.arrivals.flatMap((one) => (one.addresseeReason?.code ? [one.addresseeReason] : []));
  if (mail.customer === null) return { verdict: t.story.noAddressee, reasons, tone: 'wrong' };
  return { verdict: mail.customerName ?? mail.customer, reasons, tone: 'done' };
}

function kind({ t }: View, mail: MailStory): Step {
  if (mail.kind === null) return notYet(t.story.notYet);
  return { verdict: html`<b>${kindWord(t.kinds, mail.kind)}</b> <code>${mail.kind}</code>`, tone: 'done' };
}

function sealed({ t }: View, mail: MailStory): Step {
  if (mail.secrets === null) return notYet(t.story.notYet);
  const { count, level } = mail.secrets;
  const words = level === 'sealed' ? t.story.sealedWhole : count > 0 ? t.story.secrets(count) : t.story.noSecret;
  return { verdict: words, tone: 'done' };
}

function facts({ t }: View, mail: MailStory): Step {
  if (mail.facts === null) return notYet(t.story.notYet);
  const found = factRows(mail.facts).length + (mail.facts.deadline ? 1 : 0);
  return { verdict: t.story.factsFound(found), tone: 'done' };
}

function thread({ t }: View, mail: MailStory): Step {
  if (mail.threadKey === null)
    return mail.decidedAt ? { verdict: t.story.threadNone, tone: 'unsure' } : notYet(t.story.notYet);
  if (mail.ticketId === null) return { verdict: html`<span class="mono">${mail.threadKey}</span>`, tone: 'done' };
  const words = mail.outcome === 'open' ? t.story.openedTicket : t.story.joinedTicket;
  const ticket = html`<a href="/tickets/${mail.ticketId}">${t.story.ticketNo(mail.ticketId)}</a>`;
  return { verdict: words(mail.ticketId), leadsTo: ticket, tone: 'done' };
}

function decided({ t, times, mask }: View, mail: MailStory): Step {
  if (mail.outcome === null) {
    return {
      verdict: mail.decideDue
        ? html`${t.outcome.pending}, ${t.story.decideDue(times.row(mail.decideDue))}`
        : t.outcome.pending,
      tone: 'waiting',
    };
  }
  const urgency =
    mail.ticketId !== null && mail.urgency ? html`${t.listJoin}${t.urgency[mail.urgency].toLowerCase()}` : null;
  const words = html`${t.outcome[mail.outcome]}${urgency}${mail.rule ? html` <code>${mail.rule}</code>` : null}`;
  const reasons = mail.error ? [{ code: `${mail.outcome}.error`, text: mask(mail.error) }] : [];
  const wrong = ['quarantine', 'unrouted', 'too_large', 'parked'].includes(mail.outcome);
  return { verdict: words, reasons, tone: wrong ? 'wrong' : 'done' };
}

function notYet(words: string): Step {
  return { verdict: words, tone: 'notYet' };
}

function distinct(reasons: Reason[]): Reason[] {
  const seen = new Set<string>();
  return reasons.filter(({ code, text }) => {
    const key = `${code}\n${text}`;
    return seen.has(key) ? false : seen.add(key);
  });
}
