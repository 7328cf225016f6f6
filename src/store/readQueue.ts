import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Deadline, SecretLevel, Urgency } from '../core/values.ts';
import type { Tables, TicketQueue, TicketState } from './schema.ts';
import { INCIDENT_ONCE, type ResolvedFilter, resolveFilter, type TicketFilter } from './ticketFilter.ts';

/**
 * The team queue. In order "next to act" it has four bands, relative to one instant (`asOf`) that a paging key carries
 * along, so that a page boundary never moves while somebody reads. The other sorts have no bands.
 */
export type Band = 'now' | 'today' | 'week' | 'later';
export const BANDS: readonly Band[] = ['now', 'today', 'week', 'later'];

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

const HOUR_MS = 3_600_000;
const hoursAfter = (asOf: Date, hours: number) => new Date(asOf.getTime() + hours * HOUR_MS).toISOString();

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

/** Part 0: within 4 hours; 1: critical, later; 2: the others, later. The order walks one after another. */
function inPart(part: number, asOf: Date): RawBuilder<boolean> {
  const soon = hoursAfter(asOf, 4);
  if (part === 0) return sql<boolean>`t.act_at <= ${soon}::timestamptz`;
  return part === 1
    ? sql<boolean>`t.urgency = 'critical' and t.act_at > ${soon}::timestamptz`
    : sql<boolean>`t.urgency <> 'critical' and t.act_at > ${soon}::timestamptz`;
}

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

/** Critical tickets are `now` whatever their deadline; the others by the time left: 4 hours, a day, a week. */
export function bandOf(row: { urgency: Urgency; actAt: Date }, asOf: Date): Band {
  if (row.urgency === 'critical') return 'now';
  const left = row.actAt.getTime() - asOf.getTime();
  if (left <= 4 * HOUR_MS) return 'now';
  return left <= 24 * HOUR_MS ? 'today' : left <= 168 * HOUR_MS ? 'week' : 'later';
}

/** Bands are counted up to this many each: beyond it nobody acts differently. */
const BAND_LIMIT = 1000;

/** So many of so many that are looked into, where a filter has words that most tickets have. */
const DEAR_LIMIT = 50;
const DEAR_LOOKED = 100;

/** `limit`: each band is counted up to it; 0 where counting stopped before, so that each number is a least one. */
export type BandCounts = Record<Band | 'all' | 'limit', number>;

/** Whether there may be more than was counted: in a band, or in all of them. */
export function isLeast(bands: BandCounts, band: Band | 'all'): boolean {
  if (band !== 'all') return bands[band] >= bands.limit;
  return (
    BANDS.some((one) => bands[one] >= bands.limit) ||
    (bands.all >= bands.limit && BANDS.every((one) => bands[one] === 0))
  );
}

/** How many tickets of the filter stand in each band, and in all of them; `banded` false: in all of them only. */
export async function countBands(
  db: Kysely<Tables>,
  filter: TicketFilter,
  asOf: Date,
  banded = true,
): Promise<BandCounts> {
  const resolved = await resolveFilter(db, filter, asOf);
  if (resolved === null) return { now: 0, today: 0, week: 0, later: 0, all: 0, limit: BAND_LIMIT };
  const { dear } = resolved;
  const limit = dear === null ? BAND_LIMIT : DEAR_LIMIT;
  const among = (band: RawBuilder<boolean>, most: number) =>
    sql.join(
      resolved.queues.map(
        (queue) => sql`(select * from tickets t where t.queue = ${queue} and ${band} and ${resolved.condition}
          ${dear === null ? sql`` : sql`order by t.act_at, t.rank, t.id`} limit ${most})`,
      ),
      sql` union all `,
    );
  const count = (band: RawBuilder<boolean>) =>
    dear === null
      ? sql`(select count(*)::int from (${among(band, limit)}) counted)`
      : sql`(select count(*)::int from (select from (${among(band, DEAR_LOOKED)}) t where ${dear} limit ${limit}) counted)`;
  if (!banded && dear === null) {
    const { rows } = await sql<{ all: number }>`select ${count(sql<boolean>`true`)} as "all"`.execute(db);
    return { now: 0, today: 0, week: 0, later: 0, all: rows[0]?.all ?? 0, limit };
  }
  const between = (from: number, to: number | null) =>
    sql<boolean>`t.urgency <> 'critical' and t.act_at > ${hoursAfter(asOf, from)}::timestamptz${
      to === null ? sql`` : sql` and t.act_at <= ${hoursAfter(asOf, to)}::timestamptz`
    }`;
  const { rows } = await sql<{ soon: number; critical: number; today: number; week: number; later: number }>`
    select ${count(inPart(0, asOf))} as soon, ${count(inPart(1, asOf))} as critical, ${count(between(4, 24))} as today,
           ${count(between(24, 168))} as week, ${count(between(168, null))} as later`.execute(db);
  const { soon, critical, today, week, later } = rows[0] as (typeof rows)[number];
  const bands = { now: soon + critical, today, week, later };
  const all = bands.now + today + week + later;
  return { ...bands, all, limit: dear !== null && all < limit && (await isLonger(db, resolved)) ? 0 : limit };
}

