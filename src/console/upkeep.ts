import type { Kysely } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { returnSnoozed } from '../store/acts/snoozeTicket.ts';
import { indexSearch, mailWaits } from '../store/indexSearch.ts';
import type { Tables } from '../store/schema.ts';

/** Pause between two looks (ms). Nobody waits for a search of what came in this moment, nor counts the seconds of a snooze. */
const LOOK_MS = 2000;
/** A transaction may commit after one that began later (ms): so far back is looked again. */
const OVERLAP_MS = 60_000;
/** Mail that waits so long to be decided waits for its turn (ms): a burst, beside which the search comes last. */
const BURST_MS = 500;
/** Beside a burst so often only (ms): words of a mail cost the database more than all else of it, and nobody acts on them. */
const BESIDE_BURST_MS = 10_000;

/**
 * Does what pages rely on and no mail brings about: tickets come back when their snooze is over, and what was decided
 * gets into the search. Any number of processes may do it at once. `close` waits for the look that runs.
 */
export function startUpkeep(deps: { db: Kysely<Tables>; clock: Clock; log: Log }): { close(): Promise<void> } {
  const { db, clock, log } = deps;
  let since: Date | null = null;
  let indexedAt = Number.NEGATIVE_INFINITY;
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> = Promise.resolve();
  let failing = false;

  /** Mail goes first: beside a burst few tickets are brought in, behind it all of them. */
  async function isItsTurn(): Promise<boolean> {
    if (performance.now() - indexedAt >= BESIDE_BURST_MS) return true;
    return !(await mailWaits(db, new Date(clock.now().getTime() - BURST_MS)));
  }

  async function look(): Promise<void> {
    try {
      while (!closed && (await returnSnoozed(db, clock.now())) > 0);
      let from: Date | null = since && new Date(since.getTime() - OVERLAP_MS);
      for (let full = true; full && !closed && (await isItsTurn()); ) {
        const done: Awaited<ReturnType<typeof indexSearch>> = await indexSearch(db, from);
        ({ since: from, full } = done);
        indexedAt = performance.now();
        since = since === null || done.since > since ? done.since : since;
      }
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ error: messageOf(error) }, 'snoozes and search could not be looked after; trying again');
      failing = true;
    }
  }

  function plan(ms: number): void {
    if (closed) return;
    timer = setTimeout(() => {
      looking = look().finally(() => plan(LOOK_MS));
    }, ms);
  }

  plan(0);
  return {
    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      await looking;
    },
  };
}
