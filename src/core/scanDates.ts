import { offsetMinutes, ZONE_PATTERN } from './scanZones.ts';

/** A date as written in a mail, with its place in the text. */
export type DateFound = {
  index: number;
  end: number;
  /** YYYY-MM-DD as the mail writes it: in the zone that it names, else UTC. */
  date: string;
  /** ISO 8601 instant when time and zone are both written, else null. */
  at: string | null;
  /** The year was not written and taken from the mail's own time. */
  guessedYear: boolean;
};

const MONTHS: Record<string, number> = {};
const MONTH_NAMES: readonly string[] = [
  'january jan januar janvier enero janeiro gennaio',
  'february feb februar février fevrier febrero fevereiro febbraio',
  'march mar märz maerz mars marzo março marco',
  'april apr avril abril aprile',
  'may mai mayo maio maggio',
  'june jun juni juin junio junho giugno',
  'july jul juli juillet julio julho luglio',
  'august aug août aout agosto',
  'september sept sep septembre septiembre setembro settembre',
  'october oct oktober octobre octubre outubro ottobre',
  'november nov novembre noviembre novembro',
  'december dec dezember décembre decembre diciembre dezembro dicembre',
];
MONTH_NAMES.forEach((names, at) => {
  for (const name of names.split(' ')) MONTHS[name] = at + 1;
});
const MONTH = Object.keys(MONTHS)
  .sort((a, b) => b.length - a.length)
  .join('|');

const NUMERIC = /(?<![\d./-])(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?![\d/-]|\.\d)/g;
// Looks back from the day: a name of a month is tried only before a number.
const MONTH_DAY = new RegExp(
  `\\s(?=\\d)(?<=((?<![\\p{L}\\d])(${MONTH})\\.?\\s{1,2}))(\\d{1,2})(?:st|nd|rd|th)?(?![\\d:])(?:\\s?,?\\s{1,2}(\\d{4})(?!\\d))?`,
  'giu',
);
const DAY_MONTH = new RegExp(
  `(?<![\\d.:-])(\\d{1,2})(?:st|nd|rd|th|\\.|er)?[\\s-](?:of |de |d')?(${MONTH})\\.?(?![\\p{L}])(?:(?:,?\\s{1,2}(?:de )?|-)(\\d{4})(?!\\d))?`,
  'giu',
);
const EAST_ASIAN = /(?<!\d)(?:(\d{4})\s?[年년]\s?)?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일号]/g;
/** `3.12.2026` is day first wherever dots are used; `2026. 12. 3.` as Koreans write it. */
const DOTTED = /(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d|\.\d)/g;
const YEAR_DOTTED = /(?<![\d.])(\d{4})\.\s(\d{1,2})\.\s(\d{1,2})(?!\d|\.\d)(?:\.(?=\s?\p{Script=Hangul}))?/gu;
const SLASHED = /(?<![\d/.-])(\d{1,2})\/(\d{1,2})\/(\d{4})(?![\d/])/g;

const TIME_AFTER = new RegExp(
  `^(?:\\s?\\([^)\\n]{1,8}\\))?(?:T|\\s?[,;]?\\s?(?:at |@ ?|の ?|um |à )?)(午前|午後|오전|오후)?\\s?(\\d{1,2})(?::|時|시\\s?)(\\d{2})?(?:(?::\\d{2})(?:\\.\\d{1,6})?|[分분])?\\s?([ap]\\.?m\\.?(?![a-z]))?\\s?(?:\\(?\\s?(${ZONE_PATTERN})\\)?)?`,
  'iu',
);
const ZONE_AFTER = new RegExp(`^\\s?\\(?(${ZONE_PATTERN})`, 'iu');
const TIME_BEFORE = new RegExp(
  `(\\d{1,2}):(\\d{2})(?::\\d{2})?\\s?([ap]\\.?m\\.?)?\\s?(?:\\(?(${ZONE_PATTERN})\\)?)?,?\\s(?:on\\s)?(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\\s)?$`,
  'iu',
);

/**
 * All dates of a text in order of place. `near` is the mail's own time: a date without a year is the next one from a
 * week before it. A date that could be two days (03/04/2026) is left out.
 */
