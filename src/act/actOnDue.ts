import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { RETRY_POLICY } from '../core/retry.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { claimEffects, releaseExpiredLeases } from '../store/effects.ts';
import type { Tables } from '../store/schema.ts';
import type { Handler } from './handler.ts';
import { runEffect } from './runEffect.ts';

export type ActOnDueDeps = {
  db: Kysely<Tables>;
  handlers: ReadonlyMap<string, Handler>;
  clock: Clock;
  log: Log;
  chance: () => number;
  /** True: claim no more, finish what runs. */
  stopping: () => boolean;
};

/** A lease outlives the longest handler; after a crash its effect waits for no longer than this (ms). */
export const LEASE_MS = 75_000;
export const HANDLER_MS = 60_000;
/** Effects that run at once in one process: all of different order keys. */
const AT_ONCE = 8;

/** Claims due effects and runs them until none is left. */
export async function actOnDue(deps: ActOnDueDeps): Promise<void> {
  const { db, handlers, clock, stopping } = deps;
  await releaseExpiredLeases(db, clock.now(), RETRY_POLICY.attempts);
  const types = [...handlers.keys()];
  while (!stopping()) {
    const owner = randomUUID();
    const claim = { owner, now: clock.now(), leaseMs: LEASE_MS, limit: AT_ONCE, types };
    const effects = await claimEffects(db, claim);
    if (effects.length === 0) return;
    const run = { ...deps, deadlineMs: HANDLER_MS };
    const runs = await Promise.allSettled(
      effects.map((effect) => runEffect(run, handlers.get(effect.type)!, effect, owner)),
    );
    const failed = runs.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
