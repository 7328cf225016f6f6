import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import type { MailboxSettings } from '../settings.ts';
import {
  type Backfill,
  beginBackfill,
  countUndecided,
  finishBackfill,
  noteBackfill,
  resumeBackfill,
} from '../store/backfills.ts';
import { unknownUids } from '../store/mailboxAudit.ts';
import { openEpoch } from '../store/mailboxCursor.ts';
import type { Tables } from '../store/schema.ts';
import { afterModeOf } from './imapAfter.ts';
import { openImapConnection } from './imapConnection.ts';
import { createImapReader, type HistoryRule, type ImapReader, type ReaderDeps } from './imapReader.ts';
import { classifyFailure, waitAfter } from './mailboxFailure.ts';
import type { MailboxSecrets } from './mailboxSecrets.ts';

export type BackfillDeps = ReaderDeps & {
  db: Kysely<Tables>;
  secrets: MailboxSecrets;
  /** Name of this process among the owners of leases. */
  owner: string;
  signal: AbortSignal;
  onProgress(done: number, total: number): void;
};

export type BackfillOptions = {
  newestFirst: boolean;
  /** Mails a second at most; null: as fast as they are decided. */
  rate: number | null;
  /** Mail of the last so many days opens tickets; what is older arrives solved. */
  openDays: number;
};

export type BackfillReport = { total: number; done: number; isStopped: boolean };

/** Messages whose size is asked for at once. */
const LISTED = 200;
/** UIDs that are looked up at once. */
const LOOKED_UP = 20_000;
/** Mails that may wait to be decided: mail that comes in now stands behind them. */
const UNDECIDED = 300;
/** Nobody decides when as many wait after this (ms): then mail is only kept, and decided at the next start. */
const STUCK_MS = 15_000;
const DAY_MS = 24 * 3_600_000;
/** Failures in a row after which it gives up; the same command goes on. */
const MOST_FAILURES = 8;

/**
 * Walks the mail that a mailbox held before it was watched, and keeps it as history: no copies to members, no notices. Reads only;
 * flags and cursor stay. What is known is passed over, so it may run beside the watching, be stopped, killed and begun again.
 * Throws RootdeskError where a person must do something first.
 */
export async function backfillMailbox(
  settings: MailboxSettings,
  options: BackfillOptions,
  deps: BackfillDeps,
): Promise<BackfillReport> {
  const pace = createPace(options.rate, deps);
  let last = { total: 0, done: 0 };
  const onProgress = (done: number, total: number) => {
    last = { total, done };
    deps.onProgress(done, total);
  };
  let failures = 0;
  for (;;) {
    const given: string[] = [];
    let moved = false;
    try {
      return await walk(settings, options, { ...deps, onProgress }, pace, given, () => {
        moved = true;
      });
    } catch (error) {
      if (deps.signal.aborted) return { ...last, isStopped: true };
      if (error instanceof RootdeskError) throw error;
      const failure = classifyFailure(error, given);
      failures = moved ? 1 : failures + 1;
      const isRefused = failure.class === 'authentication' || failure.class === 'token';
      if (isRefused || failures > MOST_FAILURES) {
        throw new RootdeskError(
          'backfill.failed',
          `the mailbox ${settings.name} cannot be read: ${failure.text}`,
          'mend it and start the same command again: it goes on from there',
          { exitCode: isRefused ? EXIT.config : EXIT.temporary },
        );
      }
      deps.log.warn({ error: failure.text, class: failure.class }, 'the backfill was interrupted and goes on');
      await sleep(waitAfter(failure, failures, Math.random()), undefined, { signal: deps.signal }).catch(() => {});
    }
  }
}

