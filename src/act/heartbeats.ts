import type { Kysely } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Bell } from '../queue/bell.ts';
import { recoverQuietMembers } from '../store/memberRecovery.ts';
import { sendHeartbeats } from '../store/ownMembership.ts';
import { remind } from '../store/reminders.ts';
import type { Tables } from '../store/schema.ts';

/** Pause between two looks (ms): heartbeats are a matter of days. */
const LOOK_MS = 15 * 60_000;
/** Members asked in one transaction. */
const AT_ONCE = 100;

/**
 * Asks members from time to time whether mail arrives, and takes note of those whom mail reaches again. Several processes
 * may run it: nobody is asked twice.
 */
export function startHeartbeats(deps: { db: Kysely<Tables>; bell: Bell; clock: Clock; log: Log; days: number }): {
  close(): Promise<void>;
} {
  const { db, bell, clock, log, days } = deps;
  let closed = false;

  async function look(): Promise<void> {
    try {
      let asked = 0;
      for (let more = true; more && !closed; ) {
        const count = await sendHeartbeats(db, { now: clock.now(), days, limit: AT_ONCE });
        asked += count;
        more = count === AT_ONCE;
      }
      const reminded = closed ? 0 : await remind(db, { now: clock.now(), limit: AT_ONCE });
      if (reminded > 0) log.info({ mails: reminded }, 'unanswered invitations and requests are sent again');
      if (reminded > 0) await bell.ring('act');
      const recovered = closed ? 0 : await recoverQuietMembers(db, clock.now());
      if (recovered > 0) log.info({ members: recovered }, 'members are reached again');
      if (recovered > 0) await bell.ring('act');
      if (asked > 0) {
        log.info({ members: asked }, 'members are asked whether mail arrives');
        await bell.ring('act');
      }
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'members could not be looked after; it is tried again');
    }
  }

  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_MS);
  return {
    async close() {
      closed = true;
      clearInterval(timer);
      await looking;
    },
  };
}
