import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { NEWS_CHANNEL, type NewsPayload } from '../store/news.ts';

/** What happened within a short while, as ids. `more`: there is more than is listed. */
export type NewsEvent = { tickets: number[]; mails: number[]; effects: number[]; more: boolean };

export type NewsFeed = {
  /** Tells of everything from now on; `lost` when news may have been missed. Returns what ends it. */
  hear(listener: { news(event: NewsEvent): void; lost(): void }): () => void;
  /** Whether the database is being listened to. */
  readonly hearing: boolean;
  close(): Promise<void>;
};

/** News of so long (ms) are told as one: a burst of mails is a few events a second, whatever the number of readers. */
const GATHER_MS = 300;
/** Ids of one event and kind; the rest is `more`. */
const MOST = 500;
const FIRST_PAUSE_MS = 200;
const LAST_PAUSE_MS = 10_000;

/**
 * Listens to the database on one connection, for all readers of this process. A connection that breaks is replaced, and
 * the readers are told that they may have missed something.
 */
export function openNewsFeed(pool: pg.Pool, log: Log): NewsFeed {
  const listeners = new Set<Parameters<NewsFeed['hear']>[0]>();
  const stop = new AbortController();
  let gathered = empty();
  let timer: NodeJS.Timeout | null = null;
  let hearing = false;

  function tell(): void {
    timer = null;
    const event = gathered;
    gathered = empty();
    const list = (ids: Set<number>) => [...ids].slice(0, MOST);
    const more = event.more || [event.tickets, event.mails, event.effects].some((ids) => ids.size > MOST);
    const told = { tickets: list(event.tickets), mails: list(event.mails), effects: list(event.effects), more };
    for (const listener of listeners) listener.news(told);
  }

  function take(text: string | undefined): void {
    const payload = payloadOf(text);
    if (payload === null || listeners.size === 0) return;
    for (const id of payload.t ?? []) gathered.tickets.add(id);
    for (const id of payload.m ?? []) gathered.mails.add(id);
    for (const id of payload.e ?? []) gathered.effects.add(id);
    if (payload.more) gathered.more = true;
    timer ??= setTimeout(tell, GATHER_MS);
  }

  /** Resolves when the connection is lost, or at the stop. */
  async function listen(): Promise<void> {
    const client = await pool.connect();
    const lost = Promise.withResolvers<Error | undefined>();
    const onEnd = () => lost.resolve(new Error('the connection ended'));
    const onStop = () => lost.resolve(undefined);
    client.on('notification', (message) => take(message.payload));
    client.on('error', lost.resolve);
    client.on('end', onEnd);
    stop.signal.addEventListener('abort', onStop, { once: true });
    let broken: Error | boolean = true;
    try {
      await client.query(`listen ${NEWS_CHANNEL}`);
      hearing = true;
      // Whatever happened before nobody heard.
      for (const listener of listeners) listener.lost();
      if (!stop.signal.aborted) broken = (await lost.promise) ?? true;
      if (broken instanceof Error) throw broken;
    } finally {
      hearing = false;
      stop.signal.removeEventListener('abort', onStop);
      // Closed and not given back: whoever got it next would hear news too.
      client.release(true);
    }
  }

  const running = (async () => {
    let pause = FIRST_PAUSE_MS;
    while (!stop.signal.aborted) {
      const began = Date.now();
      try {
        await listen();
      } catch (error) {
        if (stop.signal.aborted) break;
        log.warn({ error: messageOf(error) }, 'live news are not heard; trying again');
      }
      if (Date.now() - began > LAST_PAUSE_MS) pause = FIRST_PAUSE_MS;
      await sleep(pause, undefined, { signal: stop.signal }).catch(() => {});
      pause = Math.min(pause * 2, LAST_PAUSE_MS);
    }
  })();

  return {
    hear(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get hearing() {
      return hearing;
    },
    async close() {
      stop.abort();
      if (timer) clearTimeout(timer);
      listeners.clear();
      // A database that does not answer must not hold up the stop.
      await Promise.race([running, sleep(1000, undefined, { ref: false })]);
    },
  };
}

function empty() {
  return { tickets: new Set<number>(), mails: new Set<number>(), effects: new Set<number>(), more: false };
}

/** Anybody who may connect to the database may notify: what is not ours is nothing. */
function payloadOf(text: string | undefined): NewsPayload | null {
  try {
    const value = JSON.parse(text ?? '') as NewsPayload;
    const isIds = (ids: unknown) =>
      ids === undefined || (Array.isArray(ids) && ids.every((id) => Number.isSafeInteger(id)));
    return value !== null && typeof value === 'object' && [value.t, value.m, value.e].every(isIds) ? value : null;
  } catch {
    return null;
  }
}
