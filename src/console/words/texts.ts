import type { Outcome, Urgency } from '../../core/values.ts';
import type { DeadlineVerb } from '../kindWords.ts';
import type { TimeWords } from '../times.ts';
import type { Catalogue } from './catalogue.ts';
import { en } from './en/en.ts';
import { ja } from './ja/ja.ts';

/** Words as pages use them: a kind is data, so any may be asked for. */
export type Texts = Omit<Catalogue, 'kinds' | 'times'> & {
  kinds: Record<string, string>;
  times: TimeWords;
  urgency: Record<Urgency, string>;
  outcome: Record<Outcome | 'pending', string>;
  verbs: Record<DeadlineVerb, string>;
};

export type PageLanguage = 'en' | 'ja';

export const CATALOGUES: Record<PageLanguage, Texts> = { en, ja };

/** What a request says about its reader's language. */
type Wishes = { headers: { cookie?: string | undefined; 'accept-language'?: string | undefined } };

/** The cookie that the switch on every page sets; it grants nothing. */
export const LANGUAGE_COOKIE = 'rootdesk_language';

/** The catalogue that the reader chose, else the one their browser asks for. */
export function textsFor({ headers }: Wishes): Texts {
  const chosen = new RegExp(`(?:^|;\\s*)${LANGUAGE_COOKIE}=(en|ja)(?:;|$)`).exec((headers.cookie ?? '').slice(0, 8000));
  return CATALOGUES[(chosen?.[1] as PageLanguage | undefined) ?? acceptedLanguage(headers['accept-language'])];
}

/** RFC 9110 §12.5.4: the best weighted language that we have, else English. */
function acceptedLanguage(header: string | undefined): PageLanguage {
  let best: { language: PageLanguage; weight: number } = { language: 'en', weight: 0 };
  for (const part of (header ?? '').slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
    const q = parameters.map((text) => text.trim()).find((text) => text.startsWith('q='));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    const language = tag.split('-')[0];
    if (language !== undefined && Object.hasOwn(CATALOGUES, language) && weight > best.weight) {
      best = { language: language as PageLanguage, weight };
    }
  }
  return best.language;
}
