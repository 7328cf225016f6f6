import { type Kysely, sql } from 'kysely';
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

export async function readPipe(db: Kysely<Tables>): Promise<Pipe> {
  const waiting = (column: string) =>
    sql`(select count(*)::int from (select 1 from mails where ${sql.ref(column)} is not null limit ${COUNT_LIMIT}) w)`;
  // What was decided before waits since it was put back in line. Each is the first row of an index.
  const authOldest = sql`(select received_at from mails where auth_due is not null order by id limit 1)`;
  const decideOldest = sql`(select case when outcome is null then received_at else decide_due end from mails
    where decide_due is not null order by decide_due limit 1)`;
  const found = await sql<{
    lastMailAt: Date | null;
    authWaiting: number;
    authOldest: Date | null;
    decideWaiting: number;
    decideOldest: Date | null;
    actWaiting: number;
    actOldest: Date | null;
    actParked: number;
  }>`select (select received_at from mails order by id desc limit 1) as "lastMailAt",
    ${waiting('auth_due')} as "authWaiting", ${authOldest} as "authOldest",
    ${waiting('decide_due')} as "decideWaiting", ${decideOldest} as "decideOldest",
    (select count(*)::int from (select 1 from effects where state in ('due', 'leased') limit ${COUNT_LIMIT}) w) as "actWaiting",
    (select created_at from effects where state in ('due', 'leased') order by id limit 1) as "actOldest",
    (select count(*)::int from (select 1 from effects where state = 'parked' limit ${COUNT_LIMIT}) w) as "actParked"`.execute(
    db,
  );
  const row = found.rows[0] as (typeof found.rows)[number];
  return {
    lastMailAt: row.lastMailAt,
    authenticate: { waiting: row.authWaiting, oldestAt: row.authOldest },
    decide: { waiting: row.decideWaiting, oldestAt: row.decideOldest },
    act: { waiting: row.actWaiting, oldestAt: row.actOldest, parked: row.actParked },
  };
}

export type RootAddress = {
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

/** Root addresses, those never heard from first, then the longest silent. `customer`: only theirs. */
export async function readRootAddresses(
  db: Kysely<Tables>,
  filter: { customer?: string },
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
    count(*) over ()::int as all
    from lists l join customers c on c.id = l.customer_id where ${where}
    order by "lastMailAt" nulls first, l.id limit ${limit}`.execute(db);
  return { rows: found.rows, all: found.rows[0]?.all ?? 0 };
}

export type MailboxRow = {
  name: string;
  state: string;
  uidValidity: number | null;
  uidNext: number;
  lastSuccessAt: Date | null;
  lastError: string | null;
};

export async function readMailboxes(db: Kysely<Tables>): Promise<MailboxRow[]> {
  const found = await sql<MailboxRow>`select name, state, uid_validity as "uidValidity", uid_next as "uidNext",
    last_success_at as "lastSuccessAt", last_error as "lastError" from mailboxes order by name`.execute(db);
  return found.rows;
}

export type ParkedEffect = {
  id: number;
  type: string;
  ticketId: number | null;
  customerName: string | null;
  attempts: { at: string; code: string; text: string }[];
  createdAt: Date;
};

/** Effects that gave up and wait for a person, oldest first. */
export async function readParkedEffects(db: Kysely<Tables>, limit: number): Promise<ParkedEffect[]> {
  const found = await sql<ParkedEffect>`select e.id, e.type, e.ticket_id as "ticketId", c.name as "customerName",
    e.attempts, e.created_at as "createdAt" from effects e left join customers c on c.id = e.customer_id
    where e.state = 'parked' order by e.id limit ${limit}`.execute(db);
  return found.rows;
}
