import { evaluateDmarc } from 'mailauth/lib/dmarc/index.js';
import { spf } from 'mailauth/lib/spf/index.js';
import { bodyStart, fieldsNamed, type HeaderField } from '../core/fields.ts';
import { type Arrival, type AuthResult, type SignatureResult, THROUGH_HOP } from '../core/values.ts';
import { type DkimFindings, verifyDkim } from './dkim.ts';
import { isMissing, type Resolver } from './resolver.ts';
import { keyInTest, readSignature, type SignatureTags, strictKeyViolated } from './signatureTags.ts';
import { countLines } from './wireForm.ts';

/** Signatures of one mail that are verified; each costs a DNS question and a hash of the whole body. */
const MAX_SIGNATURES = 8;
/** Header that is verified (bytes, lines): the verifier's work on folded lines grows with their square. */
const MAX_HEAD_BYTES = 1024 * 1024;
const MAX_HEAD_LINES = 2500;
/** Lines of a mail that are hashed, a third more than 25 MB of base64 have: each line costs the verifier as much as 100 bytes. */
const MAX_LINES = 500_000;
/** mailauth's lenient acceptances that leave the proof whole: how a key record spells its type and version. */
const HARMLESS = new Set(['key-syntax', 'key-v-syntax', 'key-type-inferred']);

export type Verified = Pick<AuthResult, 'signatures' | 'spf' | 'dmarc'> & {
  /** Signing domains whose key record is gone: no such name, no such record, or a revoked key. */
  keyGone: string[];
};

/**
 * Verifies DKIM, SPF and DMARC ourselves. mailauth does the arithmetic; which signature counts is decided by our own
 * reading of its tags, because mailauth accepts some that prove nothing (`i=` outside `d=`, `q=`, `t=s`) and leaves out
 * others. SPF needs the client's address and is null without it.
 */
export async function verifyMail(
  raw: Buffer,
  fields: readonly HeaderField[],
  arrival: Arrival,
  options: { resolver: Resolver; now: Date },
): Promise<Verified> {
  const { checked, unchecked } = chooseSignatures(fields);
  const keys = new KeyRecords(options.resolver);
  const [dkim, spfResult] = await Promise.all([
    findSignatures(withoutFields(raw, unchecked), keys.resolve, options.now),
    arrival.clientIp === null || isHandedOver(arrival)
      ? null
      : spf({
          ip: arrival.clientIp,
          helo: arrival.helo ?? arrival.clientIp,
          sender: arrival.envelopeFrom ?? '',
          resolver: options.resolver,
          mta: 'rootdesk',
        }),
  ]);
  const verified = checked.map((field) => judge(readSignature(field), dkim.results, keys, dkim.fromFields));
  const passing = dkim.results.filter((found) =>
    verified.some((own) => own.result === 'pass' && own.defect === null && sameSignature(own, found)),
  );
  const { response } = await evaluateDmarc({
    headerFrom: dkim.headerFrom,
    fromFields: dkim.fromFields,
    spfDomains: spfResult?.status.result === 'pass' && spfResult.domain ? [spfResult.domain] : [],
    dkimDomains: passing.map((found) => ({
      id: found.id as string,
      domain: found.signingDomain as string,
      aligned: found.status.aligned as string | false,
      underSized: found.status.underSized,
    })),
    resolver: options.resolver,
  } as Parameters<typeof evaluateDmarc>[0]);
  return {
    signatures: [
      ...verified.map(({ signature: _signature, ...result }) => result),
      ...unchecked.slice(0, MAX_SIGNATURES).map((field) => uncheckedResult(readSignature(field))),
    ],
    spf: spfResult ? { result: spfResult.status.result, domain: spfResult.domain ?? null } : null,
    dmarc: response
      ? { result: response.status.result, domain: response.domain ?? null, policy: response.policy ?? null }
      : null,
    keyGone: [...keys.gone],
  };
}

/** The client is a hop of ours that did not say whose mail it is: its address says nothing about the sender (RFC 7208 §9.2). */
function isHandedOver(arrival: Arrival): boolean {
  // SES names its client in the Received field that it writes.
  if (arrival.source?.startsWith(THROUGH_HOP) || arrival.transport === 'ses') return false;
  return arrival.transport === 'lmtp' || arrival.trustedReceived > 0 || arrival.trustedAuthservIds.length > 0;
}

type FoundResult = DkimFindings['results'][number];
type OwnResult = SignatureResult & { signature: string };

/**
 * The first signatures, and of those that sign a part of the body only (which proves nothing here) the first: each has
 * the body hashed once more.
 */
