import { EXIT, RootdeskError } from '../lib/errors.ts';
import { print } from '../lib/output.ts';
import type { Settings } from '../settings.ts';
import { type FailureClass, resumeMailbox } from '../store/mailboxes.ts';
import {
  type EpochRow,
  listMailboxes,
  type MailboxPage,
  readEpochs,
  readLease,
  readMailbox,
} from '../store/readMailboxes.ts';
import { actor } from './customers.ts';
import { utcTime } from './utcTime.ts';
import { withBase } from './withBase.ts';

/** What a person can do about each kind of trouble; receive/mailboxFailure.ts says what is of which kind. */
const TO_DO: Record<FailureClass, string> = {
  authentication: 'mend user or password in the settings; doctor tries the login',
  token: "get a new refresh token from the vendor's consent page and put it into the file that the settings name",
  throttled:
    'nothing at first, it stays away as long as the server wishes; if it stays so, look less often (pollSeconds)',
  network: 'look at host, port, TLS and firewall; doctor tries the login',
  protocol: 'the server answers what cannot be read: look into its log, or have another folder read',
  storage: 'the mailbox is well, our own database is not: run doctor',
};

/** Names read from the database at once. */
const AT_ONCE = 1000;
/** Of what happened, the newest. */
const EVENTS = 10;
const SPANS = 10;

/** `rootdesk mailboxes list`: a line a mailbox. */
export async function list(
  settings: Settings,
  { troubled, json }: { troubled?: boolean; json?: boolean },
): Promise<void> {
  await withBase(settings, async ({ db }) => {
    let after: string | null = null;
    let count = 0;
    for (;;) {
      const rows = await listMailboxes(db, { after, onlyTroubled: troubled === true }, AT_ONCE);
      for (const row of rows) {
        const { name, auditAt, auditMissing, lastSuccessAt, errorClass } = row;
        const state = row.pausedAt ? 'paused' : row.state;
        const line = `${state.padEnd(10)}  read ${timeOf(lastSuccessAt)}  compared ${timeOf(auditAt)}, ${auditMissing} missing  ${name}`;
        if (!print(json ? `${JSON.stringify(row)}\n` : `${line}${errorClass ? `  (${errorClass})` : ''}\n`)) return;
      }
      count += rows.length;
      after = rows.at(-1)?.name ?? null;
      if (rows.length < AT_ONCE) break;
    }
    if (count === 0 && !json) print(troubled ? 'No mailbox needs anybody.\n' : 'No mailbox has been watched yet.\n');
  });
}

/** `rootdesk mailboxes show`: what is known of one, why it is not read, and what to do. */
export async function show(settings: Settings, name: string, { json }: { json?: boolean }): Promise<void> {
  await withBase(settings, async ({ db }) => {
    const box = await readMailbox(db, name);
    if (box === null) throw unknown(settings, name);
    const [epochs, lease] = await Promise.all([readEpochs(db, name), readLease(db, name)]);
    if (json) print(`${JSON.stringify({ ...box, epochs, lease })}\n`);
    else print(`${textOf({ box, epochs, lease }, settings).join('\n')}\n`);
  });
}

/** `rootdesk mailboxes resume`: a login that was refused is tried again. */
export async function resume(settings: Settings, name: string): Promise<void> {
  await withBase(settings, async ({ db, clock }) => {
    if ((await readMailbox(db, name)) === null) throw unknown(settings, name);
    const isNew = await resumeMailbox(db, name, { actor: actor(), why: 'person' }, clock.now());
    print(isNew ? 'It is tried again within seconds.\n' : 'It is not paused.\n');
  });
}

type Known = { box: MailboxPage; epochs: readonly EpochRow[]; lease: Awaited<ReturnType<typeof readLease>> };

