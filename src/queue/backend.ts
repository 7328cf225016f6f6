import type { Queue, Worker } from 'bullmq';
import type { Chime } from './bell.ts';

/** A queue or worker of BullMQ with the connections that are its own. */
export type Side<T> = {
  readonly bull: T;
  /** Closes it with its connections: politely, after `patienceMs` milliseconds by force. Never throws. */
  end(patienceMs: number): Promise<void>;
};

/** What the bell needs of BullMQ, the same on both backends. */
export type Backend = {
  readonly name: 'postgres' | 'redis';
  /** A new sending side. An `error` listener must be attached at once. */
  queue(chime: Chime): Side<Queue>;
  /** A new, running hearing side: one job at a time. An `error` listener must be attached at once. */
  worker(chime: Chime, process: () => Promise<void>): Side<Worker>;
  /** Resolves when the backend answers, rejects with a RootdeskError that says what to do. */
  check(): Promise<void>;
};

export const QUEUE_NAMES: Record<Chime, string> = {
  decide: 'rootdesk-decide',
  act: 'rootdesk-act',
  authenticate: 'rootdesk-authenticate',
  deliver: 'rootdesk-deliver',
};

/** Nothing of a ring is kept: a kept job would silently swallow the next one with its id. */
export const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true } as const;

/**
 * A job that was taken by a process that died comes back after lockDuration plus at most two stalled checks. Until then
 * rings of its few seconds are swallowed and the sweep finds the rows (see `ringId`).
 */
export const WORKER_OPTIONS = {
  concurrency: 1,
  /** Seconds between looks at a queue that is silent: a wake-up that was lost on the way costs at most this. */
  drainDelay: 15,
  lockDuration: 30_000,
  stalledInterval: 30_000,
  maxStalledCount: 3,
  /** Pause after a refused connection (ms). */
  runRetryDelay: 1000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
};

/** Events of the queue are not read by anybody; few are kept. */
export const EVENTS_KEPT = 100;
