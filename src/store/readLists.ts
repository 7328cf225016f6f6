import { type Kysely, sql } from 'kysely';
import type { MemberState } from '../core/memberState.ts';
import { PROBE_HEALTH, type ProbeHealth } from './readHealth.ts';
import type { Tables } from './schema.ts';

/** A root address with its members counted. */
export type ListItem = ProbeHealth & {
  id: number;
  customer: string;
  customerName: string;
  address: string;
  account: string | null;
  state: 'draft' | 'live' | 'released';
  createdAt: Date;
  lastMailAt: Date | null;
  /** Whether AWS is proved to have written to it after it was released. */
  stillWritten: boolean;
  members: number;
  receiving: number;
  bouncing: number;
};

export type ListMemberRow = {
  id: number;
  list: number;
  address: string;
  name: string | null;
  state: MemberState;
  changedAt: Date;
};

/** Newest mails of a released list that are looked into for one of AWS. */
const WRITTEN_LOOKED = 200;

/** Lists by number, above `after`, at most `limit`. `customer`: a slug. */
export async function readLists(
  db: Kysely<Tables>,
  filter: { customer?: string; id?: number },
  after: number | null,
  limit: number,
): Promise<ListItem[]> {
  const { rows } =
    await sql<ListItem>`select l.id, c.slug as customer, c.name as "customerName", l.address, l.account, list_state(l) as state,
    l.created_at as "createdAt",
    (select m.received_at from mails m where m.list_id = l.id order by m.id desc limit 1) as "lastMailAt",
    case when l.released_at is null then false else exists (
      select from (select received_at, outcome from mails where list_id = l.id order by id desc limit ${WRITTEN_LOOKED}) m
       where m.received_at > l.released_at and m.outcome in ('open', 'append', 'duplicate', 'drop')) end as "stillWritten",
    (select count(*)::int from members where list_id = l.id and state <> 'removed') as members,
    (select count(*)::int from members where list_id = l.id and state in ('confirmed', 'bouncing')) as receiving,
    (select count(*)::int from members where list_id = l.id and state = 'bouncing') as bouncing,
    ${PROBE_HEALTH}
    from lists l join customers c on c.id = l.customer_id where true
    ${filter.customer === undefined ? sql`` : sql`and l.customer_id = (select id from customers where slug = ${filter.customer})`}
    ${filter.id === undefined ? sql`` : sql`and l.id = ${filter.id}`}
    ${after === null ? sql`` : sql`and l.id > ${after}`}
    order by l.id limit ${limit}`.execute(db);
  return rows;
}

/** Members of a list, those that need somebody first; removed ones are left out. At most 500. */
export async function readListMembers(db: Kysely<Tables>, listId: number): Promise<ListMemberRow[]> {
  const { rows } = await sql<ListMemberRow>`select id, list_id as list, address, name, state, changed_at as "changedAt"
    from members where list_id = ${listId} and state <> 'removed'
    order by array_position(array['bouncing', 'suspended', 'invited', 'confirmed'], state), address limit 500`.execute(
    db,
  );
  return rows;
}
