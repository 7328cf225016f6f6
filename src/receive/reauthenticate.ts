import type { Pool } from 'pg';
import type { AuthResult } from '../core/values.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Seal } from '../lib/seal.ts';
import type { Bell } from '../queue/bell.ts';
import {
  claimAuthentications,
  nextAuthentication,
  type OpenAuthentication,
  settleAuthentication,
} from '../store/openAuthentications.ts';
import { authenticate } from './authenticate.ts';
import type { Resolver } from './resolver.ts';

export type ReauthenticationDeps = {
  pool: Pool;
  seal: Pick<Seal, 'open'>;
  bell: Pick<Bell, 'ring'>;
  resolver: Resolver;
  clock: Clock;
  log: Log;
};

/** A DNS error is tried again for an hour; then the mail is decided as one that proved nothing. */
const GIVE_UP_MS = 60 * 60_000;
/** Nobody waits here as an SMTP client does, so DNS may take longer (ms). */
const TIMEOUT_MS = 5_000;
/** Mails that wait for DNS together. */
const AT_ONCE = 8;
/** Longer than a try takes: a mail whose judge crashed is due again then, before its copies leave unproven. */
const LEASE_MS = 20_000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 10 * 60_000;
/** Looks at least this often: another process may have kept a mail that is due sooner. */
const LOOK_MS = 5_000;
const SHORTEST_SLEEP_MS = 250;

/**
 * Authenticates mail again whose first try met a DNS error, with growing pauses for an hour from when it was kept, and
 * then lets it be decided: what could not be proven until then is quarantined. Runs in the background; never rejects.
 */
export function startReauthentication(deps: ReauthenticationDeps): { close(): Promise<void> } {
  const log = deps.log.child({ role: 'reauthentication' });
  let isClosing = false;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  const judge = async (open: OpenAuthentication): Promise<boolean> => {
    const now = deps.clock.now();
    const { auth, dnsError } = await authenticateAgain(open, now);
    const isOver = now.getTime() - open.receivedAt.getTime() >= GIVE_UP_MS;
    const isDecided = auth.state !== 'temperror' || isOver;
    const end = open.receivedAt.getTime() + GIVE_UP_MS;
    const next = now.getTime() + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** open.attempts);
    await settleAuthentication(deps.pool, open.mailId, {
      auth: auth.state === 'temperror' && isOver ? { ...auth, state: 'final' } : auth,
      authDue: isDecided ? null : new Date(Math.min(next, end)),
      decideDue: isDecided ? now : null,
      dnsError,
    });
    return isDecided;
  };

  /** What cannot be opened now keeps its last result: it must end somewhere visible all the same. */
  const authenticateAgain = async (
    open: OpenAuthentication,
    now: Date,
  ): Promise<{ auth: AuthResult; dnsError: boolean }> => {
    try {
      const raw = deps.seal.open(open.sealed.bytes, open.sealed.wrappedKey, open.sealed.keyId);
      const auth = await authenticate(raw, open.arrival, {
        resolver: deps.resolver,
        now,
        timeoutMs: TIMEOUT_MS,
      });
      return { auth, dnsError: auth.state === 'temperror' };
    } catch (error) {
      log.error({ mail: open.mailId, error: messageOf(error) }, 'a mail could not be read to be authenticated again');
      return { auth: open.auth, dnsError: false };
    }
  };

  const settleDue = async (): Promise<void> => {
    while (!isClosing) {
      const now = deps.clock.now();
      const open = await claimAuthentications(deps.pool, now, new Date(now.getTime() + LEASE_MS), AT_ONCE);
      const decided = await Promise.all(open.map(judge));
      if (decided.includes(true)) {
        void deps.bell.ring('decide');
        void deps.bell.ring('deliver');
      }
      if (open.length < AT_ONCE) return;
    }
  };

  const look = async (): Promise<void> => {
    let wait = LOOK_MS;
    try {
      await settleDue();
      const next = await nextAuthentication(deps.pool);
      if (next) wait = Math.min(LOOK_MS, Math.max(SHORTEST_SLEEP_MS, next.getTime() - deps.clock.now().getTime()));
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'mail could not be authenticated again now');
    }
    if (!isClosing) schedule(wait);
  };

  const schedule = (ms: number) => {
    timer = setTimeout(() => {
      running = look();
    }, ms);
  };

  schedule(0);
  return {
    async close() {
      isClosing = true;
      if (timer) clearTimeout(timer);
      await running;
    },
  };
}
