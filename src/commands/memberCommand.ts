import type { Base } from '../base.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { membershipRules } from '../membershipRules.ts';
import type { Settings } from '../settings.ts';
import type { MembershipDeps, Operator } from '../store/membership.ts';
import { type MemberList, readMemberLists } from '../store/readMembers.ts';
import { actor } from './customers.ts';
import { operatorOf } from './proposeInvited.ts';
import { ringAct } from './ringAct.ts';
import { withBase } from './withBase.ts';

/** What the commands about members share: the database, the rules, who is at the keyboard. */
export type MemberCommand = { base: Base; deps: MembershipDeps; by: Operator; ring(): Promise<void> };

/** Opens what a command about members stands on; `ring` wakes whoever sends mail. */
export async function withMembers(settings: Settings, work: (command: MemberCommand) => Promise<void>): Promise<void> {
  await withBase(settings, async (base) => {
    const { db, clock } = base;
    const ring = () => ringAct(settings, base);
    const deps = { db, rules: membershipRules(settings), now: clock.now() };
    await work({ base, deps, by: operatorOf(actor()), ring });
  });
}

/** The lists of a customer, or the one that was named. Throws RootdeskError (exit 65) when there is none. */
export async function listsOf(deps: MembershipDeps, slug: string, address: string | null): Promise<MemberList[]> {
  const lists = await readMemberLists(deps.db, slug);
  if (lists === null)
    throw wrong('members.customer', `there is no customer ${slug}`, 'rootdesk customers list shows them');
  if (lists.length === 0) {
    throw wrong('members.no_list', `${slug} has no root address`, 'rootdesk lists create gives one out');
  }
  if (address === null) return lists;
  const named = lists.filter((list) => list.address === address.trim().toLowerCase());
  if (named.length > 0) return named;
  throw wrong('members.list', `${address} is no root address of ${slug}`, 'rootdesk lists list shows them');
}

export function wrong(code: string, message: string, hint: string): RootdeskError {
  return new RootdeskError(code, message, hint, { exitCode: EXIT.data });
}
