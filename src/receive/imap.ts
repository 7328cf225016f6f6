import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import { messageOf } from '../lib/errors.ts';
import type { MailboxSettings } from '../settings.ts';
import { pauseMailbox } from '../store/mailboxAlerts.ts';
import { LeaseLost } from '../store/mailboxCursor.ts';
import { type MailboxNote, type MailboxState, noteMailbox, pausedMark, resumeMailbox } from '../store/mailboxes.ts';
import type { Tables } from '../store/schema.ts';
import { doAfterKeep } from './imapAfter.ts';
import { auditMailbox } from './imapAudit.ts';
import type { ReaderDeps } from './imapReader.ts';
import { type MailboxSession, openMailboxSession } from './imapSession.ts';
import type { LoginTurns } from './loginTurns.ts';
import { classifyFailure, type Failure, REFUSALS, waitAfter } from './mailboxFailure.ts';
import type { MailboxSecrets } from './mailboxSecrets.ts';

export type MailboxDeps = ReaderDeps & {
  pool: Pool;
  db: Kysely<Tables>;
  /** Of the lease under which this process watches the mailbox. */
  fence: number;
  secrets: MailboxSecrets;
  /** Shared by all mailboxes of the process. */
  turns: LoginTurns;
  notify: NotifyRules;
  /** Wakes whoever tells people. */
  ring(): void;
  /** Milliseconds before the n-th new try in a row. */
  wait?(failure: Failure, failures: number): number;
  /** How often a paused mailbox looks whether it may go on (ms). */
  pausedLookMs?: number;
  /** Hears of every change of how the watching goes. */
  onState?(state: MailboxState, error: string | null, success?: Date): void;
};

export type Mailbox = {
  /** Stops after the mail at hand is kept. */
  close(): Promise<void>;
};

const PAUSED_LOOK_MS = 5_000;
/** A session that does nothing for this long while it should read hangs: it is given up (ms). */
const HANG_MS = 5 * 60_000;
const HANG_LOOK_MS = 15_000;

/**
 * Watches one IMAP mailbox: IDLE for speed, polling by UID for certainty. A lost connection is made again; how long it waits
 * depends on the kind of trouble. A login that is refused pauses the mailbox, in its row, so that nobody goes on knocking.
 * One mailbox never disturbs another: starts at once and never rejects.
 */
