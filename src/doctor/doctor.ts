import { print } from '../lib/output.ts';
import { loadRules } from '../rules.ts';
import { loadSettings } from '../settings.ts';
import { checkDisk, checkDns, checkLeftovers, checkPorts } from './checkMachine.ts';
import { checkMembership } from './checkMembership.ts';
import { checkOutgoing, checkProbes, checkTemplates, checkWebhook } from './checkNotices.ts';
import { checkQueues } from './checkQueues.ts';
import { checkStore } from './checkStore.ts';
import { badBy, type Finding } from './finding.ts';

const MARKS = { ok: 'ok  ', warn: 'note', bad: 'BAD ' } as const;

/** `rootdesk doctor`: looks at everything that a start needs, prints what it found, and fails when something is bad. */
export async function doctor(configFile: string | null): Promise<void> {
  let bad = 0;
  const show = (finding: Finding) => {
    if (finding.state === 'bad') bad++;
    print(`${MARKS[finding.state]}  ${finding.name.padEnd(12)} ${finding.text}\n`);
    if (finding.hint) print(`${' '.repeat(19)}${finding.hint}\n`);
  };
  const settings = loadSettings({ file: configFile });
  show({ name: 'settings', state: 'ok', text: 'all keys are known and in range' });
  show(checkRules());
  for (const finding of checkDisk(settings)) show(finding);
  for (const finding of await checkTemplates(settings)) show(finding);
  for (const finding of await checkStore(settings)) show(finding);
  for (const finding of checkLeftovers()) show(finding);
  show(await checkDns(settings));
  for (const finding of await checkPorts(settings)) show(finding);
  for (const finding of await checkQueues(settings)) show(finding);
  show(checkOutgoing(settings));
  show(checkProbes(settings));
  for (const finding of checkWebhook(settings)) show(finding);
  for (const finding of checkMembership(settings)) show(finding);
  print(bad === 0 ? '\nNothing stands in the way of a start.\n' : `\n${bad} to mend before a start.\n`);
  if (bad > 0) process.exitCode = 1;
}

function checkRules(): Finding {
  try {
    return { name: 'kinds', state: 'ok', text: `${loadRules().book.kinds.length} kinds of mail` };
  } catch (error) {
    return badBy('kinds', error, 'mend the file under config/kinds or templates/ticket');
  }
}
