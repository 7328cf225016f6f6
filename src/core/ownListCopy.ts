import { readAddresses } from './addresses.ts';
import { awsDomainOf, domainOf } from './awsDomain.ts';
import { fieldsNamed, type HeaderField } from './fields.ts';
import { type Proof, repeatedSingletons, signatureProblem } from './senderProof.ts';
import type { SenderRules } from './senderRules.ts';
import type { Address, Arrival, AuthResult, SignatureResult } from './values.ts';

/** The lists that a mail may have come through: the customer's own. */
export type OwnLists = {
  /** Root addresses that the mail was resolved to, lower case. */
  roots: readonly string[];
  /** Domains whose signature is that of our own lists; none: the domains of the root addresses. */
  domains: readonly string[];
};

export const NO_LISTS: OwnLists = { roots: [], domains: [] };

export function ownListsOf({ roots = [], listDomains = [] }: Pick<Arrival, 'roots' | 'listDomains'>): OwnLists {
  return { roots, domains: listDomains };
}

const RESULTS = 'x-original-authentication-results';
const AUTHORS = ['from', 'sender', 'reply-to', 'x-original-from', 'x-original-sender'];

/**
 * The signature of the customer's own list, which a list puts on what it sends on: it verified, covers From, Subject and
 * Message-ID, and its domain is one of the lists' or above it. Null: the mail did not come through a list of ours.
 */
export function listSignature(fields: readonly HeaderField[], auth: AuthResult, own: OwnLists): SignatureResult | null {
  if (own.roots.length === 0 || repeatedSingletons(fields).length > 0) return null;
  const domains = own.domains.length > 0 ? own.domains : own.roots.map(domainOf);
  const speaksFor = (signer: string) =>
    signer.includes('.') && domains.some((domain) => domain === signer || domain.endsWith(`.${signer}`));
  const found = auth.signatures.find(
    (one) =>
      one.result === 'pass' &&
      speaksFor(one.domain) &&
      one.signs?.includes('message-id') &&
      signatureProblem(one, fields) === '',
  );
  return found ?? null;
}

/** Addresses that a copy names as its author, lower case: a list may put itself into From. */
export function namedAuthors(fields: readonly HeaderField[]): string[] {
  const named = AUTHORS.flatMap((name) => readAddresses(fieldsNamed(fields, name)).slice(0, 5));
  return [...new Set(named.map(({ address }) => address.toLowerCase()))];
}

/**
 * Who wrote a mail that the customer's own list sent on, which breaks AWS's signature. Believed only when the list's own
 * signature covers what the list says about the original, and the list saw the original's signature pass for the domain of
 * its From. A list that put itself into From (the root address that the mail came for) names it in X-Original-From.
 * Fields of that name in any other mail are words. Null: it is no such copy.
 */
export function ownListCopy(
  fields: readonly HeaderField[],
  from: Address,
  proof: Proof,
  list: SignatureResult | null,
  own: OwnLists,
  rules: SenderRules,
): Address | null {
  const rewritten = own.roots.includes(from.address.toLowerCase());
  const signature = rewritten ? proof.signature : list;
  const covered = rewritten ? ['x-original-from', RESULTS] : [RESULTS];
  if (!covered.every((name) => signature?.signs?.includes(name) && fieldsNamed(fields, name).length === 1)) return null;
  const originals = rewritten ? readAddresses(fieldsNamed(fields, 'x-original-from')) : [from];
  const original = originals.length === 1 ? originals[0]! : null;
  if (original === null || awsDomainOf(domainOf(original.address), rules) === null) return null;
  const results = fieldsNamed(fields, RESULTS)[0]!.value.slice(0, 4000);
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
