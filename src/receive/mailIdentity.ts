import { createHash } from 'node:crypto';
import { identityBytes } from '../core/identity.ts';
import { wireForm } from './wireForm.ts';

const CR = 13;
const LF = 10;
/** Bytes that are brought into wire form at a time. */
const BLOCK = 256 * 1024;

/**
 * SHA-256 of a mail below the trace fields of trusted hops. Line ends are hashed as CRLF and line breaks at the end are
 * left out: the same mail from a Unix mail folder and over SMTP is one mail.
 */
export function mailIdentity(raw: Buffer, trustedReceived: number): Buffer {
  const hash = createHash('sha256');
  const chunks = identityBytes(raw, trustedReceived).map((chunk) =>
    Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength),
  );
  let left = chunks.reduce((sum, chunk) => sum + chunk.length, 0) - breaksAtEnd(chunks);
  for (const chunk of chunks) {
    const part = chunk.subarray(0, Math.min(left, chunk.length));
    left -= part.length;
    for (let at = 0; at < part.length; at += BLOCK) hash.update(wireForm(part.subarray(at, at + BLOCK), part[at - 1]));
  }
  return hash.digest();
}

function breaksAtEnd(chunks: readonly Buffer[]): number {
  let count = 0;
  for (const chunk of chunks.toReversed()) {
    let end = chunk.length;
    while (end > 0 && (chunk[end - 1] === LF || chunk[end - 1] === CR)) end -= 1;
    count += chunk.length - end;
    if (end > 0) break;
  }
  return count;
}
