import { type Kysely, sql } from 'kysely';
import type { ListState, MemberSide, MemberState } from '../core/memberState.ts';
import type { ListChange, MemberChange } from '../core/membership.ts';
import type { LinkPurpose, Tables } from './schema.ts';

/** A list and the member that something is about, for mails and public pages. */
export type LinkSubject = {
  listId: number;
  /** The root address; mask it where others may look. */
  list: string;
  listState: ListState;
  account: string | null;
  customer: string;
  language: string;
  memberId: number;
  member: string;
  side: MemberSide;
  memberState: MemberState;
  confirmedAt: Date | null;
  acknowledgedAt: Date | null;
};

export type Link = LinkSubject & {
  id: number;
  purpose: LinkPurpose;
  /** Whom it was mailed to. */
  address: string;
  expiresAt: Date;
  usedAt: Date | null;
  /** Of the proposal that it answers; null for links without one. */
  proposer: string | null;
  /** Whether that proposal is still open. */
  isOpen: boolean;
};

const SUBJECT = sql`
  l.id as "listId", l.address as list, l.state as "listState", l.account, c.name as customer, c.language,
  m.id as "memberId", m.address as member, m.side, m.state as "memberState", m.confirmed_at as "confirmedAt",
  m.acknowledged_at as "acknowledgedAt"`;

/** A link with what it is about; null when there is none of this number. Proves nothing: the token does. */
export async function readLink(db: Kysely<Tables>, id: number, now: Date): Promise<Link | null> {
  const { rows } = await sql<Link>`
    select k.id, k.purpose, k.address, k.expires_at as "expiresAt", k.used_at as "usedAt", p.proposer,
           coalesce(p.state = 'open' and p.expires_at > ${now}, k.proposal_id is null) as "isOpen", ${SUBJECT}
      from links k join members m on m.id = k.member_id join lists l on l.id = m.list_id
      join customers c on c.id = l.customer_id left join proposals p on p.id = k.proposal_id
     where k.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

export type ChangeNotice = LinkSubject & {
  change: MemberChange | ListChange;
  at: Date;
  /** Whom it is mailed to. */
  to: string;
  toState: MemberState;
  isSubject: boolean;
  /** Who did it, for people: a user, an address, or empty when nobody knows. */
  actor: string;
};

/** A change of a list or of its members, and one of those who hear of it; null when there is none. */
export async function readChangeNotice(
  db: Kysely<Tables>,
  changeId: number,
  toMember: number,
): Promise<ChangeNotice | null> {
  const { rows } = await sql<ChangeNotice & { rawActor: string; actorMember: string | null }>`
    select h.change, h.at, r.address as to, r.state as "toState", r.id = m.id as "isSubject", h.actor as "rawActor",
           (select address from members where 'member:' || id = h.actor) as "actorMember", ${SUBJECT}
      from member_changes h join lists l on l.id = h.list_id join customers c on c.id = l.customer_id
      join members r on r.id = ${toMember} and r.list_id = l.id join members m on m.id = coalesce(h.member_id, r.id)
     where h.id = ${changeId}`.execute(db);
  const found = rows[0];
  if (!found) return null;
  const { rawActor, actorMember, ...notice } = found;
  const actor = rawActor === 'rootdesk' ? 'Rootdesk' : (/^(?:os|approver):(.+)$/.exec(rawActor)?.[1] ?? '');
  return { ...notice, actor: actorMember ?? actor };
}

/** The list of a List-Unsubscribe token. */
export async function readListName(
  db: Kysely<Tables>,
  listId: number,
): Promise<{ customer: string; account: string | null; language: string } | null> {
  const row = await db
    .selectFrom('lists')
    .innerJoin('customers', 'customers.id', 'lists.customer_id')
    .select(['customers.name as customer', 'lists.account', 'customers.language'])
    .where('lists.id', '=', listId)
    .executeTakeFirst();
  return row ?? null;
}
