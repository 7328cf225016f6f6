import {
  type Approval,
  type ApproverRefusal,
  type Approvers,
  approversFor,
  judgeApprover,
  missingApproval,
  type Proposer,
} from './approval.ts';
import { type AddressRefusal, type AddressRules, judgeAddress } from './memberAddress.ts';
import {
  type ListState,
  type MemberFact,
  type MemberSide,
  type MemberState,
  mayLeave,
  nextState,
} from './memberState.ts';

/**
 * Every change of who is on a list, decided: a situation and an act in, a plan or a refusal out. Nothing else may change
 * a member's state but what mail servers report (`bounce`, `recover` in memberState.ts).
 */

/** An addition that is under way. */
export type Proposal = { memberId: number; proposer: Proposer; approvals: readonly Approval[]; expiresAt: Date };

export type MembershipSituation = {
  now: Date;
  list: ListState;
  /** Every member of the list, removed ones too. */
  members: readonly MemberFact[];
  /** Open proposals of the list. */
  proposals: readonly Proposal[];
  rules: AddressRules;
  approvers: Approvers;
  /** Until when additions of this customer wait for a third person. */
  frozenUntil: Date | null;
};

export type MembershipAct =
  /** `user` null: nobody knows who it is. */
  | { type: 'propose'; address: string; user: string | null; side: MemberSide }
  | { type: 'approve' | 'refuse'; memberId: number; approver: string }
  | { type: 'confirm' | 'decline'; memberId: number }
  | { type: 'suspend' | 'remove'; memberId: number };

export type MembershipRefusal =
  | AddressRefusal
  | ApproverRefusal
  | 'unknown_proposer'
  | 'no_member'
  | 'no_proposal'
  | 'not_approved'
  | 'wrong_state'
  | 'last_member';

/** What an act does; names of changes are those of the audit log. */
export type MembershipChange =
  | 'member.invited'
  | 'member.approved'
  | 'member.refused'
  | 'member.confirmed'
  | 'member.declined'
  | 'member.suspended'
  | 'member.removed';

/** Changes that follow from what mail servers report, or from a member's word that mail arrives. */
export type ReportedChange =
  | 'member.bouncing'
  | 'member.suspended'
  | 'member.wrapped'
  | 'member.recovered'
  | 'member.acknowledged';

/** What happens to a list itself. */
export type ListChange = 'list.created' | 'list.released';

/** Everything that changes a member, as the history of a list shows it. */
export type MemberChange = MembershipChange | ReportedChange | 'member.named';

export type MembershipPlan = {
  ok: true;
  /** Null: nothing changes, mails are sent again or a third person is asked. */
  change: MembershipChange | null;
  /** Null: a row of this address is made. */
  memberId: number | null;
  address: string;
  side: MemberSide;
  state: MemberState;
  proposal: 'made' | 'kept' | 'done' | 'closed';
  approval: Approval | null;
  /** Who is asked to approve. */
  ask: Approval[];
  /** Whether the member is sent the page to confirm on. */
  invite: boolean;
  /** What the addition still waits for. */
  missing: 'second' | 'third' | null;
};

export type MembershipVerdict = MembershipPlan | { ok: false; code: MembershipRefusal };

/** Decides one act. */
export function decideMembership(situation: MembershipSituation, act: MembershipAct): MembershipVerdict {
  switch (act.type) {
    case 'propose':
      return propose(situation, act);
    case 'approve':
      return approve(situation, act);
    case 'refuse':
      return refuse(situation, act);
    case 'confirm':
      return confirm(situation, act.memberId);
    case 'decline':
      return leave(situation, act.memberId, 'member.declined');
    case 'suspend':
      return leave(situation, act.memberId, 'member.suspended');
    case 'remove':
      return leave(situation, act.memberId, 'member.removed');
  }
}

type Propose = Extract<MembershipAct, { type: 'propose' }>;
type Answer = Extract<MembershipAct, { approver: string }>;

/** Proposing again what is under way sends its mails again: a lost invitation needs no second proposal. */
function propose(situation: MembershipSituation, act: Propose): MembershipVerdict {
  // Whom nobody knows cannot be told from the approver.
  if (act.user === null) return { ok: false, code: 'unknown_proposer' };
  const verdict = judgeAddress(act.address, situation.rules, { state: situation.list, members: situation.members });
  if (!verdict.ok) return { ok: false, code: verdict.code };
  const { address, side } = verdict;
  const known = situation.members.find((member) => member.address === address);
  const open = known && openProposal(situation, known.id);
  const proposal = open ?? { proposer: { user: act.user, side: act.side }, approvals: [] };
  const missing = missingApproval(proposal.approvals, situation.frozenUntil !== null);
  return {
    ok: true,
    change: open ? null : 'member.invited',
    memberId: known?.id ?? null,
    address,
    side,
    state: 'invited',
    proposal: open ? 'kept' : 'made',
    approval: null,
    ask: missing === null ? [] : askFor({ proposed: address, ...proposal }, situation),
    invite: missing !== 'second',
    missing,
  };
}

