import type { NamedApprover } from '../../src/core/approval.ts';
import type { ListState, MemberFact } from '../../src/core/memberState.ts';
import type { MembershipAct, MembershipPlan, MembershipSituation, Proposal } from '../../src/core/membership.ts';

/** One list in memory: what the rules decide is done here as the store does it. */
export type ListModel = {
  list: ListState;
  members: MemberFact[];
  proposals: Proposal[];
  named: NamedApprover[];
  frozen: boolean;
};

const NOW = new Date('2026-11-24T10:00:00Z');
const LATER = new Date('2026-12-01T10:00:00Z');

export function newModel(given: { named: NamedApprover[] }): ListModel {
  return { list: 'draft', members: [], proposals: [], frozen: false, ...given };
}

export function situationOf({ list, members, proposals, named, frozen }: ListModel): MembershipSituation {
  const confirmed = members.filter(({ state }) => state === 'confirmed');
  return {
    now: NOW,
    list,
    members,
    proposals,
    rules: {
      customerDomains: ['acme.example'],
      resellerDomains: ['msp.example'],
      own: { domains: ['roots.example'], addresses: [] },
    },
    approvers: { named, confirmed },
    frozenUntil: frozen ? LATER : null,
  };
}

export function applyToModel(model: ListModel, act: MembershipAct, plan: MembershipPlan): ListModel {
  const { address, side, state } = plan;
  const id = plan.memberId ?? model.members.length + 1;
  const members = [...model.members.filter((member) => member.id !== id), { id, address, side, state }];
  const old = model.proposals.find(({ memberId }) => memberId === id);
  const others = model.proposals.filter(({ memberId }) => memberId !== id);
  if (plan.proposal === 'done' || plan.proposal === 'closed') return { ...model, members, proposals: others };
  const made = (): Proposal => {
    if (act.type !== 'propose' || act.user === null) throw new Error('only a proposal makes one');
    return { memberId: id, proposer: { user: act.user, side: act.side }, approvals: [], expiresAt: LATER };
  };
  const proposal = plan.proposal === 'made' ? made() : old!;
  const approvals = plan.approval ? [...proposal.approvals, plan.approval] : proposal.approvals;
  return { ...model, members, proposals: [...others, { ...proposal, approvals }] };
}
