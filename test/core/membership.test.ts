import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { FREEZE_MS, frozenUntil, judgeApprover, missingApproval, RESET_KINDS } from '../../src/core/approval.ts';
import { canonicalAddress } from '../../src/core/mailAddress.ts';
import { judgeAddress } from '../../src/core/memberAddress.ts';
import { type MemberFact, MOST_MEMBERS, mayLeave, nextState } from '../../src/core/memberState.ts';
import { decideMembership, type MembershipAct } from '../../src/core/membership.ts';
import { applyToModel, type ListModel, newModel, situationOf } from './membershipModel.ts';

const rules = {
  customerDomains: ['acme.example'],
  resellerDomains: ['msp.example'],
  own: { domains: ['roots.example'], addresses: ['desk@msp.example'] },
};
const member = (id: number, state: MemberFact['state'], side: MemberFact['side'] = 'customer'): MemberFact => ({
  id,
  address: `m${id}@${side === 'customer' ? 'acme' : 'msp'}.example`,
  side,
  state,
});

describe('an address', () => {
  test.each([
    [' Ops@ACME.example ', 'ops@acme.example'],
    ['ops@bücher.example', 'ops@xn--bcher-kva.example'],
    ['ops+aws@acme.example', 'ops+aws@acme.example'],
    ['ops@acme', null],
    ['ops@@acme.example', null],
    ['"o ps"@acme.example', null],
    ['ops@acme.example\nbcc: x@y.example', null],
    [`${'a'.repeat(65)}@acme.example`, null],
    ['=cmd@acme.example', '=cmd@acme.example'],
  ])('%j is kept as %j', (text, expected) => {
    expect(canonicalAddress(text)).toBe(expected);
  });

  test.each([
    ['new@acme.example', true],
    ['new@sub.acme.example', 'domain_not_allowed'],
    ['new@gmail.com', 'domain_not_allowed'],
    ['acme-7f3k@roots.example', 'own_address'],
    ['desk@msp.example', 'own_address'],
    ['Desk+list@MSP.example', 'own_address'],
    ['ＤＥＳＫ@msp.example', 'bad_address'],
    ['new@аcme.example', 'domain_not_allowed'],
    ['new@acme.example.', true],
    ['new@[192.0.2.1]', 'bad_address'],
    ['nobody', 'bad_address'],
    ['M1@acme.example', 'already_member'],
    ['m2@acme.example', true],
  ])('%s: %s', (text, expected) => {
    const members = [member(1, 'confirmed'), member(2, 'removed')];
    const verdict = judgeAddress(text, rules, { state: 'live', members });
    expect(verdict.ok ? true : verdict.code).toBe(expected);
  });

  it('is of the reseller when the domain is, even if the customer claims that domain too', () => {
    const claimed = { ...rules, customerDomains: ['acme.example', 'msp.example'] };
    expect(judgeAddress('eve@msp.example', claimed, { state: 'draft', members: [] })).toMatchObject({
      side: 'reseller',
    });
  });

  it('finds no place on a full list, on a released one, or for a customer without domains', () => {
    const full = Array.from({ length: MOST_MEMBERS }, (_, n) => member(n + 1, n % 2 ? 'invited' : 'confirmed'));
    expect(judgeAddress('new@acme.example', rules, { state: 'live', members: full })).toMatchObject({
      code: 'list_full',
    });
    expect(judgeAddress('new@acme.example', rules, { state: 'released', members: [] })).toMatchObject({
      code: 'list_released',
    });
    const none = { ...rules, customerDomains: [] };
    expect(judgeAddress('new@acme.example', none, { state: 'live', members: [] })).toMatchObject({
      code: 'no_domains',
    });
  });
});

describe('leaving', () => {
  it('is refused to the last confirmed member of the customer on a live list only', () => {
    const members = [member(1, 'confirmed'), member(2, 'bouncing'), member(3, 'confirmed', 'reseller')];
    expect(mayLeave('live', members, 1)).toBe(false);
    expect(mayLeave('draft', members, 1)).toBe(true);
    expect(mayLeave('live', members, 2)).toBe(true);
    expect(mayLeave('live', members, 3)).toBe(true);
    expect(mayLeave('live', [member(2, 'bouncing')], 2)).toBe(false);
    expect(mayLeave('live', [...members, member(4, 'confirmed')], 1)).toBe(true);
  });

  it('leads back only through a new addition', () => {
    expect(nextState('suspended', 'confirm')).toBeNull();
    expect(nextState('removed', 'confirm')).toBeNull();
    expect(nextState('suspended', 'recover')).toBeNull();
    expect(nextState('suspended', 'propose')).toBe('invited');
    expect(nextState('invited', 'bounce')).toBeNull();
  });
});

