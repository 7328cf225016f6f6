import type { Kysely } from 'kysely';
import { canonicalAddress } from '../core/mailAddress.ts';
import {
  decideMembership,
  type MembershipAct,
  type MembershipChange,
  type MembershipRefusal,
} from '../core/membership.ts';
import type { MembershipRules } from '../core/membershipRules.ts';
import { lockUsableLink, useLink } from './links.ts';
import { type LoadedMembership, loadMembership } from './loadMembership.ts';
import type { Tables } from './schema.ts';
import { writeMembership } from './writeMembership.ts';

/** The acts of persons on the members of a list. Each is one transaction, decided by core, audited and told to members. */

export type MembershipDeps = { db: Kysely<Tables>; rules: MembershipRules; now: Date };

export type MembershipDone = {
  ok: true;
  /** Null: nothing changed; mails went again, or a third person is asked. */
  change: MembershipChange | null;
  memberId: number;
  address: string;
  missing: 'second' | 'third' | null;
  /** How many persons are asked to approve; 0 with something missing: nobody can. */
  asked: number;
};
export type MembershipResult = MembershipDone | { ok: false; code: MembershipRefusal | 'no_list' | 'link_used' };

/** Somebody at a command line or a console that is open to this machine only. `user` null: not known. */
export type Operator = { user: string | null };

/** Proposes an addition. The operator is of the reseller; whether the address is fit and who approves is for the rules. */
export function proposeMember(deps: MembershipDeps, what: Addition & { by: Operator }): Promise<MembershipResult> {
  return deps.db.transaction().execute((tx) => proposerOf(tx, deps, what.by)(what));
}

/** One addition to one list. `name`: for people, undefined or null leaves the one that is known. */
export type Addition = { listId: number; address: string; name?: string | null };

/**
 * Proposes many at once, in one transaction: with any refusal but `already_member` nothing is written. `dryRun`: nothing is
 * written in any case, and the verdicts are those of the real thing, since it is the real thing taken back.
 */
export async function proposeMembers(
  deps: MembershipDeps,
  what: { additions: readonly Addition[]; by: Operator; dryRun: boolean },
): Promise<{ applied: boolean; results: MembershipResult[] }> {
  const results: MembershipResult[] = [];
  const isBad = (result: MembershipResult) => !result.ok && result.code !== 'already_member';
  try {
    await deps.db.transaction().execute(async (tx) => {
      const propose = proposerOf(tx, deps, what.by);
      for (const addition of what.additions) results.push(await propose(addition));
      if (what.dryRun || results.some(isBad)) throw new TakenBack();
    });
    return { applied: true, results };
  } catch (error) {
    if (error instanceof TakenBack) return { applied: false, results };
    throw error;
  }
}

class TakenBack extends Error {}

/**
 * Proposes one after another in one transaction. What decides is read again only after a line that changed something, and a
 * line that repeats one is that line: a table of thousands must not hold up the customer's mail.
 */
function proposerOf(tx: Kysely<Tables>, deps: MembershipDeps, by: Operator) {
  const known = new Map<number, LoadedMembership | null>();
  const done = new Map<string, MembershipResult>();
  return async ({ listId, address, name = null }: Addition): Promise<MembershipResult> => {
    const key = `${listId} ${canonicalAddress(address) ?? address}`;
    const before = done.get(key);
    if (before !== undefined) return before.ok ? { ...before, change: null } : before;
    let loaded = known.get(listId);
    if (loaded === undefined) loaded = await loadMembership(tx, listId, deps.rules, deps.now);
    known.set(listId, loaded);
    const act = { type: 'propose', address, user: by.user, side: 'reseller' } as const;
    const result: MembershipResult =
      loaded === null
        ? { ok: false, code: 'no_list' }
        : await decideAndWrite(tx, deps, { listId, act, actor: actorOf(by), name, loaded });
    if (result.ok) known.delete(listId);
    done.set(key, result);
    return result;
  };
}

/** Removes or suspends a member; one person is enough, the last-member rule holds. */
export function takeOffMember(
  deps: MembershipDeps,
  what: { listId: number; memberId: number; how: 'remove' | 'suspend'; by: Operator },
): Promise<MembershipResult> {
  return deps.db.transaction().execute((tx) => takeOffIn(tx, deps, what));
}

