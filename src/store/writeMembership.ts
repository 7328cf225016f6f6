import { type Kysely, sql } from 'kysely';
import type { MemberState } from '../core/memberState.ts';
import type { MembershipPlan } from '../core/membership.ts';
import { appendAudit } from './audit.ts';
import { mailEffect, mailLink } from './links.ts';
import type { LoadedMembership, OpenProposal } from './loadMembership.ts';
import { recordChanges } from './recordChanges.ts';
import type { Tables } from './schema.ts';

/** How long an addition may stay under way (ms). */
const PROPOSAL_MS = 14 * 24 * 3_600_000;
/** Asking again within this time writes no second mail (ms). */
const AGAIN_MS = 10 * 60_000;

export type MembershipWrite = {
  loaded: LoadedMembership;
  listId: number;
  plan: MembershipPlan;
  /** `os:<user>`, `member:<id>` or `approver:<address>`: as known, never made up. */
  actor: string;
  /** Who proposes, when the plan makes a proposal. */
  proposer: { user: string; side: 'customer' | 'reseller' } | null;
  /** For people; null leaves the one that is known. */
  name: string | null;
  now: Date;
};

/** Makes a plan true: rows, links, notices and the audit record, in the caller's transaction. Returns the member. */
export async function writeMembership(tx: Kysely<Tables>, write: MembershipWrite): Promise<number> {
  const { plan, loaded, now, listId } = write;
  const before = loaded.situation.members.find(({ id }) => id === plan.memberId)?.state ?? null;
  const memberId = await writeMember(tx, write);
  if (plan.memberId !== null) await rename(tx, write, plan.memberId);
  const proposalId = await writeProposal(tx, write, memberId);
  if (plan.approval && proposalId !== null) {
    const { address, basis } = plan.approval;
    await tx.insertInto('approvals').values({ proposal_id: proposalId, address, basis, at: now }).execute();
  }
  const again = plan.change === null ? new Date(now.getTime() - AGAIN_MS) : null;
  for (const { address } of plan.ask) {
    await mailLink(tx, { purpose: 'approve', memberId, proposalId, address }, now, again);
  }
  if (plan.invite) {
    await mailLink(tx, { purpose: 'confirm', memberId, proposalId, address: plan.address }, now, again);
  }
  if (plan.change === null) return memberId;
  const { id: changeId } = await tx
    .insertInto('member_changes')
    .values({ list_id: listId, member_id: memberId, at: now, actor: write.actor, change: plan.change })
    .returning('id')
    .executeTakeFirstOrThrow();
  await tellMembers(tx, write, { changeId, memberId, before });
  await appendAudit(tx, [
    {
      customerId: loaded.customerId,
      at: now,
      actor: write.actor,
      action: plan.change,
      detail: {
        list: loaded.address,
        member: memberId,
        side: plan.side,
        from: before,
        to: plan.state,
        basis: plan.approval?.basis,
        waitsFor: plan.missing ?? undefined,
      },
    },
  ]);
  return memberId;
}

async function writeMember(tx: Kysely<Tables>, { plan, listId, name, now }: MembershipWrite): Promise<number> {
  const { address, side, state, memberId } = plan;
  if (memberId === null) {
    const { rows } = await sql<{ id: number }>`
      insert into members (list_id, address, name, side, state, created_at, changed_at)
      values (${listId}, ${address}, ${name}, ${side}, ${state}, ${now}, ${now}) returning id`.execute(tx);
    return rows[0]!.id;
  }
  const isNew = plan.change === 'member.confirmed';
  await sql`
    update members set side = ${side}, state = ${state},
      changed_at = case when state = ${state} then changed_at else ${now}::timestamptz end,
      confirmed_at = case when ${isNew} then ${now}::timestamptz else confirmed_at end,
      acknowledged_at = case when ${isNew} then ${now}::timestamptz else acknowledged_at end
    where id = ${memberId}`.execute(tx);
  return memberId;
}

/** The log says that a name was changed, and not to what: it may have to be erased one day. */
async function rename(tx: Kysely<Tables>, { loaded, listId, name, actor, now }: MembershipWrite, memberId: number) {
  if (name === null) return;
  const { rows } = await sql`
    update members set name = ${name} where id = ${memberId} and name is distinct from ${name} returning id`.execute(
    tx,
  );
  if (rows.length === 0) return;
  const { customerId, address: list } = loaded;
  await recordChanges(tx, { actor, at: now }, [{ listId, memberId, change: 'member.named' }]);
  await appendAudit(tx, [{ customerId, at: now, actor, action: 'member.named', detail: { list, member: memberId } }]);
}

/** The proposal that the plan is about, as a row; null when there is none. */
async function writeProposal(tx: Kysely<Tables>, write: MembershipWrite, memberId: number): Promise<number | null> {
  const { plan, proposer, now } = write;
  const open: OpenProposal | undefined = write.loaded.situation.proposals.find((one) => one.memberId === memberId);
  if (plan.proposal === 'kept') return open?.id ?? null;
  if (open) {
    const state = plan.proposal === 'made' ? 'expired' : plan.proposal;
    await tx.updateTable('proposals').set({ state, closed_at: now }).where('id', '=', open.id).execute();
  }
  if (plan.proposal !== 'made') return open?.id ?? null;
  if (proposer === null) throw new TypeError('a proposal has a proposer');
  const expires = new Date(now.getTime() + PROPOSAL_MS);
  const { user, side } = proposer;
  const made = await tx
    .insertInto('proposals')
    .values({ member_id: memberId, proposer: user, side, created_at: now, expires_at: expires })
    .returning('id')
    .executeTakeFirstOrThrow();
  return made.id;
}

/** States in which the one whom a change is about hears of it too. */
const TOLD_THEMSELVES: readonly (MemberState | null)[] = ['confirmed', 'bouncing', 'suspended', 'invited'];

/**
 * Tells everybody who gets mail of the list, and who it is about once they had agreed or were invited. Those who are asked
 * to approve know it from that mail; an approval alone changes nobody's membership.
 */
async function tellMembers(
  tx: Kysely<Tables>,
  { loaded, plan, now }: MembershipWrite,
  what: { changeId: number; memberId: number; before: MemberState | null },
): Promise<void> {
  if (plan.change === 'member.approved') return;
  const asked = new Set(plan.ask.map(({ address }) => address));
  const others = loaded.situation.members.filter(
    ({ id, state, address }) =>
      id !== what.memberId && (state === 'confirmed' || state === 'bouncing') && !asked.has(address),
  );
  const ids = others.map(({ id }) => id);
  const isTold = plan.change !== 'member.invited' && plan.change !== 'member.declined';
  if (isTold && TOLD_THEMSELVES.includes(what.before)) ids.push(what.memberId);
  for (const toMember of ids) {
    const payload = { mail: 'change', changeId: what.changeId, toMember } as const;
    await mailEffect(tx, what.memberId, `change:${what.changeId}:${toMember}`, payload, now);
  }
}