function chooseSignatures(fields: readonly HeaderField[]): { checked: HeaderField[]; unchecked: HeaderField[] } {
  const checked: HeaderField[] = [];
  const unchecked: HeaderField[] = [];
  let hasPartial = false;
  for (const field of fieldsNamed(fields, 'dkim-signature')) {
    const isFull = checked.length >= MAX_SIGNATURES;
    const { partial } = isFull ? { partial: false } : readSignature(field);
    (isFull || (partial && hasPartial) ? unchecked : checked).push(field);
    hasPartial ||= partial;
  }
  return { checked, unchecked };
}

/** Total: a mail that the verifier cannot walk has no signature that verifies. */
async function findSignatures(raw: Buffer, resolver: Resolver, now: Date): Promise<DkimFindings> {
  const none: DkimFindings = { headerFrom: [], fromFields: 0, results: [] };
  const head = raw.subarray(0, bodyStart(raw));
  if (head.length > MAX_HEAD_BYTES || countLines(head, MAX_HEAD_LINES + 1) > MAX_HEAD_LINES) return none;
  if (countLines(raw, MAX_LINES + 1) > MAX_LINES) return none;
  try {
    return await verifyDkim(raw, resolver, now);
  } catch {
    return none;
  }
}

function judge(tags: SignatureTags, found: readonly FoundResult[], keys: KeyRecords, fromFields: number): OwnResult {
  const match = found.find((result) => sameSignature(tags, result));
  const result = {
    domain: tags.domain,
    selector: tags.selector,
    signs: tags.signs,
    identity: tags.identity,
    signature: tags.signature,
  };
  if (!match) return { ...result, result: 'permerror', defect: tags.defect ?? 'it cannot be verified' };
  const warning = match.status.warnings?.find((name) => !HARMLESS.has(name));
  const record = match.rr ?? keys.record(tags);
  const defect =
    tags.defect ??
    (strictKeyViolated(record, tags) ? 't=s and i= below d=' : null) ??
    (keyInTest(record) ? 't=y: the domain only tests DKIM' : null) ??
    ((match.status.underSized ?? 0) > 0 ? 'l= leaves a part of the body unsigned' : null) ??
    (fromFields > 1 ? 'several From fields' : null) ??
    (warning ? warning : null);
  // mailauth calls a changed body neutral; RFC 8601 §2.7.1 calls it a failure.
  const isChanged = match.bodyHash !== undefined && match.bodyHash !== match.bodyHashExpecting;
  return { ...result, result: isChanged ? 'fail' : (match.status.result as SignatureResult['result']), defect };
}

function uncheckedResult(tags: SignatureTags): SignatureResult {
  const { domain, selector, signs, identity } = tags;
  return { domain, selector, signs, identity, result: 'policy', defect: 'more signatures than are verified' };
}

function sameSignature(tags: Pick<SignatureTags, 'domain' | 'selector' | 'signature'>, found: FoundResult): boolean {
  return (
    found.signingDomain?.toLowerCase() === tags.domain &&
    found.selector === tags.selector &&
    String(found.signature ?? '').replace(/\s+/g, '') === tags.signature
  );
}

/** Key records that were asked for, so that a key that is gone is told apart from a server that does not answer. */
class KeyRecords {
  readonly gone = new Set<string>();
  readonly #records = new Map<string, string>();
  readonly #resolver: Resolver;

  constructor(resolver: Resolver) {
    this.#resolver = resolver;
  }

  readonly resolve: Resolver = async (name, type) => {
    const domain = name.replace(/^.*?\._domainkey\./i, '').toLowerCase();
    try {
      const rows = await this.#resolver(name, type);
      const first = rows[0];
      const record = Array.isArray(first) ? first.join('') : (first ?? '');
      // An empty p= is a revoked key (RFC 6376 §3.6.1).
      if (record === '' || /(?:^|;)\s*p=\s*(?:;|$)/.test(record)) this.gone.add(domain);
      this.#records.set(name.toLowerCase(), record);
      return rows;
    } catch (error) {
      if (isMissing(error as { code?: string })) this.gone.add(domain);
      throw error;
    }
  };

  record(tags: Pick<SignatureTags, 'domain' | 'selector'>): string {
    return this.#records.get(`${tags.selector}._domainkey.${tags.domain}`.toLowerCase()) ?? '';
  }
}

/** The mail without these header fields. */
function withoutFields(raw: Buffer, fields: readonly HeaderField[]): Buffer {
  if (fields.length === 0) return raw;
  const chunks: Buffer[] = [];
  let at = 0;
  for (const field of fields) {
    chunks.push(raw.subarray(at, field.start));
    at = field.end;
  }
  chunks.push(raw.subarray(at));
  return Buffer.concat(chunks);
}
