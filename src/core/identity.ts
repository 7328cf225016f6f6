import { readFields } from './fields.ts';

/** Fields that a hop writes on top of a mail that it hands on (RFC 5321 §4.4, RFC 8601, and what Postfix and Dovecot add). */
const TRACE = new Set([
  'received',
  'return-path',
  'authentication-results',
  'received-spf',
  'arc-seal',
  'arc-message-signature',
  'arc-authentication-results',
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'x-envelope-from',
  'delivery-date',
]);

/**
 * The bytes that make this mail this mail: everything below the trace fields that our own trusted hops wrote, so that
 * the same mail over two roads is one mail. What is cut: the fields on top, up to and with the `trustedReceived`-th
 * Received field, and directly behind it further trace fields of that hop (never a Received). Nothing is cut when
 * `trustedReceived` is 0. Returned as chunks, so that 25 MB need not be copied to be hashed.
 */
export function identityBytes(raw: Uint8Array, trustedReceived: number): Uint8Array[] {
  if (trustedReceived <= 0) return [raw];
  let received = 0;
  let cut = 0;
  for (const field of readFields(raw)) {
    if (!TRACE.has(field.name)) break;
    if (field.name === 'received') {
      if (received === trustedReceived) break;
      received += 1;
    }
    cut = field.end;
  }
  return [raw.subarray(received === 0 ? 0 : cut)];
}
