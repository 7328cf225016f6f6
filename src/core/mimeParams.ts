import { decodeText } from './charset.ts';
import { decodeWords } from './encodedWord.ts';

export type MimeValue = { value: string; params: Record<string, string> };

const MAX_PARAMS = 100;

/**
 * A structured MIME field: `text/plain; charset="utf-8"` (RFC 2045 §5.1), comments dropped, continued and encoded
 * parameters (RFC 2231) put together. The first of a repeated parameter counts. Value and names are lower case.
 */
export function readMimeValue(text: string): MimeValue {
  const pieces = splitParams(text);
  const params: Record<string, string> = Object.create(null);
  const continued = new Map<string, { index: number; encoded: boolean; value: string }[]>();
  for (const piece of pieces.slice(1, MAX_PARAMS)) {
    const equals = piece.indexOf('=');
    if (equals < 1) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    const value = unquote(piece.slice(equals + 1).trim());
    const split = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/.exec(name);
    if (!split || (split[2] === undefined && split[3] === undefined)) {
      params[name] ??= decodeWords(value);
      continue;
    }
    const list = continued.get(split[1]!) ?? [];
    list.push({ index: Number(split[2] ?? 0), encoded: split[3] !== undefined, value });
    continued.set(split[1]!, list);
  }
  for (const [name, list] of continued) params[name] ??= joinContinued(list.sort((a, b) => a.index - b.index));
  return { value: (pieces[0] ?? '').trim().toLowerCase(), params };
}

function joinContinued(list: { encoded: boolean; value: string }[]): string {
  let charset: string | null = null;
  const bytes: Uint8Array[] = [];
  list.forEach((piece, index) => {
    let value = piece.value;
    if (piece.encoded && index === 0) {
      const parts = /^([^']*)'[^']*'(.*)$/s.exec(value);
      if (parts) [charset, value] = [parts[1]!, parts[2]!];
    }
    bytes.push(piece.encoded ? percentBytes(value) : Buffer.from(value, 'utf8'));
  });
  return decodeText(Buffer.concat(bytes), charset);
}

function percentBytes(text: string): Uint8Array {
  const plain = text.replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(plain, /[^\0-\xff]/.test(plain) ? 'utf8' : 'latin1');
}

/** Splits at `;` outside quotes, dropping comments. One pass. */
function splitParams(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  let comment = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && (quoted || comment > 0)) {
      if (comment === 0) piece += char + (text[i + 1] ?? '');
      i += 1;
    } else if (quoted) {
      if (char === '"') quoted = false;
      piece += char;
    } else if (char === '(') comment += 1;
    else if (char === ')' && comment > 0) comment -= 1;
    else if (comment > 0) continue;
    else if (char === '"') {
      quoted = true;
      piece += char;
    } else if (char === ';') {
      pieces.push(piece);
      piece = '';
    } else piece += char;
  }
  pieces.push(piece);
  return pieces;
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.replace(/^"|"$/g, '').replace(/\\(.)/gs, '$1');
}
