import { applyPlan } from '../../../src/core/applyPlan.ts';
import { decide, type MailAtHand, type Plan } from '../../../src/core/decide.ts';
import type { KindBook } from '../../../src/core/kindBook.ts';
import { emptySituation } from '../../../src/core/situation.ts';
import { understand } from '../../../src/core/understand.ts';
import { type Understanding, URGENCIES } from '../../../src/core/values.ts';
import { type ExplainRecord, recordOf } from '../../../src/explainRecord.ts';
import { arrive } from './arrive.ts';
import { addressOf } from './compose.ts';
import { type CorpusMail, CUSTOMERS } from './mail.ts';
import { NOBODY, PEOPLE } from './people.ts';

export type Examined = { mail: CorpusMail; record: ExplainRecord; understanding: Understanding; misses: Miss[] };
export type Miss = {
  what: 'outcome' | 'kind' | 'thread' | 'deadline' | 'urgency' | 'language' | 'secret' | 'fact' | 'resolves';
  expected: string;
  got: string;
};

const QUIET = { mail: false, webhook: false, least: 'critical', followUpDays: 30, own: NOBODY } as const;
const SLUGS = Object.keys(CUSTOMERS) as (keyof typeof CUSTOMERS)[];

/** Reads all mails as arrivals in this order, in one situation, and compares each with what was expected of it. */
export async function examine(mails: readonly CorpusMail[], book: KindBook): Promise<Examined[]> {
  const accounts = new Map(
    SLUGS.flatMap((slug, index) => CUSTOMERS[slug].accounts.map((one) => [one, index + 1] as const)),
  );
  const situation = emptySituation({ accounts, people: PEOPLE });
  const seen: {
    mail: CorpusMail;
    plan: Plan;
    ticketId: number | null;
    understanding: Understanding;
    sha256: string;
    atHand: MailAtHand;
  }[] = [];
  for (const [index, { mail, raw, auth, arrival }] of (await arrive(mails)).entries()) {
    const understanding = await understand({ raw, auth, arrival, book });
    const slug = (mail.to ?? 'acme').split(':')[0] as keyof typeof CUSTOMERS;
    const sha256 = mail.id.padEnd(64, '0');
    const atHand = {
      id: index + 1,
      customerId: SLUGS.indexOf(slug) + 1,
      sha256,
      reading: { read: true, understanding },
      before: null,
    } as const;
    const plan = decide(atHand, situation, QUIET);
    seen.push({ mail, plan, ticketId: applyPlan(situation, atHand, plan), understanding, sha256, atHand });
    for (const id of plan.again) {
      const held = seen[id - 1]!;
      held.plan = decide(held.atHand, situation, QUIET);
      held.ticketId = applyPlan(situation, held.atHand, held.plan);
    }
  }
  const threads = new Map<string, Set<number | null>>();
  for (const { mail, ticketId } of seen) {
    const name = mail.expect.thread ?? `alone ${mail.id}`;
    threads.set(name, (threads.get(name) ?? new Set()).add(ticketId));
  }
  const owners = new Map<number, Set<string>>();
  for (const [name, tickets] of threads) {
    for (const ticket of tickets) if (ticket !== null) owners.set(ticket, (owners.get(ticket) ?? new Set()).add(name));
  }
  return seen.map(({ mail, plan, ticketId, understanding, sha256 }) => {
    const ticket = ticketId;
    const key = ticket === null ? null : (situation.tickets.get(ticket)?.folded.face.threadKey ?? null);
    const source = { file: mail.id, sha256, customer: null, list: addressOf(mail), arrivalReasons: [] };
    const explained = recordOf(source, { read: true, understanding }, plan, key);
    const misses = compare(mail, explained, understanding);
    const own = threads.get(mail.expect.thread ?? `alone ${mail.id}`)!;
    const others =
      ticket === null
        ? []
        : [...owners.get(ticket)!].filter((name) => name !== (mail.expect.thread ?? `alone ${mail.id}`));
    if (own.size > 1 || others.length > 0) {
      misses.push({
        what: 'thread',
        expected: mail.expect.thread ?? 'alone',
        got: `${own.size} tickets, with ${others.join(', ') || 'nobody'}, key ${key}`,
      });
    }
    return { mail, record: explained, understanding, misses };
  });
}

function compare({ expect }: CorpusMail, record: ExplainRecord, understanding: Understanding): Miss[] {
  const misses: Miss[] = [];
  const miss = (what: Miss['what'], expected: string, got: unknown) =>
    misses.push({ what, expected, got: String(got) });
  const [outcome = '', kind = ''] = expect.is.split(' ');
  if (record.outcome !== outcome) miss('outcome', outcome, `${record.outcome} (${record.kind}, ${record.rule})`);
  const fits = (wanted: string) =>
    wanted.endsWith('.') || wanted === '' ? (record.kind ?? '').startsWith(wanted) : record.kind === wanted;
  if (![kind, ...(expect.or ?? [])].some(fits)) miss('kind', kind, record.kind);
  if (expect.due !== undefined) {
    const due = record.deadline === null ? 'none' : `${record.deadline} ${record.deadlineSort}`;
    if (due !== expect.due) miss('deadline', expect.due, due);
  }
  if (expect.urgency && URGENCIES.indexOf(record.urgency ?? 'none') < URGENCIES.indexOf(expect.urgency))
    miss('urgency', expect.urgency, record.urgency);
  if (expect.lang && record.lang !== expect.lang) miss('language', expect.lang, record.lang);
  if (expect.resolves !== undefined && understanding.resolves !== expect.resolves)
    miss('resolves', 'yes', understanding.resolves);
  const given = JSON.stringify([record, understanding]);
  for (const secret of expect.hide ?? []) if (given.includes(secret)) miss('secret', 'hidden', secret);
  for (const [name, wanted] of Object.entries(expect.facts ?? {})) {
    const got = record.facts?.[name as keyof typeof record.facts] as unknown;
    const holds = Array.isArray(wanted) ? wanted.every((one) => (got as unknown[]).includes(one)) : got === wanted;
    if (!holds) miss('fact', `${name} ${wanted}`, JSON.stringify(got));
  }
  return misses;
}

/** A table of misses for people. */
export function tableOf(examined: readonly Examined[]): string {
  return examined
    .flatMap(({ mail, misses }) =>
      misses.map((one) => `${mail.id.padEnd(26)} ${one.what.padEnd(8)} wanted ${one.expected} · got ${one.got}`),
    )
    .join('\n');
}

/** Share of mails that have no miss of this sort. */
export function right(examined: readonly Examined[], what: Miss['what']): number {
  return examined.filter(({ misses }) => !misses.some((one) => one.what === what)).length / examined.length;
}
