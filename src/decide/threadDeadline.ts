import type { Worker } from 'node:worker_threads';

/** Time on the clock after which a mail is given up in any case, in deadlines. */
export const CLOCK_FACTOR = 5;
/** A longer timer rings at once. */
const LONGEST_TIMER_MS = 2_147_483_647;
/** Shortest pause between two looks at the thread's time (ms). */
const SHORTEST_PAUSE_MS = 20;

export type ThreadDeadline = {
  /** The thread has answered. */
  stop(): void;
};

/**
 * Runs the deadline of one mail in one thread: `onOver` is called once with the seconds that the mail was given, when
 * the thread worked on it for `deadlineMs`. What counts is the thread's own processor time, for on an overloaded machine a
 * thread waits and the mail is innocent of that; five deadlines on the clock are enough for any mail, and for a thread
 * that cannot be asked. `usedMs`: processor time of the thread before this mail.
 */
export function startDeadline(
  thread: Pick<Worker, 'cpuUsage'>,
  { deadlineMs, usedMs, onOver }: { deadlineMs: number; usedMs: number; onOver(seconds: number): void },
): ThreadDeadline {
  let stopped = false;
  let look: NodeJS.Timeout;
  const stop = () => {
    stopped = true;
    clearTimeout(look);
    clearTimeout(clock);
  };
  const over = (ms: number) => {
    if (stopped) return;
    stop();
    onOver(ms / 1000);
  };
  const clockMs = Math.min(CLOCK_FACTOR * deadlineMs, LONGEST_TIMER_MS);
  const clock = setTimeout(over, clockMs, clockMs);
  const lookIn = (ms: number) => {
    look = setTimeout(() => {
      thread.cpuUsage().then(
        (usage) => {
          const left = deadlineMs - (milliseconds(usage) - usedMs);
          if (left <= 0) over(deadlineMs);
          else if (!stopped) lookIn(Math.max(left, SHORTEST_PAUSE_MS));
        },
        () => {}, // it has ended: its end is an answer
      );
    }, ms);
  };
  lookIn(deadlineMs);
  return { stop };
}

/** Processor time (ms) of what Node reports in microseconds. */
export function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}
