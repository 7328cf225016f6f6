/** Undoes Content-Transfer-Encoding (RFC 2045 §6). Total: what is no base64 or quoted-printable is passed over. */

const EQUALS = 61;
const LF = 10;
const CR = 13;

/** The bytes behind the encoding, at most `max` of them; 7bit, 8bit, binary and unknown encodings are passed through. */
export function decodeTransfer(bytes: Uint8Array, encoding: string, max: number): Uint8Array {
  if (encoding === 'base64') return decodeBase64(bytes.subarray(0, Math.ceil((max * 4) / 3) * 1.1)).subarray(0, max);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(bytes.subarray(0, max * 3)).subarray(0, max);
  return bytes.subarray(0, max);
}

/** Decoded size without decoding: exact to a few bytes for base64 of ordinary lines. */
export function decodedSize(bytes: Uint8Array, encoding: string): number {
  if (encoding !== 'base64' || bytes.length === 0) return bytes.length;
  const firstBreak = bytes.indexOf(LF);
  const line = firstBreak < 0 ? bytes.length : firstBreak + 1;
  const lineBreak = firstBreak < 0 ? 0 : bytes[firstBreak - 1] === CR ? 2 : 1;
  const breaks = line > lineBreak ? Math.floor(bytes.length / line) * lineBreak : 0;
  return Math.max(0, Math.floor(((bytes.length - breaks) * 3) / 4) - padding(bytes));
}

function padding(bytes: Uint8Array): number {
  let count = 0;
  for (let i = bytes.length - 1; i >= 0 && i > bytes.length - 8; i--) {
    if (bytes[i] === EQUALS) count += 1;
    else if (bytes[i] !== LF && bytes[i] !== CR) break;
  }
  return count;
}

/** Base64 of several encodings put behind each other is read to its end, as mail programs do: padding does not end it. */
export function decodeBase64(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const pad = text.indexOf('=');
  if (pad < 0 || text.slice(pad).replace(/[=\s]/g, '') === '') return Buffer.from(text, 'base64');
  return decodePadded(bytes);
}

/** The value of each byte as a base64 digit (also of the URL alphabet, RFC 4648 §5), 255 when it is none. */
const DIGITS = new Uint8Array(256).fill(255);
for (const alphabet of ['+/', '-_']) {
  const digits = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`;
  for (let value = 0; value < 64; value++) DIGITS[digits.charCodeAt(value)] = value;
}

/** Padding ends a group and not the text. */
function decodePadded(bytes: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafe(Math.ceil((bytes.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    const digit = DIGITS[byte]!;
    if (byte === EQUALS) held = 0;
    if (digit === 255) continue;
    bits = ((bits << 6) | digit) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[length++] = bits >> held;
  }
  return out.subarray(0, length);
}

/** RFC 2045 §6.7; an `=` that starts no escape stays an `=`. */
export function decodeQuotedPrintable(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(EQUALS)) return bytes;
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at]!;
    at += 1;
    if (byte === EQUALS) {
      const high = hex(bytes[at]);
      const low = hex(bytes[at + 1]);
      if (high >= 0 && low >= 0) {
        out[length++] = high * 16 + low;
        at += 2;
        continue;
      }
      const end = softBreak(bytes, at);
      if (end > 0) {
        at = end;
        continue;
      }
    }
    out[length++] = byte;
  }
  return out.subarray(0, length);
}

/** Offset behind a soft line break (blanks, then CRLF, LF or the end), or 0. */
function softBreak(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && at - from < 80 && (bytes[at] === 32 || bytes[at] === 9)) at += 1;
  if (at >= bytes.length) return at;
  if (bytes[at] === LF) return at + 1;
  if (bytes[at] === CR) return bytes[at + 1] === LF ? at + 2 : at + 1;
  return 0;
}

function hex(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 48 && byte <= 57) return byte - 48;
  if (byte >= 65 && byte <= 70) return byte - 55;
  if (byte >= 97 && byte <= 102) return byte - 87;
  return -1;
}
