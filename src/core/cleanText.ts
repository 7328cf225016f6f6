/** What may stand in a text that goes to a database, a page or a ticket. */

const UNSTORABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]+/g;

/**
 * Removes what Postgres cannot store or a terminal would obey: NUL and other controls (not tab, not line break), and
 * replaces lone surrogates by U+FFFD. Line ends become LF.
 */
export function cleanText(text: string): string {
  const found = look(text);
  let clean = found & CARRIAGE_RETURN ? text.replace(/\r\n?/g, '\n') : text;
  if (found & CONTROL) clean = clean.replace(UNSTORABLE, '');
  return found & SURROGATE ? clean.toWellFormed() : clean;
}

/** The same on one line, white space collapsed, at most `max` characters. */
export function cleanLine(text: string, max = 998): string {
  const line = cleanText(text).replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`.toWellFormed();
}

const CARRIAGE_RETURN = 1;
const CONTROL = 2;
const SURROGATE = 4;

/** One cheap look that spares most texts three passes. */
function look(text: string): number {
  let found = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) {
      if (code >= 0xd800 && code <= 0xdfff) found |= SURROGATE;
    } else if (code < 32) {
      if (code === 13) found |= CARRIAGE_RETURN;
      else if (code !== 10 && code !== 9) found |= CONTROL;
    } else if (code === 127) found |= CONTROL;
  }
  return found;
}
