import { EXIT, RootdeskError } from '../lib/errors.ts';
import type { Settings } from '../settings.ts';
import { takeOffMember } from '../store/membership.ts';
import { erasePerson, readMemberships, readPerson } from '../store/person.ts';
import { actor } from './customers.ts';
import { withMembers, wrong } from './memberCommand.ts';
import { say } from './members.ts';
import { verdictText } from './memberWords.ts';

/** `rootdesk members export --person`: everything that is kept about an address on lists, as JSON; no text of any mail. */
export async function exportPerson(settings: Settings, address: string): Promise<void> {
  await withMembers(settings, async ({ deps }) => {
    const person = await readPerson(deps.db, address);
    if (person === null) throw wrong('members.address', `${address} is no mail address`, 'check it');
    say([JSON.stringify(person, null, 2)]);
  });
}

/** `rootdesk members erase`: ends every membership of an address and forgets it. For good, so it asks for `--yes`. */
export async function erase(settings: Settings, address: string, options: { yes?: boolean }): Promise<void> {
  if (!options.yes) {
    throw new RootdeskError(
      'members.erase',
      `${address} would be taken off every list and forgotten for good`,
      'rootdesk members export --person shows what is kept; repeat with --yes',
      { exitCode: EXIT.usage },
    );
  }
  await withMembers(settings, async ({ deps, by, ring }) => {
    const memberships = await readMemberships(deps.db, address);
    for (const { memberId, listId, list, isEnded } of memberships) {
      if (isEnded) continue;
      const result = await takeOffMember(deps, { listId, memberId, how: 'remove', by });
      if (result.ok) continue;
      throw wrong(
        'members.erase',
        `${address} on ${list}: ${verdictText(result)}`,
        'nothing was erased; then try again',
      );
    }
    const count = await erasePerson(deps.db, { address, actor: actor(), now: deps.now });
    say([count === 0 ? `${address} is on no list.` : `${address} is erased (${count} memberships).`]);
    await ring();
  });
}
