import { Worker } from 'node:worker_threads';
import type { UnreadWhy } from '../core/unread.ts';
import type { Arrival, AuthResult, Review, Understanding } from '../core/values.ts';
import { threadEnvironment } from '../lib/compileCache.ts';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { KindFiles } from '../lib/kindFiles.ts';
import type { Log } from '../lib/log.ts';
import { startDeadline, type ThreadDeadline } from './threadDeadline.ts';

/** What a thread is given. `raw` is moved there, not copied: its buffer is empty afterwards. */
export type ThreadJob = { raw: Uint8Array; auth: AuthResult; arrival: Arrival; review?: Review | null };
export type ThreadAnswer = { understanding: Understanding } | { failed: string };
/** What a thread says: that it is loaded, or its answer; each time with the processor time that it used so far (ms). */
export type ThreadMessage = { usedMs: number; answer: ThreadAnswer | null };

export type Understood =
  | { state: 'understood'; understanding: Understanding }
  | { state: 'unread'; why: UnreadWhy; error: string }
  /** The signal came before a thread was free; the mail was not looked at. */
  | { state: 'not_started' };

export type ThreadPool = {
  /** Understands one mail in the next free thread. Never rejects while the pool is open. */
  understand(job: ThreadJob, signal?: AbortSignal): Promise<Understood>;
  /** Ends all threads; what waits is answered `not_started`. */
  close(): Promise<void>;
};

export type ThreadPoolOptions = {
  kinds: KindFiles;
  threads: number;
  /** Longest that a thread may work on one mail (ms of processor time); then it is ended and replaced. */
  deadlineMs: number;
  /** Heap of one thread (MiB). */
  memoryMb: number;
  log: Log;
};

type Waiting = { job: ThreadJob; answer: (understood: Understood) => void; signal: AbortSignal | undefined };
type Running = { answer: (understood: Understood) => void; deadline: ThreadDeadline };

/** Time to load a thread before it is given up (ms): generous, for an overloaded machine may take a minute. */
const START_MS = 180_000;
const RESTART_MS = 1000;
/** Longest that a thread may take to end by itself (ms). */
const END_MS = 3000;

/**
 * Opens the threads that understand mail. Resolves when the first is ready; throws RootdeskError when it cannot start,
 * which names the kind file that is wrong.
 */
export async function openThreadPool(options: ThreadPoolOptions): Promise<ThreadPool> {
  const waiting: Waiting[] = [];
  const threads = new Set<Worker>();
  const idle: Worker[] = [];
  const running = new Map<Worker, Running>();
  /** Processor time of each thread at its last word (ms). */
  const used = new WeakMap<Worker, number>();
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  function start(): Promise<void> {
    const thread = new Worker(new URL('./understandThread.ts', import.meta.url), {
      workerData: options.kinds,
      env: threadEnvironment(),
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
    });
    threads.add(thread);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let ready = false;
    let fault: unknown = null;
    const slow = setTimeout(() => {
      fault = new Error(`it was not loaded after ${START_MS / 1000} s`);
      void thread.terminate();
    }, START_MS);
    thread.on('message', ({ usedMs, answer }: ThreadMessage) => {
      used.set(thread, usedMs);
      if (answer === null) {
        ready = true;
        clearTimeout(slow);
        resolve();
      } else {
        settle(thread, fromAnswer(answer));
      }
      if (closed || !threads.has(thread)) return;
      idle.push(thread);
      pump();
    });
    thread.on('error', (error) => {
      fault = error;
    });
    thread.on('exit', () => {
      clearTimeout(slow);
      threads.delete(thread);
      const place = idle.indexOf(thread);
      if (place >= 0) idle.splice(place, 1);
      settle(thread, ended(fault, options.memoryMb));
      if (!ready) reject(fault ?? new Error('the thread ended while it was loading'));
      else if (!closed) replace();
    });
    return promise;
  }

  function replace(): void {
    start().catch((error: unknown) => {
      if (closed) return;
      options.log.error({ reason: messageOf(error) }, 'a rulebook thread does not start; trying again');
      const timer = setTimeout(() => {
        timers.delete(timer);
        if (!closed) replace();
      }, RESTART_MS);
      timers.add(timer);
    });
  }

  function pump(): void {
    while (idle.length > 0 && waiting.length > 0) {
      const next = waiting.shift()!;
      if (next.signal?.aborted) next.answer({ state: 'not_started' });
      else run(idle.pop()!, next);
    }
  }

  function run(thread: Worker, { job, answer }: Waiting): void {
    const deadline = startDeadline(thread, {
      deadlineMs: options.deadlineMs,
      usedMs: used.get(thread) ?? 0,
      onOver(seconds) {
        // Out of the set first: a late answer must not bring a dying thread back to work.
        threads.delete(thread);
        settle(thread, overdue(seconds));
        void thread.terminate();
      },
    });
    running.set(thread, { answer, deadline });
    const raw = movable(job.raw);
    thread.postMessage({ ...job, raw } satisfies ThreadJob, [raw.buffer]);
  }

  function settle(thread: Worker, understood: Understood): void {
    const job = running.get(thread);
    if (job === undefined) return;
    running.delete(thread);
    job.deadline.stop();
    job.answer(understood);
  }

  async function close(): Promise<void> {
    closed = true;
    for (const timer of timers) clearTimeout(timer);
    for (const { answer } of waiting.splice(0)) answer({ state: 'not_started' });
    for (const [thread] of running) settle(thread, { state: 'not_started' });
    await Promise.all([...threads].map(end));
  }

  try {
    await start();
  } catch (error) {
    await close();
    throw loadError(error, options.memoryMb);
  }
  for (let n = 1; n < options.threads; n += 1) replace();

  return {
    understand(job, signal) {
      const { promise, resolve } = Promise.withResolvers<Understood>();
      if (closed) resolve({ state: 'not_started' });
      else waiting.push({ job, answer: resolve, signal });
      pump();
      return promise;
    },
    close,
  };
}

