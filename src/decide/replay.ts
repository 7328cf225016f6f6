import type { Pool, PoolClient } from 'pg';
import type { DecideRules } from '../core/decide.ts';
import type { SenderRules } from '../core/sender.ts';
import type { Clock } from '../lib/clock.ts';
import { RootdeskError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Seal } from '../lib/seal.ts';
import type { Bell } from '../queue/bell.ts';
import { readDecided } from '../store/claimMails.ts';
import { loadStored } from '../store/loadReplay.ts';
import { loadSealed } from '../store/loadSealed.ts';
import {
  beginReplay,
  endReplay,
  lockReplays,
  moveReplay,
  nextItems,
  type ReplayFilter,
  type ReplayItem,
  type ReplayRun,
} from '../store/replays.ts';
import type { TicketOf } from './decideBatch.ts';
import { codeOf } from './mailsFault.ts';
import { readMail } from './readMail.ts';
import { type DryState, newDryState, type ReadAgain, replayChunk } from './replayChunk.ts';
import { countCode, type ReplayReport } from './replayCodes.ts';
import type { ThreadPool } from './threadPool.ts';

export type ReplayDeps = {
  pool: Pool;
  threads: ThreadPool;
  bell: Pick<Bell, 'ring'>;
  seal: Seal;
  senders: SenderRules;
  rules: DecideRules;
  ticketOf: TicketOf;
  /** Domains of our own lists, from the settings. */
  listDomains: readonly string[];
  log: Log;
  clock: Clock;
  /** Mails that are read at once. */
  lanes: number;
};

export type ReplayOptions = {
  filter: ReplayFilter;
  /** Says what would change, and changes nothing. */
  dry: boolean;
  /** SHA-256 of the rules: a run that was cut off is gone on with by the same ones only. */
  rulesHash: Buffer;
  /** Ends the run between two pieces; the next one goes on from there. */
  signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
};

export type ReplayResult = {
  total: number;
  done: number;
  /** It went on with a run that was cut off; `report` counts both. */
  resumed: boolean;
  stopped: boolean;
  report: ReplayReport;
};

/** Mails of one transaction: as many, or those of one ticket; never more than the most, nor bytes of mail. */
const CHUNK = 64;
const CHUNK_MOST = 512;
const CHUNK_BYTES = 32 * 1024 * 1024;
/** Times that mails are read again because somebody decided them meanwhile. */
const TRIES = 3;

/**
 * Runs the rules of today over stored mail, ticket by ticket. Uses the stored result of authentication, asks no DNS and
 * sends no copy. Each piece is one transaction that also records how far the run is, so a killed run goes on. Throws
 * RootdeskError when another replay runs.
 */
export async function replay(deps: ReplayDeps, options: ReplayOptions): Promise<ReplayResult> {
  const { pool, clock } = deps;
  const { filter, dry, rulesHash, signal } = options;
  const holder = await pool.connect();
  try {
    if (!(await lockReplays(holder))) {
      throw new RootdeskError('replay.running', 'another replay is running', 'wait for its end, or stop it');
    }
    const run = await beginReplay(pool, { filter, rules: rulesHash, dry, now: clock.now() });
    const report: ReplayReport = { ...run.report };
    let position = run.position;
    let carried = null as { customerId: number | null; state: DryState } | null;
    options.onProgress?.(position, run.total);
    for (;;) {
      if (signal?.aborted) return resultOf(run, position, report, true);
      const items = chunkOf(await nextItems(pool, run.id, position, CHUNK_MOST));
      if (items.length === 0) break;
      const { customerId } = items[0]!;
      if (dry && carried?.customerId !== customerId) carried = { customerId, state: newDryState() };
      position = items.at(-1)!.position;
      await replayItems(items, deps, { run: run.id, position, report, dry: carried?.state ?? null });
      options.onProgress?.(position, run.total);
    }
    await endReplay(pool, run.id, { dry, now: clock.now() });
    return resultOf(run, position, report, false);
  } finally {
    // The lock is the connection's: it must not go back to the pool with it.
    holder.release(true);
  }
}

function resultOf(run: ReplayRun, done: number, report: ReplayReport, stopped: boolean): ReplayResult {
  return { total: run.total, done, resumed: run.resumed, stopped, report };
}

