import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { openBase } from '../base.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { print } from '../lib/output.ts';
import type { Settings } from '../settings.ts';
import { endHold, putOnHold, readHold, readWaiting } from '../store/hold.ts';

/** `rootdesk resume`: shows what would leave, asks, and lets it go. Without a terminal `yes` has to answer. */
export async function resume(settings: Settings, { yes = false }: { yes?: boolean }): Promise<void> {
  const base = await openBase(settings, { log: createLog(settings.logLevel), role: 'command' });
  try {
    const hold = await readHold(base.db);
    if (hold === null) {
      print('Nothing is on hold.\n');
      return;
    }
    const asOf = hold.asOf.toISOString().replace('T', ' ').slice(0, 19);
    print(
      hold.why === 'restored'
        ? `The database was restored: it is as of ${asOf} UTC.\n`
        : `On hold since ${asOf} UTC, because somebody asked for it.\n`,
    );
    const waiting = await readWaiting(base.db, hold.asOf);
    if (waiting.length === 0) print('Nothing waits to leave.\n');
    else print('Would leave now:\n');
    for (const { what, count, before } of waiting) {
      const old = before === 0 ? '' : `, ${before} of them from before: these may have left already`;
      print(`  ${String(count).padStart(6)}  ${what}${old}\n`);
    }
    if (!(yes || (await isYes()))) {
      print('Still on hold.\n');
      return;
    }
    await endHold(base.db, { actor: userInfo().username, now: base.clock.now() });
    print('Goes on within half a minute.\n');
  } finally {
    await base.close();
  }
}

/** `rootdesk hold`: nothing leaves until `rootdesk resume`. For a restore that brings the key folder back too. */
export async function hold(settings: Settings): Promise<void> {
  const base = await openBase(settings, { log: createLog(settings.logLevel), role: 'command' });
  try {
    const now = base.clock.now();
    const isNew = await putOnHold(base.db, { asOf: now, why: 'asked', actor: userInfo().username, now });
    print(isNew ? 'On hold: nothing leaves until rootdesk resume.\n' : 'It is on hold already.\n');
  } finally {
    await base.close();
  }
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
