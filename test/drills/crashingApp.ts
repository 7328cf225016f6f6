import type { Pool, PoolClient } from 'pg';
import { startApp, untilStopped } from '../../src/app.ts';
import { createLog } from '../../src/lib/log.ts';
import type { Bell } from '../../src/queue/bell.ts';
import { loadSettings } from '../../src/settings.ts';

/**
 * The product with a death at a chosen step: what the composition root lets us put around the pool and the bell counts
 * every statement and ring, and ends the process (SIGKILL) right before the one that the parent names (a number on standard
 * input, counted from then on; 0 only counts; "count" asks for the count). The road itself knows nothing of it. Its
 * clock may be ahead, so that leases of a killed process have run out.
 */
const aheadMs = Number(process.env.CLOCK_AHEAD_MS ?? 0);
let crashAt = 0;
let counting = false;
let steps = 0;

function step(): void {
  if (!counting) return;
  steps++;
  if (steps === crashAt) process.kill(process.pid, 'SIGKILL');
}

/** Counts every statement that goes through a client of the pool or the pool itself. */
function countingPool(pool: Pool): Pool {
  const wrapClient = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get(target, name) {
        const value = Reflect.get(target, name, target) as unknown;
        if (typeof value !== 'function') return value;
        if (name !== 'query') return value.bind(target);
        return (...args: unknown[]) => {
          step();
          return (value as (...all: unknown[]) => unknown).apply(target, args);
        };
      },
    });
  return new Proxy(pool, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      if (name === 'query') {
        return (...args: unknown[]) => {
          step();
          return (value as (...all: unknown[]) => unknown).apply(target, args);
        };
      }
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

function countingBell(bell: Bell): Bell {
  return {
    ...bell,
    async ring(chime) {
      step();
      await bell.ring(chime);
      step();
    },
  };
}

const settings = loadSettings();
const stopped = untilStopped();
const app = await startApp({
  settings,
  log: createLog(settings.logLevel),
  // The whole road; the pages only read.
  roles: ['receive', 'decide', 'act'],
  use: 'start',
  clock: { now: () => new Date(Date.now() + aheadMs) },
  wrapPool: countingPool,
  wrapBell: countingBell,
});
process.stdin.on('data', (chunk: Buffer) => {
  const word = chunk.toString().trim();
  if (word === 'count') {
    process.stdout.write(`${JSON.stringify({ steps })}\n`);
    counting = false;
    return;
  }
  crashAt = Number(word);
  steps = 0;
  counting = true;
});
process.stdout.write(`${JSON.stringify({ smtpPort: app.receiving?.smtpPort })}\n`);
await stopped;
process.stdin.destroy();
await app.close();
