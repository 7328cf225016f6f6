import { foldPhrase } from './foldText.ts';
import type { Kind } from './kindBook.ts';
import type { Facts } from './values.ts';

/**
 * What tells that mails of several customers are about one event of AWS. Made of nothing that belongs to one customer, and
 * of no number, so that its hash gives no code away.
 */
export type SameEvent = {
  key: string;
  /** Days between mails beyond which the same words are another event; null: the key names the event itself. */
  days: number | null;
};

/** Days in which the same words of one kind are one event. */
const DAYS = 14;
/** Letters below which a text says too little to be compared. */
const LEAST = 60;
const MOST = 20_000;
/** Lines that speak to one customer. */
const GREETING = /^\s*(?:dear|hello|hi|greetings)\b.{0,80}$|^.{0,60}(?:様|御中)\s*$/gim;
/** Whatever is joined by signs or holds a digit: ids, names of resources, addresses, dates, amounts. */
const NO_WORD = /[\d@_/:\\-]|\.[^\s.]/;
const ACCOUNT_IN_ARN = /:\d{12}:/;

/**
 * The event that a proven AWS mail is about: by its ARN; for kinds that say so (`sameEvent`) else by kind, service, regions,
 * deadline and the words of its redacted text. null: none that others could have a part in.
 */
export function sameEvent(
  kind: Pick<Kind, 'kind' | 'sameEvent'>,
  facts: Facts,
  text: string,
  language: string,
): SameEvent | null {
  if (facts.eventArn !== null) return { key: `arn:${facts.eventArn.value.replace(ACCOUNT_IN_ARN, '::')}`, days: null };
  if (!kind.sameEvent) return null;
  let said = text.slice(0, MOST).replace(GREETING, ' ');
  for (const name of [facts.accountName?.value, ...facts.resources.map((one) => one.value)])
    if (name) said = said.replaceAll(name, ' ');
  const words = foldPhrase(
    said
      .split(/\s+/)
      .filter((word) => !NO_WORD.test(word))
      .join(' '),
  )
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
  if (words.replaceAll(' ', '').length < LEAST) return null;
  const regions = facts.regions.map((one) => one.value).toSorted();
  const about = [kind.kind, language, facts.service?.value ?? '', regions.join(','), facts.deadline?.value.date ?? ''];
  return { key: `text:${about.join(':')}:${words}`, days: DAYS };
}
