import type { Pool } from 'pg';
import type { DecideRules } from '../core/decide.ts';
import { ownPeople } from '../core/people.ts';
import { senderRulesSchema } from '../core/sender.ts';
import type { Clock } from '../lib/clock.ts';
import type { KindFiles } from '../lib/kindFiles.ts';
import type { Log } from '../lib/log.ts';
import type { RecentMail } from '../lib/recentMail.ts';
import type { Seal } from '../lib/seal.ts';
import type { Bell } from '../queue/bell.ts';
import type { Settings } from '../settings.ts';
import type { TicketOf } from './decideBatch.ts';
import { BATCH, type DecideDeps, decideDue } from './decideDue.ts';
import { codeOf } from './mailsFault.ts';
import { openThreadPool } from './threadPool.ts';

export type DecidingDeps = {
  pool: Pool;
  bell: Bell;
  seal: Seal;
  kinds: KindFiles;
  /** What this process kept itself a moment ago. */
  recent?: Pick<RecentMail, 'take'>;
  settings: Pick<Settings, 'limits' | 'listDomains' | 'membership' | 'notify' | 'outgoing' | 'tickets'>;
  /** Knows the Message-IDs of our own notices. */
  ticketOf: TicketOf;
  log: Log;
  clock: Clock;
};

/** Transactions at once: one is read while another is written. More would wait for the same threads. */
const LANES = 2;
/** A ring may be lost, or its mail be put off by a worker that is gone: so often all due mails are looked for (ms). */
const SWEEP_MS = 30_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Starts to decide: on every ring of `decide`, and by a slow sweep, claims and decides due mails until none is left.
 * `close()` lets the running batches end (a few seconds at most) and ends the threads. Throws RootdeskError when the
 * kinds are wrong.
 */
export async function startDeciding(deps: DecidingDeps): Promise<{ close(): Promise<void> }> {
  const { settings, log } = deps;
  const threads = await openThreadPool({
    kinds: deps.kinds,
    threads: settings.limits.understandThreads,
    deadlineMs: settings.limits.understandMs,
    memoryMb: settings.limits.understandMemoryMb,
    log,
  });
  const timers = new Set<NodeJS.Timeout>();
  let closing = false;
  let pause = FIRST_PAUSE_MS;
  let running: Promise<void> | null = null;
  let again = false;

  function wakeIn(ms: number): void {
    if (closing) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void drain();
    }, ms);
    timers.add(timer);
  }

  const batch: DecideDeps = {
    pool: deps.pool,
    threads,
    bell: deps.bell,
    seal: deps.seal,
    ...(deps.recent && { recent: deps.recent }),
    senders: senderRulesSchema.parse(deps.kinds.senders),
    rules: decideRules(settings),
    ticketOf: deps.ticketOf,
    listDomains: settings.listDomains,
    log,
    clock: deps.clock,
    budgetMs: settings.limits.understandMs,
    postponed: (due) => wakeIn(Math.max(0, due.getTime() - deps.clock.now().getTime())),
  };

  /** Decides until nothing is due. A full batch calls a second lane to help. */
  async function lanes(): Promise<void> {
    const open = new Set<Promise<void>>();
    let failure: unknown = null;
    const lane = async () => {
      while (!closing && failure === null) {
        const claimed = await decideDue(batch);
        if (claimed === 0) return;
        pause = FIRST_PAUSE_MS;
        if (claimed === BATCH && open.size < LANES) add();
      }
    };
    const add = () => {
      const promise = lane()
        .catch((error: unknown) => {
          failure ??= error;
        })
        .finally(() => open.delete(promise));
      open.add(promise);
    };
    add();
    while (open.size > 0) await Promise.all(open);
    if (failure !== null) throw failure;
  }

  /** Never two at once; a call during it makes it look once more. Never rejects. */
  function drain(): Promise<void> {
    if (running !== null) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        try {
          await lanes();
        } catch (error) {
          log.error({ code: codeOf(error), retryMs: pause }, 'deciding failed; it is tried again');
          wakeIn(pause);
          pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
          return;
        }
      } while (again && !closing);
    })().finally(() => {
      running = null;
    });
    return running;
  }

  const sweep = setInterval(() => void drain(), SWEEP_MS);
  await deps.bell.listen('decide', drain);
  void drain();

  return {
    async close() {
      closing = true;
      clearInterval(sweep);
      for (const timer of timers) clearTimeout(timer);
      await running;
      await threads.close();
    },
  };
}

/**
 * What the settings say about deciding. Notices go out only where they name a way: without an outgoing server no mail
 * effect is written.
 */
export function decideRules(settings: Pick<Settings, 'notify' | 'outgoing' | 'tickets' | 'membership'>): DecideRules {
  return {
    mail: settings.outgoing.host !== null && settings.notify.addresses.length > 0,
    webhook: settings.notify.webhookUrl !== null,
    least: settings.notify.urgency,
    followUpDays: settings.tickets.followUpDays,
    own: ownPeople(settings.membership.resellerDomains, settings.notify.addresses),
  };
}
