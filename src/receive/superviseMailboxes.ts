import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { MailboxSettings } from '../settings.ts';
import { openLeaseOwner } from '../store/leaseOwner.ts';
import { registerMailboxes } from '../store/mailboxes.ts';
import {
  claimMailboxes,
  createReceiverBeat,
  leaveReceivers,
  type Receiver,
  releaseMailboxes,
  type Standing,
} from '../store/mailboxLeases.ts';
import type { Tables } from '../store/schema.ts';
import type { Mailbox } from './imap.ts';
import { rarestFirst, shareOf } from './mailboxShare.ts';

export type SuperviseDeps = {
  pool: Pool;
  db: Kysely<Tables>;
  clock: { now(): Date };
  log: Log;
  mailboxes: readonly MailboxSettings[];
  /** Begins to watch a mailbox under the lease with this fence. */
  start(settings: MailboxSettings, fence: number): Mailbox;
};

/** Says that it lives this often (ms); see mailboxLeases for when it counts as dead. */
const BEAT_MS = 1_500;

type Watched = { fence: number; mailbox: Mailbox };

/**
 * Shares the mailboxes of the settings out among all processes that take mail: takes those that nobody has, gives some back when
 * another process joins, takes over those of one that died, and stops watching what somebody else has by now. Resolves
 * once it has taken its share.
 */
export async function superviseMailboxes(deps: SuperviseDeps): Promise<{ close(): Promise<void> }> {
  const { pool, db, log, mailboxes } = deps;
  const settings = new Map(mailboxes.map((one) => [one.name, one]));
  const names = [...settings.keys()];
  await registerMailboxes(db, mailboxes, deps.clock.now());
  const owner = await openLeaseOwner(pool, log);
  const self: Receiver = { id: owner.draw(), host: hostname(), pid: process.pid, mailboxes: names };
  const beat = createReceiverBeat(db, self);
  const watched = new Map<string, Watched>();
  /** Mailboxes that are being left: not begun again before they are. */
  const leaving = new Map<string, Promise<void>>();
  const abort = new AbortController();

  const leave = (name: string, one: Watched, then: () => Promise<void>): void => {
    watched.delete(name);
    const left = one.mailbox
      .close()
      .then(then)
      .catch((error: unknown) => log.warn({ mailbox: name, error: messageOf(error) }, 'a mailbox was not left cleanly'))
      .finally(() => leaving.delete(name));
    leaving.set(name, left);
  };
  const watch = (name: string, fence: number): void => {
    const wanted = settings.get(name);
    if (wanted && !leaving.has(name)) watched.set(name, { fence, mailbox: deps.start(wanted, fence) });
  };

  const balance = async ({ mine, free, others }: Standing): Promise<void> => {
    for (const [name, one] of watched) {
      if (mine.get(name) === one.fence) continue;
      log.warn({ mailbox: name }, 'another process watches the mailbox now');
      leave(name, one, async () => {});
    }
    for (const [name, fence] of mine) if (!watched.has(name)) watch(name, fence);
    const share = shareOf(names, others);
    const surplus = watched.size - share;
    if (surplus > 0) {
      const given = rarestFirst([...watched.keys()], names, others).slice(-surplus);
      log.info({ mailboxes: given.length, share }, 'mailboxes are given to other processes');
      for (const name of given) leave(name, watched.get(name)!, () => releaseMailboxes(db, self.id, [name]));
    } else if (surplus < 0 && free.length > 0) {
      const wanted = rarestFirst(
        free.filter((name) => !leaving.has(name)),
        names,
        others,
      );
      const claimed = await claimMailboxes(db, self, wanted, -surplus);
      if (claimed.size > 0) log.info({ mailboxes: claimed.size, share }, 'mailboxes are watched by this process');
      for (const [name, fence] of claimed) watch(name, fence);
    }
  };

  const look = async (): Promise<void> => {
    try {
      await balance(await beat());
    } catch (error) {
      // Our leases live on while the database cannot be asked: nobody else can take them then either.
      log.warn({ error: messageOf(error) }, 'how the mailboxes are shared out could not be looked up');
    }
  };

  await look();
  const running = (async () => {
    while (!abort.signal.aborted) {
      await sleep(BEAT_MS, undefined, { signal: abort.signal }).catch(() => {});
      if (!abort.signal.aborted) await look();
    }
  })();

  return {
    async close() {
      abort.abort();
      await running;
      for (const [name, one] of watched) leave(name, one, async () => {});
      // Said to be alive until the last mail at hand is kept.
      const timer = setInterval(() => void beat().catch(() => {}), BEAT_MS);
      await Promise.all(leaving.values());
      clearInterval(timer);
      await leaveReceivers(db, self.id).catch((error: unknown) =>
        log.warn({ error: messageOf(error) }, 'the mailboxes could not be given back; they are free in seconds'),
      );
      await owner.close();
    },
  };
}
