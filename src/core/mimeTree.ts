import { bodyStart, firstField, type HeaderField, readFields } from './fields.ts';
import { type MimeValue, readMimeValue } from './mimeParams.ts';
import { decodeTransfer } from './transferEncoding.ts';

/**
 * The parts of a mail as offsets, nothing copied. Bounded: a mail of 200 nested parts or 10,000 siblings costs no more
 * than an ordinary one, and what is left out is said.
 */

export type MimePart = {
  /** Media type, lower case; `text/plain` when none is given (RFC 2045 §5.2). */
  type: string;
  params: Record<string, string>;
  disposition: MimeValue;
  encoding: string;
  fields: HeaderField[];
  /** Body as sent, still in its transfer encoding. */
  body: Uint8Array;
  children: MimePart[];
};

export type MimeTree = { root: MimePart; parts: number; cut: 'depth' | 'parts' | null };

export const MAX_DEPTH = 30;
export const MAX_PARTS = 500;
/** A multipart or message that was (wrongly) transfer-encoded as a whole is decoded up to this size. */
const MAX_ENCODED_CONTAINER = 2 * 1024 * 1024;
/** Two tokens (RFC 2045 §5.1): neither NUL nor anything else that no table can store. */
const MEDIA_TYPE = /^[-!#$%&'*+.^_`{|}~\w]+\/[-!#$%&'*+.^_`{|}~\w]+$/;

export function readMimeTree(raw: Uint8Array, fields: HeaderField[]): MimeTree {
  const tree: MimeTree = { root: emptyPart(), parts: 0, cut: null };
  tree.root = readPart(raw, fields, bodyOffset(raw, fields, 0, raw.length), raw.length, 0, tree, 'text/plain');
  return tree;
}

function readPart(
  raw: Uint8Array,
  fields: HeaderField[],
  start: number,
  end: number,
  depth: number,
  tree: MimeTree,
  fallbackType: string,
): MimePart {
  tree.parts += 1;
  const contentType = readMimeValue(firstField(fields, 'content-type')?.value ?? '');
  const type = MEDIA_TYPE.test(contentType.value) ? contentType.value : fallbackType;
  const encoding = readMimeValue(firstField(fields, 'content-transfer-encoding')?.value ?? '').value;
  const disposition = readMimeValue(firstField(fields, 'content-disposition')?.value ?? '');
  const part = {
    type,
    params: contentType.params,
    disposition,
    encoding,
    fields,
    body: raw.subarray(start, end),
    children: [],
  };
  if (type.startsWith('multipart/')) readChildren(part, depth, tree);
  else if (type === 'message/rfc822' || type === 'message/global') readMessage(part, depth, tree);
  return part;
}

function readChildren(part: MimePart, depth: number, tree: MimeTree): void {
  const body = plainBody(part);
  const boundary = part.params.boundary?.trimEnd() || sniffBoundary(body);
  if (!boundary) return;
  const fallback = part.type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
  for (const [start, end] of splitAtBoundary(body, boundary)) {
    if (!mayGoOn(depth, tree)) return;
    const fields = readFields(body, start, end);
    part.children.push(readPart(body, fields, bodyOffset(body, fields, start, end), end, depth + 1, tree, fallback));
  }
}

function readMessage(part: MimePart, depth: number, tree: MimeTree): void {
  if (!mayGoOn(depth, tree)) return;
  const body = plainBody(part);
  const fields = readFields(body);
  const start = bodyOffset(body, fields, 0, body.length);
  part.children.push(readPart(body, fields, start, body.length, depth + 1, tree, 'text/plain'));
}

/** Where the body starts; bytes without any header field and without an empty line are all body. */
function bodyOffset(raw: Uint8Array, fields: HeaderField[], start: number, end: number): number {
  const found = bodyStart(raw, start, end);
  return fields.length === 0 && found === end ? start : found;
}

function mayGoOn(depth: number, tree: MimeTree): boolean {
  if (depth >= MAX_DEPTH) tree.cut ??= 'depth';
  else if (tree.parts >= MAX_PARTS) tree.cut ??= 'parts';
  else return true;
  return false;
}

/** RFC 2045 §6.4 forbids encoded containers; some senders (and those who want to hide a part) make them all the same. */
function plainBody(part: MimePart): Uint8Array {
  if (part.encoding !== 'base64' && part.encoding !== 'quoted-printable') return part.body;
  return decodeTransfer(part.body, part.encoding, MAX_ENCODED_CONTAINER);
}

const LF = 10;
const SPACE = 32;
const HYPHEN = 45;
const NO_BREAK_SPACE = 0xa0;

/** The ranges between the delimiter lines (RFC 2046 §5.1.1); a missing close delimiter ends at the end. */
function* splitAtBoundary(body: Uint8Array, boundary: string): Generator<[number, number]> {
  const delimiter = Buffer.from(`--${boundary}`, 'utf8');
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let partStart = -1;
  let at = buffer.indexOf(delimiter);
  while (at >= 0) {
    const rest = at + delimiter.length;
    const kind = at === 0 || body[at - 1] === 10 ? delimiterKind(buffer, rest) : null;
    if (kind !== null && partStart >= 0) yield [partStart, Math.max(partStart, withoutLineBreak(body, at))];
    if (kind === 'close') return;
    if (kind === 'open') partStart = endOfLine(body, rest);
    at = buffer.indexOf(delimiter, rest);
  }
  if (partStart >= 0) yield [partStart, body.length];
}

/** What stands behind the boundary on its line: nothing but blanks, `--`, or other text (then it is no delimiter). */
function delimiterKind(buffer: Buffer, rest: number): 'open' | 'close' | null {
  const first = buffer[rest] ?? LF;
  if (first > SPACE && first !== HYPHEN && first !== NO_BREAK_SPACE) return null;
  const tail = buffer
    .toString('latin1', rest, rest + 200)
    .replace(/[\r\n].*$/s, '')
    .trimEnd();
  if (tail === '') return 'open';
  return /^--(\W|$)/.test(tail) ? 'close' : null;
}

/** A multipart that names no boundary: the first line that looks like a delimiter. */
function sniffBoundary(body: Uint8Array): string | null {
  const head = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 4096)).toString('latin1');
  return /^--([^\s-][^\r\n]{0,69}|-{2,}[^\r\n]{1,60})\r?$/m.exec(head)?.[1]?.trimEnd() ?? null;
}

function withoutLineBreak(body: Uint8Array, at: number): number {
  if (at > 1 && body[at - 1] === 10 && body[at - 2] === 13) return at - 2;
  return at > 0 && body[at - 1] === 10 ? at - 1 : at;
}

function endOfLine(body: Uint8Array, from: number): number {
  const found = body.indexOf(10, from);
  return found < 0 ? body.length : found + 1;
}

function emptyPart(): MimePart {
  return {
    type: 'text/plain',
    params: {},
    disposition: { value: '', params: {} },
    encoding: '',
    fields: [],
    body: new Uint8Array(),
    children: [],
  };
}