/** The same in a transaction of the caller. */
export function takeOffIn(
  tx: Kysely<Tables>,
  deps: MembershipDeps,
  what: { listId: number; memberId: number; how: 'remove' | 'suspend'; by: Operator },
): Promise<MembershipResult> {
  const { listId, memberId, how } = what;
  return performIn(tx, deps, { listId, act: { type: how, memberId }, actor: actorOf(what.by) });
}

export type LinkAct = 'approve' | 'refuse' | 'confirm' | 'decline' | 'leave' | 'acknowledge';

/** Which acts a link can be used for. */
const ACTS_OF = {
  approve: ['approve', 'refuse'],
  confirm: ['confirm', 'decline'],
  acknowledge: ['acknowledge'],
  manage: ['leave'],
} as const satisfies Record<string, readonly LinkAct[]>;

/**
 * What the holder of a link does, once: the link is used up by an act that changes something, and stays for one that was
 * refused or has to wait. The caller has proved the token.
 */
export async function actByLink(
  deps: MembershipDeps,
  what: { linkId: number; act: Exclude<LinkAct, 'acknowledge'> },
): Promise<MembershipResult> {
  const { db, now } = deps;
  return db.transaction().execute(async (tx) => {
    const link = await lockUsableLink(tx, what.linkId, now);
    if (link === null || !(ACTS_OF[link.purpose] as readonly LinkAct[]).includes(what.act)) {
      return { ok: false, code: 'link_used' };
    }
    const member = await tx
      .selectFrom('members')
      .select('list_id')
      .where('id', '=', link.memberId)
      .executeTakeFirstOrThrow();
    const loaded = await loadMembership(tx, member.list_id, deps.rules, now);
    if (loaded === null) return { ok: false, code: 'no_list' };
    // A link answers the proposal that it was made for, never a later one of the same address.
    const isOf = (one: { id: number }) => link.proposalId === null || one.id === link.proposalId;
    loaded.situation.proposals = loaded.situation.proposals.filter(isOf);
    const { memberId } = link;
    const act: MembershipAct =
      what.act === 'approve' || what.act === 'refuse'
        ? { type: what.act, memberId, approver: link.address }
        : { type: what.act === 'leave' ? 'remove' : what.act, memberId };
    const actor = link.purpose === 'approve' ? await approverActor(tx, loaded, link.address) : `member:${memberId}`;
    const result = await decideAndWrite(tx, deps, { listId: member.list_id, loaded, act, actor });
    if (result.ok && result.change !== null) await useLink(tx, what.linkId, now);
    return result;
  });
}

type Performed = { listId: number; act: MembershipAct; actor: string; name?: string | null };

async function performIn(tx: Kysely<Tables>, deps: MembershipDeps, what: Performed): Promise<MembershipResult> {
  const loaded = await loadMembership(tx, what.listId, deps.rules, deps.now);
  if (loaded === null) return { ok: false, code: 'no_list' };
  return decideAndWrite(tx, deps, { ...what, loaded });
}

async function decideAndWrite(
  tx: Kysely<Tables>,
  deps: MembershipDeps,
  { listId, loaded, act, actor, name = null }: Performed & { loaded: LoadedMembership },
): Promise<MembershipResult> {
  const plan = decideMembership(loaded.situation, act);
  if (!plan.ok) return plan;
  const proposer = act.type === 'propose' && act.user !== null ? { user: act.user, side: act.side } : null;
  const memberId = await writeMembership(tx, { loaded, listId, plan, actor, proposer, name, now: deps.now });
  const { change, address, missing } = plan;
  return { ok: true, change, memberId, address, missing, asked: plan.ask.length };
}

/** The actor of the audit log. */
export function actorOf({ user }: Operator): string {
  return user === null ? 'unknown' : `os:${user}`;
}

/** A confirmed member of the customer by number, so that the log holds no address that may have to be erased. */
async function approverActor(tx: Kysely<Tables>, loaded: LoadedMembership, address: string): Promise<string> {
  const row = await tx
    .selectFrom('members')
    .innerJoin('lists', 'lists.id', 'members.list_id')
    .select('members.id')
    .where('lists.customer_id', '=', loaded.customerId)
    .where('members.address', '=', address)
    .where('members.state', '=', 'confirmed')
    .orderBy('members.id')
    .executeTakeFirst();
  return row ? `member:${row.id}` : `approver:${address}`;
}
