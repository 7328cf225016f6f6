import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Bounce, type BouncingMember, isQuietAgain, judgeBounce } from '../../src/core/memberHealth.ts';
import { MEMBER_STATES } from '../../src/core/memberState.ts';

const RAW: Bounce = { action: 'failed', status: '5.1.1', form: 'raw', wrappedFor: null };
const MEMBER: BouncingMember = { state: 'confirmed', wrapped: false, othersConfirmed: 1, hardDays: 1 };

const bounce = fc.record({
  action: fc.constantFrom<Bounce['action'][]>('failed', 'delayed'),
  status: fc.constantFrom('5.1.1', '5.2.2', '5.7.1', '5.7.26', '4.4.7', '5.0.0'),
  form: fc.constantFrom<Bounce['form'][]>('raw', 'wrapped'),
  wrappedFor: fc.constantFrom<Bounce['wrappedFor'][]>(null, 'unverified', 'unchecked', 'form', 'member'),
});
const member = fc.record({
  state: fc.constantFrom(...MEMBER_STATES),
  wrapped: fc.boolean(),
  othersConfirmed: fc.nat(3),
  hardDays: fc.nat(9),
});

test('whatever comes back, nobody is removed, and the last one confirmed is never suspended', () => {
  fc.assert(
    fc.property(bounce, member, (one, of) => {
      const verdict = judgeBounce(one, of);
      expect([null, 'bouncing', 'suspended']).toContain(verdict.member);
      if (of.othersConfirmed === 0) expect(verdict.member).not.toBe('suspended');
      if (one.action === 'delayed') expect(verdict).toEqual({ copy: 'none', member: null, ticket: null });
      if (of.state !== 'confirmed' && of.state !== 'bouncing') expect(verdict.member).toBeNull();
    }),
  );
});

test('a policy is our fault first, then that of one mail, and only then the mailbox', () => {
  const policy = { ...RAW, status: '5.7.26' };
  expect(judgeBounce(policy, MEMBER)).toEqual({ copy: 'wrap', member: null, ticket: null });
  const phishing = { ...policy, form: 'wrapped', wrappedFor: 'unverified' } as const;
  expect(judgeBounce(phishing, MEMBER)).toMatchObject({ member: null, ticket: { about: 'refused' } });
  const wrapped = { ...policy, form: 'wrapped', wrappedFor: 'member' } as const;
  expect(judgeBounce(wrapped, MEMBER)).toMatchObject({ member: 'bouncing', ticket: { urgency: 'high' } });
  // However often: a policy suspends nobody.
  expect(judgeBounce(wrapped, { ...MEMBER, state: 'bouncing', hardDays: 9 }).member).toBeNull();
});

test('three days suspend while somebody else is left; the last one is urgent', () => {
  expect(judgeBounce(RAW, { ...MEMBER, hardDays: 3 })).toMatchObject({ member: 'suspended' });
  expect(judgeBounce(RAW, { ...MEMBER, hardDays: 3, othersConfirmed: 0 })).toMatchObject({
    member: 'bouncing',
    ticket: { about: 'last_member', urgency: 'critical' },
  });
});

test('silence counts when the failure is a week old and a later copy has been out for five days', () => {
  const day = 24 * 3_600_000;
  const now = new Date('2026-11-24T10:00:00Z');
  const ago = (days: number) => new Date(now.getTime() - days * day);
  expect(isQuietAgain({ failedAt: ago(7), quietSince: ago(5) }, now)).toBe(true);
  expect(isQuietAgain({ failedAt: ago(6.9), quietSince: ago(5) }, now)).toBe(false);
  expect(isQuietAgain({ failedAt: ago(30), quietSince: ago(4.9) }, now)).toBe(false);
  expect(isQuietAgain({ failedAt: ago(30), quietSince: null }, now)).toBe(false);
});
