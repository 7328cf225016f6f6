import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { openCopyRelay } from '../connectors/copyRelay.ts';
import type { NotifyRules } from '../core/effect.ts';
import type { SenderRules } from '../core/sender.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { createGroupCommit } from '../lib/groupCommit.ts';
import type { Log } from '../lib/log.ts';
import type { Seal } from '../lib/seal.ts';
import type { SigningKey } from '../lib/signingKey.ts';
import type { Verp } from '../lib/verp.ts';
import { createWakeable } from '../lib/wakeable.ts';
import type { Bell } from '../queue/bell.ts';
import type { Settings } from '../settings.ts';
import {
  type DeliverySettlement,
  nextDeliveryAt,
  releaseExpiredDeliveries,
  settleDeliveries,
} from '../store/deliveries.ts';
import { createGoneOwners } from '../store/goneOwners.ts';
import { openLeaseOwner } from '../store/leaseOwner.ts';
import { createBounceRecorder } from '../store/memberBounces.ts';
import type { Tables } from '../store/schema.ts';
import { type LaneDeps, type LaneOptions, runLane } from './lane.ts';
import { alertLateCopies, LATE_MS } from './lateCopies.ts';
import { createMailShelf } from './mailShelf.ts';

export type DeliveringDeps = {
  db: Kysely<Tables>;
  pool: Pool;
  bell: Bell;
  seal: Pick<Seal, 'open' | 'openSlices' | 'derive'>;
  settings: Pick<Settings, 'outgoing' | 'smtp' | 'lists'>;
  senders: SenderRules;
  notify: NotifyRules;
  log: Log;
  clock: Clock;
  /** null: no bounce domain is set. */
  verp: Verp | null;
  /** null: no sender is set. */
  signing: SigningKey | null;
  /** Page where members ask for the way out; null: no pages are public. */
  unsubscribeUrl: ((listId: number) => string) | null;
  /** SWEEP_MS, shorter in tests. */
  sweepMs?: number;
};

export type Delivering = { close(): Promise<void> };

/** Codes and reset links have connections and rows of their own. */
const LANES: readonly LaneOptions[] = [
  { priorities: [1], connections: 2, roomBytes: 32 * 1024 * 1024 },
  { priorities: [5], connections: 6, roomBytes: 64 * 1024 * 1024 },
];
/** Looks again after the database did not answer (ms). */
const AGAIN_MS = 15_000;
/** Looks at least this often (ms): a ring may be lost, and whoever sweeps for all roles away. */
const SWEEP_MS = 30_000;
const SHORTEST_WAIT_MS = 50;
const MAX_SETTLED = 64;
/** What the smarthost said of a copy waits for that of others (ms): nothing waits for it, and a commit costs as much as sending. */
const GATHER_MS = 10;

/**
 * Starts the role that sends copies to list members: hears 'deliver', wakes when a retry falls due, a lease ends or a copy is
 * late, and tells people of codes that do not leave. What a lost ring left behind it finds by itself. Without a smarthost, a sender and a bounce domain nothing is sent: copies
 * stay due and are sent once all three are set. `close` claims nothing more and waits for what is being sent.
 */
export async function startDelivering(deps: DeliveringDeps): Promise<Delivering> {
  const { pool, bell, settings, clock, sweepMs = SWEEP_MS } = deps;
  const log = deps.log.child({ role: 'deliver' });
  const { outgoing, smtp, lists } = settings;
  const { host, from } = outgoing;
  const { verp, signing } = deps;
  if (host === null || from === null || verp === null || signing === null) {
    log.warn('copies are not sent to members: outgoing.host, outgoing.from and lists.bounceDomain are not all set');
    return { close: async () => {} };
  }
  const owner = await openLeaseOwner(pool, log);
  const gone = createGoneOwners(deps.db, 'deliveries');
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  const ringAct = () => void bell.ring('act');
  const settling = createGroupCommit<DeliverySettlement, boolean>(
    async (settled) => {
      const done = await settleDeliveries(pool, settled, clock.now());
      return settled.map(({ id }) => done.has(id));
    },
    { maxItems: MAX_SETTLED, lanes: 2, gatherMs: GATHER_MS },
  );
  const dress = {
    hostname: smtp.hostname,
    from,
    owner: from,
    unsubscribeUrl: deps.unsubscribeUrl,
    signing,
    key: deps.seal.derive('copies'),
    senders: deps.senders,
  };
  const shared: Omit<LaneDeps, 'relay'> = {
    pool,
    shelf: createMailShelf({ pool, seal: deps.seal, dress }),
    verp,
    dress,
    settling,
    recordBounce: createBounceRecorder({ pool, clock, notify: deps.notify, ring: ringAct }),
    owner,
    gone,
    clock,
    log,
    chance: Math.random,
    storms: { pool, notify: deps.notify, log, mostMails: lists.stormMails, ring: ringAct },
    stopping: () => closed,
  };
  const failed = (error: unknown) =>
    log.error({ error: messageOf(error) }, 'copies could not be sent now; their rows stay due');
  const lanes = LANES.map((options) => {
    const relay = openCopyRelay({ ...outgoing, host }, options.connections);
    const run = async () => {
      try {
        await runLane({ ...shared, relay }, options);
      } finally {
        // What was put off has its time now.
        watch.wake();
      }
    };
    return { relay, loop: createWakeable(run, failed) };
  });
  const wakeLanes = () => {
    for (const { loop } of lanes) loop.wake();
  };

  /** Leases that ended, codes that are late, and when to look next: on no lane, so that none can hold it up. */
  const watch = createWakeable(async () => {
    if (timer) clearTimeout(timer);
    const now = clock.now();
    let wait = AGAIN_MS;
    try {
      // The lanes may have looked before: what is free again since then is theirs.
      if ((await releaseExpiredDeliveries(pool, now, await gone.look())) > 0) wakeLanes();
      if (await alertLateCopies({ pool, notify: deps.notify, log }, now)) ringAct();
      const next = await nextDeliveryAt(pool, now, LATE_MS);
      const waits = [gone.nextLookMs(), next && next.getTime() - clock.now().getTime()].filter((one) => one !== null);
      wait = Math.max(Math.min(...waits, sweepMs) + 5, SHORTEST_WAIT_MS);
    } finally {
      if (!closed) timer = setTimeout(look, wait);
    }
  }, failed);
  const look = () => {
    wakeLanes();
    watch.wake();
  };

  await bell.listen('deliver', async () => look());
  return {
    async close() {
      closed = true;
      await Promise.all([watch.stop(), ...lanes.map(({ loop }) => loop.stop())]);
      if (timer) clearTimeout(timer);
      await settling.idle();
      await owner.close();
      for (const { relay } of lanes) relay.close();
    },
  };
}