/** Whether a list has more tickets than were looked into in one of its bands. */
async function isLonger(db: Kysely<Tables>, { queues, condition }: ResolvedFilter): Promise<boolean> {
  const { rows } = await sql<{ longer: boolean }>`select exists (
    select from tickets t where t.queue = any(${queues}::text[]) and ${condition} offset ${DEAR_LOOKED}) as longer`.execute(
    db,
  );
  return rows[0]?.longer ?? false;
}

/** Positions are counted up to this many. */
export const PLACE_LIMIT = 1000;

/** A row of the queue: a ticket, or an incident over several customers under the ticket that stands for it. */
export type QueueStep = { ticket: number; incident: number | null };

export type QueuePlace = {
  /** From 1; PLACE_LIMIT + 1: further down than is counted. */
  position: number;
  previous: QueueStep | null;
  next: QueueStep | null;
};

/**
 * Where a ticket stands in the open queue as people see it ("next to act", unfiltered), and its neighbours. A ticket of an
 * incident over several customers stands where the incident does. null when it is not in it.
 */
export async function readPlace(db: Kysely<Tables>, id: number, asOf: Date): Promise<QueuePlace | null> {
  // The time as text: a Date would cut its microseconds off, and the ticket would stand behind itself.
  const { rows: found } = await sql<{ id: number; at: string; soon: boolean; rank: number; urgency: Urgency }>`
    select r.id, r.act_at::text as at, r.act_at <= ${hoursAfter(asOf, 4)}::timestamptz as soon, r.rank, r.urgency from tickets t
      left join incidents i on i.id = t.incident_id and i.customers > 1
      cross join lateral (select o.id, o.act_at, o.rank, o.urgency from tickets o
        where o.queue = 'open' and case when i.id is null then o.id = t.id else o.incident_id = i.id end
        order by o.rank > 0, o.act_at, o.rank, o.id limit 1) r
     where t.id = ${id} and t.queue = 'open'`.execute(db);
  const own = found[0];
  if (!own) return null;
  const part = own.soon ? 0 : own.urgency === 'critical' ? 1 : 2;
  const here = sql`(${own.at}::timestamptz, ${own.rank}::smallint, ${own.id}::bigint)`;
  const earlier = [0, 1, 2].slice(0, part).map(
    (one) => sql`(select 1 from tickets t where t.queue = 'open'
    and ${inPart(one, asOf)} and ${INCIDENT_ONCE} limit ${PLACE_LIMIT})`,
  );
  const inOwn = sql`select 1 from tickets t where t.queue = 'open' and ${inPart(part, asOf)}
    and (t.act_at, t.rank, t.id) < ${here} and ${INCIDENT_ONCE} limit ${PLACE_LIMIT}`;
  const before = sql.join([...earlier, sql`(${inOwn})`], sql` union all `);
  const neighbour = (parts: number[], own: RawBuilder<unknown>, order: RawBuilder<unknown>) =>
    sql`coalesce((select ${STEP} from tickets t where t.queue = 'open' and ${inPart(part, asOf)} and ${own}
         and ${INCIDENT_ONCE} order by ${order} limit 1)${sql.join(
           parts.map(
             (one) => sql`, (select ${STEP} from tickets t where t.queue = 'open' and ${inPart(one, asOf)}
               and ${INCIDENT_ONCE} order by ${order} limit 1)`,
           ),
           sql``,
         )})`;
  const up = sql`t.act_at desc, t.rank desc, t.id desc`;
  const down = sql`t.act_at, t.rank, t.id`;
  const { rows } = await sql<QueuePlace>`select
    (select count(*)::int + 1 from (select 1 from (${before}) b limit ${PLACE_LIMIT}) counted) as position,
    ${neighbour([0, 1, 2].slice(0, part).reverse(), sql`(t.act_at, t.rank, t.id) < ${here}`, up)} as previous,
    ${neighbour([0, 1, 2].slice(part + 1), sql`(t.act_at, t.rank, t.id) > ${here}`, down)} as next`.execute(db);
  return rows[0] as QueuePlace;
}

const STEP = sql`json_build_object('ticket', t.id, 'incident',
  (select i.id from incidents i where i.id = t.incident_id and i.customers > 1))`;
