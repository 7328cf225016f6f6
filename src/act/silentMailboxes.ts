import type { Pool } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Bell } from '../queue/bell.ts';
import type { Settings } from '../settings.ts';
import { alertSilentMailboxes } from '../store/mailboxAlerts.ts';
import { alertSilentSesQueues } from '../store/sesAlerts.ts';

export type SilentMailboxesDeps = {
  pool: Pool;
  bell: Pick<Bell, 'ring'>;
  settings: Pick<Settings, 'mailboxes' | 'ses'>;
  notify: NotifyRules;
  clock: Clock;
  log: Log;
};

/** A mailbox or queue that nobody has read for this long is an alert (ms), or for three polls where those are further apart. */
const SILENT_MS = 10 * 60_000;
const EVERY_MS = 30_000;

/**
 * Looks whether every mailbox and every queue of the settings is read, and tells people of one that is not. Runs apart from the processes that
 * read them: when all of those are dead, nobody else would say so.
 */
export function startSilentMailboxes(deps: SilentMailboxesDeps): { close(): Promise<void> } {
  const { pool, bell, notify, clock, log } = deps;
  const limits = new Map(
    deps.settings.mailboxes.map(({ name, pollSeconds }) => [name, Math.max(SILENT_MS, 3 * pollSeconds * 1000)]),
  );
  const queues = deps.settings.ses.map(({ name }) => name);
  const look = async () => {
    try {
      const silent = await alertSilentMailboxes(pool, limits, notify, clock.now());
      if (silent.length > 0) log.error({ mailboxes: silent }, 'ALERT mailboxes are not read');
      const unread = await alertSilentSesQueues(pool, queues, SILENT_MS, notify, clock.now());
      if (unread.length > 0) log.error({ queues: unread }, 'ALERT queues are not read');
      if (silent.length + unread.length > 0) void bell.ring('act');
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'whether all mailboxes are read could not be looked up');
    }
  };
  let looking = look();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, EVERY_MS);
  timer.unref();
  return {
    close() {
      clearInterval(timer);
      return looking;
    },
  };
}
