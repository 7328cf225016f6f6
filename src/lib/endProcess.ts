/** What was orderly closed has this long to let go of the process (ms). */
const GRACE_MS = 1_000;

/**
 * For the end of a command or process, when all of ours is closed. Where nothing is left the process ends by itself at once.
 * What a library forgot ends with it all the same: BullMQ's worker keeps its timers when a Redis that went away never
 * answered its farewell, and whoever supervises us would wait, and kill. `process.exitCode` is kept.
 */
export function endProcess(): void {
  setTimeout(() => process.exit(), GRACE_MS).unref();
}
