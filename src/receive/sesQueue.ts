import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import { readSesMessage, type SesObject } from '../core/sesNotification.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { SesQueueSettings } from '../settings.ts';
import type { Tables } from '../store/schema.ts';
import { noteSesTrouble } from '../store/sesAlerts.ts';
import {
  noteSesQueue,
  noteSesWaiting,
  type SesQueueNote,
  type SesQueueState,
  settleSesTrouble,
} from '../store/sesQueues.ts';
import { classifySes, type SesFailure, SesTrouble, sesWaitAfter } from './sesFailure.ts';
import { keepSesMail, type SesCloud, type SesKept, type SesMailDeps, type SesQueueMessage } from './sesMail.ts';

export type SesQueueDeps = Omit<SesMailDeps, 'cloud'> & {
  cloud: SesCloud;
  pool: Pool;
  db: Kysely<Tables>;
  notify: NotifyRules;
  /** Wakes whoever tells people. */
  ring(): void;
  log: Log;
  /** Milliseconds before the n-th new try in a row. */
  wait?(failure: SesFailure, failures: number): number;
  /** Pause before a mail is tried again that could not be kept here (ms). */
  pauseMs?: number;
  /** How long a message that is worked on is hidden (s); said anew at a third of it. */
  visibleSeconds?: number;
  /** Hears of every change of how the reading goes. */
  onState?(state: SesQueueState, error: string | null, success?: Date): void;
};

export type SesQueue = {
  /** Takes no more messages; mail at hand is kept, what waits for memory goes back to the queue. */
  close(): Promise<void>;
};

/** Messages worked on at once: their mails share transactions, and a slow one holds nobody up. */
const MOST = 16;
/** What one call of SQS gives at most, and waits at most (s). */
const MOST_A_CALL = 10;
const LONG_POLL_SECONDS = 20;
const VISIBLE_SECONDS = 60;
/** SQS hides a message for twelve hours at most (s). */
const HIDDEN_MOST = 12 * 3600;
/**
 * Tries of a mail that cannot be kept here before its message goes back, and the first pause between them (ms), which doubles:
 * two minutes. The database is mostly back by then, and nothing is read meanwhile that could not be kept either.
 */
const TRIES_HERE = 7;
const PAUSE_HERE_MS = 1_000;
/** How often it is asked how much waits (ms). */
const FACTS_MS = 60_000;

/**
 * Reads one queue of messages about mail that SES put into a bucket. A message is deleted once all its mail is committed; whatever
 * cannot be kept stays in the queue, hidden for a growing time, and is listed for people meanwhile: it never holds up the
 * next one. The queue delivers at least once and in any order; an object is one arrival however often it is told of. Any
 * number of processes may read one queue. Starts at once and never rejects.
 */
