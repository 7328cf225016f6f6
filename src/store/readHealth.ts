import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { PathState } from '../core/probe.ts';
import { sumCounters } from './counters.ts';
import type { Tables } from './schema.ts';

/** How the road stands: per step what waits and since when. An old oldest is the worry, a large total is not. */
export type Pipe = {
  lastMailAt: Date | null;
  authenticate: { waiting: number; oldestAt: Date | null };
  decide: { waiting: number; oldestAt: Date | null };
  act: { waiting: number; oldestAt: Date | null; parked: number };
};

/** Totals are counted up to this many, so that a backlog never makes the page slow. */
export const COUNT_LIMIT = 1000;
/** Span of the probes that a page shows as marks (ms). */
const PROBES_MS = 48 * 3_600_000;

/** Of each step the time since which its oldest waits: the first row of an index each; what gave up has a counter. */
export type Oldest = {
  lastMailAt: Date | null;
  authenticate: { oldestAt: Date | null };
  decide: { oldestAt: Date | null };
  act: { oldestAt: Date | null; parked: number };
};

export async function readOldest(db: Kysely<Tables>): Promise<Oldest> {
  // What was decided before waits since it was put back in line.
  const { rows } = await sql<{
    lastMailAt: Date | null;
    auth: Date | null;
    decide: Date | null;
    act: Date | null;
    parked: number;
  }>`select (select received_at from mails order by id desc limit 1) as "lastMailAt",
    (select received_at from mails where auth_due is not null order by id limit 1) as auth,
    (select case when outcome is null then received_at else decide_due end from mails
      where decide_due is not null order by decide_due limit 1) as decide,
    (select created_at from effects where state in ('due', 'leased') order by id limit 1) as act,
    (select coalesce(sum(value), 0)::int from counters where name = 'parked.effects') as parked`.execute(db);
  const { lastMailAt, auth, decide, act, parked } = rows[0] as (typeof rows)[number];
  return { lastMailAt, authenticate: { oldestAt: auth }, decide: { oldestAt: decide }, act: { oldestAt: act, parked } };
}

/** The same with how many wait, for a page. */
export async function readPipe(db: Kysely<Tables>): Promise<Pipe> {
  const counted = (rows: RawBuilder<unknown>) => sql`(select count(*)::int from (${rows} limit ${COUNT_LIMIT}) w)`;
  const [oldest, { rows }] = await Promise.all([
    readOldest(db),
    sql<{ auth: number; decide: number; act: number }>`select
      ${counted(sql`select 1 from mails where auth_due is not null`)} as auth,
      ${counted(sql`select 1 from mails where decide_due is not null`)} as decide,
      ${counted(sql`select 1 from effects where state in ('due', 'leased')`)} as act`.execute(db),
  ]);
  const waiting = rows[0] as (typeof rows)[number];
  return {
    lastMailAt: oldest.lastMailAt,
    authenticate: { ...oldest.authenticate, waiting: waiting.auth },
    decide: { ...oldest.decide, waiting: waiting.decide },
    act: { ...oldest.act, waiting: waiting.act },
  };
}

/** The last probe of the way to an address, and what the probes say of it. */
export type ProbeHealth = {
  pathState: PathState;
  lastProbeAt: Date | null;
  /** How long the last one that came back took (ms). */
  tookMs: number | null;
  /** The open ticket about the way. */
  pathTicket: number | null;
};

/** Columns of ProbeHealth for a list `l`. A probe that was only just sent is not waited for yet. */
export const PROBE_HEALTH = sql`l.path_state as "pathState",
  (select coalesce(p.sent_at, p.made_at) from probes p where p.list_id = l.id order by p.id desc limit 1) as "lastProbeAt",
  (select greatest(0, round(extract(epoch from p.arrived_at - p.sent_at) * 1000))::int from probes p
    where p.list_id = l.id and p.state = 'arrived' order by p.id desc limit 1) as "tookMs",
  (select t.id from thread_keys k join tickets t on t.id = k.ticket_id
    where k.customer_id = l.customer_id and k.key = 'own:path.silent:' || l.id and t.state <> 'solved'
    order by t.id desc limit 1) as "pathTicket"`;

