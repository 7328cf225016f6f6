/**
 * Characters that take no room: soft hyphen, zero-width space, word joiner, BOM, combining grapheme joiner, bidi
 * controls, variation selectors, tags. Mail programs pad preheaders with them, and others split words and codes with
 * them so that filters do not see what people see.
 */
const INVISIBLE =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\u{e0000}-\\u{e0fff}';
const ANY = new RegExp(`[${INVISIBLE}\\u200c\\u200d]`, 'u');
const ALWAYS = new RegExp(`[${INVISIBLE}]+`, 'gu');
/** Joiners shape Persian, Indic scripts and emoji; beside these characters they do nothing but hide. */
const JOINER_BESIDE_LATIN =
  /(?<=[\0-\u024f\uff01-\uff5e\s]|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[\0-\u024f\uff01-\uff5e\s]|$)/g;

/** Most mail is without: no character of Latin-1 but the soft hyphen could be one of ours. */
const BEYOND_LATIN = /[^\0-\xac]/;

/** The text without characters that take no room. */
export function withoutInvisible(text: string): string {
  if (!BEYOND_LATIN.test(text) || !ANY.test(text)) return text;
  return text.replace(ALWAYS, '').replace(JOINER_BESIDE_LATIN, '');
}
