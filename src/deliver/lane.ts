import type { CopyRelay } from '../connectors/copyRelay.ts';
import { type ClaimedDelivery, type ClaimOptions, claimDeliveries } from '../store/deliveries.ts';
import type { GoneOwners } from '../store/goneOwners.ts';
import type { LeaseOwner } from '../store/leaseOwner.ts';
import { type SendDeps, sendCopies } from './sendCopies.ts';
import { findStorms, STORM_MS, type StormDeps } from './storms.ts';

/** A lane sends copies of its priorities and no others: what is slow in one never holds up another. */
export type LaneOptions = {
  priorities: readonly number[];
  /** Connections to the smarthost. */
  connections: number;
  /** Bytes of mail that the lane holds at once; one mail that is larger is sent alone. */
  roomBytes: number;
};

export type LaneDeps = Omit<SendDeps, 'relay'> & {
  relay: CopyRelay;
  storms: StormDeps;
  owner: Pick<LeaseOwner, 'draw'>;
  gone: Pick<GoneOwners, 'unanswered'>;
  stopping: () => boolean;
};

/**
 * Longer than a copy may take (ms). The copies of a process that died are free as soon as that is certain; this is for one
 * that hangs.
 */
export const LEASE_MS = 75_000;
/** Copies leased at once; a list has at most 50 members. */
const CLAIM = 64;
/** Claims under way at once: while the last copies of one wait for their answer, the next is sent. */
const AT_ONCE = 2;

/** Sends what is due until nothing is left. Rejects only when the database is away. */
export async function runLane(deps: LaneDeps, options: LaneOptions): Promise<void> {
  await Promise.all(Array.from({ length: AT_ONCE }, () => drain(deps, options)));
}

async function drain(deps: LaneDeps, options: LaneOptions): Promise<void> {
  while (!deps.stopping()) {
    const owner = deps.owner.draw();
    const now = deps.clock.now();
    const { priorities } = options;
    const claim = { owner, now, leaseMs: LEASE_MS, limit: CLAIM, priorities };
    const copies = await claimCalm(deps, claim).catch((error: unknown) => {
      // Nothing of it is being sent: whatever was leased is free at once.
      deps.gone.unanswered(owner);
      throw error;
    });
    if (copies === null) return;
    const mails = [...Map.groupBy(copies, ({ mailId }) => mailId).values()];
    await sendWithin(deps, mails, owner, options.roomBytes / AT_ONCE);
  }
}

/** Claims copies, and holds those of lists that get too much mail back; null: nothing is due. */
async function claimCalm(deps: LaneDeps, claim: ClaimOptions): Promise<ClaimedDelivery[] | null> {
  const { owner, now } = claim;
  const copies = await claimDeliveries(deps.pool, claim);
  if (copies.length === 0) return null;
  const stormy = await findStorms(deps.storms, copies, now);
  const isHeld = ({ listId, priority }: ClaimedDelivery) => priority > 1 && stormy.has(listId);
  await hold(deps, copies.filter(isHeld), owner, new Date(now.getTime() + STORM_MS));
  return copies.filter((copy) => !isHeld(copy));
}

/** Mails side by side as long as their bytes fit; each is opened once for all its copies. */
async function sendWithin(
  deps: LaneDeps,
  mails: readonly ClaimedDelivery[][],
  owner: string,
  room: number,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let held = 0;
  for (const copies of mails) {
    const size = copies[0]?.size ?? 0;
    while (running.size > 0 && held + size > room) await Promise.race(running);
    held += size;
    const sending = sendCopies(deps, copies, owner).finally(() => {
      held -= size;
      running.delete(sending);
    });
    running.add(sending);
    sending.catch(() => {}); // awaited below
  }
  await Promise.all(running);
}

async function hold(deps: LaneDeps, copies: readonly ClaimedDelivery[], owner: string, dueAt: Date): Promise<void> {
  const text = 'The list gets too much mail: held until it is calmer.';
  const shared = {
    owner,
    state: 'due' as const,
    form: null,
    dueAt,
    acceptedAt: null,
    code: 'deliver.storm',
    text,
    wrappedFor: null,
  };
  if (copies.length > 0) await deps.settling.commit(copies.map(({ id }) => ({ id, ...shared, isLogged: false })));
}
