import { type Signs, signsOf } from './signs.ts';

/** A span of time that a mail gives: "within 24 hours", "5営業日以内". Shorter than an hour is a code's life, no deadline. */
export type DurationFound = {
  index: number;
  end: number;
  hours: number;
  days: number;
  business: boolean;
  /** Counted in hours: it ends at an instant, not on a day. */
  exact: boolean;
};

const WORDS: Record<string, number> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  fourteen: 14,
  fifteen: 15,
  twenty: 20,
  'twenty-four': 24,
  thirty: 30,
  'forty-eight': 48,
  sixty: 60,
  'seventy-two': 72,
  ninety: 90,
};
const COUNT = `(\\d{1,3}|${Object.keys(WORDS)
  .sort((a, b) => b.length - a.length)
  .join('|')})(?:\\s?\\(\\d{1,3}\\))?`;
const ENGLISH = new RegExp(
  `\\b(?:within|in(?= the next| \\S{1,12} (?:business|working) )|you have|for the next|expires? in|expires? after|valid for|over the next|less than)\\s(?:the\\s)?(?:next\\s|following\\s)?(?:only\\s)?${COUNT}[\\s-](business\\s|working\\s|calendar\\s)?(hours?|hrs?|days?|weeks?)\\b`,
  'gi',
);
const EAST_ASIAN =
  /(\d{1,3})\s?(営業日|영업일|个工作日|時間|日間|日|시간|일|小时|天|週間|주)\s?(?:以内|이내|内|で期限|の間)/g;

export function scanDurations(text: string, signs: Signs = signsOf(text)): DurationFound[] {
  if (!signs.has('duration')) return [];
  const found: DurationFound[] = [];
  for (const match of text.matchAll(ENGLISH)) {
    const count = WORDS[match[1]!.toLowerCase()] ?? Number(match[1]);
    const unit = match[3]!.toLowerCase();
    const business = /business|working/i.test(match[2] ?? '');
    found.push(duration(match, count, unit.startsWith('h') ? 'hour' : unit.startsWith('w') ? 'week' : 'day', business));
  }
  for (const match of text.matchAll(EAST_ASIAN)) {
    const unit = match[2]!;
    const business = /営業|영업|工作/.test(unit);
    const hour = /時間|시간|小时/.test(unit);
    found.push(duration(match, Number(match[1]), hour ? 'hour' : /週|주/.test(unit) ? 'week' : 'day', business));
  }
  return found.filter((one) => one.hours > 0 && one.hours <= 366 * 24);
}

function duration(
  match: RegExpExecArray,
  count: number,
  unit: 'hour' | 'day' | 'week',
  business: boolean,
): DurationFound {
  const hours = unit === 'hour' ? count : unit === 'day' ? count * 24 : count * 168;
  return {
    index: match.index,
    end: match.index + match[0].length,
    hours,
    days: Math.round(hours / 24),
    business,
    exact: unit === 'hour',
  };
}
