import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Deadline, SecretLevel, Urgency } from '../core/values.ts';
import type { Tables, TicketState } from './schema.ts';

/**
 * The team queue: open tickets by the time they must be acted upon. Four bands, relative to one instant (`asOf`), that
 * a paging key carries along, so that a page boundary never moves while somebody reads.
 */
export type Band = 'now' | 'today' | 'week' | 'later';
export const BANDS: readonly Band[] = ['now', 'today', 'week', 'later'];

export type QueueRow = {
  id: number;
  customerId: number;
  customer: string;
  customerName: string;
  kind: string;
  subject: string;
  urgency: Urgency;
  deadline: Deadline | null;
  actAt: Date;
  state: TicketState;
  secretLevel: SecretLevel;
  /** Kinds of the secrets that its last sealed mail brought. */
  secretKinds: string[];
  createdAt: Date;
  updatedAt: Date;
  band: Band;
};

export type QueueKey = { asOf: string; band: Band; actAt: string; rank: number; id: number };
export type QueueFilter = { state: TicketState; customer?: string; kind?: string };

const HOUR = 3_600_000;
const RANK = sql`case t.urgency when 'critical' then 0 when 'high' then 1 when 'normal' then 2 when 'low' then 3 else 4 end`;

/** Critical tickets are `now` whatever their deadline; the others by the time left: 4 hours, a day, a week. */
function inBand(band: Band, asOf: Date): RawBuilder<boolean> {
  const after = (hours: number) => new Date(asOf.getTime() + hours * HOUR).toISOString();
  if (band === 'now') return sql<boolean>`(t.urgency = 'critical' or t.act_at <= ${after(4)})`;
  const [from, to] = band === 'today' ? [4, 24] : band === 'week' ? [24, 168] : [168, null];
  return sql<boolean>`(t.urgency <> 'critical' and t.act_at > ${after(from as number)}${
    to === null ? sql`` : sql` and t.act_at <= ${after(to as number)}`
  })`;
}

function matches(filter: QueueFilter): RawBuilder<boolean> {
  return sql<boolean>`t.state = ${filter.state}${
    filter.customer === undefined
      ? sql``
      : sql` and t.customer_id = (select id from customers where slug = ${filter.customer})`
  }${filter.kind === undefined ? sql`` : sql` and t.kind = ${filter.kind}`}`;
}

const COLUMNS = sql`t.id, t.customer_id as "customerId", c.slug as customer, c.name as "customerName", t.kind, t.subject, t.urgency, t.deadline,
  t.act_at as "actAt", t.state, t.secret_level as "secretLevel", t.created_at as "createdAt", t.updated_at as "updatedAt",
  coalesce((select r.secrets -> 'kinds' from mails m join readings r on r.mail_id = m.id
     where t.secret_level = 'sealed' and m.ticket_id = t.id and m.secret_level = 'sealed'
     order by m.mail_time desc, m.id desc limit 1), '[]') as "secretKinds"`;

/** One page of the queue from `key` on (null: its start), at most `limit` rows; `next` is null at the end. */
export async function readQueue(
  db: Kysely<Tables>,
  filter: QueueFilter,
  key: QueueKey | null,
  asOf: Date,
  limit: number,
): Promise<{ rows: QueueRow[]; next: QueueKey | null }> {
  const rows: QueueRow[] = [];
  const start = key ? BANDS.indexOf(key.band) : 0;
  for (const band of BANDS.slice(start)) {
    const after =
      key && band === key.band
        ? sql`and t.act_at >= ${key.actAt} and (t.act_at, ${RANK}, t.id) > (${key.actAt}::timestamptz, ${key.rank}::int, ${key.id}::bigint)`
        : sql``;
    const found = await sql<
      Omit<QueueRow, 'band'>
    >`select ${COLUMNS} from tickets t join customers c on c.id = t.customer_id
      where ${matches(filter)} and ${inBand(band, asOf)} ${after}
      order by t.act_at, ${RANK}, t.id limit ${limit + 1 - rows.length}`.execute(db);
    rows.push(...found.rows.map((row) => ({ ...row, band })));
    if (rows.length > limit) break;
  }
  if (rows.length <= limit) return { rows, next: null };
  rows.length = limit;
  return { rows, next: keyOf(rows.at(-1) as QueueRow, asOf) };
}

