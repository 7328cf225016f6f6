import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Deadline, SecretLevel, Urgency } from '../core/values.ts';
import { type Band, bandOf, inPart } from './queueOrder.ts';
import type { Tables, TicketQueue, TicketState } from './schema.ts';
import { type ResolvedFilter, resolveFilter, type TicketFilter } from './ticketFilter.ts';

/**
 * `act`: by the time to act, critical ones first among what is not yet within 4 hours. `customer`: by name, within it as
 * `act` without bands. `kind`: by code, the same. `changed`: last change first. `number`: newest first.
 */
export type QueueSort = 'act' | 'customer' | 'kind' | 'changed' | 'number';
export const QUEUE_SORTS: readonly QueueSort[] = ['act', 'customer', 'kind', 'changed', 'number'];

export type QueueRow = {
  id: number;
  /** To be named by an act: one on an older version is refused. */
  version: number;
  customerId: number;
  customer: string;
  customerName: string;
  kind: string;
  subject: string;
  urgency: Urgency;
  deadline: Deadline | null;
  actAt: Date;
  state: TicketState;
  queue: TicketQueue;
  snoozedUntil: Date | null;
  secretLevel: SecretLevel;
  /** Kinds of the secrets that its last sealed mail brought. */
  secretKinds: string[];
  createdAt: Date;
  updatedAt: Date;
  mails: number;
  /** The incident over several customers that it is part of. */
  incidentId: number | null;
  /** Customers of that incident; 0 without one. */
  incidentCustomers: number;
  /** Only with sort `act`; otherwise what the band would be. */
  band: Band;
};

/** Where the next page begins: the last row of this one. Of one sort, and only for it. */
export type QueueKey = {
  sort: QueueSort;
  asOf: string;
  id: number;
  /** act_at, or updated_at for `changed`; absent for `number`. */
  at?: string;
  rank?: number;
  /** act: which part of the order. */
  part?: number;
  /** Customer's name or kind's code. */
  name?: string;
  customerId?: number;
};

export type QueueQuery = {
  filter: TicketFilter;
  sort: QueueSort;
  /** null: from the start. Its sort must be the sort asked for. */
  after: QueueKey | null;
  asOf: Date;
  limit: number;
};

/** May hold fewer rows than the limit, even none, with a `next`: where words are looked for in each ticket, so many are looked into. */
export type QueuePage = { rows: QueueRow[]; next: QueueKey | null };

/** Tickets that one page looks into for words that most have. */
const LOOKED = 500;

const COLUMNS = sql`t.id, t.version, t.customer_id as "customerId", c.slug as customer, c.name as "customerName", t.kind,
  t.subject, t.urgency, t.rank, t.deadline, t.act_at as "actAt", t.state, t.queue, t.snoozed_until as "snoozedUntil",
  t.secret_level as "secretLevel", t.mails, t.created_at as "createdAt", t.updated_at as "updatedAt",
  (select i.id from incidents i where i.id = t.incident_id and i.customers > 1) as "incidentId",
  coalesce((select i.customers from incidents i where i.id = t.incident_id and i.customers > 1), 0) as "incidentCustomers",
  coalesce((select r.secrets -> 'kinds' from mails m join readings r on r.mail_id = m.id
     where t.secret_level = 'sealed' and m.ticket_id = t.id and m.secret_level = 'sealed'
     order by m.mail_time desc, m.id desc limit 1), '[]') as "secretKinds"`;

type Found = Omit<QueueRow, 'band'> & { rank: number; part: number };

/** One page of the queue; `next` is null at its end. Every sort walks an index and stops at the end of the page. */
export async function readQueue(db: Kysely<Tables>, query: QueueQuery): Promise<QueuePage> {
  const { sort, asOf, limit } = query;
  const resolved = await resolveFilter(db, query.filter, asOf);
  if (resolved === null) return { rows: [], next: null };
  const found: Found[] = [];
  let stop: Found | null = null;
  const first = sort === 'act' ? (query.after?.part ?? 0) : 0;
  for (const part of sort === 'act' ? [0, 1, 2].slice(first) : [0]) {
    const after = query.after !== null && part === first ? query.after : null;
    const read = await readPart(db, resolved, { sort, part, after, asOf, limit: limit + 1 - found.length });
    found.push(...read.rows);
    stop = read.stop;
    if (found.length > limit || stop !== null) break;
  }
  const more = found.length > limit;
  found.length = Math.min(found.length, limit);
  const last = more ? found.at(-1) : stop;
  return {
    rows: found.map(({ rank: _, part, ...row }) => ({ ...row, band: part === 1 ? 'now' : bandOf(row, asOf) })),
    next: last ? keyOf(last, sort, asOf) : null,
  };
}

