import { withoutInvisible } from './invisible.ts';

/**
 * A text as secrets are looked for in it: full-width and other digits are ASCII digits, characters that take no room are
 * gone. Every place of the shadow knows its place in the original, so that what is found can be masked there.
 */
export type Shadow = {
  text: string;
  /** Lower case, as long as `text`. */
  lower: string;
  /** Range in the original text of the range [from, to) of the shadow. */
  original(from: number, to: number): [number, number];
};

/** The zeros of digit rows that NFKC leaves alone: Arabic, Persian, Devanagari, Bengali, Gurmukhi, Gujarati, Tamil, Thai, Lao, Myanmar, Khmer. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xbe6, 0xe50, 0xed0, 0x1040, 0x17e0];
const ASCII_ONLY = /^[\x00-\x7f]*$/;

export function shadowOf(original: string): Shadow {
  if (ASCII_ONLY.test(original)) {
    return { text: original, lower: original.toLowerCase(), original: (from, to) => [from, to] };
  }
  let text = '';
  const places: number[] = [];
  for (let at = 0; at < original.length; ) {
    const char = String.fromCodePoint(original.codePointAt(at)!);
    const shown = shadowChar(char);
    for (let i = 0; i < shown.length; i++) places.push(at);
    text += shown;
    at += char.length;
  }
  places.push(original.length);
  const lower = text.toLowerCase();
  return {
    text,
    // A few letters change their length in lower case; a shadow out of step would mask the wrong place.
    lower: lower.length === text.length ? lower : text,
    original: (from, to) => [places[from]!, places[to]!],
  };
}

function shadowChar(char: string): string {
  if (char < '\x80') return char;
  const code = char.codePointAt(0)!;
  if (code >= 0x20d0 && code <= 0x20ff) return ''; // key caps and rings around digits
  if (code === 0x200c || code === 0x200d || withoutInvisible(char) === '') return '';
  for (const zero of ZEROS) if (code >= zero && code <= zero + 9) return String(code - zero);
  const folded = char.normalize('NFKC');
  return folded.length <= 8 ? folded : char;
}