export function startMailbox(settings: MailboxSettings, deps: MailboxDeps): Mailbox {
  const { db, clock, secrets } = deps;
  const log = deps.log.child({ role: 'imap', mailbox: settings.name });
  const lease = { mailbox: settings.name, fence: deps.fence };
  const wait = deps.wait ?? ((failure, failures) => waitAfter(failure, failures, Math.random()));
  const abort = new AbortController();
  const { signal } = abort;

  const note = async (entry: MailboxNote) => {
    deps.onState?.(entry.state, entry.error, entry.success);
    await noteMailbox(db, lease, entry, clock.now()).catch((problem: unknown) =>
      log.warn({ error: messageOf(problem) }, 'the state of the mailbox could not be recorded'),
    );
  };

  let auditedAt = Number.NEGATIVE_INFINITY;
  /** Compares server and database when that is due; a mailbox that changed its UIDs meanwhile is read first. */
  const auditWhenDue = async (session: MailboxSession, onProgress: () => void): Promise<boolean> => {
    if (performance.now() - auditedAt < settings.auditMinutes * 60_000) return false;
    const before = session.open.uidValidity;
    await session.select();
    if (session.open.uidValidity !== before || session.open.server.uidNext > session.open.epoch.uidNext) return true;
    const { pool, notify, ring } = deps;
    await auditMailbox(session.open, { pool, db, lease, clock, log, notify, ring, onProgress }, signal);
    auditedAt = performance.now();
    return false;
  };

  let afterRefusals = 0;
  let afterDueAt = Number.NEGATIVE_INFINITY;
  /** What is done with kept mail; where the server refuses it, with growing pauses. */
  const doAfterWhenDue = async (session: MailboxSession, onProgress: () => void): Promise<void> => {
    if (performance.now() < afterDueAt) return;
    const isDone = await doAfterKeep(session.open, settings, { db, lease, clock, log, onProgress }, signal);
    afterRefusals = isDone ? 0 : afterRefusals + 1;
    const refused = { class: 'protocol', text: '', isFinal: false, retryAfterMs: null } as const;
    afterDueAt = isDone ? Number.NEGATIVE_INFINITY : performance.now() + wait(refused, afterRefusals);
  };

  const watch = async (given: string[], onPolled: () => void): Promise<void> => {
    let progressAt = performance.now();
    const onProgress = () => {
      progressAt = performance.now();
    };
    const endTurn = await deps.turns.take(`${settings.host}:${settings.port}`, signal);
    const open = async () => {
      const { auth, secrets: used } = await secrets.credentials();
      given.push(...used);
      return openMailboxSession(settings, auth, { ...deps, lease, log, onProgress }, signal);
    };
    const session = await open().finally(endTurn);
    const stop = () => session.close();
    signal.addEventListener('abort', stop, { once: true });
    let reading = true;
    const watchdog = setInterval(() => {
      if (reading && performance.now() - progressAt > HANG_MS) session.close();
    }, HANG_LOOK_MS);
    try {
      while (!signal.aborted) {
        reading = true;
        onProgress();
        const kept = await session.poll();
        if (kept > 0) log.info({ mails: kept }, 'mail was read from the mailbox');
        await note({ state: 'watching', error: null, success: clock.now() });
        onPolled();
        if (await auditWhenDue(session, onProgress)) continue;
        await doAfterWhenDue(session, onProgress);
        reading = false;
        await session.waitForMail(settings.pollSeconds * 1000);
      }
    } finally {
      clearInterval(watchdog);
      signal.removeEventListener('abort', stop);
      session.close();
    }
  };

  /** Waits until a person resumes the mailbox or its secret is another one; false: it is not paused. */
  const waitWhilePaused = async (): Promise<void> => {
    let said = false;
    while (!signal.aborted) {
      const mark = await pausedMark(db, settings.name).catch(() => null);
      if (mark === null) return;
      if (!said) deps.onState?.('paused', null);
      said = true;
      const now = await secrets.mark().catch(() => mark);
      if (now !== mark) {
        log.info('the secret of the mailbox was changed: it is tried again');
        await resumeMailbox(db, settings.name, { actor: 'rootdesk', why: 'secret_changed' }, clock.now());
        return;
      }
      await sleep(deps.pausedLookMs ?? PAUSED_LOOK_MS, undefined, { signal }).catch(() => {});
    }
  };

  /** Pauses the mailbox when the trouble is a login that is refused for good; false: it is worth another try. */
  const pauseIfRefused = async (failure: Failure, refusals: number, mark: string | null): Promise<boolean> => {
    const isRefusal = failure.class === 'authentication' || failure.class === 'token';
    if (!isRefusal || !(failure.isFinal || refusals >= REFUSALS) || mark === null) return false;
    const pause = { mark, error: failure.text, errorClass: failure.class, failures: refusals };
    const isPaused = await pauseMailbox(deps.pool, lease, pause, deps.notify, clock.now()).catch((problem: unknown) => {
      log.error({ error: messageOf(problem) }, 'the mailbox could not be paused');
      return false;
    });
    if (isPaused) {
      log.error(
        { error: failure.text, class: failure.class },
        'ALERT the login of the mailbox is refused: it is paused',
      );
      deps.onState?.('paused', failure.text);
      deps.ring();
    }
    return isPaused;
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    let refusals = 0;
    while (!signal.aborted) {
      await waitWhilePaused();
      if (signal.aborted) break;
      const given: string[] = [];
      // Before the login: a secret that is changed meanwhile is another one.
      const mark = await secrets.mark().catch(() => null);
      try {
        await watch(given, () => {
          failures = 0;
          refusals = 0;
        });
      } catch (error) {
        if (signal.aborted || error instanceof LeaseLost) break;
        const failure = classifyFailure(error, given);
        if (failure.class === 'token') secrets.forget();
        failures += 1;
        refusals = failure.class === 'authentication' || failure.class === 'token' ? refusals + 1 : 0;
        if (await pauseIfRefused(failure, refusals, mark)) {
          failures = 0;
          refusals = 0;
          continue;
        }
        const ms = wait(failure, failures);
        log.warn({ error: failure.text, class: failure.class, failures }, 'the mailbox cannot be watched now');
        const nextTryAt = new Date(clock.now().getTime() + ms);
        await note({ state: 'waiting', error: failure.text, errorClass: failure.class, failures, nextTryAt });
        await sleep(ms, undefined, { signal }).catch(() => {});
      }
    }
    await note({ state: 'stopped', error: null });
  };

  const running = run();
  return {
    async close() {
      abort.abort(new Error('the mailbox is no longer watched'));
      await running;
    },
  };
}