async function walk(
  settings: MailboxSettings,
  options: BackfillOptions,
  deps: BackfillDeps,
  pace: Pace,
  given: string[],
  onMoved: () => void,
): Promise<BackfillReport> {
  const { db, clock, signal } = deps;
  const { auth, secrets } = await deps.secrets.credentials();
  given.push(...secrets);
  const connection = await openImapConnection(settings, auth, deps.mailBytes);
  const stop = () => connection.close();
  try {
    const reader = createImapReader(settings, connection, deps, signal);
    const opened = await connection.client.mailboxOpen(settings.folder, { readOnly: true });
    const uidValidity = opened.uidValidity.toString();
    const below = await firstUnread(
      db,
      settings,
      { uidValidity, uidNext: opened.uidNext, messages: opened.exists },
      clock.now(),
    );
    const found = await unread(db, settings.name, reader, uidValidity, below);
    const backfill =
      (await resumeBackfill(db, settings.name, uidValidity, deps.owner, clock.now())) ??
      (await beginBackfill(
        db,
        settings.name,
        { uidValidity, newestFirst: options.newestFirst, belowUid: below, total: found.length, owner: deps.owner },
        clock.now(),
      ));
    const uids = order(found, backfill);
    const total = backfill.done + uids.length;
    let done = backfill.done;
    const openSince = clock.now().getTime() - options.openDays * DAY_MS;
    const history: HistoryRule = (_, mailTime) => (mailTime.getTime() < openSince ? 'closed' : 'open');
    const at = { id: backfill.id, uidValidity, mailbox: settings.name };
    for (let from = 0; from < uids.length && !signal.aborted; from += LISTED) {
      const piece = uids.slice(from, from + LISTED);
      const listed = await reader.list(piece.toSorted((a, b) => a - b));
      const messages = backfill.newestFirst ? listed.toReversed() : listed;
      await reader.keepAll(messages, uidValidity, history, async ({ uids: read, kept, tooLarge, spans }) => {
        if (read.length === 0) return;
        const isNew = kept.filter((row) => row.isNew).length;
        const step = { position: read.at(-1)!, done: read.length, kept: isNew, tooLarge, spans };
        await noteBackfill(db, at, step, clock.now());
        done += read.length;
        onMoved();
        deps.onProgress(done, total);
        await pace(read.length);
      });
      // Those that were deleted meanwhile count too.
      done = signal.aborted ? done : backfill.done + Math.min(from + LISTED, uids.length);
    }
    if (!signal.aborted) await finishBackfill(db, at, clock.now());
    return { total, done, isStopped: signal.aborted };
  } finally {
    stop();
  }
}

/** The UID at which watching began. A mailbox that was never watched is begun at its end, so that mail which comes now is news. */
async function firstUnread(
  db: Kysely<Tables>,
  settings: MailboxSettings,
  server: { uidValidity: string; uidNext: number; messages: number },
  now: Date,
): Promise<number> {
  const row = await db
    .selectFrom('mailboxes')
    .select(['fence', 'uid_validity'])
    .where('name', '=', settings.name)
    .executeTakeFirstOrThrow();
  if (row.uid_validity !== null && String(row.uid_validity) !== server.uidValidity) {
    throw new RootdeskError(
      'backfill.renumbered',
      `the server gave all messages of ${settings.name} new numbers (UIDVALIDITY)`,
      'let a running Rootdesk read it first, which reads all of it; then there is nothing to backfill',
      { exitCode: EXIT.temporary },
    );
  }
  const lease = { mailbox: settings.name, fence: row.fence };
  const options = { leaveHistory: true, afterMode: afterModeOf(settings) };
  if (row.uid_validity === null)
    return (await openEpoch(db, lease, { ...server, modseq: null }, options, now)).firstUid;
  const epoch = await db
    .selectFrom('mailbox_epochs')
    .select('uid_next')
    .where('mailbox', '=', settings.name)
    .where('uid_validity', '=', row.uid_validity)
    .executeTakeFirstOrThrow();
  return epoch.uid_next;
}

/** UIDs on the server that are not here, ascending. */
async function unread(
  db: Kysely<Tables>,
  mailbox: string,
  reader: ImapReader,
  uidValidity: string,
  below: number,
): Promise<number[]> {
  if (below <= 1) return [];
  const all = await reader.search(1, below - 1);
  const found: number[] = [];
  for (let at = 0; at < all.length; at += LOOKED_UP)
    found.push(...(await unknownUids(db, { mailbox, uidValidity }, all.slice(at, at + LOOKED_UP))));
  return found;
}

/** What is left of the walk, in its order. */
function order(uids: readonly number[], { newestFirst, position, belowUid }: Backfill): number[] {
  const left = uids.filter(
    (uid) => uid < belowUid && (position === null || (newestFirst ? uid < position : uid > position)),
  );
  return newestFirst ? left.toReversed() : left;
}

/** Waits after so many mails, so that neither the server nor mail that comes in meanwhile suffers. */
type Pace = (mails: number) => Promise<void>;

function createPace(rate: number | null, { db, signal }: Pick<BackfillDeps, 'db' | 'signal'>): Pace {
  let freeAt = performance.now();
  let sinceLook = 0;
  let isDecided = true;
  const rest = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  return async (mails) => {
    if (rate !== null) {
      freeAt = Math.max(freeAt, performance.now()) + (mails / rate) * 1000;
      if (freeAt > performance.now()) await rest(freeAt - performance.now());
    }
    sinceLook += mails;
    if (!isDecided || sinceLook < UNDECIDED / 4) return;
    sinceLook = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let since = performance.now(); !signal.aborted; ) {
      const waiting = await countUndecided(db, 2 * UNDECIDED);
      if (waiting < UNDECIDED) return;
      if (waiting < least || least === Number.POSITIVE_INFINITY) since = performance.now();
      least = Math.min(least, waiting);
      isDecided = performance.now() - since < STUCK_MS;
      if (!isDecided) return;
      await rest(50);
    }
  };
}
