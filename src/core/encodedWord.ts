import { decodeText } from './charset.ts';
import { decodeBase64 } from './transferEncoding.ts';

/** Characters of one field that are decoded; the rest is left off. */
const MAX_HEADER_TEXT = 16 * 1024;

const WORD = /=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=/gi;

/**
 * Text of an unstructured field (Subject, comments, names): encoded words (RFC 2047) and raw 8-bit text in any charset.
 * Neighbouring words of one charset are joined as bytes first, because senders split characters between words.
 */
export function decodeHeaderText(bytes: Uint8Array): string {
  const head = bytes.subarray(0, MAX_HEADER_TEXT);
  const raw = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (!raw.includes('=?'))
    return decodeText(raw, null)
      .replace(/[\r\n]+/g, '')
      .trim();
  return decodeWords(decodeText(raw, null).replace(/[\r\n]+/g, '')).trim();
}

/** Encoded words in a text that is otherwise decoded already. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  let out = '';
  let last = 0;
  let pending: Uint8Array[] = [];
  let charset = '';
  const flush = () => {
    if (pending.length > 0) out += decodeText(pending.length === 1 ? pending[0]! : Buffer.concat(pending), charset);
    pending = [];
  };
  for (const match of text.matchAll(WORD)) {
    const between = text.slice(last, match.index);
    const wordCharset = match[1]!.replace(/\*.*$/, '').toLowerCase();
    // RFC 2047 §6.2: white space between two encoded words is not shown.
    const adjacent = pending.length > 0 && between.trim() === '';
    if (!adjacent || wordCharset !== charset) flush();
    if (!adjacent) out += between;
    charset = wordCharset;
    pending.push(match[2]!.toLowerCase() === 'b' ? decodeBase64(Buffer.from(match[3]!, 'latin1')) : decodeQ(match[3]!));
    last = match.index + match[0].length;
  }
  flush();
  return out + text.slice(last);
}

/** RFC 2047 §4.2: `_` is a space. */
function decodeQ(text: string): Uint8Array {
  const plain = text
    .replace(/_/g, ' ')
    .replace(/=([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(plain, /[^\0-\xff]/.test(plain) ? 'utf8' : 'latin1');
}
