import { fieldsNamed, type HeaderField, readFields } from '../core/fields.ts';
import { mailTime } from '../core/mailTime.ts';
import type { Arrival, AuthResult } from '../core/values.ts';
import { readHopResult } from './hopResult.ts';
import { type Resolver, withDeadline } from './resolver.ts';
import { type Verified, verifyMail } from './verifyMail.ts';

export type AuthenticateOptions = {
  resolver: Resolver;
  now: Date;
  /** Longest that all DNS questions of this mail take together; what is not answered then is a temperror. */
  timeoutMs: number;
};

/** Senders take old keys away; a mail older than this whose key is gone can no longer be checked. */
const VERIFIABLE_MS = 7 * 24 * 3600 * 1000;
/** Bounds of readFields: beyond them a reader may see fields that we did not judge. */
const MAX_FIELDS = 2000;
const MAX_HEAD_BYTES = 1024 * 1024;

/**
 * Authenticates one mail: by the Authentication-Results of the hop that handed it over when that counts on this arrival,
 * else by our own verification; by SES's only where ours does not come to an end. A DNS error is `temperror`, neither pass nor fail. A mail from a folder or mailbox whose
 * key is gone and that is older than 7 days is `unverifiable`. Total: any bytes end in a result.
 */
export async function authenticate(raw: Buffer, arrival: Arrival, options: AuthenticateOptions): Promise<AuthResult> {
  const fields = readFields(raw);
  const hop = readHopResult(fields, arrival);
  const byHop = () => judgeHeader({ ...hop.result!, ignored: hop.ignored }, fields);
  const isDecided = hop.result !== null && !isUndecided(hop.result);
  // SES is asked last: we have what it had, and its word is only needed where we cannot check any more.
  if (isDecided && arrival.transport !== 'ses') return byHop();
  const ignored = hop.result && !isDecided ? [UNDECIDED, ...hop.ignored] : hop.ignored;
  const deadline = withDeadline(options.resolver, options.timeoutMs);
  try {
    const { keyGone, ...verified } = await verifyMail(raw, fields, arrival, {
      resolver: deadline.resolve,
      now: options.now,
    });
    const state = stateOf({ ...verified, keyGone }, fields, arrival, options.now);
    if (state !== 'final' && isDecided && isVouchedFor(arrival)) return byHop();
    const nobody = verified.signatures.length === 0 && verified.spf === null && verified.dmarc === null;
    return judgeHeader({ state, by: nobody ? 'nobody' : 'us', authservId: null, ...verified, ignored }, fields);
  } finally {
    deadline.stop();
  }
}

const UNDECIDED = { name: 'Authentication-Results', why: 'it reports a DNS error of the hop: verified here instead' };

/**
 * What SES tells beside the mail must agree with the field in it: that alone could have come with the mail, had SES written
 * none.
 */
function isVouchedFor({ verdicts }: Arrival): boolean {
  return verdicts?.dkim === 'pass' && verdicts.dmarc === 'pass';
}

/** The hop could not ask DNS: neither pass nor fail, so it decided nothing. */
function isUndecided(result: Pick<AuthResult, 'signatures' | 'dmarc'>): boolean {
  const dkim = result.signatures.map((signature) => signature.result);
  if (result.dmarc?.result === 'pass') return false;
  return result.dmarc?.result === 'temperror' || (dkim.includes('temperror') && !dkim.includes('pass'));
}

function stateOf(verified: Verified, fields: readonly HeaderField[], arrival: Arrival, now: Date): AuthResult['state'] {
  const author = authorDomain(fields);
  const aligned = verified.signatures.filter(({ domain }) => author !== null && isAligned(domain, author));
  const isProven = aligned.some(({ result, defect }) => result === 'pass' && defect === null);
  if (!isProven && aligned.some(({ result }) => result === 'temperror')) return 'temperror';
  if (verified.dmarc?.result === 'temperror') return 'temperror';
  const isGone = aligned.some(({ domain, result }) => result !== 'pass' && verified.keyGone.includes(domain));
  return !isProven && isGone && isOld(fields, arrival, now) ? 'unverifiable' : 'final';
}

/** SMTP and LMTP hand over mail that was just sent: there the Date field decides nothing. */
function isOld(fields: readonly HeaderField[], arrival: Arrival, now: Date): boolean {
  if (arrival.transport === 'smtp' || arrival.transport === 'lmtp') return false;
  // An IMAP server says itself when the mail came (INTERNALDATE); a file has only what stands in it. So has mail that lay
  // in a mailbox before it was watched: it may have been copied there yesterday.
  const at =
    arrival.transport === 'imap' && arrival.history === undefined ? arrival.arrivedAt : mailTime(fields, arrival).at;
  return now.getTime() - Date.parse(at) > VERIFIABLE_MS;
}

/** Domain of the one From address, null when there is none or it is unclear. */
function authorDomain(fields: readonly HeaderField[]): string | null {
  const [from, second] = fieldsNamed(fields, 'from');
  if (!from || second) return null;
  const domains = [...from.value.matchAll(/@([a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi)].map((match) => match[1]?.toLowerCase());
  return domains.at(-1) ?? null;
}

function isAligned(domain: string, author: string): boolean {
  return domain === author || author.endsWith(`.${domain}`) || domain.endsWith(`.${author}`);
}

/** A header too large to be read to its end proves nothing: a field that we did not see may be the one that is shown. */
function judgeHeader(result: AuthResult, fields: readonly HeaderField[]): AuthResult {
  const last = fields.at(-1);
  if (fields.length < MAX_FIELDS && (last?.end ?? 0) < MAX_HEAD_BYTES - 998) return result;
  const defect = 'the header is too large to be judged';
  return { ...result, signatures: result.signatures.map((signature) => ({ ...signature, defect })) };
}
