import type { Base } from '../base.ts';
import { print } from '../lib/output.ts';
import { membershipRules } from '../membershipRules.ts';
import type { Settings } from '../settings.ts';
import { type Operator, proposeMember } from '../store/membership.ts';
import { readUnproposed } from '../store/readMembers.ts';
import { verdictText } from './memberWords.ts';
import { ringAct } from './ringAct.ts';

/** Who an actor of the audit log is: `os:alice`; null when the system did not say. */
export function operatorOf(actor: string): Operator {
  return { user: actor.startsWith('os:') ? actor.slice(3) : null };
}

/**
 * Asks for the approvals that invited members of a customers file need, and says a line for each. Whom the rules refuse stays
 * invited and receives nothing.
 */
export async function proposeInvited(
  settings: Settings,
  base: Base,
  by: { actor: string; slugs: readonly string[] },
): Promise<void> {
  const { db, clock } = base;
  const deps = { db, rules: membershipRules(settings), now: clock.now() };
  const waiting = await readUnproposed(db, by.slugs);
  if (waiting.length === 0) return;
  for (const { listId, address, list } of waiting) {
    const result = await proposeMember(deps, { listId, address, by: operatorOf(by.actor) });
    print(`${address}  ${list}  ${result.ok ? '' : 'stays invited: '}${verdictText(result)}\n`);
  }
  await ringAct(settings, base);
}
