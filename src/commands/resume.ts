import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { Kysely } from 'kysely';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { print } from '../lib/output.ts';
import type { Settings } from '../settings.ts';
import { endHold, type Hold, putOnHold, readHold, readWaiting } from '../store/hold.ts';
import { readPassedSince } from '../store/readMailboxes.ts';
import type { Tables } from '../store/schema.ts';
import { utcTime } from './utcTime.ts';
import { withBase } from './withBase.ts';

export type ResumeArguments = { yes?: boolean; notAgain?: boolean };

/** `rootdesk resume`: shows what would leave, asks, and lets it go. Without a terminal `yes` has to answer. */
export async function resume(settings: Settings, { yes = false, notAgain = false }: ResumeArguments): Promise<void> {
  await withBase(settings, async (base) => {
    const hold = await readHold(base.db);
    if (hold === null) {
      print('Nothing is on hold.\n');
      return;
    }
    print(
      hold.livedUntil !== null
        ? `The database was restored: it is as of ${utcTime(hold.asOf)}, and what was lost was last seen at ${utcTime(hold.livedUntil)}.\n`
        : `On hold since ${utcTime(hold.asOf)}, because somebody asked for it.\n`,
    );
    const waiting = await readWaiting(base.db, hold);
    if (waiting.length === 0) print('Nothing waits to leave.\n');
    else print('Would leave now:\n');
    const isRestored = hold.livedUntil !== null;
    for (const { what, count, old } of waiting) {
      const may = isRestored && old > 0 ? `, ${old} of them may have left already` : '';
      print(`  ${String(count).padStart(6)}  ${what}${may}\n`);
    }
    if (notAgain && !isRestored) {
      const hint = 'run it without --not-again';
      throw new RootdeskError('resume.asked', 'nothing of it can have left: no database was restored', hint, {
        exitCode: EXIT.usage,
      });
    }
    if (notAgain) print('Notices and copies that may have left already are left out.\n');
    else if (isRestored && waiting.some(({ old }) => old > 0))
      print('With --not-again notices and copies that may have left already are left out.\n');
    await printMoved(base.db, settings, hold);
    if (!(yes || (await isYes()))) {
      print('Still on hold.\n');
      return;
    }
    const withheld = await endHold(base.db, { notAgain, actor: userInfo().username, now: base.clock.now() });
    print(`Goes on within half a minute.${notAgain ? ` Left out: ${withheld ?? 0}.` : ''}\n`);
  });
}

/** What moved away from its mailbox after the backup is where this database does not look. */
async function printMoved(db: Kysely<Tables>, { mailboxes }: Settings, hold: Hold): Promise<void> {
  if (hold.livedUntil === null) return;
  const moving = new Map(mailboxes.filter((one) => one.afterKeep === 'move').map((one) => [one.name, one.afterFolder]));
  const passed = await readPassedSince(db, [...moving.keys()], hold.foundAt);
  for (const { mailbox, uids } of passed) {
    print(
      `Mail may be missing: ${uids} UIDs of the mailbox ${mailbox} passed unseen since the backup. Kept mail was moved to ${moving.get(mailbox)}: have that folder read, see "Backup and restore" in README.md.\n`,
    );
  }
}

/**
 * `rootdesk hold`: nothing leaves until `rootdesk resume`. `restored`: for a restore that brings the key folder back too, which
 * nothing else shows.
 */
export async function hold(settings: Settings, { restored = false }: { restored?: boolean }): Promise<void> {
  await withBase(settings, async (base) => {
    const now = base.clock.now();
    const isNew = await putOnHold(base.db, { isRestored: restored, actor: userInfo().username, now });
    print(isNew ? 'On hold: nothing leaves until rootdesk resume.\n' : 'It is on hold already.\n');
  });
}

async function isYes(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    const hint = 'run it in a terminal, or with --yes when what it shows may leave';
    throw new RootdeskError('resume.ask', 'there is no terminal to ask in', hint, { exitCode: EXIT.usage });
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question('Let it leave? [y/N] ');
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