function approve(situation: MembershipSituation, act: Answer): MembershipVerdict {
  const found = invitedWith(situation, act.memberId);
  if ('code' in found) return { ok: false, code: found.code };
  const { member, proposal } = found;
  const asked = { proposed: member.address, ...proposal };
  const verdict = judgeApprover(act.approver, asked, situation.approvers);
  if (!verdict.ok) return { ok: false, code: verdict.code };
  const approval = { address: act.approver, basis: verdict.basis };
  const approvals = [...proposal.approvals, approval];
  const missing = missingApproval(approvals, situation.frozenUntil !== null);
  const wasSecond = missingApproval(proposal.approvals, false) === 'second';
  return {
    ok: true,
    change: 'member.approved',
    memberId: member.id,
    address: member.address,
    side: member.side,
    state: member.state,
    proposal: 'kept',
    approval,
    // Those who were asked as second person may still be the third: only who was not asked yet hears of it now.
    ask: missing === 'third' ? askFor({ ...asked, approvals }, situation) : [],
    invite: wasSecond && missing !== 'second',
    missing,
  };
}

function refuse(situation: MembershipSituation, act: Answer): MembershipVerdict {
  const found = invitedWith(situation, act.memberId);
  if ('code' in found) return { ok: false, code: found.code };
  const { member, proposal } = found;
  const verdict = judgeApprover(act.approver, { proposed: member.address, ...proposal }, situation.approvers);
  if (!verdict.ok) return { ok: false, code: verdict.code };
  return leave(situation, act.memberId, 'member.refused');
}

/** The last step of an addition: every rule is asked again, since days may have passed. */
function confirm(situation: MembershipSituation, memberId: number): MembershipVerdict {
  const found = invitedWith(situation, memberId);
  if ('code' in found) return { ok: false, code: found.code };
  const { member, proposal } = found;
  const verdict = judgeAddress(member.address, situation.rules, { state: situation.list, members: situation.members });
  if (!verdict.ok) return { ok: false, code: verdict.code };
  const { address, side } = verdict;
  const missing = missingApproval(proposal.approvals, situation.frozenUntil !== null);
  if (missing === 'second') return { ok: false, code: 'not_approved' };
  const waits = missing === 'third';
  return {
    ok: true,
    change: waits ? null : 'member.confirmed',
    memberId,
    address,
    side,
    state: waits ? 'invited' : 'confirmed',
    proposal: waits ? 'kept' : 'done',
    approval: null,
    ask: waits ? askFor({ proposed: address, ...proposal }, situation) : [],
    invite: false,
    missing,
  };
}

/** Leaving is held up by nothing but the last-member rule. */
function leave(situation: MembershipSituation, memberId: number, change: MembershipChange): MembershipVerdict {
  const member = situation.members.find(({ id }) => id === memberId);
  if (member === undefined) return { ok: false, code: 'no_member' };
  if ((change === 'member.declined' || change === 'member.refused') && member.state !== 'invited') {
    return { ok: false, code: 'wrong_state' };
  }
  const state = nextState(member.state, change === 'member.suspended' ? 'suspend' : 'remove');
  if (state === null) return { ok: false, code: 'wrong_state' };
  if (!mayLeave(situation.list, situation.members, memberId)) return { ok: false, code: 'last_member' };
  const { address, side } = member;
  const rest = { approval: null, ask: [], invite: false, missing: null };
  return { ok: true, change, memberId, address, side, state, proposal: 'closed', ...rest };
}

/** Whose approval would help now: a third person is asked only while one is needed. */
function askFor(proposal: Parameters<typeof approversFor>[0], situation: MembershipSituation): Approval[] {
  const able = approversFor(proposal, situation.approvers);
  return situation.frozenUntil === null ? able.filter(({ basis }) => basis !== 'third') : able;
}

function invitedWith(
  situation: MembershipSituation,
  memberId: number,
): { member: MemberFact; proposal: Proposal } | { code: MembershipRefusal } {
  const member = situation.members.find(({ id }) => id === memberId);
  if (member === undefined) return { code: 'no_member' };
  if (member.state !== 'invited') return { code: 'wrong_state' };
  const proposal = openProposal(situation, memberId);
  return proposal ? { member, proposal } : { code: 'no_proposal' };
}

/** The proposal of a member that has not expired. */
function openProposal(situation: MembershipSituation, memberId: number): Proposal | undefined {
  return situation.proposals.find((one) => one.memberId === memberId && one.expiresAt > situation.now);
}
