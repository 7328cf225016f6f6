import type { Kysely } from 'kysely';
import type { BeatFile } from '../lib/beatFile.ts';
import type { Clock } from '../lib/clock.ts';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { BEAT_MS, countBeat } from './hold.ts';
import type { Tables } from './schema.ts';

export type RestoreWatchDeps = {
  db: Kysely<Tables>;
  file: BeatFile;
  /** Whether this process lets mail leave: then it does not start where it could not tell that the database went back. */
  sends: boolean;
  clock: Clock;
  log: Log;
};

/**
 * Looks whether the database went back in time, before this process writes or sends anything (that is when the promise
 * resolves) and every 15 seconds: then all that would leave is on hold until `rootdesk resume`. Rejects with a RootdeskError when a process that sends
 * cannot write the file.
 */
export async function startRestoreWatch({
  db,
  file,
  sends,
  clock,
  log,
}: RestoreWatchDeps): Promise<{ close(): Promise<void> }> {
  const note = (beat: number) => {
    try {
      file.write(beat);
    } catch (error) {
      const hint = 'make the folder of the key file writable for Rootdesk: it notes there how far the database was';
      const what = `the beat of the database cannot be noted: ${messageOf(error)}`;
      throw new RootdeskError('restore.beat', what, hint, { exitCode: EXIT.config, cause: error });
    }
  };
  const look = async () => {
    const { beat, heldAsOf } = await countBeat(db, { seen: file.read(), now: clock.now() });
    if (heldAsOf !== null)
      log.error(
        { asOf: heldAsOf.toISOString() },
        'ALERT the database was restored: nothing leaves until rootdesk resume',
      );
    note(beat);
  };
  await look().catch((error: unknown) => {
    if (sends || !(error instanceof RootdeskError)) throw error;
    log.warn(
      { error: error.message },
      'keys can be read here and not written: a restore is found by the processes that send',
    );
  });
  const again = () =>
    look().catch((error: unknown) =>
      log.warn({ error: messageOf(error) }, 'the beat of the database could not be noted'),
    );
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(again);
  }, BEAT_MS);
  return {
    async close() {
      clearInterval(timer);
      await looking;
      file.touch();
    },
  };
}
