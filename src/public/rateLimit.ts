import { clientNetwork } from '../lib/clientNetwork.ts';

/** How often one visitor may come: `burst` at once, then `perMinute`. */
export type Rate = { burst: number; perMinute: number };

export type RateLimit = {
  /** Seconds to wait, or 0: go on. `now` in ms of any steady clock. */
  wait(visitor: string, now: number): number;
};

/** Visitors remembered; beyond it those who came longest ago are forgotten. */
const MOST_VISITORS = 10_000;

/** A bucket a visitor, as `clientNetwork` tells them apart. */
export function createRateLimit({ burst, perMinute }: Rate): RateLimit {
  const buckets = new Map<string, { left: number; at: number }>();
  const perMs = perMinute / 60_000;
  return {
    wait(visitor, now) {
      const key = clientNetwork(visitor);
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