export function startSesQueue(settings: SesQueueSettings, deps: SesQueueDeps): SesQueue {
  const { cloud, db, pool, clock } = deps;
  const log = deps.log.child({ role: 'ses', queue: settings.name });
  const wait = deps.wait ?? ((failure, failures) => sesWaitAfter(failure, failures, Math.random()));
  const visibleSeconds = deps.visibleSeconds ?? VISIBLE_SECONDS;
  const abort = new AbortController();
  const { signal } = abort;
  const underWay = new Set<Promise<void>>();

  const note = async (entry: SesQueueNote): Promise<void> => {
    deps.onState?.(entry.state, entry.error, entry.success);
    await noteSesQueue(db, settings.name, entry, clock.now()).catch((problem: unknown) =>
      log.warn({ error: messageOf(problem) }, 'the state of the queue could not be recorded'),
    );
  };

  /** Hides a message anew while it is worked on. */
  const keepHidden = (message: SesQueueMessage): (() => void) => {
    const timer = setInterval(
      () => {
        cloud
          .hide(message, visibleSeconds)
          .catch((error: unknown) =>
            log.warn({ message: message.id, error: classifySes(error).text }, 'a message may be handed out once more'),
          );
      },
      (visibleSeconds * 1000) / 3,
    );
    return () => clearInterval(timer);
  };

  const keepOne = async (object: SesObject, message: string): Promise<SesKept> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await keepSesMail(object, settings, deps, signal);
      } catch (error) {
        const isOurs = error instanceof SesTrouble && error.trouble === 'storage';
        if (!isOurs || tries >= TRIES_HERE || signal.aborted) throw error;
        log.error({ message, tries, error: messageOf(error.cause) }, 'a mail could not be kept; it is tried again');
        await sleep(deps.pauseMs ?? PAUSE_HERE_MS * 2 ** (tries - 1), undefined, { signal });
      }
    }
  };

  /** Keeps all mail that a message tells of. Rejects when some of it could not be kept. */
  const keepAll = async (message: SesQueueMessage): Promise<void> => {
    const read = readSesMessage(message.body);
    if (read.problem !== null) throw new SesTrouble('message', read.problem);
    for (const what of read.notes) log.info({ message: message.id, what }, 'a message of the queue tells of no mail');
    for (const object of read.objects) {
      const outcome = await keepOne(object, message.id);
      if (outcome === 'too_large') log.warn({ message: message.id }, 'a mail is larger than the limit and stays there');
      log.debug({ message: message.id, outcome }, 'a mail of the bucket was read');
    }
  };

  /** What could not be kept is tried again later. */
  const postpone = async (message: SesQueueMessage, error: unknown): Promise<void> => {
    const failure = classifySes(error);
    const ms = wait(failure, message.receives);
    const seconds = Math.min(HIDDEN_MOST, Math.ceil(ms / 1000));
    log.warn(
      { message: message.id, class: failure.class, error: failure.text, attempts: message.receives },
      'mail of the queue cannot be kept now: its message stays',
    );
    const trouble = {
      queue: settings.name,
      messageId: message.id,
      object: objectsOf(message)[0] ?? null,
      class: failure.class,
      error: failure.text,
      attempts: message.receives,
      nextTryAt: new Date(clock.now().getTime() + seconds * 1000),
    };
    const isTold = await noteSesTrouble(pool, trouble, deps.notify, clock.now()).catch((problem: unknown) => {
      log.error({ message: message.id, error: messageOf(problem) }, 'what is wrong with a message was not recorded');
      return false;
    });
    if (isTold) {
      log.error({ message: message.id, class: failure.class }, 'ALERT mail of the queue cannot be read');
      deps.ring();
    }
    await cloud.hide(message, seconds);
  };

  const work = async (message: SesQueueMessage): Promise<void> => {
    const stopHiding = keepHidden(message);
    try {
      try {
        await keepAll(message);
      } catch (error) {
        stopHiding();
        // Others may have it at once: nothing is wrong with it.
        if (signal.aborted) return await cloud.hide(message, 0);
        return await postpone(message, error);
      }
      stopHiding();
      await settleSesTrouble(db, settings.name, message.id, objectsOf(message));
      await cloud.remove(message);
    } catch (error) {
      // It comes again: what was kept is known then.
      log.warn({ message: message.id, error: classifySes(error).text }, 'a message could not be settled');
    } finally {
      stopHiding();
    }
  };

  let askedAt = Number.NEGATIVE_INFINITY;
  /** How much waits is told to people; a role that may not ask reads mail all the same. */
  const askFacts = async (): Promise<void> => {
    if (performance.now() - askedAt < FACTS_MS) return;
    askedAt = performance.now();
    try {
      await noteSesWaiting(db, settings.name, (await cloud.facts()).waiting, clock.now());
    } catch (error) {
      log.debug({ error: classifySes(error).text }, 'how much waits in the queue is not told');
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    let hasAnswered = false;
    while (!signal.aborted) {
      try {
        while (underWay.size >= MOST) await Promise.race(underWay);
        const most = Math.min(MOST_A_CALL, MOST - underWay.size);
        // The first call says at once whether the queue can be read, also where nothing waits.
        const waitSeconds = hasAnswered ? LONG_POLL_SECONDS : 0;
        const messages = await cloud.receive({ most, waitSeconds, visibleSeconds }, signal);
        failures = 0;
        hasAnswered = true;
        for (const message of messages) {
          const worked = work(message).finally(() => underWay.delete(worked));
          underWay.add(worked);
        }
        await note({ state: 'watching', error: null, success: clock.now() });
        await askFacts();
      } catch (error) {
        if (signal.aborted) break;
        const failure = classifySes(error);
        failures += 1;
        hasAnswered = false;
        const ms = wait(failure, failures);
        log.warn({ error: failure.text, class: failure.class, failures }, 'the queue cannot be read now');
        const nextTryAt = new Date(clock.now().getTime() + ms);
        await note({ state: 'waiting', error: failure.text, errorClass: failure.class, failures, nextTryAt });
        await sleep(ms, undefined, { signal }).catch(() => {});
      }
    }
    await Promise.all(underWay);
    // Not in its row: other processes may read the queue on.
    deps.onState?.('stopped', null);
    cloud.close();
  };

  const running = run();
  return {
    async close() {
      abort.abort(new Error('the queue is no longer read'));
      await running;
    },
  };
}

/** The mails that a message tells of, as `bucket/key`. */
function objectsOf({ body }: SesQueueMessage): string[] {
  return readSesMessage(body).objects.map(({ bucket, key }) => `${bucket}/${key}`.slice(0, 1000));
}
