import { EXIT, RootdeskError } from '../lib/errors.ts';
import type { Settings } from '../settings.ts';
import { exportPerson as exportOf, forgetPerson } from '../store/forgetPerson.ts';
import { actor } from './customers.ts';
import { withMembers, wrong } from './memberCommand.ts';
import { say } from './members.ts';
import { verdictText } from './memberWords.ts';

/** `rootdesk members export --person`: everything that is kept about an address on lists, as JSON; no text of any mail. */
export async function exportPerson(settings: Settings, address: string): Promise<void> {
  await withMembers(settings, async ({ deps }) => {
    const person = await exportOf(deps.db, { address, actor: actor(), at: deps.now });
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
    const done = await forgetPerson(deps, { address, by });
    if (!done.ok) {
      const what = `${address} on ${done.list}: ${verdictText({ ok: false, code: done.code })}`;
      throw wrong('members.erase', what, 'nothing was changed; then try again');
    }
    const { count } = done;
    say([count === 0 ? `${address} is on no list.` : `${address} is erased (${count} memberships).`]);
    await ring();
  });
}
