const LF = 10;
const CR = 13;

/**
 * The bytes as they stand on the wire: every bare LF (from Unix mail files) as CRLF. The same buffer when there is none.
 * Linear, also for megabytes of nothing but line feeds. `before`: the byte that stands in front of them.
 */
export function wireForm(bytes: Buffer, before?: number): Buffer {
  const missing = countBareLf(bytes, before);
  if (missing === 0) return bytes;
  const wire = Buffer.allocUnsafe(bytes.length + missing);
  let length = 0;
  let last = before;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === LF && last !== CR) wire[length++] = CR;
    wire[length++] = byte;
    last = byte;
  }
  return wire;
}

/** Number of lines, counted up to `limit`. */
export function countLines(bytes: Buffer, limit: number): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0 && count < limit; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

/** Byte by byte: a search for each line feed costs more when there is little between them. */
function countBareLf(bytes: Buffer, before: number | undefined): number {
  let count = 0;
  let last = before;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === LF && last !== CR) count += 1;
    last = byte;
  }
  return count;
}
