import type { NamedApprover } from './approval.ts';

/** What the settings say about who may be on lists. */
export type MembershipRules = {
  /** Domains of the reseller's people. */
  resellerDomains: readonly string[];
  /** Who may approve a customer's first member, and be the third person on the day after a reset. */
  approvers: readonly NamedApprover[];
  /** Domains and addresses of ours beside those of the lists. */
  ownDomains: readonly string[];
  ownAddresses: readonly string[];
};
