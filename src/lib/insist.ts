import { setTimeout as wait } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Does work that must not be given up because a server was away for a moment: what happened outside is noted as soon as
 * that can be. Tried again with growing pauses for `forMs` after the first try, then rejects with what it rejected with.
 */
export async function insist<T>(work: () => Promise<T>, forMs: number): Promise<T> {
  const end = performance.now() + forMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() + pause > end) throw error;
      await wait(pause);
    }
  }
}
