import { canonicalAddress } from './core/mailAddress.ts';
import type { MembershipRules } from './core/membershipRules.ts';
import type { Settings } from './settings.ts';

/** What the settings say about who may be on lists. Everything that comes back to us as mail is ours. */
export function membershipRules(settings: Settings): MembershipRules {
  const { membership, lists, listDomains, outgoing, mailboxes } = settings;
  const addresses = [outgoing.from, ...mailboxes.flatMap(({ user, rootAddress }) => [user, rootAddress])];
  return {
    resellerDomains: membership.resellerDomains,
    approvers: membership.approvers,
    ownDomains: [...listDomains, lists.rootDomain, lists.bounceDomain].filter((domain) => domain !== null),
    ownAddresses: addresses.flatMap((address) => canonicalAddress(address ?? '') ?? []),
  };
}
