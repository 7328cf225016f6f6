/**
 * Header fields as they stand in the bytes of a mail: in order, unfolded, nothing decoded, nothing dropped. Every rule
 * that must not be fooled (sender, addressee, time, identity) reads these and never a parser's idea of "the" Subject.
 */

/** One header field. `start` and `end` are offsets into the raw mail; `end` is behind the field's last line break. */
export type HeaderField = {
  /** Lower case. */
  name: string;
  /** As written. */
  rawName: string;
  /** Unfolded (RFC 5322 §2.2.3) and trimmed; UTF-8 when the bytes are valid UTF-8, else one character a byte. */
  value: string;
  /** The value's bytes, folded as they came: for text in an undeclared charset. */
  bytes: Uint8Array;
  start: number;
  end: number;
};

/** Bytes of header that are read; real mail stays below 100 KB, what lies behind is neither read nor believed. */
const MAX_HEAD_BYTES = 1024 * 1024;
/** Fields that are read. */
const MAX_FIELDS = 2000;
/** Characters of one value; an 84 KB line is legal in the wild, a megabyte is an attack on whoever scans it. */
const MAX_VALUE = 128 * 1024;

const LF = 10;
const CR = 13;
const COLON = 58;

/**
 * Reads the header fields of a mail, or of a part when `from` and `to` say where it lies. Total on any bytes: a line
 * that is no field is skipped, as mail programs do, and an mbox "From " line on top is not a field. Bounded to 1 MB,
 * 2000 fields, 128 KB a value.
 */
export function readFields(raw: Uint8Array, from = 0, to = raw.length): HeaderField[] {
  const fields: HeaderField[] = [];
  const limit = Math.min(to, from + MAX_HEAD_BYTES);
  let position = from;
  while (position < limit && fields.length < MAX_FIELDS) {
    const lineEnd = endOfLine(raw, position, limit);
    if (isBlank(raw, position, lineEnd)) break;
    let end = lineEnd;
    while (end < limit && isFold(raw[end]) && !isBlank(raw, end, endOfLine(raw, end, limit))) {
      end = endOfLine(raw, end, limit);
    }
    const field = readField(raw, position, lineEnd, end);
    if (field) fields.push(field);
    position = end;
  }
  return fields;
}

/** Offset of the first byte behind the empty line that ends the header; `to` when there is none. */
export function bodyStart(raw: Uint8Array, from = 0, to = raw.length): number {
  let position = from;
  while (position < to) {
    const end = endOfLine(raw, position, to);
    if (isBlank(raw, position, end)) return end;
    position = end;
  }
  return to;
}

/** The topmost field of this (lower case) name. */
export function firstField(fields: readonly HeaderField[], name: string): HeaderField | null {
  for (const field of fields) if (field.name === name) return field;
  return null;
}

/** All fields of this (lower case) name, top to bottom. */
export function fieldsNamed(fields: readonly HeaderField[], name: string): HeaderField[] {
  return fields.filter((field) => field.name === name);
}

function readField(raw: Uint8Array, start: number, lineEnd: number, end: number): HeaderField | null {
  const colon = raw.subarray(start, lineEnd).indexOf(COLON);
  if (colon <= 0) return null;
  // White space before the colon is obsolete syntax (RFC 5322 §4.5) that every reader accepts: a forged "Subject :"
  // must count as a Subject here too.
  const rawName = latin1(raw.subarray(start, start + colon)).trimEnd();
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(rawName)) return null;
  const bytes = raw.subarray(start + colon + 1, Math.min(end, start + colon + 1 + MAX_VALUE));
  return { name: rawName.toLowerCase(), rawName, value: unfold(textOf(bytes)), bytes, start, end };
}

/** Removes the line breaks of folding; the white space that follows them stays. */
function unfold(text: string): string {
  return text.replace(/[\r\n]+/g, '').trim();
}

function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  return text.includes('\ufffd') ? buffer.toString('latin1') : text;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function endOfLine(raw: Uint8Array, from: number, to: number): number {
  const found = raw.indexOf(LF, from);
  return found < 0 || found >= to ? to : found + 1;
}

/** A line of nothing but its line break. */
function isBlank(raw: Uint8Array, start: number, end: number): boolean {
  if (start >= end) return true;
  return raw[start] === LF || (raw[start] === CR && (start + 1 === end || raw[start + 1] === LF));
}

function isFold(byte: number | undefined): boolean {
  return byte === 32 || byte === 9;
}
