import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { LONGEST_NAME, memberName } from '../core/memberName.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { readMemberTable } from '../lib/memberTable.ts';
import { ROOT_ADDRESS_BYTES } from '../lib/rootAddress.ts';
import { exportPerson, forgetPerson } from '../store/forgetPerson.ts';
import { createList } from '../store/lists.ts';
import {
  type Addition,
  actorOf,
  type MembershipDeps,
  type MembershipResult,
  type Operator,
  proposeMember,
  takeOffMember,
} from '../store/membership.ts';
import { proposeTable } from '../store/proposeTable.ts';
import { readMemberLists, readMemberPlace } from '../store/readMembers.ts';
import { releaseList } from '../store/releaseList.ts';
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

function membershipOf({ db, membership, clock }: ConsoleDeps): MembershipDeps {
  return { db, rules: membership, now: clock.now() };
}

/** Proposes an address for a list, or sends what is under way again. */
export async function propose(deps: ConsoleDeps, request: FastifyRequest, what: Addition): Promise<MembershipResult> {
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

/** A name beside an address, where one is given. */
export const nameSchema = z.string().transform((text, context) => {
  const name = memberName(text);
  if (name !== null) return name;
  context.addIssue({ code: 'custom', message: `is no name of one line, at most ${LONGEST_NAME} characters` });
  return z.NEVER;
});

/** Everything that is kept about the person behind a member. Throws NotFound. */
export async function exportOne(deps: ConsoleDeps, request: FastifyRequest, memberId: number) {
  const place = await readMemberPlace(deps.db, memberId);
  if (place === null) throw new NotFound();
  const actor = actorOf(await operatorOf(deps, request));
  const person = await exportPerson(deps.db, { address: place.address, actor, at: deps.clock.now() });
  if (person === null) throw new NotFound();
  return { place, person };
}

/** Takes the person behind a member off every list and erases them. Throws NotFound. */
export async function erase(deps: ConsoleDeps, request: FastifyRequest, memberId: number) {
  const place = await readMemberPlace(deps.db, memberId);
  if (place === null) throw new NotFound();
  const by = await operatorOf(deps, request);
  const done = await forgetPerson(membershipOf(deps), { address: place.address, by });
  if (done.ok) await deps.bell.ring('act');
  return { place, done };
}

/** Releases a root address for good; false: it was released before. Throws NotFound. */
export async function release(deps: ConsoleDeps, request: FastifyRequest, listId: number): Promise<boolean> {
  const actor = actorOf(await operatorOf(deps, request));
  const isNew = await releaseList(deps.db, { listId, actor, at: deps.clock.now() });
  if (isNew === null) throw new NotFound();
  if (isNew) await deps.bell.ring('act');
  return isNew;
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
