import { awsDomainOf } from './awsDomain.ts';
import { fieldsNamed, type HeaderField } from './fields.ts';
import type { SenderRules } from './senderRules.ts';
import type { AuthResult, Reason, SignatureResult } from './values.ts';

/**
 * Fields that may stand once (RFC 5322 §3.6, RFC 2045 §3). A signature covers one of two, and mail programs show the
 * other: a signed mail with a second Subject on top still verifies and reads as the attacker wrote it.
 */
const SINGLETONS = ['from', 'sender', 'subject', 'to', 'date', 'message-id', 'reply-to', 'content-type'];

/** Names of fields that stand more than once although they must not. */
export function repeatedSingletons(fields: readonly HeaderField[]): string[] {
  return SINGLETONS.filter((name) => fieldsNamed(fields, name).length > 1);
}

export type Proof = { signature: SignatureResult | null; reason: Reason };

/**
 * Whether DNS gave no answer about what could have proven this AWS domain: not yet, or not at all within the time that
 * a mail waits. Such a mail is neither proven nor known to be forged.
 */
export function couldNotBeChecked(auth: AuthResult, rules: SenderRules): boolean {
  if (auth.state === 'temperror' || auth.dmarc?.result === 'temperror') return true;
  return auth.signatures.some((one) => one.result === 'temperror' && awsDomainOf(one.domain, rules) !== null);
}

/**
 * The signature that proves the From domain, or why there is none: it verified, d= is the From domain or a parent of it,
 * From and Subject are signed, the whole body is signed. SPF and a DMARC pass that rests on SPF prove nothing here: the
 * envelope sender is not what people see, and half the world sends from the same addresses. A DMARC fail (strict
 * alignment) is obeyed.
 */
export function proveDomain(
  fields: readonly HeaderField[],
  domain: string,
  auth: AuthResult,
  rules: SenderRules,
): Proof {
  const no = (code: string, text: string): Proof => ({ signature: null, reason: { code: `auth.${code}`, text } });
  const repeated = repeatedSingletons(fields);
  if (repeated.length > 0) return no('repeated_field', `These fields stand more than once: ${repeated.join(', ')}.`);
  if (auth.state === 'temperror') return no('not_yet_checked', 'It could not be checked yet (DNS).');
  const passed = auth.signatures.filter((one) => one.result === 'pass');
  if (passed.length === 0) {
    if (couldNotBeChecked(auth, rules))
      return no('not_checked', 'It could not be checked: DNS did not answer in time.');
    const spf = auth.dmarc?.result === 'pass' ? ' DMARC passed by SPF alone, which proves no sender.' : '';
    return no('no_signature', `No DKIM signature verified.${spf}`);
  }
  const aligned = passed.filter((one) => isAligned(one.domain, domain, auth, rules));
  if (aligned.length === 0) return no('not_aligned', `Signed by ${passed[0]!.domain}, which is not the From domain.`);
  let problem = '';
  for (const signature of aligned) {
    problem = signatureProblem(signature, fields);
    if (problem !== '') continue;
    if (auth.dmarc?.result === 'fail') return no('dmarc_fail', 'The policy of the From domain (DMARC) refuses it.');
    return {
      signature,
      reason: {
        code: 'auth.dkim_aligned',
        text: `DKIM signature of ${signature.domain} over From and Subject verified.`,
      },
    };
  }
  return no('weak_signature', problem);
}

/**
 * d= is the From domain or above it (whoever owns the parent may speak for the child). Below it only when DMARC, which
 * knows who registered what, passed; and for AWS only where the rules say that all names below are AWS's.
 */
function isAligned(signer: string, domain: string, auth: AuthResult, rules: SenderRules): boolean {
  if (signer === '' || domain === '') return false;
  if (signer === domain) return true;
  const rule = awsDomainOf(domain, rules);
  if (domain.endsWith(`.${signer}`)) return rule === null ? signer.includes('.') : awsDomainOf(signer, rules) !== null;
  if (!signer.endsWith(`.${domain}`) || auth.dmarc?.result !== 'pass') return false;
  return rule === null || awsDomainOf(signer, rules)?.domain === rule.domain;
}

/** Why a signature that verified does not count; '' when it counts. */
export function signatureProblem(signature: SignatureResult, fields: readonly HeaderField[]): string {
  if (signature.defect) return `The signature of ${signature.domain} is not valid: ${signature.defect}.`;
  const signs = signature.signs?.map((name) => name.trim().toLowerCase());
  if (!signs) return `What the signature of ${signature.domain} covers is not known.`;
  if (!signs.includes('from')) return `The signature of ${signature.domain} does not cover From.`;
  if (!signs.includes('subject')) return `The signature of ${signature.domain} does not cover Subject.`;
  if (signature.identity !== null) {
    const identity = signature.identity.slice(signature.identity.lastIndexOf('@') + 1);
    // RFC 6376 §3.5: i= must be d= or below it.
    if (identity !== signature.domain && !identity.endsWith(`.${signature.domain}`)) {
      return `The signature of ${signature.domain} speaks for ${identity}.`;
    }
  }
  if (limitsBody(signature, fields)) return `The signature of ${signature.domain} covers only a part of the body (l=).`;
  return '';
}

/** RFC 6376 §8.2: with l= anybody may add text below what is signed. */
function limitsBody(signature: SignatureResult, fields: readonly HeaderField[]): boolean {
  return fieldsNamed(fields, 'dkim-signature').some((field) => {
    const tags = new Map<string, string>();
    for (const tag of field.value.slice(0, 8000).split(';')) {
      const equals = tag.indexOf('=');
      if (equals > 0)
        tags.set(
          tag.slice(0, equals).trim(),
          tag
            .slice(equals + 1)
            .replace(/\s/g, '')
            .toLowerCase(),
        );
    }
    return tags.has('l') && tags.get('d') === signature.domain && tags.get('s') === signature.selector.toLowerCase();
  });
}
