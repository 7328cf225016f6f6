import { type Kysely, sql } from 'kysely';
import type { ListState, MemberSide, MemberState } from '../core/memberState.ts';
import type { ListChange as ChangeOfList, MemberChange } from '../core/membership.ts';
import type { SecretLevel } from '../core/values.ts';
import type { Tables } from './schema.ts';

/** One list with all that a person looks at before they change who is on it. */
export type ListPage = {
  id: number;
  address: string;
  account: string | null;
  state: ListState;
  createdAt: Date;
  releasedAt: Date | null;
  /** The newest mail that AWS is proved to have sent after the release: the account still has this address. */
  mailAfterRelease: Date | null;
  customer: string;
  customerName: string;
  domains: string[];
  members: ListPageMember[];
  mails: ListMail[];
  history: ListChange[];
  /** Entries of the history that are not among them. */
  moreHistory: number;
};

export type ListPageMember = {
  id: number;
  address: string;
  /** As the proposer wrote it. */
  name: string | null;
  side: MemberSide;
  state: MemberState;
  wrapped: boolean;
  changedAt: Date;
  acknowledgedAt: Date | null;
  lastCopyAt: Date | null;
  /** Copies that came back in the last 30 days. */
  bounces: number;
  proposal: { proposer: string; at: Date; expiresAt: Date; approvals: number; asked: number } | null;
};

/** A mail of the list and how its copies went. */
export type ListMail = {
  id: number;
  at: Date;
  /** Redacted; null: not read yet, or not to be shown. */
  subject: string | null;
  secretLevel: SecretLevel | null;
  secretKinds: string[];
  isFirst: boolean;
  copies: number;
  accepted: number;
  failed: number;
};

export type ListChange = {
  at: Date;
  change: MemberChange | ChangeOfList;
  /** Name or address of the member; null: it is about the list. */
  member: string | null;
  /** What a mail server said (RFC 3463), or null. */
  code: string | null;
  /** For people: a user, an address, `rootdesk`; null: nobody knows. */
  actor: string | null;
};

const MAILS = 10;
/** Changes shown unless all are asked for, and at most. */
const CHANGES = 20;
const ALL_CHANGES = 500;

/** Null: there is no such list. */
export async function readListPage(
  db: Kysely<Tables>,
  asked: { listId: number; now: Date; allHistory?: boolean },
): Promise<ListPage | null> {
  const { listId, now } = asked;
  const { rows: lists } = await sql<Omit<ListPage, 'members' | 'mails' | 'history' | 'moreHistory'>>`
    select l.id, l.address, l.account, list_state(l) as state, l.created_at as "createdAt", l.released_at as "releasedAt",
           (select m.received_at from mails m where m.list_id = l.id and m.received_at > l.released_at
               and m.outcome in ('open', 'append', 'duplicate', 'drop') order by m.id desc limit 1) as "mailAfterRelease",
           c.slug as customer, c.name as "customerName", c.member_domains as domains
      from lists l join customers c on c.id = l.customer_id where l.id = ${listId}`.execute(db);
  const list = lists[0];
  if (!list) return null;
  const limit = asked.allHistory ? ALL_CHANGES : CHANGES;
  const [members, mails, changes] = await Promise.all([
    readMembersOf(db, listId, now),
    readMailsOf(db, listId),
    readChangesOf(db, listId, limit),
  ]);
  const { rows: counts } = await sql<{ all: number }>`
    select count(*)::int as all from member_changes where list_id = ${listId}`.execute(db);
  return { ...list, members, mails, history: changes, moreHistory: counts[0]!.all - changes.length };
}

/** Those that need somebody first. */
async function readMembersOf(db: Kysely<Tables>, listId: number, now: Date): Promise<ListPageMember[]> {
  const since = new Date(now.getTime() - 30 * 24 * 3_600_000);
  const { rows } = await sql<ListPageMember>`
    select m.id, m.address, m.name, m.side, m.state, m.wrapped, m.changed_at as "changedAt",
           m.acknowledged_at as "acknowledgedAt",
           (select d.accepted_at from deliveries d where d.member_id = m.id and d.accepted_at is not null
             order by d.id desc limit 1) as "lastCopyAt",
           (select count(distinct d.id)::int from deliveries d join delivery_events e on e.delivery_id = d.id
             where d.member_id = m.id and e.event = 'failed' and e.at > ${since}) as bounces,
           (select jsonb_build_object('proposer', p.proposer, 'at', p.created_at, 'expiresAt', p.expires_at,
                     'approvals', (select count(*) from approvals a where a.proposal_id = p.id),
                     'asked', (select count(distinct k.address) from links k
                                where k.proposal_id = p.id and k.purpose = 'approve'))
              from proposals p where p.member_id = m.id and p.state = 'open' and p.expires_at > ${now}) as proposal
      from members m where m.list_id = ${listId} and m.state <> 'removed'
     order by array_position(array['bouncing', 'suspended', 'invited', 'confirmed'], m.state), m.address`.execute(db);
  return rows.map((row) => ({
    ...row,
    proposal: row.proposal && {
      ...row.proposal,
      at: new Date(row.proposal.at),
      expiresAt: new Date(row.proposal.expiresAt),
    },
  }));
}

async function readMailsOf(db: Kysely<Tables>, listId: number): Promise<ListMail[]> {
  const { rows } = await sql<ListMail>`
    select m.id, m.received_at as at, r.subject, m.secret_level as "secretLevel",
           coalesce(r.secrets -> 'kinds', '[]') as "secretKinds", c.*
      from (select * from mails where list_id = ${listId} order by id desc limit ${MAILS}) m
      left join readings r on r.mail_id = m.id
      cross join lateral (
        select coalesce(bool_or(d.priority = 1), false) as "isFirst", count(d.id)::int as copies,
               (count(*) filter (where d.state = 'accepted'))::int as accepted,
               (count(*) filter (where d.state = 'failed'))::int as failed
          from deliveries d join members o on o.id = d.member_id and o.list_id = ${listId}
         where d.mail_id = m.id) c
     order by m.id desc`.execute(db);
  return rows;
}

async function readChangesOf(db: Kysely<Tables>, listId: number, limit: number): Promise<ListChange[]> {
  const { rows } = await sql<ListChange & { rawActor: string; actorMember: string | null }>`
    select h.at, h.change, coalesce(m.name, m.address) as member, h.code, h.actor as "rawActor",
           (select coalesce(name, address) from members where 'member:' || id = h.actor) as "actorMember"
      from member_changes h left join members m on m.id = h.member_id
     where h.list_id = ${listId} order by h.id desc limit ${limit}`.execute(db);
  return rows.map(({ rawActor, actorMember, ...row }) => ({ ...row, actor: actorMember ?? actorName(rawActor) }));
}

/** `os:alice` is alice, `approver:bob@…` is bob@…; whom nobody knows has no name. */
function actorName(actor: string): string | null {
  return actor === 'unknown' ? null : (/^(?:os|approver):(.+)$/.exec(actor)?.[1] ?? actor);
}