export function scanDates(text: string, near: string): DateFound[] {
  const found: DateFound[] = [];
  const take = (index: number, end: number, year: string | undefined, month: number, day: number): void => {
    if (found.some((other) => index < other.end && end > other.index)) return;
    const fullYear = year === undefined ? nearestYear(month, day, near) : Number(year);
    const date = calendarDate(fullYear, month, day);
    if (date === null) return;
    const { at, end: timeEnd } = readTime(text, index, end, date);
    found.push({ index, end: timeEnd, date, at, guessedYear: year === undefined });
  };
  for (const match of text.matchAll(NUMERIC))
    take(match.index, endOf(match), match[1], Number(match[3]), Number(match[4]));
  for (const match of text.matchAll(EAST_ASIAN))
    take(match.index, endOf(match), match[1], Number(match[2]), Number(match[3]));
  for (const match of text.matchAll(YEAR_DOTTED))
    take(match.index, endOf(match), match[1], Number(match[2]), Number(match[3]));
  for (const match of text.matchAll(DOTTED))
    take(match.index, endOf(match), match[3], Number(match[2]), Number(match[1]));
  const daysFirst = [...text.matchAll(DAY_MONTH)];
  // Day before month first: in "Wed, 02 Sep 2026" the other order would read "Sep 20".
  for (const match of daysFirst) {
    if (match[3] !== undefined) take(match.index, endOf(match), match[3], monthOf(match[2]), Number(match[1]));
  }
  for (const match of text.matchAll(MONTH_DAY)) {
    const [, before, month, day, year] = match;
    if (year === undefined && month!.toLowerCase() === 'may' && !/^[A-Z]/.test(month!)) continue;
    take(match.index + 1 - before!.length, endOf(match), year, monthOf(month), Number(day));
  }
  for (const match of daysFirst) {
    if (match[3] === undefined) take(match.index, endOf(match), undefined, monthOf(match[2]), Number(match[1]));
  }
  for (const match of text.matchAll(SLASHED)) {
    const [first, second] = [Number(match[1]), Number(match[2])];
    if (first > 12 && second <= 12) take(match.index, endOf(match), match[3], second, first);
    else if (second > 12 && first <= 12) take(match.index, endOf(match), match[3], first, second);
    else if (first === second) take(match.index, endOf(match), match[3], first, second);
  }
  return found.sort((a, b) => a.index - b.index);
}

/** YYYY-MM-DD, or null when there is no such day. */
function calendarDate(year: number, month: number, day: number): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1990 && year <= 2199;
  return real ? date.toISOString().slice(0, 10) : null;
}

/** Month number of a name in one of the languages known here, or 0. */
export function monthOf(name: string | undefined): number {
  return MONTHS[(name ?? '').toLowerCase()] ?? 0;
}

/** The alternation of month names, for other scanners. */
export const MONTH_PATTERN = MONTH;

function nearestYear(month: number, day: number, near: string): number {
  const time = Date.parse(near);
  const year = new Date(time).getUTCFullYear();
  return Date.UTC(year, month - 1, day) < time - 7 * 86_400_000 ? year + 1 : year;
}

function readTime(text: string, index: number, end: number, date: string): { at: string | null; end: number } {
  const after = text.slice(end, end + 60).replace(/\n/g, ' ');
  const match = TIME_AFTER.exec(after);
  if (match !== null) {
    const at = instant(date, match[2]!, match[3], match[4] ?? match[1], match[5]);
    return { at, end: end + match[0].length };
  }
  const before = TIME_BEFORE.exec(text.slice(Math.max(0, index - 48), index).replace(/\n/g, ' '));
  if (before !== null) {
    const zone = before[4] ?? ZONE_AFTER.exec(after)?.[1];
    return { at: instant(date, before[1]!, before[2], before[3], zone), end };
  }
  return { at: null, end };
}

function instant(
  date: string,
  hourText: string,
  minuteText: string | undefined,
  half: string | undefined,
  zone: string | undefined,
): string | null {
  if (zone === undefined) return null;
  let hour = Number(hourText);
  const minute = Number(minuteText ?? '0');
  if (half !== undefined) {
    const afternoon = /^p|午後|오후/i.test(half);
    if (hour > 12) return null;
    hour = (hour % 12) + (afternoon ? 12 : 0);
  }
  if (hour > 24 || minute > 59) return null;
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const local = Date.UTC(year, month - 1, day, hour, minute);
  const offset = offsetMinutes(zone, local);
  return offset === null ? null : new Date(local - offset * 60_000).toISOString();
}

function endOf(match: RegExpExecArray): number {
  return match.index + match[0].length;
}
