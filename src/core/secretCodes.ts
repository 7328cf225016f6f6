import { type CodeWord, codeWordsIn } from './codeWords.ts';
import type { Shadow } from './shadowText.ts';

/** One-time codes: code-like numbers near code words, in any dress. */

export type SecretRange = {
  from: number;
  to: number;
  kind: 'code' | 'link' | 'password' | 'access_key' | 'secret_key' | 'card';
  value: string;
};

/** Characters behind and before code words in which a number belongs to them. */
const REACH_BEHIND = 240;
const REACH_BEFORE = 110;

/** Characters beside a number that may stand on its line without making it part of a sentence. */
const MARGIN = 60;

/** Digits with at most a little between them, over table cells and lines too; letters and digits in capitals. */
const DIGITS =
  /(?<![A-Za-z\u00c0-\u04ff\p{N}])(?<!\p{N}[-./:,])\d(?:[ \t\u00a0]{0,3}[\n\-.·•|_]?[ \t\u00a0]{0,3}\d){3,8}(?![A-Za-z\u00c0-\u04ff\p{N}])(?![-./:,]\d)/gu;
const LETTERS_AND_DIGITS =
  /(?<![A-Za-z\u00c0-\u04ff\p{N}_/=.-])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9]{2,8}(?:-[A-Za-z0-9]{2,8}){0,4}(?![A-Za-z\u00c0-\u04ff\p{N}_/=-])/gu;
const CAPITALS = /(?<![A-Za-z\u00c0-\u04ff\p{N}])[A-Z]{5,10}(?![A-Za-z\u00c0-\u04ff\p{N}])/gu;

/** All codes in a text. */
export function findCodes(shadow: Shadow): SecretRange[] {
  const found = new Map<number, SecretRange>();
  for (const word of codeWordsIn(shadow)) {
    const from = Math.max(0, word.from - REACH_BEFORE);
    const to = Math.min(shadow.text.length, word.to + REACH_BEHIND);
    for (const range of numbersIn(shadow, from, to)) {
      const isNext =
        range.from >= word.to
          ? isBridge(shadow.lower.slice(word.to, range.from)) || isIntroduced(shadow, range, word)
          : isAnswered(shadow, range, word);
      if (!word.strong && !isNext && !isAloneOnLine(shadow.text, range.from, range.to)) continue;
      if (!isHarmlessNumber(shadow, range, isNext)) found.set(range.from, range);
    }
    for (const range of wordsBehind(shadow, word)) if (!found.has(range.from)) found.set(range.from, range);
  }
  return [...found.values()];
}

/** "Enter this code to sign in: 482913". */
function isIntroduced(shadow: Shadow, range: SecretRange, word: CodeWord): boolean {
  const between = shadow.lower.slice(word.to, Math.min(range.from, word.to + 100));
  return range.from - word.to < 90 && /^[^.!?;\n]*[:：]\s*$/.test(between);
}

/** "482913 is your code". */
function isAnswered(shadow: Shadow, range: SecretRange, word: CodeWord): boolean {
  return (
    range.to <= word.from &&
    /^[\s"'’”)\]*]*(?:is|ist|est|es|è|é|:|-|–|—|は|为|是)?[\s:]*(?:your|the|ihr|votre|su|tu)?[\s\p{L}]{0,24}$/u.test(
      shadow.lower.slice(range.to, word.from),
    )
  );
}

const MANY_NUMBERS = 2000;

/** Numbers that could be codes wherever they stand: for texts of a mail that is sealed anyway. */
export function findNumbers(shadow: Shadow): SecretRange[] {
  const found: SecretRange[] = [];
  for (const match of shadow.text.matchAll(/(?<!\d)(?<!\d[-./:,])\d(?:[ .·•-]?\d){3,8}(?!\d)(?![-./:,]\d)/g)) {
    const range = codeRange(match.index, match[0]);
    // In a flood of numbers none is looked at for what it may be instead: all are masked.
    if (found.length > MANY_NUMBERS || !isHarmlessNumber(shadow, range, false)) found.push(range);
  }
  return found;
}

