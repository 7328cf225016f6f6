import { MONTH_PATTERN, monthOf } from './scanDates.ts';

const LINK = /[?&#](?:year=(\d{4})&(?:amp;)?month=(\d{1,2})|month=(\d{1,2})&(?:amp;)?year=(\d{4}))(?!\d)/gi;
const MONTH_YEAR = new RegExp(
  `(?<![\\p{L}\\d]|\\d\\s|\\d(?:st|nd|rd|th|\\.)\\s)(${MONTH_PATTERN})\\.?,?\\s{1,2}(\\d{4})(?!\\d)`,
  'giu',
);
/** `July 1 - July 31, 2026`, a month from its first day to its last. */
const WHOLE_MONTH = new RegExp(
  `(?<![\\p{L}\\d])(${MONTH_PATTERN})\\.?\\s1(?:st)?(?:,?\\s\\d{4})?\\s?(?:-|–|to|through|until)\\s?(?:(?:${MONTH_PATTERN})\\.?\\s)?(?:28|29|30|31)(?:st|th)?,?\\s(\\d{4})`,
  'giu',
);
const YEAR_MONTH = /(?<!\d)(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월](?!\s?\d{1,2}\s?[日일])/g;
const NUMERIC = /(?<![\d/-])(20\d{2})[-/](0[1-9]|1[0-2])(?![\d/-])/g;

/** Billing months of a text as YYYY-MM: those in links to the bill, else `August 2026`, `2026年8月分`, `2026-08`. */
export function scanPeriods(text: string, mailTime: string): { index: number; value: string }[] {
  const found: { index: number; value: string }[] = [];
  const newest = new Date(Date.parse(mailTime) + 62 * 86_400_000).toISOString().slice(0, 7);
  const take = (index: number, year: string, month: number): void => {
    const value = `${year}-${String(month).padStart(2, '0')}`;
    if (month >= 1 && month <= 12 && value >= '2006-01' && value <= newest) found.push({ index, value });
  };
  for (const match of text.matchAll(LINK)) take(match.index, (match[1] ?? match[4])!, Number(match[2] ?? match[3]));
  for (const match of text.matchAll(YEAR_MONTH)) take(match.index, match[1]!, Number(match[2]));
  for (const pattern of [MONTH_YEAR, WHOLE_MONTH]) {
    for (const match of text.matchAll(pattern)) take(match.index, match[2]!, monthOf(match[1]));
  }
  for (const match of text.matchAll(NUMERIC)) take(match.index, match[1]!, Number(match[2]));
  return found.sort((a, b) => a.index - b.index);
}
