import type { Kysely } from 'kysely';
import { type Leased, ownersOfLeases } from './leaseOwner.ts';
import type { Tables } from './schema.ts';

/** Which owners of leases work on them no more, for certain. */
export type GoneOwners = {
  /** Looks; those that have had no session for GRACE_MS, and those that were never told of their lease. */
  look(): Promise<string[]>;
  /** A claim of ours whose answer did not come: what it may have leased is worked on by nobody. */
  unanswered(owner: string): void;
  /** Milliseconds until another look may say more; null: nobody is missed. */
  nextLookMs(): number | null;
};

/** A living process whose connection broke, say because the database was restarted, is back well before this (ms). */
export const GRACE_MS = 5000;
/** Claims without an answer that are remembered. A statement whose connection broke may still be carried out. */
const REMEMBERED = 100;

/** `steadyMs`: a clock that never jumps. */
export function createGoneOwners(
  db: Kysely<Tables>,
  table: Leased,
  steadyMs: () => number = () => performance.now(),
): GoneOwners {
  let missed = new Map<string, number>();
  const unanswered: string[] = [];
  return {
    async look() {
      const owners = await ownersOfLeases(db, table);
      const now = steadyMs();
      const absent = owners.filter(({ hasSession }) => !hasSession);
      missed = new Map(absent.map(({ owner }) => [owner, missed.get(owner) ?? now]));
      return owners
        .map(({ owner }) => owner)
        .filter((owner) => unanswered.includes(owner) || now - (missed.get(owner) ?? now) >= GRACE_MS);
    },
    unanswered(owner) {
      unanswered.push(owner);
      if (unanswered.length > REMEMBERED) unanswered.shift();
    },
    nextLookMs() {
      if (missed.size === 0) return null;
      return Math.max(Math.min(...missed.values()) + GRACE_MS - steadyMs(), 0);
    },
  };
}
