import { beforeAll, expect, test } from 'vitest';
import { applyPlan } from '../../src/core/applyPlan.ts';
import { decide, type MailAtHand } from '../../src/core/decide.ts';
import { emptySituation } from '../../src/core/situation.ts';
import { understand } from '../../src/core/understand.ts';
import type { Understanding } from '../../src/core/values.ts';
import { arrive } from './corpus/arrive.ts';
import { corpora } from './corpus/index.ts';
import { CUSTOMERS } from './corpus/mail.ts';
import { NOBODY, PEOPLE } from './corpus/people.ts';
import { book } from './mailOf.ts';

type Mail = { number: number; id: string; thread: string | null; customerId: number; understanding: Understanding };

const QUIET = { mail: false, webhook: false, least: 'critical', followUpDays: 30, own: NOBODY } as const;
const SLUGS = Object.keys(CUSTOMERS) as (keyof typeof CUSTOMERS)[];
const ACCOUNTS = new Map(
  SLUGS.flatMap((slug, index) => CUSTOMERS[slug].accounts.map((one) => [one, index + 1] as const)),
);
/** Orders of a longer list that are tried, and of all mails of a customer. */
const ORDERS = 60;
/**
 * Threads in which a mail without the words of a compromise knows only a case that one of the others leads to: when it
 * comes before that one, it has a ticket beside the other, linked.
 */
const BRIDGED = ['offhand o-comp'];

const streams: { name: string; mails: Mail[] }[] = [];
beforeAll(async () => {
  for (const [name, mails] of Object.entries(corpora)) {
    const read: Mail[] = [];
    for (const [index, { mail, raw, auth, arrival }] of (await arrive(mails)).entries()) {
      const understanding = await understand({ raw, auth, arrival, book });
      const slug = (mail.to ?? 'acme').split(':')[0] as keyof typeof CUSTOMERS;
      const thread = mail.expect.thread ?? null;
      read.push({ number: index + 1, id: mail.id, thread, customerId: SLUGS.indexOf(slug) + 1, understanding });
    }
    streams.push({ name, mails: read });
  }
}, 120_000);

test('every thread of the corpus gives the same tickets in every order', () => {
  const bridged: string[] = [];
  let threads = 0;
  for (const { name, mails } of streams) {
    for (const [thread, own] of Map.groupBy(mails, (mail) => mail.thread)) {
      if (thread === null || own.length < 2) continue;
      threads += 1;
      const results = ordersOf(own).map(ticketsAfter);
      expect(new Set(results.map(({ families }) => families)).size, `${name} ${thread}`).toBe(1);
      if (new Set(results.map(({ tickets }) => tickets)).size > 1) bridged.push(`${name} ${thread}`);
    }
  }
  expect(threads).toBeGreaterThan(35);
  expect(bridged.filter((one) => !BRIDGED.includes(one))).toEqual([]);
});

test('all mails of a customer at once, in any order: the same tickets but for those, the same families always', () => {
  for (const { name, mails } of streams) {
    for (const own of Map.groupBy(mails, (mail) => mail.customerId).values()) {
      const { tickets, families } = ticketsAfter(own);
      const bridged = new Set(own.filter(({ thread }) => BRIDGED.includes(`${name} ${thread}`)).map(({ id }) => id));
      const others = (text: string) => text.split('\n').filter((one) => !one.split(' ').some((id) => bridged.has(id)));
      for (let n = 0; n < 10; n++) {
        const shuffled = ticketsAfter(shuffle(own));
        expect(shuffled.families).toBe(families);
        expect(others(shuffled.tickets)).toEqual(others(tickets));
      }
    }
  }
});

/** A line a ticket with its mails, and a line a family of linked tickets. */
function ticketsAfter(order: readonly Mail[]): { tickets: string; families: string } {
  const situation = emptySituation({ accounts: ACCOUNTS, people: PEOPLE });
  const on = new Map<number, string[]>();
  const seen = new Map<number, [MailAtHand, string]>();
  const head = new Map<number, number>();
  const root = (id: number): number => (head.get(id) === id ? id : root(head.get(id)!));
  for (const { number, id, customerId, understanding } of order) {
    const reading = { read: true, understanding } as const;
    const mail = { id: number, customerId, sha256: id.padEnd(64, '0'), reading, before: null };
    const put = (one: MailAtHand, name: string): void => {
      seen.set(one.id, [one, name]);
      const plan = decide(one, situation, QUIET);
      const ticketId = applyPlan(situation, one, plan);
      for (const held of plan.again) put(...seen.get(held)!);
      if (ticketId === null) return;
      on.set(ticketId, [...(on.get(ticketId) ?? []), name]);
      if (!head.has(ticketId)) head.set(ticketId, ticketId);
      for (const { ticketId: other } of plan.ticket?.related ?? []) head.set(root(other), root(ticketId));
    };
    put(mail, id);
  }
  const families = Map.groupBy(on.keys(), root).values();
  return {
    tickets: lines(on.values()),
    families: lines([...families].map((ids) => ids.flatMap((ticketId) => on.get(ticketId)!))),
  };
}

function lines(groups: Iterable<string[]>): string {
  return [...groups]
    .map((ids) => ids.toSorted().join(' '))
    .toSorted()
    .join('\n');
}

/** All orders of a short list, some of a long one. */
function ordersOf(mails: readonly Mail[]): Mail[][] {
  if (mails.length > 4) return Array.from({ length: ORDERS }, () => shuffle(mails));
  if (mails.length < 2) return [[...mails]];
  return mails.flatMap((first) => ordersOf(mails.filter((mail) => mail !== first)).map((rest) => [first, ...rest]));
}

function shuffle<T>(list: readonly T[]): T[] {
  const shuffled = [...list];
  for (let at = shuffled.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [shuffled[at], shuffled[other]] = [shuffled[other]!, shuffled[at]!];
  }
  return shuffled;
}
