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
/** Characters that the shadow may show otherwise; common punctuation and CJK text pass as they are. */
const NEEDS_FOLDING =
  /[\u00a0-\u00bf\u02b0-\u036f\u0600-\u109f\u115f-\u1160\u17b4-\u180f\u2000-\u200f\u2024-\u203a\u203c-\u2fff\u3000\u3164\u3200-\u33ff\uf900-\uffff\u{10000}-\u{10ffff}]/gu;
const ASCII_ONLY = /^[\x00-\x7f]*$/;

export function shadowOf(original: string): Shadow {
  if (ASCII_ONLY.test(original)) {
    const lower = original.toLowerCase();
    return { text: original, lower, signs: signsIn(lower), original: (from, to) => [from, to] };
  }
  // Runs in which shadow and original go along with each other: where each begins here and there.
  const starts: number[] = [];
  const origins: number[] = [];
  let text = '';
  let last = 0;
  const run = (origin: number): void => {
    const at = starts.length - 1;
    if (at >= 0 && origin - origins[at]! === text.length - starts[at]!) return;
    starts.push(text.length);
    origins.push(origin);
  };
  for (const { index, 0: char } of original.matchAll(NEEDS_FOLDING)) {
    const shown = shadowChar(char);
    if (shown === char) continue;
    if (index > last) {
      run(last);
      text += original.slice(last, index);
    }
    for (const unit of shown.split('')) {
      run(index);
      text += unit;
    }
    last = index + char.length;
  }
  run(last);
  text += original.slice(last);
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

/** What few characters that hostile text repeats become, so that each is folded once. */
const SHOWN = new Map<string, string>();
const MAX_SHOWN = 5000;

function shadowChar(char: string): string {
  let shown = SHOWN.get(char);
  if (shown === undefined) {
    shown = foldChar(char);
    if (SHOWN.size < MAX_SHOWN) SHOWN.set(char, shown);
  }
  return shown;
}

function foldChar(char: string): string {
  const code = char.codePointAt(0)!;
  if (code >= 0x20d0 && code <= 0x20ff) return ''; // key caps and rings around digits
  if (code === 0x200c || code === 0x200d || withoutInvisible(char) === '') return '';
  for (const zero of ZEROS) if (code >= zero && code <= zero + 9) return String(code - zero);
  const folded = char.normalize('NFKC');
  return folded.length <= 8 ? folded : char;
}
