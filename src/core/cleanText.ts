/** What may stand in a text that goes to a database, a page or a ticket. */

const UNSTORABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
const UNSTORABLE_ALL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/**
 * Removes what Postgres cannot store or a terminal would obey: NUL and other controls (not tab, not line break), and
 * replaces lone surrogates by U+FFFD. Line ends become LF.
 */
export function cleanText(text: string): string {
  let clean = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  if (UNSTORABLE.test(clean)) clean = clean.replace(UNSTORABLE_ALL, '');
  return clean.isWellFormed() ? clean : clean.toWellFormed();
}

/** The same on one line, white space collapsed, at most `max` characters. */
export function cleanLine(text: string, max = 998): string {
  const line = cleanText(text).replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : line.slice(0, max - 1).toWellFormed() + '…';
}