/** How many tickets stand in each band. */
export async function countBands(
  db: Kysely<Tables>,
  filter: QueueFilter,
  asOf: Date,
): Promise<Record<Band | 'all', number>> {
  const count = (band: Band) => sql`count(*) filter (where ${inBand(band, asOf)})::int`;
  const found = await sql<Record<Band | 'all', number>>`select ${count('now')} as now, ${count('today')} as today,
    ${count('week')} as week, ${count('later')} as later, count(*)::int as all
    from tickets t where ${matches(filter)}`.execute(db);
  return found.rows[0] as Record<Band | 'all', number>;
}

export type QueuePlace = { position: number; of: number; previous: number | null; next: number | null };

/** Where an open ticket stands in the queue, and its neighbours. null for a ticket that is not open. */
export async function readPlace(db: Kysely<Tables>, id: number, asOf: Date): Promise<QueuePlace | null> {
  const band = sql`case when t.urgency = 'critical' or t.act_at <= ${new Date(asOf.getTime() + 4 * HOUR).toISOString()}::timestamptz
    then 0 else 1 end`;
  const found = await sql<{ position: number; of: number; previous: number | null; next: number | null }>`
    with me as (select ${band} as band, t.act_at, ${RANK} as rank, t.id from tickets t where t.id = ${id} and t.state = 'open'),
    before as (select t.id, ${band} as band, t.act_at, ${RANK} as rank from tickets t, me where t.state = 'open'
      and (${band}, t.act_at, ${RANK}, t.id) < (me.band, me.act_at, me.rank, me.id)),
    after as (select t.id, ${band} as band, t.act_at, ${RANK} as rank from tickets t, me where t.state = 'open'
      and (${band}, t.act_at, ${RANK}, t.id) > (me.band, me.act_at, me.rank, me.id))
    select (select count(*)::int + 1 from before) as position,
      (select count(*)::int from tickets where state = 'open') as of,
      (select b.id from before b order by b.band desc, b.act_at desc, b.rank desc, b.id desc limit 1) as previous,
      (select a.id from after a order by a.band, a.act_at, a.rank, a.id limit 1) as next
    from me`.execute(db);
  return found.rows[0] ?? null;
}

function keyOf(row: QueueRow, asOf: Date): QueueKey {
  const rank = ['critical', 'high', 'normal', 'low'].indexOf(row.urgency);
  return {
    asOf: asOf.toISOString(),
    band: row.band,
    actAt: row.actAt.toISOString(),
    rank: rank < 0 ? 4 : rank,
    id: row.id,
  };
}

export type SolvedKey = { at: string; id: number };

/** Solved tickets, last changed first. They have no band that means anything; `later` fills the field. */
export async function readSolved(
  db: Kysely<Tables>,
  filter: Omit<QueueFilter, 'state'>,
  key: SolvedKey | null,
  limit: number,
): Promise<{ rows: QueueRow[]; next: SolvedKey | null }> {
  const found = await sql<
    Omit<QueueRow, 'band'>
  >`select ${COLUMNS} from tickets t join customers c on c.id = t.customer_id
    where ${matches({ ...filter, state: 'solved' })}
    ${key ? sql`and (t.updated_at, t.id) < (${key.at}::timestamptz, ${key.id}::bigint)` : sql``}
    order by t.updated_at desc, t.id desc limit ${limit + 1}`.execute(db);
  const rows = found.rows.map((row) => ({ ...row, band: 'later' as const }));
  if (rows.length <= limit) return { rows, next: null };
  rows.length = limit;
  const last = rows.at(-1) as QueueRow;
  return { rows, next: { at: last.updatedAt.toISOString(), id: last.id } };
}
