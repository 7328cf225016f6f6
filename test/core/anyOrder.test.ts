import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyPlan } from '../../src/core/applyPlan.ts';
import { decide, type MailAtHand } from '../../src/core/decide.ts';
import { emptySituation, type Situation } from '../../src/core/situation.ts';
import type { SecretLevel, Understanding } from '../../src/core/values.ts';
import { AWS, HISTORY, mailOf, OUTSIDER, PERSON, PRETENDER, UNPROVEN } from './understandingOf.ts';

const NOTIFY = {
  mail: true,
  webhook: false,
  least: 'high',
  followUpDays: 30,
  own: { domains: ['customer.example'], addresses: [] },
} as const;
const ids = ['m1@x', 'm2@x', 'm3@x'];
const numbers = ['case:1', 'case:2', 'event:3'];
const keys = [...numbers, ...ids.map((id) => `message:${id}`)];

/** Few values, so that mails collide in every way: texts, times, customers. */
const common = {
  sender: fc.constantFrom(AWS, AWS, AWS, PERSON, PERSON, OUTSIDER, UNPROVEN, PRETENDER, HISTORY),
  minute: fc.constantFrom(0, 0, 5, 10, 14, 16, 30, 45, 2000),
  contentHash: fc.constantFrom('a', 'b', 'c').map((letter) => letter.repeat(64)),
  kind: fc.constantFrom('support.case_reply', 'health.issue'),
  urgency: fc.constantFrom('none', 'low', 'normal', 'high', 'critical' as const),
  actionRequired: fc.boolean(),
  resolves: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  deadline: fc.option(fc.constantFrom('2026-11-25', '2026-12-01'), { freq: 3 }),
  level: fc.constantFrom('none', 'masked', 'sealed' as const),
};
const mailOfFacts = (mailOf().reading as { understanding: Understanding }).understanding.facts;

type Drawn = { minute: number; deadline: string | null; level: SecretLevel } & Partial<Understanding>;
function understood({ minute, deadline, level, ...rest }: Drawn): Partial<Understanding> {
  return {
    ...rest,
    mailTime: new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString(),
    secrets: { count: 0, kinds: [], level },
    facts: {
      ...mailOfFacts,
      deadline: deadline === null ? null : { value: { date: deadline, at: null, sort: 'respond' }, where: 'body 1' },
    },
  };
}

/** Mails whose own key says all: what they name beside it belongs to other matters. */
const plain: fc.Arbitrary<Partial<Understanding>> = fc
  .record({
    ...common,
    primary: fc.constantFrom(...numbers),
    mentions: fc.uniqueArray(fc.constantFrom(...numbers), { maxLength: 2 }),
    copy: fc.option(fc.constantFrom('1', '2'), { freq: 4 }),
    dedup: fc.boolean(),
  })
  .map(({ primary, mentions, copy, dedup, ...rest }) =>
    understood({
      ...rest,
      messageId: copy === null ? null : `${copy}.${primary}`,
      dedupingId: dedup ? `d.${primary}` : null,
      threadKeys: { primary, aliases: [], mentions: mentions.filter((key) => key !== primary) },
    }),
  );

/** Mails with further keys of their matter, which may lead to another ticket than their first. */
const tangled: fc.Arbitrary<Partial<Understanding>> = fc
  .record({
    ...common,
    messageId: fc.constantFrom(...ids, null),
    primary: fc.constantFrom(...keys),
    aliases: fc.uniqueArray(fc.constantFrom(...keys), { maxLength: 2 }),
    mentions: fc.uniqueArray(fc.constantFrom(...numbers), { maxLength: 1 }),
    dedupingId: fc.option(fc.constantFrom('d1', 'd2'), { freq: 6 }),
  })
  .map(({ primary, aliases, mentions, ...rest }) =>
    understood({ ...rest, threadKeys: { primary, aliases, mentions } }),
  );

