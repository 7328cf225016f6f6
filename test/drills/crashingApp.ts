import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Pool, PoolClient } from 'pg';
import { startApp } from '../../src/app.ts';
import { createLog } from '../../src/lib/log.ts';
import type { Bell } from '../../src/queue/bell.ts';
import { loadSettings } from '../../src/settings.ts';

/**
 * The product several times in one process, each a lane with a database and settings of its own, that dies at a chosen
 * step: what the composition root lets us put around pool and bell counts every statement and ring. Right before the
 * step that the parent names, the lane is cut off: nothing that it writes to any socket leaves any more, no statement,
 * no ring, no answer to a client, no notice. To everybody outside that is a process that was killed there. When all lanes
 * are cut off the parent kills the process for good (SIGKILL), so that one start serves many deaths. The road itself
 * knows nothing of it. The clock may be ahead, so that leases of a killed process have run out.
 *
 * Standard input and output speak JSON, one object a line: see Order and Word.
 */
export type Order =
  /** First line: how to start. */
  | { lanes: Record<string, string>[]; aheadMs: number }
  /** Counts the steps of a lane from now on and cuts it off before this one; 0 only counts. */
  | { lane: number; crashAt: number }
  /** Asks for the count. */
  | { lane: number; count: true };
export type Word = { ports: number[] } | { lane: number; cutOff: true } | { lane: number; steps: number };

type Lane = { index: number; steps: number; crashAt: number; isCounting: boolean; isCutOff: boolean };

const current = new AsyncLocalStorage<Lane>();

/** Not through a stream: a lane that is cut off writes to none. */
function say(word: Word): void {
  writeSync(1, `${JSON.stringify(word)}\n`);
}

function step(lane: Lane): void {
  if (!lane.isCounting || lane.isCutOff) return;
  lane.steps++;
  if (lane.steps !== lane.crashAt) return;
  lane.isCutOff = true;
  say({ lane: lane.index, cutOff: true });
}

type Write = (...args: unknown[]) => void;
const sockets = Socket.prototype as unknown as { _write: Write; _writev: Write };
for (const name of ['_write', '_writev'] as const) {
  const write = sockets[name];
  sockets[name] = function held(this: Socket, ...args: unknown[]) {
    if (!current.getStore()?.isCutOff) write.apply(this, args);
  };
}

/** Counts every statement that goes through a client of the pool or the pool itself. */
function countingPool(pool: Pool, lane: Lane): Pool {
  const counted = (target: object, value: unknown) =>
    function query(...args: unknown[]) {
      step(lane);
      return (value as (...all: unknown[]) => unknown).apply(target, args);
    };
  const wrapClient = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        return name === 'query' ? counted(target, value) : value.bind(target);
      },
    });
  return new Proxy(pool, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      if (name === 'query') return counted(target, value);
      if (name === 'connect') {
        return (callback?: (error: Error | undefined, client?: PoolClient, done?: () => void) => void) => {
          if (!callback) return target.connect().then(wrapClient);
          target.connect((error, client, done) => callback(error, client && wrapClient(client), done));
        };
      }
      return value.bind(target);
    },
  });
}

function countingBell(bell: Bell, lane: Lane): Bell {
  return {
    ...bell,
    async ring(chime) {
      step(lane);
      await bell.ring(chime);
      step(lane);
    },
  };
}

async function startLane(lane: Lane, env: Record<string, string>, aheadMs: number): Promise<number> {
  const settings = loadSettings({ env });
  const app = await startApp({
    settings,
    log: createLog(settings.logLevel),
    // The whole road; the pages only read.
    roles: ['receive', 'decide', 'act'],
    use: 'start',
    clock: { now: () => new Date(Date.now() + aheadMs) },
    wrapPool: (pool) => countingPool(pool, lane),
    wrapBell: (bell) => countingBell(bell, lane),
  });
  return app.receiving?.smtpPort ?? 0;
}

let lanes: Lane[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  if ('lanes' in order) {
    lanes = order.lanes.map((_, index) => ({ index, steps: 0, crashAt: 0, isCounting: false, isCutOff: false }));
    const ports: number[] = [];
    // One after another: what a start does at one go, five would do at one go five times as long.
    for (const [index, env] of order.lanes.entries()) {
      const lane = lanes[index]!;
      ports.push(await current.run(lane, () => startLane(lane, env, order.aheadMs)));
    }
    say({ ports });
    flushCompileCache();
  } else {
    const lane = lanes[order.lane]!;
    if ('count' in order) {
      say({ lane: lane.index, steps: lane.steps });
      lane.isCounting = false;
    } else Object.assign(lane, { steps: 0, crashAt: order.crashAt, isCounting: true });
  }
}
