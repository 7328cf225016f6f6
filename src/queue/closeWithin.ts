import { setTimeout as sleep } from 'node:timers/promises';

type Closable = { close(force?: boolean): Promise<void>; disconnect(): Promise<void> };

/**
 * Closes a queue or worker of BullMQ; after `ms` milliseconds it is cut off instead, because a polite farewell to a
 * server that is away waits for its return. Never throws.
 */
export async function closeWithin(ms: number, side: Closable): Promise<void> {
  const closing = side.close().catch(() => {});
  const waited = new AbortController();
  const late = sleep(ms, true, { signal: waited.signal }).catch(() => false);
  const isLate = await Promise.race([closing.then(() => false), late]);
  waited.abort();
  if (isLate) await Promise.race([side.disconnect().catch(() => {}), sleep(500, undefined, { ref: false })]);
}
