import { isIP } from 'node:net';

/** How often one visitor may come: `burst` at once, then `perMinute`. */
export type Rate = { burst: number; perMinute: number };

export type RateLimit = {
  /** Seconds to wait, or 0: go on. `now` in ms of any steady clock. */
  wait(visitor: string, now: number): number;
};

/** Visitors remembered; beyond it those who came longest ago are forgotten. */
const MOST_VISITORS = 10_000;

/** A bucket a visitor. An IPv6 visitor is a /64: one household has more addresses than any memory. */
export function createRateLimit({ burst, perMinute }: Rate): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  const perMs = perMinute / 60_000;
  return {
    wait(visitor, now) {
      const key = keyOf(visitor);
      const known = buckets.get(key) ?? { left: burst, at: now };
      const left = Math.min(burst, known.left + (now - known.at) * perMs);
      const isAllowed = left >= 1;
      // Put last again: the first one in the map came longest ago.
      buckets.delete(key);
      buckets.set(key, { left: isAllowed ? left - 1 : left, at: now });
      if (buckets.size > MOST_VISITORS) buckets.delete(buckets.keys().next().value as string);
      return isAllowed ? 0 : Math.ceil((1 - left) / perMs / 1000);
    },
  };
}

function keyOf(visitor: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(visitor)?.[1];
  if (mapped) return mapped;
  if (isIP(visitor) !== 6) return visitor;
  const [head = '', tail = ''] = visitor.split('%')[0]!.split('::');
  const front = head.split(':').filter(Boolean);
  const back = tail.split(':').filter(Boolean);
  const missing = visitor.includes('::') ? Math.max(8 - front.length - back.length, 0) : 0;
  return [...front, ...Array<string>(missing).fill('0'), ...back].slice(0, 4).join(':');
}
