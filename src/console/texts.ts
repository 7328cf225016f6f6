import type { Outcome, Urgency } from '../core/values.ts';
import type { DeadlineVerb } from './kindWords.ts';
import { en } from './textsEn.ts';
import type { TimeWords } from './times.ts';

/** Words that a language lacks are a type error: every catalogue has the shape of the English one. */
type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { [K in keyof T]: Widen<T[K]> };
type Shape = Widen<typeof en>;

export type Texts = Omit<Shape, 'kinds' | 'times'> & {
  kinds: Record<string, string>;
  times: TimeWords;
  urgency: Record<Urgency, string>;
  outcome: Record<Outcome | 'pending', string>;
  verbs: Record<DeadlineVerb, string>;
};

type PageLanguage = 'en';

export const CATALOGUES: Record<PageLanguage, Texts> = { en };

/** The catalogue for an Accept-Language header (RFC 9110 §12.5.4): the best weighted language that we have, else English. */
export function textsFor(acceptLanguage: string | undefined): Texts {
  let best: { language: PageLanguage; weight: number } = { language: 'en', weight: 0 };
  for (const part of (acceptLanguage ?? '').slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const q = parameters.map((text) => text.trim()).find((text) => text.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    const language = tag.split('-')[0];
    if (language !== undefined && Object.hasOwn(CATALOGUES, language) && weight > best.weight) {
      best = { language: language as PageLanguage, weight };
    }
  }
  return CATALOGUES[best.language];
}