/** What became of a probe, for its mark: came in time, came late, still out, never came. */
export type ProbeMark = 'came' | 'late' | 'out' | 'lost';

export type RootAddress = ProbeHealth & {
  /** Probes of the last 48 hours, oldest first, at most 48. */
  probes: ProbeMark[];
  id: number;
  customer: string;
  customerName: string;
  address: string;
  account: string | null;
  state: 'draft' | 'live' | 'released';
  createdAt: Date;
  lastMailAt: Date | null;
  members: number;
  confirmed: number;
};

/** Root addresses, those whose probes fail first, then those never heard from, then the longest silent. `customer`: only theirs. */
export async function readRootAddresses(
  db: Kysely<Tables>,
  filter: { customer?: string; now: Date },
  limit: number,
): Promise<{ rows: RootAddress[]; all: number }> {
  const where = filter.customer === undefined ? sql`l.state <> 'released'` : sql`c.slug = ${filter.customer}`;
  const found = await sql<
    RootAddress & { all: number }
  >`select l.id, c.slug as customer, c.name as "customerName", l.address,
    l.account, list_state(l) as state, l.created_at as "createdAt",
    (select m.received_at from mails m where m.list_id = l.id order by m.id desc limit 1) as "lastMailAt",
    (select count(*)::int from members where list_id = l.id and state <> 'removed') as members,
    (select count(*)::int from members where list_id = l.id and state = 'confirmed') as confirmed,
    ${PROBE_HEALTH},
    array(select case when p.state in ('lost', 'unsent') then 'lost' when p.told = 'late' then 'late'
        when p.state = 'arrived' then 'came' else 'out' end
      from (select * from probes p where p.list_id = l.id and p.made_at > ${new Date(filter.now.getTime() - PROBES_MS)}
             order by p.id desc limit 48) p order by p.id) as probes,
    count(*) over ()::int as all
    from lists l join customers c on c.id = l.customer_id where ${where}
    order by array_position(array['lost', 'late', 'unsent'], l.path_state) nulls last, "lastMailAt" nulls first, l.id limit ${limit}`.execute(
    db,
  );
  return { rows: found.rows, all: found.rows[0]?.all ?? 0 };
}

/** Root addresses by what their probes say, as they are counted where that changes. */
export async function readPaths(db: Kysely<Tables>): Promise<Record<PathState, number> & { slowestMs: number }> {
  const counters = await sumCounters(db, 'paths.');
  const { rows: took } = await sql<{ ms: number | null }>`
    select max(round(extract(epoch from arrived_at - sent_at) * 1000))::int as ms from probes
     where state = 'arrived' and made_at > now() - interval '3 hours'`.execute(db);
  const none = { unknown: 0, heard: 0, late: 0, lost: 0, unsent: 0 };
  return {
    ...none,
    ...Object.fromEntries(Object.entries(counters).map(([name, count]) => [name.slice('paths.'.length), count])),
    slowestMs: took[0]?.ms ?? 0,
  };
}

export type ParkedEffect = {
  id: number;
  type: string;
  ticketId: number | null;
  customerName: string | null;
  attempts: { at: string; code: string; text: string }[];
  createdAt: Date;
};

/** Effects that gave up and wait for a person, oldest first, behind the effect `after`. */
export async function readParkedEffects(
  db: Kysely<Tables>,
  limit: number,
  after: number | null = null,
): Promise<ParkedEffect[]> {
  const found = await sql<ParkedEffect>`select e.id, e.type, e.ticket_id as "ticketId", c.name as "customerName",
    e.attempts, e.created_at as "createdAt" from effects e left join customers c on c.id = e.customer_id
    where e.state = 'parked' ${after === null ? sql`` : sql`and e.id > ${after}`} order by e.id limit ${limit}`.execute(
    db,
  );
  return found.rows;
}
