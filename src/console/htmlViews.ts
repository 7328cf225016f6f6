import { Worker } from 'node:worker_threads';
import type { Pool } from 'pg';
import type { HtmlView } from '../core/htmlView.ts';
import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { Seal } from '../lib/seal.ts';
import { loadSealedMail } from '../store/loadSealedMail.ts';
import type { ViewAnswer } from './htmlViewThread.ts';

/** `failed`: the thread gave up on it; `gone`: its bytes or their key are. */
export type MailView = HtmlView | { shown: false; why: 'failed' | 'gone' };

/** What is asked about a mail: only one that was decided, and not sealed, has a view. */
export type ViewableMail = { id: number; outcome: string | null; secretLevel: string | null; text: string | null };

export type HtmlViews = {
  /** The view of a mail, made when somebody looks and remembered for a while. Never rejects but for the database. */
  of(mail: ViewableMail): Promise<MailView>;
  close(): Promise<void>;
};

export type HtmlViewsDeps = { pool: Pool; seal: Pick<Seal, 'open'>; log: Log };

/** Longest that one view may take (ms), and that the thread may take to load: a busy machine loads slowly. */
const DEADLINE_MS = 5000;
const START_MS = 30_000;
const MEMORY_MB = 128;
/** A thread that nobody needs gives its memory back (ms). */
const IDLE_MS = 10 * 60_000;
/** Characters of views that are remembered. */
const REMEMBERED = 8_000_000;
/** Views that may wait for the thread; readers beyond see text. */
const QUEUE = 50;

/** One thread that is started when it is first needed. Raw mail is opened here and handed over, not copied. */
export function openHtmlViews({ pool, seal, log }: HtmlViewsDeps): HtmlViews {
  const remembered = new Map<string, Promise<MailView>>();
  const sizes = new Map<string, number>();
  let thread: Worker | null = null;
  let isReady = false;
  /** The mail that the thread has, or that waits for it to load. */
  let job: { raw: Uint8Array; answer(view: MailView): void; timer: NodeJS.Timeout } | null = null;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let isClosed = false;

  function open(): void {
    clearTimeout(idle);
    if (thread !== null) return;
    const made = new Worker(new URL('./htmlViewThread.ts', import.meta.url), {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    });
    thread = made;
    made.on('message', (answer: ViewAnswer) => {
      if (made !== thread) return;
      if (answer === 'ready') {
        isReady = true;
        work();
      } else if ('view' in answer) settle(answer.view);
      else settle({ shown: false, why: 'failed' }, answer.failed);
    });
    const gone = (why: string) => {
      if (made === thread) giveUp(why);
    };
    made.on('error', (error) => gone((error as NodeJS.ErrnoException).code ?? error.name));
    made.on('exit', () => gone('exit'));
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = null;
    isReady = false;
    await ending?.terminate();
  }

  function work(): void {
    if (job === null || thread === null || !isReady) return;
    clearTimeout(job.timer);
    job.timer = setTimeout(giveUp, DEADLINE_MS, 'deadline');
    const moved = new Uint8Array(job.raw.byteLength);
    moved.set(job.raw);
    thread.postMessage(moved, [moved.buffer]);
  }

  function settle(view: MailView, why?: string): void {
    if (job === null) return;
    const { answer, timer } = job;
    job = null;
    clearTimeout(timer);
    if (why !== undefined) log.warn({ why }, 'the view of a mail could not be made');
    answer(view);
    if (!isClosed) idle = setTimeout(() => void end(), IDLE_MS).unref();
  }

  function giveUp(why: string): void {
    settle({ shown: false, why: 'failed' }, why);
    void end();
  }

  function ask(raw: Uint8Array): Promise<MailView> {
    const { promise, resolve } = Promise.withResolvers<MailView>();
    open();
    job = { raw, answer: resolve, timer: setTimeout(giveUp, START_MS, 'start') };
    work();
    return promise;
  }

  async function make(mail: ViewableMail): Promise<MailView> {
    const sealed = await loadSealedMail(pool, mail.id);
    if (sealed === null) return { shown: false, why: 'gone' };
    let raw: Uint8Array;
    try {
      raw = seal.open(sealed.bytes, sealed.wrappedKey, sealed.keyId);
    } catch (error) {
      log.info({ mail: mail.id, error: messageOf(error) }, 'a mail cannot be opened for its view');
      return { shown: false, why: 'gone' };
    }
    const turn = last.then(() => (isClosed ? ({ shown: false, why: 'failed' } as const) : ask(raw)));
    last = turn;
    return turn;
  }

  function forget(key: string): void {
    remembered.delete(key);
    sizes.delete(key);
  }

  return {
    async of(mail) {
      if (mail.outcome === null || mail.outcome === 'parked' || mail.text === null)
        return { shown: false, why: 'none' };
      // Fails closed: what is not known to be free of codes is not opened at all.
      if (mail.secretLevel !== 'none' && mail.secretLevel !== 'masked') return { shown: false, why: 'sealed' };
      const key = `${mail.id} ${mail.outcome} ${mail.secretLevel}`;
      const known = remembered.get(key);
      if (known) return known;
      if (waiting >= QUEUE) return { shown: false, why: 'failed' };
      waiting += 1;
      const made = make(mail).finally(() => {
        waiting -= 1;
      });
      remembered.set(key, made);
      try {
        const view = await made;
        if (!view.shown && (view.why === 'failed' || view.why === 'gone')) forget(key);
        else sizes.set(key, view.shown ? view.html.length : 200);
        let sum = 0;
        for (const [one, size] of [...sizes].toReversed()) {
          sum += size;
          if (sum > REMEMBERED) forget(one);
        }
        return view;
      } catch (error) {
        forget(key);
        throw error;
      }
    },
    async close() {
      isClosed = true;
      settle({ shown: false, why: 'failed' });
      await end();
    },
  };
}