describe('an approver', () => {
  const proposal = {
    proposed: 'new@acme.example',
    proposer: { user: 'alice', side: 'reseller' as const },
    approvals: [],
  };
  const named = [
    { address: 'dora@acme.example', user: null },
    { address: 'boss@msp.example', user: 'bob' },
    { address: 'a.smith@msp.example', user: 'alice' },
    { address: 'alice+aws@msp.example', user: null },
  ];
  const judge = (address: string, confirmed: { address: string; side: 'customer' | 'reseller' }[] = [], more = {}) => {
    const verdict = judgeApprover(address, { ...proposal, ...more }, { named, confirmed });
    return verdict.ok ? verdict.basis : verdict.code;
  };
  const ops = { address: 'ops@acme.example', side: 'customer' as const };

  it('is a confirmed member of the other side, or for the first member one whom the settings name', () => {
    expect(judge('ops@acme.example', [ops])).toBe('other_side');
    expect(judge('boss@msp.example')).toBe('first_member');
    expect(judge('boss@msp.example', [ops])).toBe('third');
    expect(judge('noc@msp.example', [ops, { address: 'noc@msp.example', side: 'reseller' }])).toBe('third');
    expect(judge('stranger@acme.example', [ops])).toBe('no_approver');
  });

  it('is never the proposer, the one who is added, or somebody who approved already', () => {
    expect(judge('a.smith@msp.example')).toBe('proposer');
    expect(judge('alice+aws@msp.example')).toBe('proposer');
    expect(judge('new@acme.example', [{ address: 'new@acme.example', side: 'customer' }])).toBe('own_addition');
    const approvals = [{ address: 'boss@msp.example', basis: 'first_member' as const }];
    expect(judge('boss@msp.example', [], { approvals })).toBe('approved_already');
  });

  it('is not another address of somebody who approved already', () => {
    const approvers = { named: [...named, { address: 'bob.home@msp.example', user: 'bob' }], confirmed: [] };
    const approvals = [{ address: 'boss@msp.example', basis: 'first_member' as const }];
    expect(judgeApprover('bob.home@msp.example', { ...proposal, approvals }, approvers)).toEqual({
      ok: false,
      code: 'approved_already',
    });
  });

  it('waits for mail of kinds that there are', () => {
    const kinds = readdirSync('config/kinds').map((file) => file.replace(/\.yaml$/, ''));
    expect(kinds).toEqual(expect.arrayContaining([...RESET_KINDS]));
  });

  it('a third one is asked for while the day after a reset lasts', () => {
    const now = new Date('2026-11-24T10:00:00Z');
    expect(frozenUntil(new Date(now.getTime() - FREEZE_MS + 1), now)).toEqual(new Date(now.getTime() + 1));
    expect(frozenUntil(new Date(now.getTime() - FREEZE_MS), now)).toBeNull();
    const second = { address: 'ops@acme.example', basis: 'other_side' as const };
    const third = { address: 'boss@msp.example', basis: 'third' as const };
    expect(missingApproval([], false)).toBe('second');
    expect(missingApproval([third], false)).toBe('second');
    expect(missingApproval([third, { ...third, address: 'x@msp.example' }], true)).toBe('second');
    expect(missingApproval([second], false)).toBeNull();
    expect(missingApproval([second], true)).toBe('third');
    expect(missingApproval([third, second], true)).toBeNull();
  });
});

