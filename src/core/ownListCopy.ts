import { readAddresses } from './addresses.ts';
import { awsDomainOf, domainOf } from './awsDomain.ts';
import { fieldsNamed, type HeaderField } from './fields.ts';
import type { Proof } from './senderProof.ts';
import type { SenderRules } from './senderRules.ts';
import type { Address } from './values.ts';

const ORIGINAL = ['x-original-from', 'x-original-authentication-results'];

/**
 * Who wrote a mail that went through the customer's own list, which put itself into From because a list breaks AWS's
 * signature. Believed only when From is the root address that the mail came for, the list's own signature covers what the
 * list says about the original, and the list saw the original's signature pass for the domain of its From. Fields of that
 * name in any other mail are words. Null: it is no such copy.
 */
export function ownListCopy(
  fields: readonly HeaderField[],
  from: Address,
  proof: Proof,
  roots: readonly string[],
  rules: SenderRules,
): Address | null {
  if (proof.signature === null || !roots.includes(from.address.toLowerCase())) return null;
  if (!ORIGINAL.every((name) => proof.signature?.signs?.includes(name) && fieldsNamed(fields, name).length === 1))
    return null;
  const originals = readAddresses(fieldsNamed(fields, 'x-original-from'));
  const original = originals.length === 1 ? originals[0]! : null;
  if (original === null || awsDomainOf(domainOf(original.address), rules) === null) return null;
  const results = fieldsNamed(fields, 'x-original-authentication-results')[0]!.value.slice(0, 4000);
  return saysPass(results, domainOf(original.address), rules) ? original : null;
}

/** RFC 8601 §2.7.1: a DKIM result that passed for the domain, or for one above it that is AWS's as well. */
function saysPass(results: string, domain: string, rules: SenderRules): boolean {
  return results
    .toLowerCase()
    .split(';')
    .some((one) => {
      if (!/^\s*dkim\s*=\s*pass\b/.test(one)) return false;
      const signer = /\bheader\.(?:d|i)\s*=\s*(?:[^\s@;]*@)?([a-z0-9.-]+)/.exec(one)?.[1] ?? '';
      return signer === domain || (domain.endsWith(`.${signer}`) && awsDomainOf(signer, rules) !== null);
    });
}
