/**
 * A text as it is searched: compatibility forms and case as one, words apart by one blank, one at each end. Characters of
 * Chinese, Japanese and Korean stand twice, since their words are often two long and an index of three characters finds
 * none shorter: 請求 is 請請求求, and that is found in 請請求求書書 where, and only where, it was in 請求書.
 */
export function searchText(text: string): string {
  const words = text.normalize('NFKC').toLowerCase().replace(NO_WORD, ' ').trim();
  return ` ${words.replace(UNSPACED, '$&$&')} `;
}

const NO_WORD = /[^\p{L}\p{N}\p{M}]+/gu;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]/gu;

/**
 * The LIKE pattern that finds a word in searched texts. One of two characters is found where a word begins: there the
 * index knows blanks too. null: less than two letters or digits, which no index finds.
 */
export function searchPattern(word: string): string | null {
  const folded = searchText(word).trim();
  const letters =
    [...folded.replace(UNSPACED, '').replaceAll(' ', '')].length + [...folded.matchAll(UNSPACED)].length / 2;
  if (letters < 2) return null;
  return folded.length > 2 ? `%${folded}%` : `% ${folded}%`;
}

/** Characters of a part, and those that it has in common with the next: more than the longest word that is looked for. */
const PART = 6000;
const OVERLAP = 1000;

/** A searched text in parts that each hold whatever crosses their border: what is in the text is in one of them. */
export function searchParts(text: string): string[] {
  const searched = searchText(text);
  const parts: string[] = [];
  for (let at = 0; at === 0 || at + OVERLAP < searched.length; at += PART - OVERLAP) {
    parts.push(searched.slice(at, at + PART).toWellFormed());
  }
  return parts;
}
