import { createPublicKey } from 'node:crypto';
import { DkimVerifier } from 'mailauth/lib/dkim/dkim-verifier.js';
import { getPublicKey, type KeyCache, type PublicKey } from 'mailauth/lib/tools.js';
import { bodyStart } from '../core/fields.ts';
import type { Resolver } from './resolver.ts';
import { wireForm } from './wireForm.ts';

export type DkimFindings = Pick<DkimVerifier, 'headerFrom' | 'fromFields' | 'results'>;

/** Bits of an RSA key below which a signature proves nothing (RFC 8301 §3.2). */
const MIN_KEY_BITS = 1024;
/** Parsed keys of the few senders that sign nearly all mail. */
const MAX_KEYS = 500;
const keys = new Map<string, PublicKey>();

/**
 * Verifies the DKIM signatures of a mail by mailauth's verifier. Its own cache of keys lives for one mail and parsing a
 * key costs ten times the check of a signature, so keys are kept here, by their record. Mail with bare line feeds (from
 * Unix mail files) is verified as it stood on the wire.
 *
 * The verifier is a stream that looks for the end of the header byte by byte and waits a turn of the event loop for every
 * chunk. The whole mail is at hand, so its steps are called directly, in the stream's order.
 */
export async function verifyDkim(raw: Buffer, resolver: Resolver, now: Date): Promise<DkimFindings> {
  const verifier = new DkimVerifier({ resolver, minBitLength: MIN_KEY_BITS, rejectRsaSha1: true, curTime: now });
  verifier.keyCache = keyCache(resolver);
  const mail = wireForm(raw);
  const start = bodyStart(mail);
  await verifier.emitHeaders(mail.subarray(0, start));
  if (start < mail.length) await verifier.nextChunk(mail.subarray(start));
  await verifier.finalChunk();
  return verifier;
}

function keyCache(resolver: Resolver): KeyCache {
  return {
    resolver,
    async get(type, name, minBitLength, options) {
      const rows = await resolver(name, 'TXT');
      const key = JSON.stringify([rows[0] ?? '', options?.hashAlgo ?? '']);
      const known = keys.get(key);
      if (known) return known;
      const parsed = await getPublicKey(type, name, minBitLength, async () => rows, options);
      // node:crypto takes a key object where mailauth hands on the PEM text, without parsing it a mail.
      const made = { ...parsed, publicKey: createPublicKey(parsed.publicKey as string) };
      if (keys.size >= MAX_KEYS) keys.delete(keys.keys().next().value as string);
      keys.set(key, made);
      return made;
    },
  };
}
