import { statfs } from 'node:fs/promises';
import type { Clock } from '../lib/clock.ts';
import { messageOf, RootdeskError } from '../lib/errors.ts';
import { explainDatabaseError } from '../store/database.ts';
import type { Keep } from './keep.ts';

/** Whether mail can be kept now: a process that answers but must ask every sender to come back is not ready. */
export type KeepHealth = {
  /** The same `keep`, whose failures and successes are noticed. */
  watch(keep: Keep): Keep;
  /** Rejects with what is wrong. */
  check(): Promise<void>;
};

/**
 * Free space below which nothing is promised (bytes): the largest mail, its copy in the log of the database, and what
 * else is written meanwhile.
 */
export const LEAST_FREE = 128 * 1024 * 1024;
/** A failure is remembered this long (ms): then the next mail shows whether it still holds. */
const REMEMBERED_MS = 60_000;

/** `folders`: where keys and an embedded database are written. */
export function createKeepHealth(
  clock: Clock,
  folders: readonly string[],
  freeBytes: (folder: string) => Promise<number> = freeOf,
): KeepHealth {
  let failure: { at: number; why: string } | null = null;
  return {
    watch: (keep) => async (raw, arrival, options) => {
      try {
        const kept = await keep(raw, arrival, options);
        failure = null;
        return kept;
      } catch (error) {
        failure = { at: clock.now().getTime(), why: whyOf(error) };
        throw error;
      }
    },
    async check() {
      for (const folder of folders) {
        const free = await freeBytes(folder);
        if (free < LEAST_FREE) throw new Error(`only ${Math.floor(free / 1024 ** 2)} MiB are free at ${folder}`);
      }
      if (failure !== null && clock.now().getTime() - failure.at < REMEMBERED_MS)
        throw new Error(`the last mail could not be kept: ${failure.why}`);
    },
  };
}

async function freeOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Other errors of the database may quote a value of a row: their code is enough. */
function whyOf(error: unknown): string {
  const explained = error instanceof RootdeskError ? error : explainDatabaseError(error);
  if (explained) return explained.message;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `error ${code}` : messageOf(error);
}
