import type { Kysely } from 'kysely';
import type { Log } from '../lib/log.ts';
import type { MailboxSettings } from '../settings.ts';
import { nextToDo, noteAfter } from '../store/mailboxAfter.ts';
import type { MailboxLease } from '../store/mailboxCursor.ts';
import { addMailboxEvent } from '../store/mailboxes.ts';
import type { Tables } from '../store/schema.ts';
import type { OpenMailbox } from './imapSession.ts';
import { uidSet } from './uidRanges.ts';

export type AfterDeps = {
  db: Kysely<Tables>;
  lease: MailboxLease;
  clock: { now(): Date };
  log: Log;
  onProgress(): void;
};

/** Messages of one command. */
const AT_ONCE = 200;

/** What the settings want done with kept mail, as it is noted with the mailbox: when it changes, it holds from there on. */
export function afterModeOf({ afterKeep, afterKeyword, afterFolder }: MailboxSettings): string {
  if (afterKeep === 'keyword') return `keyword:${afterKeyword}`;
  return afterKeep === 'move' ? `move:${afterFolder}` : afterKeep;
}

/**
 * Does with kept mail what the settings want, from where it was done last: each message at least once, and none before its
 * mail is committed. What the server refuses is noted and tried again later; it keeps nothing from being read. Returns
 * false when it was refused.
 */
export async function doAfterKeep(
  open: OpenMailbox,
  settings: MailboxSettings,
  deps: AfterDeps,
  signal: AbortSignal,
): Promise<boolean> {
  if (settings.afterKeep === 'leave') return true;
  const { db, lease } = deps;
  const { uidValidity } = open;
  while (!signal.aborted) {
    const uids = await nextToDo(db, { mailbox: lease.mailbox, uidValidity }, AT_ONCE);
    if (uids.length === 0) return true;
    const isDone =
      settings.afterKeep === 'move'
        ? await move(open, settings.afterFolder ?? '', uids)
        : await flag(open, settings, uids);
    open.connection.check();
    if (!isDone) {
      await noteRefusal(settings, deps, uidValidity, uids[0]!);
      return false;
    }
    await noteAfter(db, lease, uidValidity, { doneBelow: uids.at(-1)! + 1, error: null });
    deps.onProgress();
  }
  return true;
}

async function noteRefusal(
  settings: MailboxSettings,
  deps: AfterDeps,
  uidValidity: string,
  uid: number,
): Promise<void> {
  const what = settings.afterKeep === 'move' ? `to move kept mail to ${settings.afterFolder}` : 'to flag kept mail';
  const error = `The server refused ${what} (UID ${uid} and later); it is tried again.`;
  const before = await noteAfter(deps.db, deps.lease, uidValidity, { doneBelow: null, error });
  deps.log.warn({ uid, after: settings.afterKeep }, 'the server refused what is to be done with kept mail');
  if (before === null) {
    const detail = { after: settings.afterKeep, uid };
    await addMailboxEvent(deps.db, deps.lease.mailbox, 'after_failed', detail, deps.clock.now());
  }
}

function flag({ connection }: OpenMailbox, settings: MailboxSettings, uids: readonly number[]): Promise<boolean> {
  const flags = { seen: '\\Seen', flag: '\\Flagged', keyword: settings.afterKeyword }[
    settings.afterKeep as 'seen' | 'flag' | 'keyword'
  ];
  return connection.client.messageFlagsAdd(uidSet(uids), [flags], { uid: true });
}

async function move(open: OpenMailbox, folder: string, uids: readonly number[]): Promise<boolean> {
  const { client } = open.connection;
  if (client.capabilities.has('MOVE'))
    return inFolder(open, folder, () => client.messageMove(uidSet(uids), folder, { uid: true }));
  // One that is deleted was copied already: we were stopped before that was noted, or somebody else deleted it.
  const left = await client.search({ uid: uidSet(uids), deleted: false }, { uid: true });
  open.connection.check();
  if (!Array.isArray(left)) return false;
  if (left.length > 0) {
    const set = uidSet(left.sort((a, b) => a - b));
    if (!(await inFolder(open, folder, () => client.messageCopy(set, folder, { uid: true })))) return false;
    if (!(await client.messageFlagsAdd(set, ['\\Deleted'], { uid: true }))) return false;
  }
  await expungeOurs(open, uids);
  return true;
}

/** Does it, and once more with the folder made, when that may be what was missing. */
async function inFolder(open: OpenMailbox, folder: string, act: () => Promise<unknown>): Promise<boolean> {
  if (await act()) return true;
  open.connection.check();
  const made = await open.connection.client.mailboxCreate(folder).catch(() => null);
  return made?.created === true && Boolean(await act());
}

/**
 * Takes what we marked as deleted off the server. Without UIDPLUS (RFC 4315) EXPUNGE takes off everything that anybody marked:
 * then it is done only where that is ours alone, else the marks stay.
 */
async function expungeOurs({ connection: { client } }: OpenMailbox, uids: readonly number[]): Promise<void> {
  const ours = new Set(uids);
  const deleted = await client.search({ deleted: true }, { uid: true });
  if (!Array.isArray(deleted)) return;
  const mine = deleted.filter((uid) => ours.has(uid)).sort((a, b) => a - b);
  if (mine.length === 0) return;
  if (client.capabilities.has('UIDPLUS') || mine.length === deleted.length)
    await client.messageDelete(uidSet(mine), { uid: true });
}
