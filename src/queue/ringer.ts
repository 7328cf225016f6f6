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
  /** True when the backend has the ring; false when it is not known to have it within the patience. */
  ring(): Promise<boolean>;
  close(): Promise<void>;
};

export function createRinger(backend: Backend, chime: Chime, log: Log): Ringer {
  const complaint = createComplaint(log, { chime, backend: backend.name });
  let queue: Side<Queue> | null = null;
  let sending: { done: Promise<boolean>; since: number } | null = null;
  let next: Promise<boolean> | null = null;
  let closed = false;

  function open(): Side<Queue> {
    const opened = backend.queue(chime);
    opened.bull.on('error', (error) => complaint.about('the bell lost its queue', error));
    return opened;
  }

  async function send(): Promise<boolean> {
    if (closed) return false;
    try {
      queue ??= open();
      await queue.bull.add('ring', {}, { jobId: ringId(Date.now()) });
      complaint.over('the bell rings again');
      return true;
    } catch (error) {
      complaint.about('a ring could not be sent; the sweep finds the work', error);
      // A queue whose first connection failed stays broken for ever: the next ring makes a new one.
      const broken = queue;
      queue = null;
      void broken?.end(0);
      return false;
    }
  }

  function start(): Promise<boolean> {
    const done = send().finally(() => {
      sending = null;
    });
    sending = { done, since: Date.now() };
    return done;
  }

  return {
    async ring() {
      if (closed) return false;
      let sent: Promise<boolean>;
      if (sending === null) sent = start();
      else {
        next ??= sending.done.then(() => {
          next = null;
          return start();
        });
        sent = next;
        if (Date.now() - sending.since > RING_PATIENCE_MS) return false;
      }
      const patience = new AbortController();
      try {
        return await Promise.race([sent, sleep(RING_PATIENCE_MS, false, { signal: patience.signal })]);
      } finally {
        patience.abort();
      }
    },
    async close() {
      // What is on its way gets the chance to arrive.
      const pending = next ?? sending?.done;
      if (pending) await Promise.race([pending, sleep(RING_PATIENCE_MS, false, { ref: false })]);
      closed = true;
      await queue?.end(1000);
    },
  };
}
