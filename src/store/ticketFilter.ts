import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Urgency } from '../core/values.ts';
import { findWords } from './findWords.ts';
import type { Tables, TicketQueue } from './schema.ts';

/** When a ticket is due, by its deadline: so many hours from now or more, between instants, late, at any time, never. */
export type DueFilter =
  | { sort: 'before' | 'after'; hours: number }
  | { sort: 'between'; from: string | null; to: string | null }
  | { sort: 'late' | 'any' | 'none' };

/** Which tickets are asked for. Lists of one field are alternatives, fields add up, `not…` takes away. */
export type TicketFilter = {
  /** All must occur in the ticket's redacted texts; `notWords` must not. Each of at least two letters or digits. */
  words: string[];
  notWords: string[];
  /** Lists to look in, at least one. */
  queues: TicketQueue[];
  /** Slugs. */
  customers: string[];
  notCustomers: string[];
  /** Codes (`billing.budget_alert`), groups (`billing`) or words of a code (`budget`). */
  kinds: string[];
  notKinds: string[];
  urgencies: Urgency[];
  notUrgencies: Urgency[];
  due: DueFilter[];
  notDue: DueFilter[];
  /**
   * Where nothing but a list is asked for: of an incident over several customers the first to act upon stands for all
   * (`once`), or none of its tickets is meant (`none`): its row is no ticket, and has no box to tick.
   */
  incidents?: 'once' | 'none';
};

export const QUEUES: readonly TicketQueue[] = ['open', 'waiting', 'snoozed', 'solved'];

/** Everything in one list (or several), nothing else asked. */
export function filterOf(queues: TicketQueue[], more: Partial<TicketFilter> = {}): TicketFilter {
  return {
    words: [],
    notWords: [],
    queues,
    customers: [],
    notCustomers: [],
    kinds: [],
    notKinds: [],
    urgencies: [],
    notUrgencies: [],
    due: [],
    notDue: [],
    ...more,
  };
}

const HOUR_MS = 3_600_000;

/**
 * A filter whose names were looked up: the condition on `tickets t`, and one that is dear to test (common words: it looks
 * into texts), or null. Both must hold; whoever tests the dear one bounds how many tickets it is tested on.
 */
export type ResolvedFilter = {
  queues: TicketQueue[];
  condition: RawBuilder<boolean>;
  dear: RawBuilder<boolean> | null;
};

const known = new WeakMap<TicketFilter, { asOf: number; resolved: Promise<ResolvedFilter | null> }>();

/**
 * Looks up customers, kinds and words of a filter; at most three short queries, none for a filter by state alone, and once
 * for a filter object and instant: rows and counts of one page ask for the same. null: nothing can match. The filter must
 * not be changed afterwards.
 */
export function resolveFilter(db: Kysely<Tables>, filter: TicketFilter, asOf: Date): Promise<ResolvedFilter | null> {
  const before = known.get(filter);
  if (before?.asOf === asOf.getTime()) return before.resolved;
  const resolved = lookUp(db, filter, asOf);
  known.set(filter, { asOf: asOf.getTime(), resolved });
  return resolved;
}

