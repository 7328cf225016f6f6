import { type Kysely, sql } from 'kysely';
import type { MemberSide, MemberState } from '../core/memberState.ts';
import type { Tables } from './schema.ts';

export type MemberRow = {
  customer: string;
  listId: number;
  list: string;
  account: string | null;
  memberId: number;
  address: string;
  /** As the proposer wrote it. */
  name: string | null;
  side: MemberSide;
  state: MemberState;
  since: Date;
  confirmedAt: Date | null;
  acknowledgedAt: Date | null;
  /** Of the addition that is under way, or null. */
  proposer: string | null;
  /** Persons who approved it. */
  approvals: number;
  proposalExpiresAt: Date | null;
};

const COLUMNS = sql`c.slug as customer, l.id as "listId", l.address as list, l.account, m.id as "memberId", m.address, m.name,
  m.side, m.state, m.changed_at as since, m.confirmed_at as "confirmedAt", m.acknowledged_at as "acknowledgedAt",
  p.proposer, (select count(*)::int from approvals a where a.proposal_id = p.id) as approvals,
  p.expires_at as "proposalExpiresAt"`;

/** Members of a customer, or of all (null), by customer, list and address; those who were removed are left out. */
export async function readMembers(db: Kysely<Tables>, slug: string | null): Promise<MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    select ${COLUMNS} from members m join lists l on l.id = m.list_id join customers c on c.id = l.customer_id
      left join proposals p on p.member_id = m.id and p.state = 'open'
     where (${slug}::text is null or c.slug = ${slug}) and m.state <> 'removed' and l.state <> 'released'
     order by c.slug, l.address, m.address`.execute(db);
  return rows;
}

/** Invited members of these customers for whom nobody has asked for an approval yet. */
export async function readUnproposed(
  db: Kysely<Tables>,
  slugs: readonly string[],
): Promise<{ customer: string; listId: number; list: string; address: string }[]> {
  const { rows } = await sql<{ customer: string; listId: number; list: string; address: string }>`
    select c.slug as customer, l.id as "listId", l.address as list, m.address
      from members m join lists l on l.id = m.list_id join customers c on c.id = l.customer_id
     where c.slug = any(${slugs}::text[]) and m.state = 'invited' and l.state <> 'released'
       and not exists (select from proposals p where p.member_id = m.id and p.state = 'open')
     order by c.slug, l.address, m.address`.execute(db);
  return rows;
}

/** Where a member is; null: there is no such member, or they were removed. */
export async function readMemberPlace(db: Kysely<Tables>, memberId: number): Promise<MemberRow | null> {
  const { rows } = await sql<MemberRow>`
    select ${COLUMNS} from members m join lists l on l.id = m.list_id join customers c on c.id = l.customer_id
      left join proposals p on p.member_id = m.id and p.state = 'open'
     where m.id = ${memberId} and m.state <> 'removed'`.execute(db);
  return rows[0] ?? null;
}

/** Members of one list, by address; those who were removed are left out. */
export async function readMembersOfList(db: Kysely<Tables>, listId: number): Promise<MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    select ${COLUMNS} from members m join lists l on l.id = m.list_id join customers c on c.id = l.customer_id
      left join proposals p on p.member_id = m.id and p.state = 'open'
     where l.id = ${listId} and m.state <> 'removed' order by m.address`.execute(db);
  return rows;
}

export type MemberList = { listId: number; address: string };

/** Lists of a customer that were not released, by address; null when there is no such customer. */
export async function readMemberLists(db: Kysely<Tables>, slug: string): Promise<MemberList[] | null> {
  const { rows } = await sql<{ listId: number | null; address: string | null }>`
    select l.id as "listId", l.address from customers c
      left join lists l on l.customer_id = c.id and l.state <> 'released'
     where c.slug = ${slug} order by l.address`.execute(db);
  if (rows.length === 0) return null;
  return rows.flatMap(({ listId, address }) => (listId === null || address === null ? [] : [{ listId, address }]));
}
