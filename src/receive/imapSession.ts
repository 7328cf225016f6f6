import type { Kysely } from 'kysely';
import type { MailboxSettings } from '../settings.ts';
import {
  advanceMailbox,
  type MailboxEpoch,
  type MailboxLease,
  openEpoch,
  type UidSpan,
} from '../store/mailboxCursor.ts';
import { addMailboxEvent } from '../store/mailboxes.ts';
import type { Tables } from '../store/schema.ts';
import { afterModeOf } from './imapAfter.ts';
import { type Credentials, type ImapConnection, openImapConnection } from './imapConnection.ts';
import { createImapReader, type HistoryRule, type ImapReader, type ReaderDeps } from './imapReader.ts';
import { uidsBetween } from './uidRanges.ts';

export type SessionDeps = ReaderDeps & {
  db: Kysely<Tables>;
  lease: MailboxLease;
  /** Called when something was done: a session that hangs is told by its silence. */
  onProgress(): void;
};

/** The mailbox that is open, as the server and our row say. */
export type OpenMailbox = {
  connection: ImapConnection;
  reader: ImapReader;
  uidValidity: string;
  epoch: MailboxEpoch;
  /** As the server said when the mailbox was selected last. */
  server: { uidNext: number; messages: number; modseq: string | null };
  history: HistoryRule;
};

export type MailboxSession = {
  readonly open: OpenMailbox;
  /** Keeps everything new; the number of mails. */
  poll(): Promise<number>;
  /** Selects the mailbox anew: UIDVALIDITY and UIDNEXT are only told then. */
  select(): Promise<void>;
  /** Waits for news of the server, `ms` at most. Rejects when the connection is lost. */
  waitForMail(ms: number): Promise<void>;
  close(): void;
};

/** Messages whose size is asked for at once. */
const LISTED = 200;
/** The mailbox is selected anew this often. */
const SELECT_MS = 10 * 60_000;
/** Mail that the server received this long before the mailbox was first opened is of matters that ended (see README). */
export const HISTORY_MS = 7 * 24 * 3_600_000;

/** Connects, logs in and opens the mailbox; read-only unless the settings want something done with kept mail. */
export async function openMailboxSession(
  settings: MailboxSettings,
  auth: Credentials,
  deps: SessionDeps,
  signal: AbortSignal,
): Promise<MailboxSession> {
  const connection = await openImapConnection(settings, auth, deps.mailBytes);
  const { client } = connection;
  const { db, lease, clock } = deps;
  let selectedAt = 0;

  const select = async (): Promise<Omit<OpenMailbox, 'connection' | 'reader'>> => {
    const mailbox = await client.mailboxOpen(settings.folder, { readOnly: settings.afterKeep === 'leave' });
    selectedAt = performance.now();
    const server = {
      uidValidity: mailbox.uidValidity.toString(),
      uidNext: mailbox.uidNext,
      messages: mailbox.exists,
      modseq: mailbox.noModseq ? null : (mailbox.highestModseq?.toString() ?? null),
    };
    const options = { leaveHistory: settings.history === 'leave', afterMode: afterModeOf(settings) };
    const epoch = await openEpoch(db, lease, server, options, clock.now());
    if (epoch.entry === 'changed') {
      deps.log.warn(
        { mailbox: settings.name, before: epoch.before, now: server.uidValidity },
        'the server gave all messages new numbers (UIDVALIDITY): the whole mailbox is read again, known mail is recognised',
      );
      const detail = { before: epoch.before, now: server.uidValidity, messages: server.messages };
      await addMailboxEvent(db, settings.name, 'uidvalidity_changed', detail, clock.now());
    }
    const closedBefore = epoch.beganAt.getTime() - HISTORY_MS;
    return {
      uidValidity: server.uidValidity,
      epoch,
      server,
      history: (receivedAt, mailTime) =>
        receivedAt < epoch.beganAt && mailTime.getTime() < closedBefore ? 'closed' : undefined,
    };
  };

  try {
    const reader = createImapReader(settings, connection, deps, signal);
    const open: OpenMailbox = { connection, reader, ...(await select()) };

    /** Moves the cursor to `uidNext` over what was kept and what is not there. */
    const advance = async (present: readonly number[], uidNext: number, spans: readonly UidSpan[]) => {
      const { epoch } = open;
      const gaps = uidsBetween(epoch.uidNext, present, uidNext).flatMap((gap) => spansOf(gap, epoch.beganUidNext));
      await advanceMailbox(
        db,
        lease,
        { uidValidity: open.uidValidity, uidNext, spans: [...gaps, ...spans] },
        clock.now(),
      );
      epoch.uidNext = uidNext;
      deps.onProgress();
    };

    const readListed = async (uids: readonly number[]): Promise<number> => {
      let kept = 0;
      await reader.keepAll(await reader.list(uids), open.uidValidity, open.history, async (read) => {
        kept += new Set(read.kept.map(({ mailId }) => mailId)).size;
        if (read.uids.length > 0) await advance(read.uids, read.uids.at(-1)! + 1, read.spans);
      });
      return kept;
    };

    const selectAnew = async () => {
      Object.assign(open, await select());
    };

    return {
      open,
      select: selectAnew,
      async poll() {
        connection.check();
        if (performance.now() - selectedAt > SELECT_MS) await selectAnew();
        let kept = 0;
        do {
          connection.takeNews();
          const uids = await reader.search(open.epoch.uidNext, '*');
          for (let at = 0; at < uids.length && !signal.aborted; at += LISTED)
            kept += await readListed(uids.slice(at, at + LISTED));
          // Every UID below UIDNEXT was given out before the search: what it did not find is gone.
          if (open.server.uidNext > open.epoch.uidNext && !signal.aborted) await advance([], open.server.uidNext, []);
          deps.onProgress();
        } while (connection.takeNews() && !signal.aborted);
        return kept;
      },
      waitForMail: (ms) => connection.waitForNews(ms),
      close: connection.close,
    };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A gap, split where our watching of this UIDVALIDITY began. */
function spansOf(gap: { first: number; last: number }, began: number): UidSpan[] {
  const spans: UidSpan[] = [];
  if (gap.first < began) spans.push({ first: gap.first, last: Math.min(gap.last, began - 1), why: 'before' });
  if (gap.last >= began) spans.push({ first: Math.max(gap.first, began), last: gap.last, why: 'passed' });
  return spans;
}
