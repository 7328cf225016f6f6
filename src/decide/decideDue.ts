import type { Pool, PoolClient } from 'pg';
import type { DecideRules, Reading } from '../core/decide.ts';
import type { SenderRules } from '../core/sender.ts';
import { readUnread, type UnreadWhy } from '../core/unread.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { RecentMail } from '../lib/recentMail.ts';
import type { Seal } from '../lib/seal.ts';
import type { Bell } from '../queue/bell.ts';
import { type ClaimedMail, claimDue, claimOne, loadSealed } from '../store/claimMails.ts';
import { postponeMail } from '../store/writeDecisions.ts';
import { decideBatch, type ReadMail, type StoredMail, type TicketOf } from './decideBatch.ts';
import { codeOf, isMailsFault } from './mailsFault.ts';
import { readMail } from './readMail.ts';
import { CLOCK_FACTOR } from './threadDeadline.ts';
import type { ThreadPool } from './threadPool.ts';

export type DecideDeps = {
  pool: Pool;
  threads: ThreadPool;
  bell: Pick<Bell, 'ring'>;
  seal: Seal;
  recent?: Pick<RecentMail, 'take'>;
  senders: SenderRules;
  rules: DecideRules;
  ticketOf: TicketOf;
  /** Domains of our own lists, from the settings. */
  listDomains: readonly string[];
  log: Log;
  clock: Clock;
  /** Longest that a batch waits for threads before mails that were not begun are given back (ms). */
  budgetMs: number;
  /** Told when a mail was put off until then. */
  postponed(due: Date): void;
};

/** Mails of one transaction. */
export const BATCH = 32;
/** Bytes of mail (before sealing) that one batch holds in memory; one mail alone may be larger. */
const BATCH_BYTES = 16 * 1024 * 1024;
/** Longest that a batch may wait for threads beside what the deadline of a mail allows, and in any case (ms). */
const IDLE_MS = 60_000;
const LONGEST_IDLE_MS = 2_147_483_647;
/** Tries before a mail that cannot be written is parked. */
const MAX_ATTEMPTS = 3;

/**
 * Decides one batch of due mails and answers how many were claimed; 0 when none is due. The rows stay locked in the one
 * transaction that claims, decides and writes: a worker that dies gives them back at once. When the batch fails, its
 * mails are decided one by one, so that one bad mail stops no other. Rejects when the database is away.
 */
