import type { Kysely } from 'kysely';
import { ownersWithoutSession } from '../store/leaseOwner.ts';
import type { Tables } from '../store/schema.ts';

/** Which owners of leases are dead for certain. */
export type GoneOwners = {
  /** Looks; those that have had no session for GRACE_MS. */
  look(): Promise<string[]>;
  /** Milliseconds until another look may say more; null: nobody is missed. */
  nextLookMs(): number | null;
};

/** A living process whose connection broke, say because the database was restarted, is back well before this (ms). */
export const GRACE_MS = 5000;

/** `steadyMs`: a clock that never jumps. */
export function createGoneOwners(db: Kysely<Tables>, steadyMs: () => number = () => performance.now()): GoneOwners {
  let missed = new Map<string, number>();
  return {
    async look() {
      const absent = await ownersWithoutSession(db);
      const now = steadyMs();
      missed = new Map(absent.map((owner) => [owner, missed.get(owner) ?? now]));
      return absent.filter((owner) => now - (missed.get(owner) ?? now) >= GRACE_MS);
    },
    nextLookMs() {
      if (missed.size === 0) return null;
      return Math.max(Math.min(...missed.values()) + GRACE_MS - steadyMs(), 0);
    },
  };
}