describe('an addition', () => {
  const run = (model: ListModel, act: MembershipAct) => {
    const verdict = decideMembership(situationOf(model), act);
    return { verdict, model: verdict.ok ? applyToModel(model, act, verdict) : model };
  };
  const start = () => newModel({ named: [{ address: 'boss@msp.example', user: 'bob' }] });

  it('goes from proposal over approval to the page of the member', () => {
    const proposed = run(start(), { type: 'propose', address: 'Ops@acme.example', user: 'alice', side: 'reseller' });
    expect(proposed.verdict).toMatchObject({
      change: 'member.invited',
      address: 'ops@acme.example',
      side: 'customer',
      ask: [{ address: 'boss@msp.example', basis: 'first_member' }],
      invite: false,
      missing: 'second',
    });
    expect(run(proposed.model, { type: 'confirm', memberId: 1 }).verdict).toEqual({ ok: false, code: 'not_approved' });
    const approved = run(proposed.model, { type: 'approve', memberId: 1, approver: 'boss@msp.example' });
    expect(approved.verdict).toMatchObject({ change: 'member.approved', invite: true, missing: null });
    const confirmed = run(approved.model, { type: 'confirm', memberId: 1 });
    expect(confirmed.verdict).toMatchObject({ change: 'member.confirmed', state: 'confirmed', proposal: 'done' });
    expect(run(confirmed.model, { type: 'confirm', memberId: 1 }).verdict).toEqual({ ok: false, code: 'wrong_state' });
  });

  it('that was approved before a reset waits for a third person, and leaving does not', () => {
    const third = { address: 'cto@msp.example', user: null };
    let model = newModel({ named: [{ address: 'boss@msp.example', user: 'bob' }, third] });
    model = run(model, { type: 'propose', address: 'ops@acme.example', user: 'alice', side: 'reseller' }).model;
    model = run(model, { type: 'approve', memberId: 1, approver: 'boss@msp.example' }).model;
    model = { ...model, frozen: true };
    const waits = run(model, { type: 'confirm', memberId: 1 });
    expect(waits.verdict).toMatchObject({ change: null, missing: 'third', ask: [{ address: 'cto@msp.example' }] });
    const asked = run(waits.model, { type: 'approve', memberId: 1, approver: 'cto@msp.example' });
    expect(asked.verdict).toMatchObject({ missing: null, invite: false });
    const confirmed = run(asked.model, { type: 'confirm', memberId: 1 });
    expect(confirmed.verdict).toMatchObject({ change: 'member.confirmed' });
    const draft = { ...confirmed.model, list: 'draft' as const };
    expect(run(draft, { type: 'remove', memberId: 1 }).verdict).toMatchObject({ change: 'member.removed' });
  });

  it('nobody known proposes nothing', () => {
    expect(
      run(start(), { type: 'propose', address: 'ops@acme.example', user: null, side: 'reseller' }).verdict,
    ).toEqual({
      ok: false,
      code: 'unknown_proposer',
    });
  });
});

/** What is no act of a person: mail servers that fail, days that pass. */
type Event = { type: 'live' | 'reset' | 'day' } | { type: 'bounce' | 'recover'; memberId: number };
type Step = MembershipAct | Event;
const isEvent = (one: Step): one is Event => ['bounce', 'recover', 'live', 'reset', 'day'].includes(one.type);
const addresses = ['ann@acme.example', 'ben@acme.example', 'cai@acme.example', 'zoe@msp.example'];
const anyUser = fc.constantFrom('alice', 'bob', 'ann', null);
const anyApprover = fc.constantFrom(...addresses, 'boss@msp.example', 'cto@msp.example', 'stranger@x.example');
const anyId = fc.integer({ min: 1, max: 4 });
const side = 'reseller' as const;
const single: fc.Arbitrary<Step[]> = fc.oneof(
  fc.tuple(
    fc.record({
      type: fc.constant('propose' as const),
      address: fc.constantFrom(...addresses),
      user: anyUser,
      side: fc.constant(side),
    }),
  ),
  fc.tuple(
    fc.record({ type: fc.constantFrom('approve' as const, 'refuse' as const), memberId: anyId, approver: anyApprover }),
  ),
  fc.tuple(fc.record({ type: fc.constantFrom('confirm' as const, 'decline' as const), memberId: anyId })),
  fc.tuple(fc.record({ type: fc.constantFrom('suspend' as const, 'remove' as const), memberId: anyId })),
  fc.tuple(fc.record({ type: fc.constantFrom('bounce' as const, 'recover' as const), memberId: anyId })),
  fc.tuple(fc.record({ type: fc.constantFrom('live' as const, 'reset' as const, 'day' as const) })),
);
/** Somebody is proposed, all answer, the member clicks: whether that is enough is up to the rules. */
const attempt: fc.Arbitrary<Step[]> = fc
  .record({
    user: anyUser,
    approvers: fc.array(anyApprover, { minLength: 1, maxLength: 4 }),
    address: fc.nat({ max: 3 }),
  })
  .map(({ user, approvers, address }) => [
    { type: 'propose', address: addresses[address]!, user, side },
    ...[1, 2, 3, 4].flatMap((memberId): Step[] => [
      ...approvers.map((approver): Step => ({ type: 'approve', memberId, approver })),
      { type: 'confirm', memberId },
    ]),
    { type: 'live' },
  ]);