const mailsOf = (understanding: fc.Arbitrary<Partial<Understanding>>) =>
  fc
    .array(fc.tuple(understanding, fc.constantFrom(1, 1, 1, 2)), { minLength: 2, maxLength: 8 })
    .map((list) =>
      list.map(([set, customerId], index) =>
        mailOf({ ...set, ticketSubject: `subject ${index}` }, { id: index + 1, customerId }),
      ),
    );
const mails = mailsOf(tangled);
const inTwoOrders = (understanding: fc.Arbitrary<Partial<Understanding>>) =>
  mailsOf(understanding).chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );

type After = { situation: Situation; links: [number, number][] };
function after(order: readonly MailAtHand[]): After {
  const situation = emptySituation();
  const links: [number, number][] = [];
  for (const mail of order) {
    const plan = decide(mail, situation, NOTIFY);
    const ticketId = applyPlan(situation, mail, plan);
    for (const { ticketId: other } of plan.ticket?.related ?? []) links.push([ticketId!, other]);
  }
  return { situation, links };
}

const mailsOn = ({ situation }: After, ticketId: number): number[] =>
  situation.tickets
    .get(ticketId)!
    .mails.map((mail) => mail.id)
    .toSorted((a, b) => a - b);

/** What people see of all tickets, without numbers that say nothing about the matter. */
function ticketsAfter(all: After): unknown[] {
  return [...all.situation.tickets.values()]
    .map((ticket) => ({
      customerId: ticket.customerId,
      state: ticket.state,
      solvedAt: ticket.solvedAt,
      mails: mailsOn(all, ticket.id),
      face: ticket.folded.face,
      seenBefore: [...ticket.folded.seenBefore].toSorted(([a], [b]) => a - b),
    }))
    .toSorted((a, b) => a.mails[0]! - b.mails[0]!);
}

/** Pairs of linked tickets, each by its mails. */
function linksAfter(all: After): string[] {
  const named = all.links.map((pair) =>
    pair
      .map((id) => mailsOn(all, id).join(' '))
      .toSorted()
      .join(' – '),
  );
  return [...new Set(named)].toSorted();
}

/** Mails that belong together over tickets and links. */
function familiesAfter(all: After): number[][] {
  const of = new Map([...all.situation.tickets.keys()].map((id) => [id, id]));
  const root = (id: number): number => (of.get(id) === id ? id : root(of.get(id)!));
  for (const [a, b] of all.links) of.set(root(a), root(b));
  return Map.groupBy(of.keys(), root)
    .values()
    .map((tickets) => tickets.flatMap((id) => mailsOn(all, id)).toSorted((a, b) => a - b))
    .toArray()
    .toSorted((a, b) => a[0]! - b[0]!);
}

it('any order of arrival gives the same tickets, states, repetitions and links', () => {
  fc.assert(
    fc.property(inTwoOrders(plain), ([list, shuffled]) => {
      const [one, two] = [after(list), after(shuffled)];
      expect(ticketsAfter(two)).toEqual(ticketsAfter(one));
      expect(linksAfter(two)).toEqual(linksAfter(one));
    }),
    { numRuns: 3000 },
  );
});

it('whatever keys mails have, any order of arrival brings the same mails together over tickets and their links', () => {
  fc.assert(
    fc.property(inTwoOrders(tangled), ([list, shuffled]) => {
      expect(familiesAfter(after(shuffled))).toEqual(familiesAfter(after(list)));
    }),
    { numRuns: 3000 },
  );
});

it('a mail that was put on a ticket stays on it', () => {
  fc.assert(
    fc.property(mails, (list) => {
      const situation = emptySituation();
      const placed = new Map<number, number>();
      for (const mail of list) {
        const ticketId = applyPlan(situation, mail, decide(mail, situation, NOTIFY));
        if (ticketId !== null) placed.set(mail.id, ticketId);
        for (const [id, ticket] of placed)
          expect(situation.tickets.get(ticket)?.mails.some((one) => one.id === id)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

it('no ticket holds mails of two customers, of an outsider or unproven sender beside others, or of what pretends', () => {
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
        if (senders.includes(OUTSIDER)) expect(senders.every((sender) => sender === OUTSIDER)).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});
