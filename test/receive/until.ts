import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a condition holds; fails with its text after `ms`. */
export async function until(holds: () => Promise<boolean> | boolean, ms = 40_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`still not so after ${ms} ms: ${holds}`);
    await sleep(25);
  }
}