/** The same codes elsewhere, whatever stands between their characters. */
export function findValues(shadow: Shadow, values: Iterable<string>): SecretRange[] {
  const patterns = Array.from(values, (value) => {
    const isNumber = /^\d+$/.test(value);
    const loose = Array.from(value).join('[\\s.·•|_-]{0,4}');
    return isNumber ? `(?<!\\d)${loose}(?!\\d)` : `(?<![\\p{L}\\p{N}])${loose}(?![\\p{L}\\p{N}])`;
  });
  if (patterns.length === 0) return [];
  return Array.from(shadow.text.matchAll(new RegExp(patterns.join('|'), 'giu')), (match) =>
    codeRange(match.index, match[0]),
  );
}

function numbersIn(shadow: Shadow, from: number, to: number): SecretRange[] {
  // Looks a little beyond the window, so that a longer number at its edge is not cut into a shorter one.
  const start = Math.max(0, from - 16);
  const window = shadow.text.slice(start, to + 24);
  const found: SecretRange[] = [];
  for (const match of window.matchAll(DIGITS)) {
    for (const [offset, written] of codesOf(match[0])) {
      const at = start + match.index + offset;
      if (at >= from && at < to) found.push(codeRange(at, written));
    }
  }
  return found;
}

/**
 * The codes in a run of digits with gaps: 482913, 482 913, 48-29-13, 4 8 2 9 1 3; of "482913 10" the first group, of
 * "4 8 2 9 1 3 10" the single digits. Line breaks only between single digits.
 */
function codesOf(run: string): [number, string][] {
  if (isCodeShape(run)) return [[0, run]];
  const groups = Array.from(run.matchAll(/\d+/g), (match) => ({ at: match.index, text: match[0] }));
  const found: [number, string][] = [];
  for (let i = 0; i < groups.length; i++) {
    const first = groups[i]!;
    if (first.text.length >= 4) {
      if (first.text.length <= 9) found.push([first.at, first.text]);
      continue;
    }
    let last = i;
    while (last + 1 < groups.length && groups[last + 1]!.text.length === first.text.length) last += 1;
    const end = groups[last]!.at + groups[last]!.text.length;
    if (last > i && isCodeShape(run.slice(first.at, end))) found.push([first.at, run.slice(first.at, end)]);
    i = last;
  }
  return found;
}

function isCodeShape(written: string): boolean {
  const groups = written.split(/[^\d]+/);
  const digits = groups.join('').length;
  if (digits < 4 || digits > 9) return false;
  if (groups.length === 1) return true;
  const lengths = new Set(groups.map((group) => group.length));
  if (written.includes('\n') && !(lengths.size === 1 && lengths.has(1))) return false;
  if (lengths.size === 1) return true;
  return groups.length === 2 && groups.every((group) => group.length >= 3 && group.length <= 4);
}

const UNITS =
  /^\s*(?:%|percent|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|seconds?|secs?|ms|[kmgt]i?b\b|usd|eur|gbp|jpy|yen|dollars?|euros?|times|users?|accounts?|items?|instances?|requests?|characters?|digits?|points?|people|円|分|時間|日|秒|年|月|件|桁|分钟|小时|天|位|분|시간|일|자리)/u;