/** Mails of one customer and whole tickets, so that a ticket changes once; a very long one in pieces. */
function chunkOf(items: readonly ReplayItem[]): ReplayItem[] {
  const chunk: ReplayItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const last = chunk.at(-1);
    const sameTicket = last !== undefined && item.ticketId !== null && item.ticketId === last.ticketId;
    if (last !== undefined && item.customerId !== last.customerId) break;
    if (!sameTicket && chunk.length >= CHUNK) break;
    if (last !== undefined && bytes + item.size > CHUNK_BYTES) break;
    chunk.push(item);
    bytes += item.size;
  }
  return chunk;
}

type Piece = { run: number; position: number; report: ReplayReport; dry: DryState | null };

async function replayItems(items: readonly ReplayItem[], deps: ReplayDeps, piece: Piece): Promise<void> {
  const start = { ...piece.report };
  let ids = items.map(({ mailId }) => mailId);
  for (let attempt = 1; ids.length > 0; attempt += 1) {
    const read = await readAgain(ids, deps, piece.report);
    const last = attempt === TRIES;
    const { busy, effects } = await inOne(deps.pool, piece.dry !== null, async (client) => {
      const { seal, rules, ticketOf, clock } = deps;
      const done = await replayChunk(
        client,
        read,
        { seal, rules, ticketOf, now: clock.now() },
        piece.dry,
        piece.report,
      );
      if (last && done.busy.length > 0) countCode(piece.report, 'skipped:busy', done.busy.length);
      // Recorded with the piece as a whole only: what is cut off between is done again, and changes nothing then.
      const whole = done.busy.length === 0 || last;
      if (piece.dry === null && whole) await moveReplay(client, piece.run, piece.position, piece.report);
      return done;
    }).catch((error: unknown) => {
      deps.log.error({ code: codeOf(error), mails: ids.length }, 'a piece of the replay failed');
      Object.assign(piece.report, start);
      throw error;
    });
    if (effects) await deps.bell.ring('act');
    if (last) return;
    ids = busy;
  }
}

async function inOne<T>(pool: Pool, dry: boolean, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Every row is found by an index; see decideDue.ts.
    await client.query(
      `begin${dry ? ' read only' : ''}; set local enable_seqscan = off; set local enable_hashjoin = off;
       set local enable_mergejoin = off`,
    );
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = error as Error;
    await client.query('rollback').then(
      () => {
        broken = undefined;
      },
      () => {},
    );
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Reads mails again, some at a time, in their order. What cannot be read is counted and left as it is. */
async function readAgain(ids: readonly number[], deps: ReplayDeps, report: ReplayReport): Promise<ReadAgain[]> {
  const claimed = new Map((await readDecided(deps.pool, ids)).map((mail) => [mail.id, mail]));
  const stored = await loadStored(deps.pool, ids);
  const read = new Map<number, ReadAgain>();
  const waiting = [...ids];
  const lane = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const mail = claimed.get(id);
      const known = stored.get(id);
      if (mail === undefined || known === undefined) {
        countCode(report, 'skipped:waiting');
        continue;
      }
      const sealed = await loadSealed(deps.pool, id);
      if (sealed === null) {
        countCode(report, 'skipped:raw_removed');
        continue;
      }
      let raw: Uint8Array;
      try {
        raw = deps.seal.open(sealed.bytes, sealed.wrappedKey, sealed.keyId);
      } catch (error) {
        const gone = error instanceof RootdeskError && error.code === 'seal.key_gone';
        countCode(report, gone ? 'skipped:key_destroyed' : 'skipped:damaged');
        continue;
      }
      const arrival = { ...mail.arrival, listDomains: [...deps.listDomains] };
      const first = raw;
      let given = false;
      const open = () => {
        if (!given) {
          given = true;
          return first;
        }
        return deps.seal.open(sealed.bytes, sealed.wrappedKey, sealed.keyId);
      };
      const reading = await readMail({ ...mail, arrival, open }, deps.threads, deps.senders);
      if (reading?.read) {
        const { wrappedKey, keyId } = sealed;
        const { decidedAt } = known;
        read.set(id, { claimed: mail, understanding: reading.understanding, key: { wrappedKey, keyId }, decidedAt });
      } else countCode(report, 'skipped:unreadable');
    }
  };
  await Promise.all(Array.from({ length: deps.lanes }, lane));
  return ids.flatMap((id) => read.get(id) ?? []);
}
