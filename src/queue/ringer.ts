import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Log } from '../lib/log.ts';
import type { Backend, Side } from './backend.ts';
import { type Chime, RING_PATIENCE_MS } from './bell.ts';
import { createComplaint } from './complaint.ts';

/** Rings of this many milliseconds share an id. */
const RING_MS = 5000;

/**
 * Rings coalesce over all processes by the id of their job. An id serves a few seconds only: a job that is held by a
 * process that died swallows the rings with its id until BullMQ finds it stalled, and so for no longer than that.
 */
export function ringId(now: number): string {
  return `ring-${Math.floor(now / RING_MS)}`;
}

/** Sends the rings of one chime, one at a time: whoever rings while one is on its way shares the next one. */
export type Ringer = {
  /** Resolves when the backend has the ring, or after RING_PATIENCE_MS; never rejects. */
  ring(): Promise<void>;
  close(): Promise<void>;
};

export function createRinger(backend: Backend, chime: Chime, log: Log): Ringer {
  const complaint = createComplaint(log, { chime, backend: backend.name });
  let queue: Side<Queue> | null = null;
  let sending: { done: Promise<void>; since: number } | null = null;
  let next: Promise<void> | null = null;
  let closed = false;

  function open(): Side<Queue> {
    const opened = backend.queue(chime);
    opened.bull.on('error', (error) => complaint.about('the bell lost its queue', error));
    return opened;
  }

  async function send(): Promise<void> {
    if (closed) return;
    try {
      queue ??= open();
      await queue.bull.add('ring', {}, { jobId: ringId(Date.now()) });
      complaint.over('the bell rings again');
    } catch (error) {
      complaint.about('a ring could not be sent; the sweep finds the work', error);
      // A queue whose first connection failed stays broken for ever: the next ring makes a new one.
      const broken = queue;
      queue = null;
      void broken?.end(0);
    }
  }

  function start(): Promise<void> {
    const done = send().finally(() => {
      sending = null;
    });
    sending = { done, since: Date.now() };
    return done;
  }

  return {
    async ring() {
      if (closed) return;
      let sent: Promise<void>;
      if (sending === null) sent = start();
      else {
        next ??= sending.done.then(() => {
          next = null;
          return start();
        });
        sent = next;
        if (Date.now() - sending.since > RING_PATIENCE_MS) return;
      }
      const patience = new AbortController();
      try {
        await Promise.race([sent, sleep(RING_PATIENCE_MS, undefined, { signal: patience.signal })]);
      } finally {
        patience.abort();
      }
    },
    async close() {
      // What is on its way gets the chance to arrive.
      const pending = next ?? sending?.done;
      if (pending) await Promise.race([pending, sleep(RING_PATIENCE_MS, undefined, { ref: false })]);
      closed = true;
      await queue?.end(1000);
    },
  };
}
