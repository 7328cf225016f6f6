import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyPlan } from '../../src/core/applyPlan.ts';
import { decide, type MailAtHand } from '../../src/core/decide.ts';
import { emptySituation } from '../../src/core/situation.ts';
import type { Understanding } from '../../src/core/values.ts';
import { AWS, HISTORY, mailOf, PERSON, PRETENDER, UNPROVEN } from './understandingOf.ts';

const NOTIFY = { mail: true, webhook: false, least: 'high' } as const;
const ids = ['m1@x', 'm2@x', 'm3@x'];
const keys = ['case:1', 'case:2', 'event:3', ...ids.map((id) => `message:${id}`)];

/** Few values, so that mails collide in every way: keys, Message-IDs, texts, times, customers. */
const understanding: fc.Arbitrary<Partial<Understanding>> = fc
  .record({
    sender: fc.constantFrom(AWS, AWS, AWS, PERSON, PERSON, UNPROVEN, PRETENDER, HISTORY),
    messageId: fc.constantFrom(...ids, null),
    primary: fc.constantFrom(...keys),
    aliases: fc.uniqueArray(fc.constantFrom(...keys), { maxLength: 2 }),
    minute: fc.constantFrom(0, 0, 5, 10, 14, 16, 30, 45, 2000),
    contentHash: fc.constantFrom('a', 'b', 'c').map((letter) => letter.repeat(64)),
    dedupingId: fc.option(fc.constantFrom('d1', 'd2'), { freq: 6 }),
    kind: fc.constantFrom('support.case_reply', 'health.issue'),
    urgency: fc.constantFrom('none', 'low', 'normal', 'high', 'critical' as const),
    actionRequired: fc.boolean(),
    resolves: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
    deadline: fc.option(fc.constantFrom('2026-11-25', '2026-12-01'), { freq: 3 }),
    level: fc.constantFrom('none', 'masked', 'sealed' as const),
  })
  .map(({ primary, aliases, minute, deadline, level, ...rest }) => ({
    ...rest,
    mailTime: new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString(),
    threadKeys: { primary, aliases },
    secrets: { count: 0, kinds: [], level },
    facts: {
      ...mailOfFacts,
      deadline:
        deadline === null ? null : { value: { date: deadline, at: null, sort: 'respond' as const }, where: 'body 1' },
    },
  }));
const mailOfFacts = (mailOf().reading as { understanding: Understanding }).understanding.facts;

const mails = fc
  .array(fc.tuple(understanding, fc.constantFrom(1, 1, 1, 2)), { minLength: 2, maxLength: 8 })
  .map((list) =>
    list.map(([set, customerId], index) =>
      mailOf({ ...set, ticketSubject: `subject ${index}` }, { id: index + 1, customerId }),
    ),
  );

/** What people see of all tickets, without numbers that say nothing about the matter. */
function ticketsAfter(order: readonly MailAtHand[]): unknown[] {
  const situation = emptySituation();
  for (const mail of order) applyPlan(situation, mail, decide(mail, situation, NOTIFY));
  return [...situation.tickets.values()]
    .map((ticket) => ({
      customerId: ticket.customerId,
      state: ticket.state,
      mails: ticket.mails.map((mail) => mail.id).toSorted((a, b) => a - b),
      face: ticket.folded.face,
      seenBefore: [...ticket.folded.seenBefore].toSorted(([a], [b]) => a - b),
    }))
    .toSorted((a, b) => a.mails[0]! - b.mails[0]!);
}

it('any order of arrival gives the same tickets, states and repetitions', () => {
  fc.assert(
    fc.property(
      mails.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        expect(ticketsAfter(shuffled)).toEqual(ticketsAfter(list));
      },
    ),
    { numRuns: 3000 },
  );
});

it('no ticket holds mails of two customers, of an unproven sender beside others, or of what pretends', () => {
  fc.assert(
    fc.property(mails, (list) => {
      const situation = emptySituation();
      for (const mail of list) applyPlan(situation, mail, decide(mail, situation, NOTIFY));
      const byId = new Map(list.map((mail) => [mail.id, mail]));
      for (const ticket of situation.tickets.values()) {
        const own = ticket.mails.map(({ id }) => byId.get(id)!);
        expect(new Set(own.map((mail) => mail.customerId))).toEqual(new Set([ticket.customerId]));
        const senders = own.map((mail) => (mail.reading as { understanding: Understanding }).understanding.sender);
        expect(senders.every((sender) => sender.class !== 'pretends' && sender.class !== 'unverifiable')).toBe(true);
        if (senders.some((sender) => !sender.authentic))
          expect(senders.every((sender) => !sender.authentic)).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});
