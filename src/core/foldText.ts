import { type Signs, signsOf } from './signs.ts';

/**
 * Text as the rules read it. `plain` keeps case and lines and folds width (NFKC) and invisible characters, so that
 * full-width digits, soft hyphens and zero-width marks hide nothing; `foldPhrase` goes on to case and white space.
 */
export type ReadText = {
  /** NFKC, invisible characters removed, LF line ends, runs of blanks collapsed. */
  plain: string;
  signs: Signs;
  /** Line number (from 1) of an offset in `plain`. */
  lineAt(offset: number): number;
};

// Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width and bidi controls, word joiner, BOM, tags.
const INVISIBLE = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;
const ASCII_ONLY = /^[\x00-\x7f]*$/;
/** Blanks of a line that are not one space already. */
const BLANKS = /[^\S\n]{2,}|[^\S\n ]/g;
/** The same with line breaks. */
const SPACES = /\s{2,}|[^\S ]/g;
// A class of single characters is looked for three times as fast as one that excludes.
const ASCII_BLANKS = /[ \t\v\f]{2,}|[\t\v\f]/g;
const ASCII_SPACES = /[ \t\n\v\f\r]{2,}|[\t\n\v\f\r]/g;

/** Reads a text for facts. `limit` bounds the characters that are looked at. */
export function readText(text: string, limit: number): ReadText {
  const bounded = text.length > limit ? text.slice(0, limit) : text;
  // A few characters unfold to eighteen: what is searched stays as long as what was given.
  const plain = foldPlain(bounded).slice(0, limit);
  let starts: number[] | null = null;
  return {
    plain,
    signs: signsOf(plain),
    lineAt(offset) {
      starts ??= lineStarts(plain);
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= offset) low = middle;
        else high = middle - 1;
      }
      return low + 1;
    },
  };
}

/** Width and invisible characters folded; case, lines and order kept. */
export function foldPlain(text: string): string {
  const isAscii = ASCII_ONLY.test(text);
  const folded = isAscii ? text : text.replace(INVISIBLE, '').normalize('NFKC');
  // Only what is not one plain space already is replaced: most of a text needs no new string.
  return folded.replace(/\r\n?/g, '\n').replace(isAscii ? ASCII_BLANKS : BLANKS, ' ');
}

/** The form in which phrases are compared: width, case, quotes, dashes and `e-mail` folded, white space collapsed to one space. */
export function foldPhrase(text: string): string {
  const isAscii = ASCII_ONLY.test(text);
  const folded = isAscii
    ? text
    : text
        .replace(INVISIBLE, '')
        .normalize('NFKC')
        .replace(/[\u2018\u2019\u201b\u2032]/g, "'")
        .replace(/[\u201c\u201d\u201f\u2033]/g, '"')
        .replace(/[\u2010-\u2015\u2212]/g, '-');
  return folded
    .toLowerCase()
    .replaceAll('e-mail', 'email')
    .replace(isAscii ? ASCII_SPACES : SPACES, ' ');
}

/** The form in which texts are compared as a whole: case and white space folded, nothing else; in linear time and length. */
export function foldSpaces(text: string): string {
  return text
    .toLowerCase()
    .replace(ASCII_ONLY.test(text) ? ASCII_SPACES : SPACES, ' ')
    .trim();
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
