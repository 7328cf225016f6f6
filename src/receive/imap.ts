import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { cleanLine } from '../core/cleanText.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { MailboxSettings } from '../settings.ts';
import { type MailboxState, noteMailbox } from '../store/mailboxes.ts';
import type { Tables } from '../store/schema.ts';
import type { Budget } from './budget.ts';
import { openMailboxSession } from './imapSession.ts';
import type { KeepRoom } from './keep.ts';
import type { ReturnedRoom } from './returned.ts';

export type MailboxDeps = {
  room: Pick<KeepRoom, 'keep' | 'keepTooLarge'>;
  /** Takes what comes back to envelope senders of copies; null: no copies are sent. */
  returned: Pick<ReturnedRoom, 'take'> | null;
  db: Kysely<Tables>;
  budget: Budget;
  clock: Clock;
  log: Log;
  /** Largest mail that is fetched (bytes). */
  mailBytes: number;
  /** Hears of every change of how the watching goes. */
  onState?(state: MailboxState, error: string | null, success?: Date): void;
};

export type Mailbox = {
  /** Stops after the mail at hand is kept. */
  close(): Promise<void>;
};

const FIRST_WAIT_MS = 2_000;
const WAIT_FACTOR = 1.6;
const LONGEST_WAIT_MS = 60_000;
const JITTER_MS = 1_000;
/** A refused login is tried this often with the usual pauses; then rarely, because servers lock accounts. */
const LOGIN_TRIES = 3;
const REFUSED_WAIT_MS = 10 * 60_000;

/**
 * Watches one IMAP mailbox: IDLE for speed, polling by UID for certainty. The mailbox is opened read-only, so that no
 * flag of it changes (\Seen is never touched). A lost connection is made again with growing pauses; state and last
 * error stand in the mailboxes table. Starts at once and never rejects.
 */
export function startMailbox(settings: MailboxSettings, deps: MailboxDeps): Mailbox {
  const log = deps.log.child({ role: 'imap', mailbox: settings.name });
  const abort = new AbortController();
  const { signal } = abort;

  const note = async (state: MailboxState, error: string | null, success?: Date) => {
    deps.onState?.(state, error, success);
    await noteMailbox(deps.db, settings.name, { state, error, ...(success ? { success } : {}) }).catch(
      (problem: unknown) => log.warn({ error: messageOf(problem) }, 'the state of the mailbox could not be recorded'),
    );
  };

  const watch = async (onPolled: () => void): Promise<void> => {
    const session = await openMailboxSession(settings, deps, signal);
    const stop = () => void session.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (!signal.aborted) {
        const kept = await session.poll();
        if (kept > 0) log.info({ mails: kept }, 'mail was read from the mailbox');
        await note('watching', null, deps.clock.now());
        onPolled();
        await session.waitForMail(settings.pollSeconds * 1000);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await session.close();
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    let refusals = 0;
    while (!signal.aborted) {
      try {
        await watch(() => {
          failures = 0;
          refusals = 0;
        });
      } catch (error) {
        if (signal.aborted) break;
        failures += 1;
        if (isRefusal(error)) refusals += 1;
        const isRefused = refusals >= LOGIN_TRIES;
        const why = describe(error, settings);
        log.warn({ error: why, failures }, 'the mailbox cannot be watched now');
        await note(isRefused ? 'refused' : 'waiting', why);
        await sleep(isRefused ? REFUSED_WAIT_MS : pause(failures), undefined, { signal }).catch(() => {});
      }
    }
    await note('stopped', null);
  };

  const running = run();
  return {
    async close() {
      abort.abort(new Error('the mailbox is no longer watched'));
      await running;
    },
  };
}

/** Milliseconds before the n-th new connection. */
function pause(failures: number): number {
  const base = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * WAIT_FACTOR ** (failures - 1));
  return base + Math.random() * JITTER_MS;
}

function isRefusal(error: unknown): boolean {
  return (error as { authenticationFailed?: boolean }).authenticationFailed === true;
}

/** What the server said, without the password in it. */
function describe(error: unknown, settings: MailboxSettings): string {
  const said = (error as { responseText?: unknown }).responseText;
  const text = cleanLine(typeof said === 'string' && said ? `${messageOf(error)}: ${said}` : messageOf(error), 300);
  return settings.password ? text.replaceAll(settings.password, '…') : text;
}
