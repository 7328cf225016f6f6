import type { Worker } from 'bullmq';
import type { Log } from '../lib/log.ts';
import type { Answering } from './answering.ts';
import type { Backend, Side } from './backend.ts';
import type { Chime } from './bell.ts';
import { createComplaint } from './complaint.ts';

/** Pauses before a new try to listen (ms): doubled from the first to the last. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5000;

export type Listener = {
  /** Resolves when rings are heard for the first time, or when it is known that they are not heard yet. */
  readonly settled: Promise<void>;
  /** Hears no more; the running answer goes on. */
  close(): Promise<void>;
};

/**
 * Hears the rings of one chime and wakes the answer. The job of a ring is finished only while no answer runs, and the
 * answer is woken only after the job is gone: a ring that the job swallowed came before that, so its rows were committed
 * before the answer looks. Rings during a long answer thus become one.
 *
 * BullMQ's worker neither pauses after an error of the database nor always looks again after it reconnected, so it is
 * replaced by a new one, after a pause.
 */
export function createListener(backend: Backend, chime: Chime, answering: Answering, log: Log): Listener {
  const complaint = createComplaint(log, { chime, backend: backend.name });
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
  let worker: Side<Worker> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let pauseMs = FIRST_PAUSE_MS;
  let closed = false;

  function open(): void {
    timer = null;
    const opened = backend.worker(chime, () => answering.idle());
    worker = opened;
    opened.bull.on('error', (error) => replace(opened, error));
    opened.bull.on('completed', () => {
      pauseMs = FIRST_PAUSE_MS;
      answering.wake();
    });
    opened.bull.on('failed', () => answering.wake());
    opened.bull.waitUntilReady().then(
      () => {
        if (worker !== opened || closed) return;
        complaint.over('the bell is heard again');
        settle();
        answering.wake();
      },
      (error) => replace(opened, error),
    );
  }

  function replace(broken: Side<Worker>, error: unknown): void {
    if (worker !== broken || closed) return;
    worker = null;
    complaint.about('the bell is not heard; the sweep finds the work meanwhile', error);
    settle();
    void broken.end(1000);
    timer = setTimeout(open, pauseMs);
    pauseMs = Math.min(pauseMs * 2, LAST_PAUSE_MS);
  }

  open();
  return {
    settled,
    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      await worker?.end(1000);
    },
  };
}
