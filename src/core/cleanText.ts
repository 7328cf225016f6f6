/** What may stand in a text that goes to a database, a page or a ticket. */

const UNSTORABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]+/g;
/** One look that spares most texts three passes: controls, carriage returns, halves of surrogate pairs. */
const UNCLEAN = /[\0-\x08\x0b-\x1f\x7f\ud800-\udfff]/;

/**
 * Removes what Postgres cannot store or a terminal would obey: NUL and other controls (not tab, not line break), and
 * replaces lone surrogates by U+FFFD. Line ends become LF.
 */
export function cleanText(text: string): string {
  if (!UNCLEAN.test(text)) return text;
  return text.replace(/\r\n?/g, '\n').replace(UNSTORABLE, '').toWellFormed();
}

/** The same on one line, white space collapsed, at most `max` characters. */
export function cleanLine(text: string, max = 998): string {
  const line = cleanText(text).replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`.toWellFormed();
}
