import { afterEach, expect, it } from 'vitest';
import { openThreadPool, type ThreadJob, type ThreadPool } from '../../src/decide/threadPool.ts';
import { readKindFiles } from '../../src/lib/kindFiles.ts';
import { createLog } from '../../src/lib/log.ts';
import { caseMail, PROVEN } from './desk.ts';

const kinds = readKindFiles('config', 'templates');
const log = createLog('silent');
const CASE = '176508697500328';

let pool: ThreadPool | null = null;
afterEach(() => pool?.close());

async function open(set: Partial<Parameters<typeof openThreadPool>[0]> = {}): Promise<ThreadPool> {
  pool = await openThreadPool({ kinds, threads: 1, deadlineMs: 30_000, memoryMb: 192, log, ...set });
  return pool;
}

function jobOf(text: string): ThreadJob {
  return {
    raw: Uint8Array.from(Buffer.from(text)),
    auth: PROVEN('amazon.com'),
    arrival: {
      transport: 'file',
      arrivedAt: '2026-11-20T10:00:00.000Z',
      envelopeFrom: null,
      envelopeTo: [],
      clientIp: null,
      helo: null,
      tls: false,
      trustedAuthservIds: [],
      trustedReceived: 0,
      source: 'file:x',
      uidValidity: null,
      uid: null,
    },
  };
}

it('understands a mail in a thread, and takes its bytes there without a copy', async () => {
  const threads = await open();
  const job = jobOf(caseMail({ caseId: CASE, minute: 0, text: 'Hello' }));
  const understood = await threads.understand(job);
  expect(understood).toMatchObject({ state: 'understood', understanding: { kind: 'support.case_reply' } });
  expect(job.raw.byteLength).toBe(0);
});

it('copies bytes that share their buffer with others', async () => {
  const threads = await open();
  const shared = Buffer.from(`xx${caseMail({ caseId: CASE, minute: 0, text: 'Hello' })}`);
  const raw = new Uint8Array(shared.buffer, shared.byteOffset + 2, shared.length - 2);
  expect(await threads.understand({ ...jobOf(''), raw })).toMatchObject({
    understanding: { kind: 'support.case_reply' },
  });
  expect(raw.byteLength).toBe(shared.length - 2);
});

it('ends a thread past its deadline, says so, and works on with a new one', async () => {
  const threads = await open({ deadlineMs: 25 });
  const slow = caseMail({ caseId: CASE, minute: 0, text: 'word and another word '.repeat(400_000) });
  expect(await threads.understand(jobOf(slow))).toEqual({
    state: 'unread',
    why: 'deadline',
    // The longer time when the machine is so busy that the thread hardly ran.
    error: expect.stringMatching(/^Reading it was stopped: the rulebook was not done with it after 0\.(025|125) s\.$/),
  });
  const small = caseMail({ caseId: CASE, minute: 0, text: 'Hello' });
  let again = await threads.understand(jobOf(small));
  // On a busy machine a new thread may need more than that for its first mail.
  for (let n = 0; n < 20 && again.state === 'unread'; n += 1) again = await threads.understand(jobOf(small));
  expect(again).toMatchObject({ state: 'understood' });
});

it('ends a thread that needs more memory than it may have, and lives on', async () => {
  const threads = await open({ memoryMb: 48 });
  // Reading bounds what a mail can take, so what comes beside it must be what is too much.
  const ignored = Array.from({ length: 1_000_000 }, (_, n) => ({ name: `name ${n}`, why: `why ${n}` }));
  const job = jobOf(caseMail({ caseId: CASE, minute: 0, text: 'Hello' }));
  const understood = await threads.understand({ ...job, auth: { ...job.auth, ignored } });
  expect(understood).toMatchObject({ state: 'unread', why: 'memory', error: expect.stringContaining('48 MiB') });
  const next = await threads.understand(jobOf(caseMail({ caseId: CASE, minute: 0, text: 'Hello' })));
  expect(next.state).toBe('understood');
});

it('gives back what no thread began before the signal', async () => {
  const threads = await open({ deadlineMs: 300 });
  const slow = caseMail({ caseId: CASE, minute: 0, text: 'word and another word '.repeat(400_000) });
  const first = threads.understand(jobOf(slow));
  const second = threads.understand(jobOf('Subject: x\r\n\r\n'), AbortSignal.abort());
  expect((await first).state).not.toBe('not_started');
  expect(await second).toEqual({ state: 'not_started' });
});

it('answers everything when it is closed', async () => {
  const threads = await open();
  const mails = Array.from({ length: 5 }, (_, n) => threads.understand(jobOf(`Subject: ${n}\r\n\r\n`)));
  await threads.close();
  for (const mail of await Promise.all(mails)) expect(mail.state).toMatch(/^(understood|not_started)$/);
  expect(await threads.understand(jobOf('Subject: x\r\n\r\n'))).toEqual({ state: 'not_started' });
});

it('does not open with too little memory, and names the setting', async () => {
  await expect(open({ memoryMb: 4 })).rejects.toMatchObject({ hint: expect.stringContaining('understandMemoryMb') });
});

it('does not open with kinds that are wrong, and names the file', async () => {
  const files = [{ name: 'kinds/broken.yaml', data: { kind: 'broken', surprise: true } }];
  await expect(open({ kinds: { ...kinds, files } })).rejects.toThrow(/kinds\/broken\.yaml/);
});
