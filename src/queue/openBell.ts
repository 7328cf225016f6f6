import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type Answering, createAnswering } from './answering.ts';
import { type Bell, type Chime, LISTEN_PATIENCE_MS } from './bell.ts';
import { createListener, type Listener } from './listener.ts';
import { openPostgresBackend } from './postgresBackend.ts';
import { openRedisBackend } from './redisBackend.ts';
import { createRinger, type Ringer } from './ringer.ts';

/** Rings of a process that listens for them itself reach the others at most this often (ms). */
const SHARE_MS = 100;

export type BellOptions = {
  /** null: PostgreSQL carries the rings. */
  redisUrl: string | null;
  /** The pool of the rows, migrated. Used for BullMQ's migrations, the name of the bell, and `check`. */
  pool: Pool;
  databaseUrl: string;
  log: Log;
};

/**
 * Opens the doorbell, on Redis when there is a URL, else on PostgreSQL. Throws RootdeskError for an unusable REDIS_URL
 * and whatever the database throws; a Redis that is away is no error, because losing it loses nothing.
 */
export async function openBell(options: BellOptions): Promise<Bell> {
  const { redisUrl, pool, databaseUrl, log } = options;
  const backend = redisUrl ? await openRedisBackend(pool, redisUrl) : await openPostgresBackend(pool, databaseUrl);
  const ringers = new Map<Chime, Ringer>();
  const listeners = new Map<Chime, Listener>();
  const answerings = new Map<Chime, Answering>();
  const shared = new Map<Chime, number>();
  const impatientAt = performance.now() + LISTEN_PATIENCE_MS;
  let closing: Promise<void> | null = null;

  function ringerOf(chime: Chime): Ringer {
    let ringer = ringers.get(chime);
    if (!ringer) {
      ringer = createRinger(backend, chime, log);
      ringers.set(chime, ringer);
    }
    return ringer;
  }

  /**
   * A listener of this process is woken directly: no way through a server, and none that can be away. The others hear of it
   * at most every SHARE_MS, so that a burst costs the backend a few jobs and still is worked on by all.
   */
  function wakeHere(chime: Chime, answering: Answering): void {
    answering.wake();
    const now = Date.now();
    if (now - (shared.get(chime) ?? 0) < SHARE_MS) return;
    shared.set(chime, now);
    void ringerOf(chime).ring();
  }

  async function closeAll(): Promise<void> {
    // Answers first: they may still ring.
    await Promise.all([...answerings.values()].map((answering) => answering.stop()));
    await Promise.all([...listeners.values(), ...ringers.values()].map((side) => side.close()));
  }

  return {
    backend: backend.name,
    async ring(chime) {
      if (closing) return;
      const answering = answerings.get(chime);
      if (answering) wakeHere(chime, answering);
      else await ringerOf(chime).ring();
    },
    async listen(chime, answer) {
      if (closing) throw new Error('the bell is closed');
      if (listeners.has(chime)) throw new Error(`this process listens for ${chime} already`);
      const answering = createAnswering(answer, (error) =>
        log.error({ chime, error: messageOf(error) }, 'an answer to the bell failed; its rows stay due'),
      );
      answerings.set(chime, answering);
      const listener = createListener(backend, chime, answering, log);
      listeners.set(chime, listener);
      // Work may be waiting from before, whether the backend answers or not.
      answering.wake();
      // Chimes that are listened to one after another share the patience: a start does not wait once for each.
      const patience = new AbortController();
      const leftMs = Math.max(0, impatientAt - performance.now());
      await Promise.race([listener.settled, sleep(leftMs, undefined, { signal: patience.signal })]);
      patience.abort();
    },
    check: () => backend.check(),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