/**
 * Lets a thread end by itself and ends it by force only when it does not: V8 may abort the whole process when a thread
 * is torn down while code is being compiled for it.
 */
async function end(thread: Worker): Promise<void> {
  const ended = new Promise((resolve) => thread.once('exit', resolve));
  const timer = setTimeout(() => void thread.terminate(), END_MS);
  thread.postMessage('end');
  await ended;
  clearTimeout(timer);
}

function fromAnswer(answer: ThreadAnswer): Understood {
  if ('understanding' in answer) return { state: 'understood', understanding: answer.understanding };
  return { state: 'unread', why: 'failed', error: `The rulebook failed on this mail (${answer.failed}).` };
}

function overdue(seconds: number): Understood {
  return {
    state: 'unread',
    why: 'deadline',
    error: `Reading it was stopped: the rulebook was not done with it after ${seconds} s.`,
  };
}

function ended(fault: unknown, memoryMb: number): Understood {
  if (isOutOfMemory(fault)) {
    return {
      state: 'unread',
      why: 'memory',
      error: `Reading it was stopped: the rulebook needed more than ${memoryMb} MiB for it.`,
    };
  }
  const name = fault instanceof Error ? fault.name : 'the thread ended';
  return { state: 'unread', why: 'failed', error: `The rulebook failed on this mail (${name}).` };
}

function loadError(error: unknown, memoryMb: number): RootdeskError {
  if (isOutOfMemory(error)) {
    const message = `the rulebook cannot be loaded in ${memoryMb} MiB`;
    return new RootdeskError('memory', message, 'raise limits.understandMemoryMb', {
      exitCode: EXIT.config,
      cause: error,
    });
  }
  const hint = 'mend the files under config/kinds, config/senders.yaml or templates/ticket';
  const message = `the rulebook cannot be loaded: ${messageOf(error)}`;
  return new RootdeskError('kinds', message, hint, { exitCode: EXIT.config, cause: error });
}

function isOutOfMemory(fault: unknown): boolean {
  return (fault as { code?: unknown } | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** The bytes in a buffer of their own, which can be moved to a thread; small ones share one with others. */
function movable(raw: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = raw;
  const own = buffer instanceof ArrayBuffer && buffer.byteLength === raw.byteLength && !buffer.detached;
  if (own && raw.byteOffset === 0) return new Uint8Array(buffer);
  const copy = new Uint8Array(raw.byteLength);
  copy.set(raw);
  return copy;
}