async function lookUp(db: Kysely<Tables>, filter: TicketFilter, asOf: Date): Promise<ResolvedFilter | null> {
  const [customers, kinds, words] = await Promise.all([
    customerIds(db, [...filter.customers, ...filter.notCustomers]),
    filter.kinds.length + filter.notKinds.length > 0 ? kindsInUse(db) : [],
    findWords(db, filter),
  ]);
  if (words === null) return null;
  const all: RawBuilder<unknown>[] = [];
  const idsOf = (slugs: string[]) => slugs.flatMap((slug) => customers.get(slug) ?? []);
  if (filter.customers.length > 0) {
    const ids = idsOf(filter.customers);
    if (ids.length === 0) return null;
    all.push(ids.length === 1 ? sql`t.customer_id = ${ids[0]}` : sql`t.customer_id = any(${ids}::int[])`);
  }
  const notIds = idsOf(filter.notCustomers);
  if (notIds.length > 0) all.push(sql`t.customer_id <> all(${notIds}::int[])`);
  const codesOf = (words: string[]) => kinds.filter((code) => words.some((word) => isKind(code, word)));
  if (filter.kinds.length > 0) {
    const codes = codesOf(filter.kinds);
    if (codes.length === 0) return null;
    all.push(sql`t.kind = any(${codes}::text[])`);
  }
  const notCodes = codesOf(filter.notKinds);
  if (notCodes.length > 0) all.push(sql`t.kind <> all(${notCodes}::text[])`);
  if (filter.urgencies.length > 0) all.push(sql`t.urgency = any(${filter.urgencies}::text[])`);
  if (filter.notUrgencies.length > 0) all.push(sql`t.urgency <> all(${filter.notUrgencies}::text[])`);
  for (const due of filter.due) all.push(isDue(due, asOf));
  for (const due of filter.notDue) all.push(sql`not (${isDue(due, asOf)})`);
  all.push(...words.conditions);
  if (all.length === 0 && filter.incidents !== undefined)
    all.push(filter.incidents === 'once' ? INCIDENT_ONCE : NO_INCIDENT);
  const condition = all.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(all, sql` and `)}`;
  const dear = words.dear.length === 0 ? null : sql<boolean>`${sql.join(words.dear, sql` and `)}`;
  return { queues: [...new Set(filter.queues)], condition, dear };
}

/** Of the tickets of an incident that stand in one list, the first. A ticket without an incident asks no other row. */
export const INCIDENT_ONCE = sql<boolean>`(t.incident_id is null or not exists (
  select from tickets o join incidents i on i.id = o.incident_id and i.customers > 1
   where o.incident_id = t.incident_id and o.queue = t.queue and o.id <> t.id
     and (o.rank > 0, o.act_at, o.rank, o.id) < (t.rank > 0, t.act_at, t.rank, t.id)))`;

const NO_INCIDENT = sql<boolean>`(t.incident_id is null or not exists (
  select from incidents i where i.id = t.incident_id and i.customers > 1))`;

function isDue(due: DueFilter, asOf: Date): RawBuilder<boolean> {
  switch (due.sort) {
    case 'none':
      return sql<boolean>`t.deadline is null`;
    case 'any':
      return sql<boolean>`t.deadline is not null`;
    case 'late':
      return sql<boolean>`(t.deadline is not null and t.act_at < ${asOf.toISOString()}::timestamptz)`;
    case 'between':
      return sql<boolean>`(t.deadline is not null${
        due.from === null ? sql`` : sql` and t.act_at >= ${due.from}::timestamptz`
      }${due.to === null ? sql`` : sql` and t.act_at < ${due.to}::timestamptz`})`;
    default: {
      const at = new Date(asOf.getTime() + due.hours * HOUR_MS).toISOString();
      const is = due.sort === 'before' ? sql`t.act_at < ${at}::timestamptz` : sql`t.act_at >= ${at}::timestamptz`;
      return sql<boolean>`(t.deadline is not null and ${is})`;
    }
  }
}

async function customerIds(db: Kysely<Tables>, slugs: string[]): Promise<Map<string, number>> {
  if (slugs.length === 0) return new Map();
  const rows = await db.selectFrom('customers').select(['slug', 'id']).where('slug', 'in', slugs).execute();
  return new Map(rows.map(({ slug, id }) => [slug, id]));
}

/** Kinds that tickets have, read off the index: a probe a kind and list, whatever the number of tickets. */
async function kindsInUse(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ kind: string }>`
    with recursive used as (
      (select queue, kind from tickets order by queue, kind limit 1)
      union all
      select next.queue, next.kind from used cross join lateral (
        select t.queue, t.kind from tickets t where (t.queue, t.kind) > (used.queue, used.kind)
         order by t.queue, t.kind limit 1) next)
    select distinct kind from used`.execute(db);
  return rows.map((row) => row.kind);
}

/** `billing.budget_alert` is found by itself, by `billing`, `budget`, `alert` and `budget_alert`. */
function isKind(code: string, word: string): boolean {
  const apart = (text: string) => `_${text.replaceAll('.', '_')}_`;
  return apart(code).includes(apart(word));
}
