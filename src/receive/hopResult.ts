import { fieldsNamed, type HeaderField } from '../core/fields.ts';
import type { Arrival, AuthResult, SignatureResult } from '../core/values.ts';
import { type AuthenticationResults, type MethodResult, readAuthenticationResults } from './authenticationResults.ts';
import { readSignature, type SignatureTags } from './signatureTags.ts';

const RESULTS = new Set(['pass', 'fail', 'neutral', 'none', 'policy', 'temperror', 'permerror']);
/** Names that are worth showing as not believed. */
const CLAIMS = new Set(['authentication-results', 'arc-authentication-results', 'received-spf']);
/** Believed where SES hands over (receive/sesHead.ts), and then read from there. */
const SCANS = new Set(['x-ses-spam-verdict', 'x-ses-virus-verdict']);
const MAX_IGNORED = 20;

/**
 * The result of the hop that handed the mail over, when its Authentication-Results counts on this arrival, and every
 * other claim of the header with the reason why it does not. A field counts when it is the topmost of its name, carries
 * an authserv-id that the settings trust on this arrival, and stands above every Received field that the hop did not
 * write (RFC 8601 §5: anything below may have come with the mail).
 */
export function readHopResult(
  fields: readonly HeaderField[],
  arrival: Pick<Arrival, 'trustedAuthservIds' | 'trustedReceived'> & Partial<Pick<Arrival, 'verdicts'>>,
): { result: Omit<AuthResult, 'ignored'> | null; ignored: AuthResult['ignored'] } {
  const trusted = new Set(arrival.trustedAuthservIds.map((id) => id.toLowerCase()));
  const ignored: AuthResult['ignored'] = [];
  let counted: AuthenticationResults | null = null;
  let received = 0;
  let isTopmost = true;
  for (const field of fields) {
    if (field.name === 'received') received += 1;
    const isScan = SCANS.has(field.name);
    if (isScan ? arrival.verdicts !== undefined && received <= arrival.trustedReceived : !CLAIMS.has(field.name))
      continue;
    let why = isScan ? 'it did not come from SES' : 'only Authentication-Results of a trusted hop counts';
    if (field.name === 'authentication-results') {
      const read = readAuthenticationResults(field.value);
      if (trusted.size === 0) why = 'no hop of this arrival is trusted to write it';
      else if (!isTopmost) why = 'it is not the topmost one';
      else if (read === null) why = 'it cannot be read';
      else if (!trusted.has(read.authservId)) why = 'its authserv-id is not trusted on this arrival';
      else if (received > arrival.trustedReceived) why = 'it stands below a Received field of another hop';
      else counted = read;
      const counts = isTopmost && counted !== null;
      isTopmost = false;
      if (counts) continue;
    }
    if (ignored.length < MAX_IGNORED) ignored.push({ name: field.rawName, why });
  }
  return { result: counted === null ? null : resultOf(counted, fields), ignored };
}

function resultOf(results: AuthenticationResults, fields: readonly HeaderField[]): Omit<AuthResult, 'ignored'> {
  const inMail = fieldsNamed(fields, 'dkim-signature').slice(0, 50).map(readSignature);
  const spf = results.methods.find((method) => method.method === 'spf');
  const dmarc = results.methods.find((method) => method.method === 'dmarc');
  return {
    state: 'final',
    by: 'hop',
    authservId: results.authservId,
    signatures: results.methods
      .filter((method) => method.method === 'dkim')
      .map((method) => signatureOf(method, inMail)),
    spf: spf
      ? { result: spf.result, domain: domainOf(spf.properties.get('smtp.mailfrom') ?? spf.properties.get('smtp.helo')) }
      : null,
    dmarc: dmarc
      ? { result: dmarc.result, domain: domainOf(dmarc.properties.get('header.from')), policy: policyOf(dmarc) }
      : null,
  };
}

/**
 * The signature that a `dkim=` entry speaks of. The entry says what verified; what it signed stands in the mail. When
 * several signatures fit, only what all of them sign counts: one may have been added to look like another.
 */
function signatureOf(method: MethodResult, inMail: readonly SignatureTags[]): SignatureResult {
  const selector = method.properties.get('header.s') ?? null;
  const start = (method.properties.get('header.b') ?? '').replace(/\s+/g, '');
  const identity = method.properties.get('header.i')?.toLowerCase() ?? null;
  const named = method.properties.get('header.d')?.toLowerCase() ?? null;
  const domain = named ?? domainOf(identity) ?? '';
  const fitting = inMail.filter((signature) => {
    if (named !== null ? signature.domain !== named : !coversIdentity(signature, identity)) return false;
    if (selector !== null && signature.selector.toLowerCase() !== selector.toLowerCase()) return false;
    return signature.signature.startsWith(start);
  });
  const [first, ...others] = fitting;
  const signs = first ? first.signs.filter((name) => others.every((other) => other.signs.includes(name))) : null;
  const defect = fitting.find((signature) => signature.defect)?.defect ?? null;
  const partial = fitting.some((signature) => signature.partial) ? 'l= leaves a part of the body unsigned' : null;
  return {
    domain: (named ?? first?.domain ?? domain).slice(0, 253),
    selector: (selector ?? first?.selector ?? '').slice(0, 253),
    result: (RESULTS.has(method.result) ? method.result : 'permerror') as SignatureResult['result'],
    signs,
    identity: first?.identity ?? identity,
    defect: defect ?? partial,
  };
}

/** header.i names the signature when header.d does not: its i=, or `@d` when it has none (RFC 6376 §3.5). */
function coversIdentity(signature: SignatureTags, identity: string | null): boolean {
  if (identity === null) return false;
  return (signature.identity ?? `@${signature.domain}`) === identity;
}

function domainOf(value: string | null | undefined): string | null {
  if (!value) return null;
  const domain = value.slice(value.lastIndexOf('@') + 1).toLowerCase();
  return /^[\w.-]{1,253}$/.test(domain) ? domain : null;
}

/** The policy is a property (RFC 9989) or, as Google and others write it, a comment: `(p=QUARANTINE sp=QUARANTINE)`. */
function policyOf(dmarc: MethodResult): string | null {
  const property = dmarc.properties.get('policy.published-domain-policy') ?? dmarc.properties.get('policy.dmarc');
  const policy = property ?? /\bp=(none|quarantine|reject)\b/i.exec(dmarc.comment)?.[1];
  return policy && /^\w{1,20}$/.test(policy) ? policy.toLowerCase() : null;
}
