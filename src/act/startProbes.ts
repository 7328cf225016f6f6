import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import type { ProbeTimes } from '../core/probe.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Bell } from '../queue/bell.ts';
import { alarmOverdue } from '../store/probeAlarms.ts';
import { forgetProbes, makeProbes, watchProbes } from '../store/probes.ts';
import type { Tables } from '../store/schema.ts';

export type ProbeDeps = {
  db: Kysely<Tables>;
  pool: Pool;
  bell: Pick<Bell, 'ring'>;
  clock: Clock;
  log: Log;
  /** Pause between two probes of an address (ms). */
  everyMs: number;
  times: ProbeTimes;
  notify: NotifyRules;
};

/** Pause between two looks (ms). */
const LOOK_MS = 20_000;
/** Probes begun at a look: a smarthost gets no burst, and an installation of thousands spreads over its first hour. */
const AT_ONCE = 50;

/** One look: makes what is due, and tells of what is overdue. Several processes may do it. */
export async function lookAtProbes(deps: ProbeDeps): Promise<void> {
  const { db, pool, bell, clock, log, everyMs, times, notify } = deps;
  const now = clock.now();
  const watchedSince = await watchProbes(db, now);
  const alarms = await alarmOverdue(pool, { now, watchedSince }, times, notify);
  for (const { listId, probeId, what, ticketId } of alarms) {
    log.error({ list: listId, probe: probeId, what, ticket: ticketId }, 'ALERT the path to a root address is silent');
  }
  const made = await makeProbes(db, { now, everyMs, limit: AT_ONCE, chance: Math.random });
  await forgetProbes(db, now);
  if (made > 0 || alarms.length > 0) await bell.ring('act');
}

/** Looks from time to time, at once first. */
export function startProbes(deps: ProbeDeps): { close(): Promise<void> } {
  const look = () =>
    lookAtProbes(deps).catch((error: unknown) =>
      deps.log.warn({ error: messageOf(error) }, 'probes could not be looked after; it is tried again'),
    );
  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS);
  return {
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}
