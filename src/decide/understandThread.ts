import { hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { compileKinds } from '../core/kindBook.ts';
import { understand } from '../core/understand.ts';
import { UNVERIFIED } from '../core/values.ts';
import { keepCompiled } from '../lib/compileCache.ts';
import type { KindFiles } from '../lib/kindFiles.ts';
import { milliseconds } from './threadDeadline.ts';
import type { ThreadAnswer, ThreadJob, ThreadMessage } from './threadPool.ts';

/**
 * One rulebook thread: builds the kinds once, then understands one mail after another. It has no database, no keys and
 * nothing of our environment; what stalls or bloats it ends this thread and nothing else.
 */
const port = parentPort;
if (port === null) throw new Error('understandThread.ts runs as a worker thread only');
const { files, senders } = workerData as KindFiles;
const book = compileKinds(files, senders);

const EMPTY_ARRIVAL: ThreadJob['arrival'] = {
  transport: 'file',
  arrivedAt: '1970-01-01T00:00:00.000Z',
  envelopeFrom: null,
  envelopeTo: [],
  clientIp: null,
  helo: null,
  tls: false,
  trustedAuthservIds: [],
  trustedReceived: 0,
  source: null,
  uidValidity: null,
  uid: null,
};

port.on('message', async (job: ThreadJob | 'end') => {
  if (job === 'end') {
    port.close();
    return;
  }
  const { raw, auth, arrival, review = null } = job;
  let answer: ThreadAnswer;
  try {
    answer = { understanding: await understand({ raw, auth, arrival, review, book, hash: sha256 }) };
  } catch (error) {
    // Only the name: a message may quote the mail.
    answer = { failed: error instanceof Error ? error.name : 'unknown error' };
  }
  say(answer);
});

// One empty mail first: what is loaded on first use is loaded before the first deadline runs.
await understand({ raw: new Uint8Array(), auth: UNVERIFIED, arrival: EMPTY_ARRIVAL, book, hash: sha256 });
// Now, while it is well: a thread that is ended over a mail has neither time nor memory to write down what was compiled.
keepCompiled();
say(null);

function sha256(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

function say(answer: ThreadAnswer | null): void {
  port?.postMessage({ usedMs: milliseconds(process.threadCpuUsage()), answer } satisfies ThreadMessage);
}
