import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { milliseconds, startDeadline } from '../../src/decide/threadDeadline.ts';

const DEADLINE_MS = 2000;
const BEFORE_MS = 700;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A thread that has used this much processor time (ms) whenever it is asked. */
function thread(usedMs: () => number | null) {
  return {
    cpuUsage: async () => {
      const used = usedMs();
      if (used === null) return new Promise<never>(() => {});
      return { user: used * 900, system: used * 100 };
    },
  };
}

function run(usedMs: () => number | null) {
  const startedAt = Date.now();
  const over: { seconds: number; afterMs: number }[] = [];
  const deadline = startDeadline(thread(usedMs), {
    deadlineMs: DEADLINE_MS,
    usedMs: BEFORE_MS,
    onOver: (seconds) => over.push({ seconds, afterMs: Date.now() - startedAt }),
  });
  return { deadline, over, startedAt };
}

it('is over when the thread worked for the deadline, without what it did before', async () => {
  const startedAt = Date.now();
  const { over } = run(() => BEFORE_MS + (Date.now() - startedAt));
  await vi.advanceTimersByTimeAsync(DEADLINE_MS - 1);
  expect(over).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(over).toEqual([{ seconds: 2, afterMs: 2000 }]);
});

it('waits for a thread that gets a third of a processor', async () => {
  const startedAt = Date.now();
  const { over } = run(() => BEFORE_MS + (Date.now() - startedAt) / 3);
  await vi.advanceTimersByTimeAsync(3 * DEADLINE_MS - 1);
  expect(over).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(over).toEqual([{ seconds: 2, afterMs: expect.any(Number) }]);
});

it.each([
  ['gets no processor at all', () => BEFORE_MS],
  ['cannot be asked', () => null],
])('gives a thread that %s five deadlines on the clock', async (_name, usedMs) => {
  const { over } = run(usedMs);
  await vi.advanceTimersByTimeAsync(5 * DEADLINE_MS - 1);
  expect(over).toEqual([]);
  await vi.advanceTimersByTimeAsync(DEADLINE_MS);
  expect(over).toEqual([{ seconds: 10, afterMs: 5 * DEADLINE_MS }]);
});

it('takes the longest deadline that the settings allow', async () => {
  const over: number[] = [];
  const options = { deadlineMs: 2_147_483_647, usedMs: 0, onOver: (seconds: number) => over.push(seconds) };
  const deadline = startDeadline(
    thread(() => 0),
    options,
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(over).toEqual([]);
  deadline.stop();
});

it('is never over once it was stopped', async () => {
  const { deadline, over } = run(() => BEFORE_MS + 10 * DEADLINE_MS);
  deadline.stop();
  await vi.advanceTimersByTimeAsync(10 * DEADLINE_MS);
  expect(over).toEqual([]);
});

it('can ask a thread that is busy', async () => {
  vi.useRealTimers();
  const busy = new Worker(`require('node:worker_threads').parentPort.postMessage('busy'); for (;;);`, { eval: true });
  try {
    await once(busy, 'message');
    const first = milliseconds(await busy.cpuUsage());
    await expect.poll(async () => milliseconds(await busy.cpuUsage()), { timeout: 20_000 }).toBeGreaterThan(first + 20);
  } finally {
    await busy.terminate();
  }
});