function textOf({ box, epochs, lease }: Known, settings: Settings): string[] {
  const line = (name: string, text: string) => `  ${name.padEnd(12)}${text}`;
  const lines = [`${box.name}: ${stateOf(box)}`];
  const kind = box.errorClass as FailureClass | null;
  if (box.lastError !== null) lines.push(line('error', `${box.lastError} (${kind ?? 'unknown'})`));
  if (box.pausedAt !== null)
    lines.push(line('to do', `${TO_DO[kind ?? 'authentication']}; then: rootdesk mailboxes resume ${box.name}`));
  else if (box.lastError !== null && kind !== null) lines.push(line('to do', TO_DO[kind]));
  if (box.nextTryAt !== null && box.pausedAt === null)
    lines.push(line('next try', `${timeOf(box.nextTryAt)}, after ${box.failures} failures in a row`));
  const nobody = 'no process: is a receive process running that has it in its settings?';
  lines.push(
    line('watched by', lease === null ? nobody : `${lease.by}, heard of last at ${timeOf(lease.seenAt)}`),
    line('last read', timeOf(box.lastSuccessAt)),
    line('compared', comparedOf(box)),
  );
  if (box.afterError !== null) lines.push(line('kept mail', box.afterError));
  if (!settings.mailboxes.some((one) => one.name === box.name))
    lines.push(line('settings', 'those of this machine do not name it'));
  for (const epoch of epochs) {
    const until = epoch.endedAt ? `until ${timeOf(epoch.endedAt)}` : 'on';
    const read = `${epoch.uidValidity} from ${timeOf(epoch.startedAt)} ${until}: UIDs ${epoch.firstUid} to ${epoch.uidNext - 1} are here`;
    const server = `the next UID of the server was ${epoch.serverUidNext}, with ${epoch.serverMessages} messages`;
    lines.push(line('UIDVALIDITY', `${read}; ${server}`));
  }
  const passed = `${box.passedUids} UIDs, deleted by others or never used`;
  lines.push(line('no mail', box.passedUids === 0 ? 'no UID passed without a mail' : passed));
  for (const { first, last, why } of box.spans.slice(0, SPANS))
    lines.push(line('', `${first === last ? first : `${first} to ${last}`} (${why})`));
  if (box.backfill !== null)
    lines.push(line('backfill', `${box.backfill.state}, ${box.backfill.done} of ${box.backfill.total}`));
  for (const { at, event, detail } of box.events.slice(0, EVENTS)) {
    const details = Object.entries(detail).map(([key, value]) => `${key} ${String(value)}`);
    lines.push(line('event', `${timeOf(at)} ${event} ${details.join(', ')}`));
  }
  return lines;
}

function comparedOf({ auditAt, auditMissing, auditMessages, auditFetched }: MailboxPage): string {
  if (auditAt === null) return 'never';
  return `${timeOf(auditAt)}: ${auditMissing} missing of ${auditMessages}, ${auditFetched} fetched then`;
}

function stateOf({ pausedAt, state }: MailboxPage): string {
  if (pausedAt !== null) return `paused since ${timeOf(pausedAt)}, because its login was refused`;
  const words: Record<string, string> = {
    new: 'not opened yet',
    connecting: 'about to log in, or waiting for its turn',
    watching: 'is being watched',
    waiting: 'is not read now',
    stopped: 'is not watched: its process ended',
  };
  return words[state] ?? state;
}

function timeOf(at: Date | null): string {
  return at === null ? 'never' : utcTime(at);
}

function unknown({ mailboxes }: Settings, name: string): RootdeskError {
  const isNamed = mailboxes.some((one) => one.name === name);
  const known =
    mailboxes
      .map((one) => one.name)
      .slice(0, 20)
      .join(', ') || 'none';
  return new RootdeskError(
    'mailbox.unknown',
    isNamed ? `the mailbox ${name} has never been watched` : `there is no mailbox ${name}`,
    isNamed ? 'start Rootdesk, or its receive process, with these settings' : `the settings name: ${known}`,
    { exitCode: EXIT.usage },
  );
}
