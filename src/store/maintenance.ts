import type { Pool } from 'pg';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Seal } from '../lib/seal.ts';
import { destroyDayKeys } from './destroyDayKeys.ts';
import { destroySentKeys } from './destroySentKeys.ts';
import { makeRawPartitions } from './partitions.ts';
import { retireMail } from './retireMail.ts';

export type MaintenanceDeps = {
  pool: Pool;
  seal: Pick<Seal, 'dayKeysBefore' | 'destroyDayKeysBefore' | 'destroyDayKeys' | 'toDayKey'>;
  clock: Clock;
  /** See destroyDayKeys. */
  secretDays: number;
  /** See retireMail; 0: mail stays. */
  mailDays: number;
  log: Log;
};

/** A run that fails is made good by any of the next ones. */
const EVERY_MS = 60 * 60 * 1000;

/**
 * Does what must be done from time to time while Rootdesk runs, at once and every hour: makes the partitions of the coming
 * months, destroys the day keys whose time is over or whose mail everybody has, and takes away mail that is too old.
 */
export function startMaintenance(deps: MaintenanceDeps): { close(): Promise<void> } {
  const { pool, seal, clock, secretDays, mailDays, log } = deps;
  const run = async () => {
    try {
      const made = await makeRawPartitions(pool);
      if (made.length > 0) log.info({ partitions: made }, 'partitions of the coming months made');
    } catch (error) {
      log.error({ error: messageOf(error) }, 'partitions of the coming months could not be made, trying again later');
    }
    try {
      const keys = await destroyDayKeys({ pool, seal, clock, days: secretDays });
      if (keys.length > 0) log.info({ keys }, 'day keys destroyed: their time is over');
    } catch (error) {
      log.error({ error: messageOf(error) }, 'day keys whose time is over could not be destroyed, trying again later');
    }
    try {
      const keys = await destroySentKeys({ pool, seal, clock });
      if (keys.length > 0) log.info({ keys }, 'day keys destroyed: every copy under them left a day ago');
    } catch (error) {
      log.error(
        { error: messageOf(error) },
        'day keys of mail that was sent could not be destroyed, trying again later',
      );
    }
    try {
      const retired = await retireMail(pool, clock.now(), mailDays);
      if (retired.months.length > 0 || retired.mails > 0) log.info(retired, 'mail that was too old was taken away');
    } catch (error) {
      log.error({ error: messageOf(error) }, 'mail that is too old could not be taken away, trying again later');
    }
  };
  let running = run();
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
