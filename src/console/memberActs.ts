import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { readMemberTable } from '../lib/memberTable.ts';
import { ROOT_ADDRESS_BYTES } from '../lib/rootAddress.ts';
import { createList } from '../store/lists.ts';
import {
  type MembershipDeps,
  type MembershipResult,
  type Operator,
  proposeMember,
  takeOffMember,
} from '../store/membership.ts';
import { proposeTable } from '../store/proposeTable.ts';
import { readMemberLists, readMemberPlace } from '../store/readMembers.ts';
import type { ConsoleDeps } from './deps.ts';
import { NotFound } from './errors.ts';
import { wrongInput } from './queries.ts';

/**
 * What pages and API do to the members of a list. Nothing here approves or confirms: that takes a link that is mailed to
 * somebody else.
 */

/** Who sits at the other end, as this system knows them. Never made up: nobody else can tell a proposer from an approver. */
export async function operatorOf(deps: ConsoleDeps, request: FastifyRequest): Promise<Operator> {
  const { remoteAddress, remotePort, localAddress, localPort } = request.socket;
  return { user: await deps.userOf({ remoteAddress, remotePort, localAddress, localPort }) };
}

/** The actor of the audit log. */
export function actorOf({ user }: Operator): string {
  return user === null ? 'unknown' : `os:${user}`;
}

function membershipOf({ db, membership, clock }: ConsoleDeps): MembershipDeps {
  return { db, rules: membership, now: clock.now() };
}

/** Proposes an address for a list, or sends what is under way again. */
export async function propose(
  deps: ConsoleDeps,
  request: FastifyRequest,
  what: { listId: number; address: string },
): Promise<MembershipResult> {
  const result = await proposeMember(membershipOf(deps), { ...what, by: await operatorOf(deps, request) });
  if (result.ok) await deps.bell.ring('act');
  return result;
}

/** Sends the mails of an addition again. Throws NotFound. */
export async function inviteAgain(deps: ConsoleDeps, request: FastifyRequest, memberId: number) {
  const place = await readMemberPlace(deps.db, memberId);
  if (place === null) throw new NotFound();
  const { listId, address } = place;
  return { place, result: await propose(deps, request, { listId, address }) };
}

/** Removes or suspends a member. Throws NotFound. */
export async function takeOff(deps: ConsoleDeps, request: FastifyRequest, memberId: number, how: 'remove' | 'suspend') {
  const place = await readMemberPlace(deps.db, memberId);
  if (place === null) throw new NotFound();
  const by = await operatorOf(deps, request);
  const result = await takeOffMember(membershipOf(deps), { listId: place.listId, memberId, how, by });
  if (result.ok) await deps.bell.ring('act');
  return { place, result };
}

/** Proposes the lines of a table for the list of a customer that the page is about. Throws WrongInput when it is no table. */
export async function importMembers(
  deps: ConsoleDeps,
  request: FastifyRequest,
  what: { slug: string; listId: number; table: string; dryRun: boolean },
) {
  const known = (await readMemberLists(deps.db, what.slug)) ?? [];
  const own = known.filter(({ listId }) => listId === what.listId);
  const by = await operatorOf(deps, request);
  const lines = linesOf(what.table, what.slug, own);
  const done = await proposeTable(membershipOf(deps), { lines, by, dryRun: what.dryRun });
  if (done.applied) await deps.bell.ring('act');
  return done;
}

function linesOf(table: string, slug: string, lists: Parameters<typeof readMemberTable>[2]) {
  try {
    return readMemberTable(Buffer.from(table), slug, lists);
  } catch (error) {
    throw wrongInput('table', (error as Error).message);
  }
}

/** Gives out a root address. Throws RootdeskError with what stands against it. */
export async function issueAddress(
  deps: ConsoleDeps,
  request: FastifyRequest,
  what: { slug: string; account: string },
) {
  const domain = deps.settings.lists.rootDomain;
  if (domain === null) {
    const hint = 'set ROOTDESK_ROOT_DOMAIN and publish what rootdesk dns prints';
    throw new RootdeskError('list.domain', 'no domain for root addresses is set', hint, { exitCode: EXIT.config });
  }
  const actor = actorOf(await operatorOf(deps, request));
  const random = randomBytes(ROOT_ADDRESS_BYTES);
  return createList(deps.db, { ...what, domain, random, actor, at: deps.clock.now() });
}
