import { canonicalAddress, domainOf } from './mailAddress.ts';
import { type ListState, type MemberFact, type MemberSide, MOST_MEMBERS, receives } from './memberState.ts';

/** What decides whether an address may be on a list at all. */
export type AddressRules = {
  /** Domains of the customer's people. */
  customerDomains: readonly string[];
  /** Domains of the reseller's people. */
  resellerDomains: readonly string[];
  /** Where mail comes back to us: it would go round for ever. */
  own: { domains: readonly string[]; addresses: readonly string[] };
};

export type AddressRefusal =
  | 'bad_address'
  | 'own_address'
  | 'no_domains'
  | 'domain_not_allowed'
  | 'list_released'
  | 'already_member'
  | 'list_full';

export type AddressVerdict =
  | { ok: true; address: string; side: MemberSide }
  | { ok: false; code: AddressRefusal; address: string | null };

/**
 * Whose person an address is, or null when its domain is on no list of domains. A domain of the reseller is never one of
 * the customer, whatever the customer's domains say: who approves for the customer must not be the reseller.
 */
export function sideOf(address: string, rules: AddressRules): MemberSide | null {
  const domain = domainOf(address);
  if (rules.resellerDomains.includes(domain)) return 'reseller';
  return rules.customerDomains.includes(domain) ? 'customer' : null;
}

/** Judges what somebody typed as a new member of a list with these members (removed ones may be among them). */
export function judgeAddress(
  text: string,
  rules: AddressRules,
  list: { state: ListState; members: readonly MemberFact[] },
): AddressVerdict {
  const address = canonicalAddress(text);
  if (address === null) return { ok: false, code: 'bad_address', address: null };
  const refuse = (code: AddressRefusal): AddressVerdict => ({ ok: false, code, address });
  if (list.state === 'released') return refuse('list_released');
  // desk+x@ comes to desk@ (RFC 5233): a copy to it would come back to us as well.
  const without = address.replace(/\+[^@]*@/, '@');
  const own = rules.own.addresses;
  if (own.includes(address) || own.includes(without) || rules.own.domains.includes(domainOf(address))) {
    return refuse('own_address');
  }
  const side = sideOf(address, rules);
  if (side === null) return refuse(rules.customerDomains.length === 0 ? 'no_domains' : 'domain_not_allowed');
  const known = list.members.find((member) => member.address === address);
  if (known && receives(known.state)) return refuse('already_member');
  const others = list.members.filter((member) => member.state !== 'removed' && member.address !== address);
  return others.length >= MOST_MEMBERS ? refuse('list_full') : { ok: true, address, side };
}
