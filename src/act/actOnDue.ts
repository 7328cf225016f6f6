import type { Kysely } from 'kysely';
import { RETRY_POLICY } from '../core/retry.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { claimEffects, releaseLeases } from '../store/effects.ts';
import type { GoneOwners } from '../store/goneOwners.ts';
import type { LeaseOwner } from '../store/leaseOwner.ts';
import type { Tables } from '../store/schema.ts';
import type { Handler } from './handler.ts';
import { runEffect } from './runEffect.ts';

export type ActOnDueDeps = {
  db: Kysely<Tables>;
  handlers: ReadonlyMap<string, Handler>;
  clock: Clock;
  log: Log;
  chance: () => number;
  owner: Pick<LeaseOwner, 'draw'>;
  gone: Pick<GoneOwners, 'look' | 'unanswered'>;
  /** True: claim no more, finish what runs. */
  stopping: () => boolean;
};

/**
 * A lease outlives the longest handler (ms). The effects of a process that died are free as soon as that is certain; this
 * is for one that hangs.
 */
export const LEASE_MS = 75_000;
export const HANDLER_MS = 60_000;
/** Effects that run at once in one process: all of different order keys. */
const AT_ONCE = 8;

/** Claims due effects and runs them until none is left. */
export async function actOnDue(deps: ActOnDueDeps): Promise<void> {
  const { db, handlers, clock, stopping, owner, gone } = deps;
  await releaseLeases(db, clock.now(), RETRY_POLICY.attempts, await gone.look());
  const types = [...handlers.keys()];
  while (!stopping()) {
    const name = owner.draw();
    const claim = { owner: name, now: clock.now(), leaseMs: LEASE_MS, limit: AT_ONCE, types };
    const effects = await claimEffects(db, claim).catch((error: unknown) => {
      gone.unanswered(name);
      throw error;
    });
    if (effects.length === 0) return;
    const run = { ...deps, deadlineMs: HANDLER_MS };
    const runs = await Promise.allSettled(
      effects.map((effect) => runEffect(run, handlers.get(effect.type)!, effect, name)),
    );
    const failed = runs.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
