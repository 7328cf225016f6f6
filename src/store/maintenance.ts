import type { Pool } from 'pg';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { makeRawPartitions } from './partitions.ts';

/** Partitions are made months ahead, so a run that fails is made good by any of the next ones. */
const EVERY_MS = 6 * 60 * 60 * 1000;

/** Does what the tables need from time to time while Rootdesk runs: partitions of the coming months. */
export function startMaintenance(deps: { pool: Pool; log: Log }): { close(): Promise<void> } {
  const { pool, log } = deps;
  let running: Promise<void> = Promise.resolve();
  const run = async () => {
    try {
      const made = await makeRawPartitions(pool);
      if (made.length > 0) log.info({ partitions: made }, 'partitions of the coming months made');
    } catch (error) {
      log.error({ error: messageOf(error) }, 'partitions of the coming months could not be made, trying again later');
    }
  };
  const timer = setInterval(() => {
    running = running.then(run);
  }, EVERY_MS);
  timer.unref();
  return {
    close() {
      clearInterval(timer);
      return running;
    },
  };
}
