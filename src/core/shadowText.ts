import { withoutInvisible } from './invisible.ts';
import { type Signs, signsIn } from './signs.ts';

/**
 * A text as secrets are looked for in it: full-width and other digits are ASCII digits, characters that take no room are
 * gone. Every place of the shadow knows its place in the original, so that what is found can be masked there.
 */
export type Shadow = {
  text: string;
  /** Lower case, as long as `text`. */
  lower: string;
  /** The signs of `lower`. */
  signs: Signs;
  /** Range in the original text of the range [from, to) of the shadow. */
  original(from: number, to: number): [number, number];
};

/** The zeros of digit rows that NFKC leaves alone: Arabic, Persian, Devanagari, Bengali, Gurmukhi, Gujarati, Tamil, Thai, Lao, Myanmar, Khmer. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xbe6, 0xe50, 0xed0, 0x1040, 0x17e0];
/** Units that the shadow may show otherwise (1), also by their other half; common punctuation and CJK text pass as they are. */
const FOLDS = new Uint8Array(65536);
for (const [from, to] of [
  [0xa0, 0xbf],
  [0x2b0, 0x36f],
  [0x600, 0x109f],
  [0x115f, 0x1160],
  [0x17b4, 0x180f],
  [0x2000, 0x200f],
  [0x2024, 0x203a],
  [0x203c, 0x3000],
  [0x3164, 0x3164],
  [0x3200, 0x33ff],
  [0xd800, 0xdbff],
  [0xf900, 0xffff],
] as const)
  FOLDS.fill(1, from, to + 1);
const ASCII_ONLY = /^[\x00-\x7f]*$/;

export function shadowOf(original: string): Shadow {
  if (ASCII_ONLY.test(original)) {
    const lower = original.toLowerCase();
    return { text: original, lower, signs: signsIn(lower), original: (from, to) => [from, to] };
  }
  // Runs in which shadow and original go along with each other: where each begins here and there.
  const starts: number[] = [];
  const origins: number[] = [];
  let offset = Number.NaN;
  let units = new Uint16Array(original.length + 64);
  let length = 0;
  const put = (unit: number, origin: number): void => {
    if (origin - length !== offset) {
      starts.push(length);
      origins.push(origin);
      offset = origin - length;
    }
    units[length++] = unit;
  };
  for (let at = 0; at < original.length; at++) {
    const unit = original.charCodeAt(at);
    if (FOLDS[unit] === 0) {
      put(unit, at);
      continue;
    }
    const code = original.codePointAt(at)!;
    const shown = shadowChar(code);
    // One character may become several, each of which stands at its place.
    if (length + shown.length + original.length - at > units.length) units = grown(units, shown.length);
    const size = code > 0xffff ? 2 : 1;
    for (let nth = 0; nth < shown.length; nth++) put(shown.charCodeAt(nth), shown.length === size ? at + nth : at);
    at += size - 1;
  }
  const text = Buffer.from(units.buffer, 0, length * 2).toString('utf16le');
  // A few letters change their length in lower case; a shadow out of step would mask the wrong place.
  const inLower = text.toLowerCase();
  const lower = inLower.length === text.length ? inLower : text;
  const place = (at: number): number => {
    if (at >= text.length) return original.length;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return origins[low]! + (at - starts[low]!);
  };
  return {
    text,
    lower,
    signs: signsIn(lower),
    original: (from, to) => [place(from), to > from ? endOf(original, place(to - 1)) : place(to)],
  };
}

/** Offset behind the character at `at`, with the marks that the shadow left out behind it. */
function endOf(original: string, at: number): number {
  return at + (original.codePointAt(at)! > 0xffff ? 2 : 1);
}

function grown(units: Uint16Array<ArrayBuffer>, more: number): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(units.length + (units.length >> 1) + more);
  larger.set(units);
  return larger;
}

/** What few characters that hostile text repeats become, so that each is folded once. */
const SHOWN = new Map<number, string>();
const MAX_SHOWN = 5000;

function shadowChar(code: number): string {
  let shown = SHOWN.get(code);
  if (shown === undefined) {
    shown = foldChar(String.fromCodePoint(code), code);
    if (SHOWN.size < MAX_SHOWN) SHOWN.set(code, shown);
  }
  return shown;
}

function foldChar(char: string, code: number): string {
  if (code >= 0x20d0 && code <= 0x20ff) return ''; // key caps and rings around digits
  if (code === 0x200c || code === 0x200d || withoutInvisible(char) === '') return '';
  for (const zero of ZEROS) if (code >= zero && code <= zero + 9) return String(code - zero);
  const folded = char.normalize('NFKC');
  return folded.length <= 8 ? folded : char;
}
