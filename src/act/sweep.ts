import type { Kysely } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Bell } from '../queue/bell.ts';
import { findDueWork } from '../store/effects.ts';
import type { Tables } from '../store/schema.ts';

export type Sweep = { close(): Promise<void> };

/** Pause between two looks (ms); each is up to a tenth shorter, so that several processes do not look together. */
const SWEEP_MS = 30_000;
/** Rows that are due for less than this were rung for a moment ago (ms). */
const MISSED_AFTER_MS = 5000;

/**
 * Finds rows that wait although nobody was told, because a ring was lost or a process died, and rings for them: after
 * the loss of the whole queue everything goes on within half a minute.
 */
export function startSweep(deps: { db: Kysely<Tables>; bell: Bell; clock: Clock; log: Log }): Sweep {
  const { db, bell, clock, log } = deps;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let sweeping = Promise.resolve();

  async function sweep(): Promise<void> {
    try {
      const before = new Date(clock.now().getTime() - MISSED_AFTER_MS);
      const due = await findDueWork(db, before);
      for (const chime of ['decide', 'authenticate', 'act', 'deliver'] as const) {
        if (due[chime] && !closed) await bell.ring(chime);
      }
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the sweep could not look; it looks again');
    }
  }

  function plan(): void {
    if (closed) return;
    timer = setTimeout(
      () => {
        sweeping = sweep().finally(plan);
      },
      SWEEP_MS * (1 - Math.random() / 10),
    );
  }

  sweeping = sweep().finally(plan);
  return {
    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      await sweeping;
    },
  };
}