export async function decideDue(deps: DecideDeps): Promise<number> {
  const client = await deps.pool.connect();
  let broken: Error | undefined;
  try {
    return await decideWith(client, deps);
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

async function decideWith(client: PoolClient, deps: DecideDeps): Promise<number> {
  await begin(client, deps);
  const claimed = await claimDue(client, deps.clock.now(), BATCH);
  if (claimed.length === 0) {
    await client.query('rollback');
    return 0;
  }
  const mails = await readAll(client, withinBytes(claimed), deps);
  if (mails.length === 0) {
    await client.query('rollback');
    return claimed.length;
  }
  try {
    await finish(client, mails, deps);
  } catch (error) {
    await client.query('rollback');
    if (!isMailsFault(error)) throw error;
    deps.log.warn({ mails: mails.length, code: codeOf(error) }, 'a batch failed; its mails are decided one by one');
    for (const mail of mails) await decideAlone(client, mail, deps);
  }
  return claimed.length;
}

/**
 * Every row that deciding touches is found by an index. A plan that is cached while a table is small would read the
 * whole table for as long as the connection lives, so the plans that do so are ruled out.
 */
async function begin(client: PoolClient, { budgetMs }: Pick<DecideDeps, 'budgetMs'>): Promise<void> {
  // Idle while mails are read: threads may begin until the budget is over, and one may take some of it again.
  const idleMs = Math.min(IDLE_MS + 2 * CLOCK_FACTOR * budgetMs, LONGEST_IDLE_MS);
  await client.query(
    `begin; set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off;
     set local idle_in_transaction_session_timeout = ${idleMs}`,
  );
}

function withinBytes(claimed: readonly ClaimedMail[]): ClaimedMail[] {
  let bytes = 0;
  return claimed.filter((mail, index) => {
    bytes += mail.size;
    return index === 0 || bytes <= BATCH_BYTES;
  });
}

/** Reads the mails in the threads. Left out are those that no thread began within the budget: they stay due. */
async function readAll(client: PoolClient, claimed: readonly ClaimedMail[], deps: DecideDeps): Promise<ReadMail[]> {
  const claimedAt = deps.clock.now();
  const stored = await loadStored(client, claimed, deps);
  const budget = AbortSignal.timeout(deps.budgetMs);
  const read = await Promise.all(
    claimed.map(async (mail) => {
      const own = stored.get(mail.id) ?? null;
      const open = () => openStored(own, deps.seal);
      const reading = await readMail(
        { ...mail, arrival: { ...mail.arrival, listDomains: [...deps.listDomains] }, open },
        deps.threads,
        deps.senders,
        budget,
      );
      return reading === null ? null : toDecide(mail, reading, own, claimedAt, deps.clock.now());
    }),
  );
  return read.filter((mail) => mail !== null);
}

/** What is stored of each mail: that which this process kept itself as it came, the others as they are sealed. */
async function loadStored(
  client: PoolClient,
  claimed: readonly ClaimedMail[],
  deps: DecideDeps,
): Promise<Map<number, StoredMail>> {
  const stored = new Map<number, StoredMail>();
  for (const { id } of claimed) {
    const recent = deps.recent?.take(id);
    if (recent) stored.set(id, recent);
  }
  const others = claimed.map(({ id }) => id).filter((id) => !stored.has(id));
  if (others.length > 0) for (const [id, sealed] of await loadSealed(client, others)) stored.set(id, sealed);
  return stored;
}

async function finish(client: PoolClient, mails: readonly ReadMail[], deps: DecideDeps): Promise<void> {
  const { seal, rules, ticketOf, clock } = deps;
  const { effects, outcomes } = await decideBatch(client, mails, { seal, rules, ticketOf, now: clock.now() });
  await client.query('commit');
  deps.log.info({ mails: outcomes }, 'mails decided');
  if (effects) await deps.bell.ring('act');
}

/** Decides one mail in a transaction of its own; after a few tries it is parked, so that it is seen. */
async function decideAlone(client: PoolClient, mail: ReadMail, deps: DecideDeps): Promise<void> {
  const { id, attempts } = mail.claimed;
  try {
    await begin(client, deps);
    if ((await claimOne(client, id)) === null) await client.query('rollback');
    else await finish(client, [mail], deps);
    return;
  } catch (error) {
    await client.query('rollback');
    if (!isMailsFault(error)) throw error;
    deps.log.warn({ mail: id, attempt: attempts + 1, code: codeOf(error) }, 'a mail cannot be decided');
    if (attempts + 1 < MAX_ATTEMPTS) {
      const due = new Date(deps.clock.now().getTime() + 1000 * 4 ** attempts);
      await postponeMail(client, id, attempts + 1, due);
      deps.postponed(due);
      return;
    }
    await park(client, mail, codeOf(error), deps);
  }
}

/** Parks a mail that could not be written, with its header; without it when even that cannot be written. */
async function park(client: PoolClient, mail: ReadMail, code: string, deps: DecideDeps): Promise<void> {
  const { auth, arrival, id } = mail.claimed;
  const error = `It was read, but deciding it failed ${MAX_ATTEMPTS} times (${code}).`;
  for (const withHeader of [true, false]) {
    const raw = withHeader ? openOrEmpty(mail.stored, deps.seal) : new Uint8Array();
    const unread = readUnread(raw, auth, arrival, deps.senders, { why: 'not_written' satisfies UnreadWhy, error });
    const parked = { ...mail, atHand: { ...mail.atHand, reading: { read: false, unread } satisfies Reading } };
    try {
      await begin(client, deps);
      if ((await claimOne(client, id)) === null) await client.query('rollback');
      else await finish(client, [parked], deps);
      return;
    } catch (failure) {
      await client.query('rollback');
      if (!withHeader || !isMailsFault(failure)) throw failure;
    }
  }
}

function toDecide(
  claimed: ClaimedMail,
  reading: Reading,
  stored: StoredMail | null,
  claimedAt: Date,
  readAt: Date,
): ReadMail {
  const { id, customerId, sha256, outcome, ticketId, review } = claimed;
  const before = outcome === null ? null : { outcome, ticketId };
  const history = claimed.arrival.history ?? null;
  return { claimed, atHand: { id, customerId, sha256, reading, before, review, history }, stored, claimedAt, readAt };
}

/** Gives the mail in a buffer that may be moved away. */
function openStored(stored: StoredMail | null, seal: Seal): Uint8Array {
  if (stored === null) throw new Error('the raw mail is not stored');
  // Empty when it was moved away before.
  return stored.raw?.byteLength ? stored.raw : seal.open(stored.bytes, stored.wrappedKey, stored.keyId);
}

function openOrEmpty(stored: StoredMail | null, seal: Seal): Uint8Array {
  try {
    return openStored(stored, seal);
  } catch {
    return new Uint8Array();
  }
}