const anySteps = fc
  .array(fc.oneof(single, { arbitrary: attempt, weight: 2 }), { maxLength: 25, size: 'max' })
  .map((parts): Step[] => parts.flat());

type Check = (before: ListModel, act: MembershipAct, after: ListModel | null) => void;

/** Plays the steps; `after` is null when the rules refuse. */
function play(steps: Step[], check: Check) {
  let model = newModel({
    named: [
      { address: 'boss@msp.example', user: 'bob' },
      { address: 'cto@msp.example', user: null },
    ],
  });
  for (const one of steps) {
    if (isEvent(one)) {
      model = happen(model, one);
      continue;
    }
    const verdict = decideMembership(situationOf(model), one);
    const after = verdict.ok ? applyToModel(model, one, verdict) : null;
    check(model, one, after);
    model = after ?? model;
  }
}

/** Before AWS writes to a list, somebody of the customer is confirmed: else there is no last one to keep. */
function isHeard(members: readonly MemberFact[]): boolean {
  return members.some(({ side, state }) => side === 'customer' && state === 'confirmed');
}

function happen(model: ListModel, event: Event): ListModel {
  switch (event.type) {
    case 'live':
      return isHeard(model.members) ? { ...model, list: 'live' } : model;
    case 'reset':
    case 'day':
      return { ...model, frozen: event.type === 'reset' };
    default: {
      const { type, memberId } = event;
      const moved = (member: MemberFact) =>
        member.id === memberId ? { ...member, state: nextState(member.state, type) ?? member.state } : member;
      return { ...model, members: model.members.map(moved) };
    }
  }
}

const able = (model: ListModel, ...states: string[]) =>
  model.members.filter((one) => one.side === 'customer' && states.includes(one.state)).length;

test('the last confirmed member of a live list can never go, whatever is done in whatever order', () => {
  let refused = 0;
  fc.assert(
    fc.property(anySteps, (steps) => {
      play(steps, (before, act, after) => {
        if (before.list !== 'live') return;
        if (after === null) {
          const verdict = decideMembership(situationOf(before), act);
          if (!verdict.ok && verdict.code === 'last_member') refused += 1;
          return;
        }
        if (able(before, 'confirmed') > 0) expect(able(after, 'confirmed')).toBeGreaterThan(0);
        if (able(before, 'confirmed', 'bouncing') > 0) {
          expect(able(after, 'confirmed', 'bouncing')).toBeGreaterThan(0);
        }
      });
    }),
    { numRuns: 400 },
  );
  expect(refused).toBeGreaterThan(5);
});

test('no path adds a member by one person alone, and none by two on the day after a reset', () => {
  const added = { usual: 0, frozen: 0 };
  fc.assert(
    fc.property(anySteps, (steps) => {
      play(steps, (before, act, after) => {
        const was = new Map(before.members.map(({ id, state }) => [id, state]));
        const one = after?.members.find(({ id, state }) => state === 'confirmed' && was.get(id) === 'invited');
        if (one === undefined) return;
        added[before.frozen ? 'frozen' : 'usual'] += 1;
        expect(act.type).toBe('confirm');
        const { proposer, approvals } = before.proposals.find(({ memberId }) => memberId === one.id)!;
        const persons = approvals.map(({ address }) => address);
        expect(new Set(persons).size).toBe(persons.length);
        expect(persons.length).toBeGreaterThanOrEqual(before.frozen ? 2 : 1);
        expect(persons).not.toContain(one.address);
        expect(persons.map((address) => address.split('@')[0])).not.toContain(proposer.user);
        if (proposer.user === 'bob') expect(persons).not.toContain('boss@msp.example');
        const decisive = approvals.find(({ basis }) => basis !== 'third')!;
        if (decisive.basis === 'other_side') expect(decisive.address).toMatch(/@acme\.example$/);
        else expect(['boss@msp.example', 'cto@msp.example']).toContain(decisive.address);
      });
    }),
    { numRuns: 400 },
  );
  expect(Math.min(added.usual, added.frozen)).toBeGreaterThan(10);
});
