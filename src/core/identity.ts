import { type HeaderField, readFields } from './fields.ts';

/** Fields that a hop writes on a mail that it hands on (RFC 5321 §4.4, RFC 8601 §5, RFC 8617, Postfix, Dovecot, Gmail, SES). */
const TRACE = new Set([
  'received',
  'x-received',
  'x-google-smtp-source',
  'return-path',
  'authentication-results',
  'received-spf',
  'arc-seal',
  'arc-message-signature',
  'arc-authentication-results',
  'delivered-to',
  'x-delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'x-envelope-from',
  'delivery-date',
  'x-ses-spam-verdict',
  'x-ses-virus-verdict',
  'x-ses-receipt',
  'x-ses-dkim-signature',
]);

/**
 * The bytes that make this mail this mail: everything below the trace fields that our own trusted hops wrote, so that
 * one mail over two roads is one mail. Cut is all that stands on top down to the `trustedReceived`-th Received field
 * (the fewer that there are), and the trace fields of the same hop directly below it, but never a further Received.
 * Nothing is cut when no hop is trusted. Chunks, in order, so that 25 MB need not be copied to be hashed.
 */
export function identityBytes(raw: Uint8Array, trustedReceived: number): Uint8Array[] {
  if (trustedReceived <= 0) return [raw];
  const fields = readFields(raw);
  const last = lastTrusted(fields, trustedReceived);
  if (last < 0) return [raw];
  let cut = last;
  for (let next = fields[cut + 1]; next && next.name !== 'received' && TRACE.has(next.name); next = fields[cut + 1])
    cut += 1;
  return [raw.subarray(fields[cut]!.end)];
}

/** Index of the lowest Received field that a trusted hop wrote, or -1. */
function lastTrusted(fields: readonly HeaderField[], trustedReceived: number): number {
  let found = -1;
  let count = 0;
  for (let i = 0; i < fields.length && count < trustedReceived; i++) {
    if (fields[i]!.name !== 'received') continue;
    found = i;
    count += 1;
  }
  return found;
}
