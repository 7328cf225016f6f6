const LF = 10;
const CR = 13;
/** Length of lines (bytes) below which searching for line feeds costs more than looking at every byte. */
const SHORT_LINE = 16;
/** Lines after which their average length is looked at. */
const SAMPLE = 256;

/**
 * The bytes as they stand on the wire: every bare LF (from Unix mail files) as CRLF. The same buffer when there is none.
 * Linear, also for megabytes of nothing but line feeds. `before`: the byte that stands in front of them.
 */
export function wireForm(bytes: Buffer, before?: number): Buffer {
  const missing = countBareLf(bytes, before);
  if (missing === 0) return bytes;
  const wire = Buffer.allocUnsafe(bytes.length + missing);
  if (missing * SHORT_LINE > bytes.length) fillOneByOne(wire, bytes, before);
  else fillByLines(wire, bytes, before);
  return wire;
}

/** Number of lines, counted up to `limit`. */
export function countLines(bytes: Buffer, limit: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0 && count < limit; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

function fillByLines(wire: Buffer, bytes: Buffer, before: number | undefined): void {
  let length = 0;
  let from = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if ((at === 0 ? before : bytes[at - 1]) === CR) continue;
    length += bytes.copy(wire, length, from, at);
    wire[length++] = CR;
    from = at;
  }
  bytes.copy(wire, length, from);
}

function fillOneByOne(wire: Buffer, bytes: Buffer, before: number | undefined): void {
  let length = 0;
  let last = before;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === LF && last !== CR) wire[length++] = CR;
    wire[length++] = byte;
    last = byte;
  }
}

function countBareLf(bytes: Buffer, before: number | undefined): number {
  let count = 0;
  let lines = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if ((at === 0 ? before : bytes[at - 1]) !== CR) count += 1;
    lines += 1;
    if (lines % SAMPLE === 0 && at < lines * SHORT_LINE) return count + countOneByOne(bytes, at + 1);
  }
  return count;
}

/** From behind a line feed on. */
function countOneByOne(bytes: Buffer, from: number): number {
  let count = 0;
  let last = LF;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === LF && last !== CR) count += 1;
    last = byte;
  }
  return count;
}