const LABELS =
  /(?:case|cases|report|invoice|account|acct|ticket|order|port|version|year|room|suite|box|phone|tel|fax|ext|extension|rfc|http|status|error|exit|build|line|page|section|kb|pr|issue|reference|ref|copyright|©|event|step|ケース|アカウント|請求書|電話|号|案件|계정)(?:\s*(?:id|no|number|nr|番号)?\.?)?[\s:#([]*$/;
const MONTHS = /(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s*(?:\d{1,2}(?:st|nd|rd|th)?,?\s*)?$/;

/** Dates, amounts, labelled and counted things: numbers that are no codes although code words stand near. */
function isHarmlessNumber(shadow: Shadow, range: SecretRange, isNext: boolean): boolean {
  const { lower } = shadow;
  const before = lower.slice(Math.max(0, range.from - 30), range.from);
  const behind = lower.slice(range.to, range.to + 16);
  if (/[$€£¥₩]\s*$/.test(before) || /\b(?:usd|eur|gbp|jpy|mxn|inr|cad|aud|chf|brl)\s*$/.test(before)) return true;
  if (/^[.,]\d{1,2}\b/.test(behind) || UNITS.test(behind)) return true;
  const written = lower.slice(range.from, range.to);
  // A part of an account number written in groups (1234-5678-9012).
  if (/\d[ -]\d/.test(written) && (/^[ -]\d{3}/.test(behind) || /\d{3}[ -]$/.test(before))) return true;
  if (isNext) return false;
  if (LABELS.test(before) || MONTHS.test(before)) return true;
  if (/^(?:19|20)\d\d$/.test(written)) return true;
  if (/^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/.test(written)) return true;
  if (/^(?:19|20)\d\d[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])$/.test(written)) return true;
  // US ZIP codes of postal addresses in footers.
  return /\b[a-z]{2}[ ,]+$/.test(before) && /^\d{5}(-\d{4})?$/.test(written) && /,\s*[a-z]{2}[ ,]+$/.test(before);
}

/** Codes with letters, only right behind the words or alone on a line below them: prose is full of EC2 and SHA256. */
function wordsBehind(shadow: Shadow, word: CodeWord): SecretRange[] {
  const { text, lower } = shadow;
  const end = Math.min(text.length, word.to + REACH_BEHIND);
  const window = text.slice(word.to, end + 24);
  const found: SecretRange[] = [];
  for (const match of window.matchAll(LETTERS_AND_DIGITS)) {
    const at = word.to + match.index;
    const range = codeRange(at, match[0]);
    if (at >= end || range.value.length < 5 || range.value.length > 24 || isHarmlessWord(match[0])) continue;
    // Small letters and digits (i-0abc, t3large) are names unless they stand right behind the words.
    const alone = !/[a-z]/.test(match[0]) && isAloneOnLine(text, at, range.to);
    if (alone || isBridge(lower.slice(word.to, at))) found.push(range);
  }
  for (const match of window.matchAll(CAPITALS)) {
    const at = word.to + match.index;
    const between = lower.slice(word.to, at);
    if (at < end && /[:：=\n"'“「]|\bis\b/.test(between) && isBridge(between)) found.push(codeRange(at, match[0]));
  }
  return found;
}

function isHarmlessWord(word: string): boolean {
  return /^(?:sha|rsa|aes|iso|rfc|utf|tls|ipv|http|kb|ec|s3|cve|md|euin|inv|akia|asia|i-|vol|vpc|eni|ami|sg|arn|us-|eu-|ap-|sa-|ca-|me-|af-|il-|\d+(?:st|nd|rd|th|am|pm|h|min|gb|mb|kb|tb)$)/i.test(
    word,
  );
}

/** What may stand between code words and their code: "is", a colon, quotes, a line break. */
function isBridge(between: string): boolean {
  if (between.length > 60) return false;
  return /^(?:\s|[:：=＝#*"'’“”「」『』()[\]<>|–—-]|\b(?:is|are|was|here|below|now|for you|es|ist|lautet|est|è|é|для|—)\b|は|：|です|为|為|是|는|은|이)*$/u.test(
    between,
  );
}

function isAloneOnLine(text: string, from: number, to: number): boolean {
  const before = text.slice(Math.max(0, from - MARGIN), from);
  const behind = text.slice(to, to + MARGIN);
  const lineStart = before.lastIndexOf('\n');
  const lineEnd = behind.indexOf('\n');
  if ((lineStart < 0 && from > MARGIN) || (lineEnd < 0 && to + MARGIN < text.length)) return false;
  return /^[\s*_>|"'-]*$/.test(before.slice(lineStart + 1) + (lineEnd < 0 ? behind : behind.slice(0, lineEnd)));
}

function codeRange(from: number, written: string): SecretRange {
  return { from, to: from + written.length, kind: 'code', value: written.replace(/[^\p{L}\p{N}]/gu, '') };
}
