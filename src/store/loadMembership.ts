import { type Kysely, sql } from 'kysely';
import { type Approval, type ConfirmedPerson, frozenUntil, type Proposer, RESET_KINDS } from '../core/approval.ts';
import type { ListState, MemberFact } from '../core/memberState.ts';
import type { MembershipSituation } from '../core/membership.ts';
import type { MembershipRules } from '../core/membershipRules.ts';
import { CUSTOMER_LOCK } from './loadSituation.ts';
import type { Tables } from './schema.ts';

export type OpenProposal = {
  id: number;
  memberId: number;
  proposer: Proposer;
  approvals: Approval[];
  expiresAt: Date;
};

/** A situation as the rules take it, with the numbers that a plan is written under. */
export type LoadedMembership = {
  customerId: number;
  address: string;
  situation: Omit<MembershipSituation, 'proposals'> & { proposals: OpenProposal[] };
};

/**
 * Locks the customer and reads what decides about one of its lists: whoever else changes members of this customer waits
 * until the transaction ends, so the last-member rule cannot be raced. Null: there is no such list.
 */
export async function loadMembership(
  tx: Kysely<Tables>,
  listId: number,
  rules: MembershipRules,
  now: Date,
): Promise<LoadedMembership | null> {
  const list = await lockList(tx, listId);
  if (list === null) return null;
  const members = await sql<MemberFact>`
    select id, address, side, state from members where list_id = ${listId} order by id`.execute(tx);
  const confirmed = await sql<ConfirmedPerson>`
    select distinct m.address, m.side from members m join lists l on l.id = m.list_id
     where l.customer_id = ${list.customerId} and l.state <> 'released' and m.state = 'confirmed'
     order by m.address`.execute(tx);
  const own = await sql<{ domain: string }>`
    select distinct substring(address from '@([^@]*)$') as domain from lists`.execute(tx);
  return {
    customerId: list.customerId,
    address: list.address,
    situation: {
      now,
      list: list.state,
      members: members.rows,
      proposals: await openProposals(tx, listId),
      rules: {
        customerDomains: list.domains,
        resellerDomains: rules.resellerDomains,
        own: {
          domains: [...rules.ownDomains, ...own.rows.map(({ domain }) => domain)],
          addresses: rules.ownAddresses,
        },
      },
      approvers: { named: rules.approvers, confirmed: confirmed.rows },
      frozenUntil: frozenUntil(await lastResetAt(tx, list.customerId, now), now),
    },
  };
}

type LockedList = { customerId: number; address: string; state: ListState; domains: string[] };

/**
 * A list that nobody has called live yet is live as soon as mail came for it: then AWS points to it. Locks the customer first,
 * then the list, as whoever creates or releases lists does; mail that is kept waits for neither.
 */
async function lockList(tx: Kysely<Tables>, listId: number): Promise<LockedList | null> {
  const { rows: owners } = await sql<{ customerId: number; domains: string[] }>`
    select id as "customerId", member_domains as domains from customers
     where id = (select customer_id from lists where id = ${listId})`.execute(tx);
  const owner = owners[0];
  if (!owner) return null;
  // The lock of whoever decides about this customer's mail and records its bounces.
  await sql`select pg_advisory_xact_lock(${CUSTOMER_LOCK}::int, ${owner.customerId}::int)`.execute(tx);
  const { rows } = await sql<{ address: string; state: ListState }>`
    select address, list_state(l) as state from lists l where id = ${listId} for no key update`.execute(tx);
  return { ...owner, ...rows[0]! };
}

async function openProposals(tx: Kysely<Tables>, listId: number): Promise<OpenProposal[]> {
  const { rows } = await sql<OpenProposal>`
    select p.id, p.member_id as "memberId", p.expires_at as "expiresAt",
           jsonb_build_object('user', p.proposer, 'side', p.side) as proposer,
           coalesce((select jsonb_agg(jsonb_build_object('address', a.address, 'basis', a.basis) order by a.at, a.address)
                       from approvals a where a.proposal_id = p.id), '[]') as approvals
      from proposals p join members m on m.id = p.member_id
     where m.list_id = ${listId} and p.state = 'open'`.execute(tx);
  return rows;
}

/** The newest mail of this customer that says that root is being reset, of the last days; only what AWS proved counts. */
async function lastResetAt(tx: Kysely<Tables>, customerId: number, now: Date): Promise<Date | null> {
  const since = new Date(now.getTime() - 2 * 24 * 3_600_000);
  const { rows } = await sql<{ at: Date | null }>`
    select max(mail_time) as at from mails
     where customer_id = ${customerId} and kind = any(${[...RESET_KINDS]}::text[])
       and outcome in ('open', 'append', 'duplicate') and mail_time > ${since}`.execute(tx);
  return rows[0]?.at ?? null;
}