/** Tickets as the queue shows them, chosen and put in order by somebody else. */
export async function queueRowsWhere(
  db: Kysely<Tables>,
  condition: RawBuilder<boolean>,
  order: RawBuilder<unknown>,
  asOf: Date,
  limit: number,
): Promise<QueueRow[]> {
  const { rows } = await sql<
    Omit<Found, 'part'>
  >`select ${COLUMNS} from tickets t join customers c on c.id = t.customer_id
    where ${condition} order by ${order} limit ${limit}`.execute(db);
  return rows.map(({ rank: _, ...row }) => ({ ...row, band: bandOf(row, asOf) }));
}

type Part = { sort: QueueSort; part: number; after: QueueKey | null; asOf: Date; limit: number };

/** `stop`: the last ticket that was looked into, when there are more. */
async function readPart(
  db: Kysely<Tables>,
  filter: ResolvedFilter,
  part: Part,
): Promise<{ rows: Found[]; stop: Found | null }> {
  const limit = filter.dear === null ? part.limit : LOOKED;
  const order = ORDERS[part.sort];
  const conditions = [filter.condition];
  if (part.sort === 'act') conditions.push(inPart(part.part, part.asOf));
  if (part.after !== null) conditions.push(behind(part.after));
  const where = sql.join(conditions, sql` and `);
  // A branch a list: each walks its index, and the few rows of all are put in order.
  const branches = filter.queues.map((queue) =>
    part.sort === 'customer'
      ? sql`(select c.name, t.* from customers c cross join lateral (
          select t.id, t.customer_id, t.act_at, t.rank, t.kind, t.updated_at from tickets t
           where t.customer_id = c.id and t.queue = ${queue} and ${where}
           order by t.act_at, t.rank, t.id limit ${limit}) t
          ${part.after === null ? sql`` : sql`where (c.name, c.id) >= (${part.after.name}, ${part.after.customerId}::int)`}
         order by c.name, c.id, t.act_at, t.rank, t.id limit ${limit})`
      : sql`(select null::text as name, t.id, t.customer_id, t.act_at, t.rank, t.kind, t.updated_at from tickets t
         where t.queue = ${queue} and ${where} order by ${order} limit ${limit})`,
  );
  const walked = sql`select * from (${sql.join(branches, sql` union all `)}) t order by ${order} limit ${limit}`;
  const read = async (page: RawBuilder<unknown>) => {
    const { rows } = await sql<Omit<Found, 'part'>>`
      with walked as materialized (${walked}), page as materialized (${page})
      select ${COLUMNS} from page p join tickets t on t.id = p.id join customers c on c.id = t.customer_id
       order by ${part.sort === 'customer' ? sql`c.name, c.id, t.act_at, t.rank, t.id` : order}`.execute(db);
    return rows.map((row) => ({ ...row, part: part.part }));
  };
  if (filter.dear === null) return { rows: await read(sql`select * from walked`), stop: null };
  const rows = await read(sql`select * from walked t where ${filter.dear} order by ${order} limit ${part.limit}`);
  if (rows.length >= part.limit) return { rows, stop: null };
  // What is behind the last one that was looked into is for the next page.
  const [stop = null] = await read(sql`select * from walked t order by ${order} offset ${limit - 1} limit 1`);
  return { rows, stop };
}

const ORDERS: Record<QueueSort, RawBuilder<unknown>> = {
  act: sql`t.act_at, t.rank, t.id`,
  customer: sql`t.name, t.customer_id, t.act_at, t.rank, t.id`,
  kind: sql`t.kind, t.act_at, t.rank, t.id`,
  changed: sql`t.updated_at desc, t.id desc`,
  number: sql`t.id desc`,
};

function behind(key: QueueKey): RawBuilder<boolean> {
  const { id, at = null, rank = 0, name = null } = key;
  switch (key.sort) {
    case 'act':
      return sql<boolean>`(t.act_at, t.rank, t.id) > (${at}::timestamptz, ${rank}::smallint, ${id}::bigint)`;
    case 'kind':
      return sql<boolean>`(t.kind, t.act_at, t.rank, t.id) > (${name}::text, ${at}::timestamptz, ${rank}::smallint, ${id}::bigint)`;
    case 'changed':
      return sql<boolean>`(t.updated_at, t.id) < (${at}::timestamptz, ${id}::bigint)`;
    case 'number':
      return sql<boolean>`t.id < ${id}::bigint`;
    case 'customer':
      return sql<boolean>`(c.id <> ${key.customerId}::int or (t.act_at, t.rank, t.id) > (${at}::timestamptz, ${rank}::smallint, ${id}::bigint))`;
  }
}

function keyOf(row: Found, sort: QueueSort, asOf: Date): QueueKey {
  const start = { sort, asOf: asOf.toISOString(), id: row.id };
  if (sort === 'number') return start;
  if (sort === 'changed') return { ...start, at: row.updatedAt.toISOString() };
  const key = { ...start, at: row.actAt.toISOString(), rank: row.rank };
  if (sort === 'act') return { ...key, part: row.part };
  if (sort === 'kind') return { ...key, name: row.kind };
  return { ...key, name: row.customerName, customerId: row.customerId };
}
