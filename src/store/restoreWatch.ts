import type { Kysely } from 'kysely';
import type { BeatFile } from '../lib/beatFile.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { BEAT_MS, countBeat } from './hold.ts';
import type { Tables } from './schema.ts';

export type RestoreWatchDeps = { db: Kysely<Tables>; file: BeatFile; clock: Clock; log: Log };

/**
 * Looks whether the database went back in time, before this process writes or sends anything (that is when the promise
 * resolves) and every 15 seconds: then all that would leave is on hold until `rootdesk resume`.
 */
export async function startRestoreWatch({
  db,
  file,
  clock,
  log,
}: RestoreWatchDeps): Promise<{ close(): Promise<void> }> {
  const look = async () => {
    const { beat, heldAsOf } = await countBeat(db, { seen: file.read(), now: clock.now() });
    if (heldAsOf !== null)
      log.error(
        { asOf: heldAsOf.toISOString() },
        'ALERT the database was restored: nothing leaves until rootdesk resume',
      );
    file.write(beat);
  };
  await look();
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
