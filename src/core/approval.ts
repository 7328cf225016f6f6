import { domainOf } from './mailAddress.ts';
import type { MemberSide } from './memberState.ts';

/**
 * Two persons for every addition to a list: who proposes, and an approver of the other side whose address is confirmed
 * already. For a customer's first member there is none yet: then one whom the settings name, never the proposer. After
 * mail that says that root is being reset, a third person for a day.
 */

/** Who proposes, as the system knows them: a user of the operating system. */
export type Proposer = { user: string; side: MemberSide };

/** Somebody whom the settings name as approver; `user`: who that is on this system, if anybody. */
export type NamedApprover = { address: string; user: string | null };

/** A confirmed member of some list of the customer. */
export type ConfirmedPerson = { address: string; side: MemberSide };

/**
 * Why an approval counts.
 * - `other_side`: a confirmed member of the side that did not propose.
 * - `first_member`: named by the settings, while the customer has nobody confirmed.
 * - `third`: one more person, who is not enough alone.
 */
export type ApprovalBasis = 'other_side' | 'first_member' | 'third';

export type Approval = { address: string; basis: ApprovalBasis };

/** Everybody who could approve additions for a customer. */
export type Approvers = { named: readonly NamedApprover[]; confirmed: readonly ConfirmedPerson[] };

export type ApproverRefusal = 'no_approver' | 'own_addition' | 'proposer' | 'approved_already';

/** How long additions wait for a third person after a mail of RESET_KINDS (ms). */
export const FREEZE_MS = 24 * 3_600_000;

/** Kinds of mail that say that somebody gets, or just got, hold of root. */
export const RESET_KINDS = [
  'auth.password_reset',
  'auth.password_changed',
  'auth.new_password_required',
  'auth.mfa_recovery',
  'auth.mfa_changed',
  'auth.email_change_otp',
  'auth.email_changed',
] as const;

/** Until when additions wait for a third person; null when they do not. */
export function frozenUntil(lastResetAt: Date | null, now: Date): Date | null {
  if (lastResetAt === null) return null;
  const until = new Date(lastResetAt.getTime() + FREEZE_MS);
  return until > now ? until : null;
}

/** On what basis somebody may approve the addition of `proposed`, or why not. */
export function judgeApprover(
  address: string,
  proposal: { proposed: string; proposer: Proposer; approvals: readonly Approval[] },
  approvers: Approvers,
): { ok: true; basis: ApprovalBasis } | { ok: false; code: ApproverRefusal } {
  const { proposed, proposer, approvals } = proposal;
  const named = approvers.named.find((one) => one.address === address);
  const person = approvers.confirmed.find((one) => one.address === address);
  if (named === undefined && person === undefined) return { ok: false, code: 'no_approver' };
  if (address === proposed) return { ok: false, code: 'own_addition' };
  if (isProposer(proposer, address, approvers.named)) return { ok: false, code: 'proposer' };
  const user = userOf(address, approvers.named);
  const isSame = (other: string) => other === address || (user !== null && userOf(other, approvers.named) === user);
  if (approvals.some((one) => isSame(one.address))) return { ok: false, code: 'approved_already' };
  if (person && person.side !== proposer.side) return { ok: true, basis: 'other_side' };
  // Whoever is being added does not count: the first member stays the first while coming back.
  const hasOthers = approvers.confirmed.some((one) => one.side === 'customer' && one.address !== proposed);
  if (named && !hasOthers) return { ok: true, basis: 'first_member' };
  return { ok: true, basis: 'third' };
}

/** Everybody who may still approve, those whose approval decides first. */
export function approversFor(
  proposal: { proposed: string; proposer: Proposer; approvals: readonly Approval[] },
  approvers: Approvers,
): Approval[] {
  const addresses = new Set([...approvers.confirmed, ...approvers.named].map(({ address }) => address));
  const able = [...addresses].flatMap((address) => {
    const verdict = judgeApprover(address, proposal, approvers);
    return verdict.ok ? [{ address, basis: verdict.basis }] : [];
  });
  return [...able.filter(({ basis }) => basis !== 'third'), ...able.filter(({ basis }) => basis === 'third')];
}

/** What is still missing: the second person, the third one of a frozen day, or nothing. */
export function missingApproval(approvals: readonly Approval[], frozen: boolean): 'second' | 'third' | null {
  if (!approvals.some(({ basis }) => basis !== 'third')) return 'second';
  return frozen && approvals.length < 2 ? 'third' : null;
}

/**
 * Whether an address is the proposer's own: of the same user by the settings, or named like the user. The second is a
 * guess, and errs on the side of asking somebody else.
 */
function isProposer(proposer: Proposer, address: string, named: readonly NamedApprover[]): boolean {
  const user = proposer.user.toLowerCase();
  const local = address.slice(0, address.length - domainOf(address).length - 1);
  return userOf(address, named)?.toLowerCase() === user || local.split('+')[0] === user;
}

function userOf(address: string, named: readonly NamedApprover[]): string | null {
  return named.find((one) => one.address === address)?.user ?? null;
}
