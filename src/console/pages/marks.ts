import type { AuthResult, Deadline, SenderVerdict, Urgency } from '../../core/values.ts';
import { type Html, html } from '../html.ts';
import { deadlineVerb } from '../kindWords.ts';
import { dayInstant } from '../times.ts';
import type { View } from '../view.ts';
import type { Texts } from '../words/texts.ts';
import { type IconName, icon } from './icons.ts';

/** The small signs that stand on many pages. None of them says anything by colour alone. */
export function urgencyMark(t: Texts, urgency: Urgency, withWord = false): Html {
  return html`<span class="urgency urgency-${urgency}">${icon(urgency)}<span ${
    withWord ? html`class="word"` : html`class="hidden"`
  }>${t.urgency[urgency]}</span></span>`;
}

/** Time left until a deadline. `paused`: the ticket waits, nobody is late. */
export function timeLeft(view: View, at: Date): Html {
  const { text, level } = view.times.left(at);
  const words = level === 'late' ? html`${icon('clock')}${view.t.late(text)}` : text;
  return html`<time class="left left-${level}" datetime="${at.toISOString()}">${words}</time>`;
}

/** "answer by Tue 24 09:00". A deadline without a time shows its day only, in the zone that the mail named. */
export function deadlineWords(view: View, kind: string, deadline: Deadline): Html {
  const verb = view.t.verbs[deadlineVerb(kind, deadline.sort)];
  const when = deadline.at
    ? view.times.row(new Date(deadline.at))
    : view.times.row(dayInstant(deadline.date), { time: false, zone: 'UTC' });
  return html`${verb} <time datetime="${deadline.at ?? deadline.date}">${when}</time>`;
}

export function sealedChip(words: string): Html {
  return html`<span class="chip">${icon('lock')}${words}</span>`;
}

/** What a mail's secrets were, in words. */
export function secretWords(t: Texts, kinds: readonly string[]): string {
  const words = t.sealed as Record<string, string>;
  const known = kinds.find((kind) => Object.hasOwn(words, kind));
  if (known !== undefined) return words[known] as string;
  return kinds.length > 0 ? t.sealed.other : t.sealed.mail;
}

export function authenticity(t: Texts, verdict: SenderVerdict | null, auth: AuthResult): Html {
  const [name, words, tone] = authenticityWords(t, verdict, auth);
  return html`<span class="authenticity authenticity-${tone}">${icon(name)}<span>${words}</span></span>`;
}

export function authenticityWords(
  t: Texts,
  verdict: SenderVerdict | null,
  auth: AuthResult,
): [IconName, string, 'proven' | 'unsure' | 'false'] {
  if (verdict === null) {
    return ['shieldUnsure', auth.state === 'temperror' ? t.authenticity.waiting : t.authenticity.unknown, 'unsure'];
  }
  if (verdict.class === 'aws') return ['shieldTick', t.authenticity.aws, 'proven'];
  if (verdict.class === 'aws_person') return ['person', t.authenticity.aws_person, 'proven'];
  if (verdict.class === 'pretends') return ['shieldCross', t.authenticity.pretends, 'false'];
  if (verdict.class === 'unverifiable') return ['shieldUnsure', t.authenticity.unverifiable, 'unsure'];
  return ['person', verdict.authentic ? t.authenticity.otherProven : t.authenticity.other, 'unsure'];
}

/** The language of a text by its script, for `lang`: AWS's subjects are kept as they came (WCAG 3.1.2). */
export function scriptLanguage(text: string): 'ja' | 'ko' | 'zh' | 'en' {
  if (/[\u3040-\u30ff]/.test(text)) return 'ja';
  if (/[\uac00-\ud7af]/.test(text)) return 'ko';
  return /[\u4e00-\u9fff]/.test(text) ? 'zh' : 'en';
}

/** Text of a mail or a name: kept in its own direction and marked with its language where that is another than the page's. */
export function foreign(t: Texts, text: string): Html {
  const language = scriptLanguage(text);
  return language === t.lang ? html`<bdi>${text}</bdi>` : html`<bdi lang="${language}">${text}</bdi>`;
}

/** "999+" instead of a number that was not counted to its end. */
export function counted(count: number, limit: number): string {
  return count >= limit ? `${limit - 1}+` : String(count);
}
