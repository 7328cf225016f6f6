import { generateKeyPairSync, hash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { compileKinds, type KindBook } from '../src/core/kindBook.ts';
import { understand } from '../src/core/understand.ts';
import { type Arrival, type AuthResult, UNVERIFIED } from '../src/core/values.ts';
import { signMail } from '../src/demo/signMail.ts';
import { readKindFiles } from '../src/lib/kindFiles.ts';
import { authenticate } from '../src/receive/authenticate.ts';
import { arrivalAt, arrive } from '../test/kinds/corpus/arrive.ts';
import { corpora } from '../test/kinds/corpus/index.ts';
import { createCorpus } from './corpus.ts';
import { hostileMails } from './hostile.ts';
import { quantile } from './measure.ts';
import { mutatedMail } from './mutate.ts';
import { sharesOf } from './stages.ts';

/**
 * The pure rulebook on one thread: what `understand` costs over the generated corpus (15 to 60 KB a mail) and over the
 * signed corpus of the tests (short mails of every kind), the shares of its steps, authentication apart, the start of a
 * rulebook, and the dearest mails of a hostile set. CPU time is that of the whole process, so that V8's own threads
 * count. Options: `--mails N` (default 2000), `--fuzz N` (nothing but N broken mails, default 100,000: `understand` is
 * total), `--seed N` (of the first of them, default 1).
 */
export async function run(args: string[]): Promise<void> {
  const { files, senders } = readKindFiles('config', 'templates');
  const from = cpu();
  const book = compileKinds(files, senders);
  const startMs = cpu() - from;
  if (args.includes('--fuzz')) {
    const count = option(args, '--fuzz', 100_000);
    return fuzz(book, count, option(args, '--seed', 1));
  }
  const mails = await generated(option(args, '--mails', 2000));
  const signed = (await Promise.all(Object.values(corpora).map(arrive))).flat();
  const warm = mails.slice(0, 300);
  await readAll(warm, book);
  await readAll(signed, book);
  const results = {
    startMs,
    generated: await measure(mails, book),
    signed: await measure([...signed, ...signed, ...signed], book),
    shares: await sharesOf(() => readAll(mails, book)),
    authenticateMs: await authentication(mails.slice(0, 1000)),
    hostile: await hostile(book),
  };
  print(results);
  mkdirSync('bench-results', { recursive: true });
  writeFileSync('bench-results/understand.json', `${JSON.stringify(results, null, 2)}\n`);
  process.stderr.write('Written to bench-results/understand.json\n');
}

type Mail = { raw: Buffer; auth: AuthResult; arrival: Arrival };

/** The corpus of the road's bench, signed and authenticated. */
async function generated(count: number): Promise<Mail[]> {
  process.stderr.write(`Making ${count} mails…\n`);
  const corpus = createCorpus(50, 1, (raw, domain) =>
    signMail(raw, { domain, selector: 'bench', privateKey: KEY.pem }),
  );
  const mails: Mail[] = [];
  for (let index = 0; index < count; index += 1) {
    const { raw, to } = corpus.mail(index);
    const arrival = arrivalAt(to, new Date('2026-11-24T00:00:00Z'));
    mails.push({ raw, arrival, auth: await authenticateMail(raw, arrival) });
  }
  return mails;
}

const KEY = (() => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), record };
})();

function authenticateMail(raw: Buffer, arrival: Arrival): Promise<AuthResult> {
  const resolver = async (name: string) => {
    if (name.startsWith('bench._domainkey.')) return [[KEY.record]];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  };
  return authenticate(raw, arrival, { resolver, now: new Date(arrival.arrivedAt), timeoutMs: 2000 });
}

async function readAll(mails: readonly Mail[], book: KindBook): Promise<void> {
  for (const mail of mails) await understand({ ...mail, book, hash: sha256 });
}

type Measured = { mails: number; averageKb: number; cpuMsPerMail: number; mailsPerSecond: number; p99Ms: number };

async function measure(mails: readonly Mail[], book: KindBook): Promise<Measured> {
  const times: number[] = [];
  const from = cpu();
  for (const mail of mails) {
    const start = performance.now();
    await understand({ ...mail, book, hash: sha256 });
    times.push(performance.now() - start);
  }
  const cpuMsPerMail = (cpu() - from) / mails.length;
  return {
    mails: mails.length,
    averageKb: mails.reduce((sum, { raw }) => sum + raw.length, 0) / mails.length / 1024,
    cpuMsPerMail,
    mailsPerSecond: 1000 / cpuMsPerMail,
    p99Ms: quantile(times, 0.99),
  };
}

/** CPU-ms that verifying one mail costs, DNS answered from memory. */
async function authentication(mails: readonly Mail[]): Promise<number> {
  const from = cpu();
  for (const { raw, arrival } of mails) await authenticateMail(raw, arrival);
  return (cpu() - from) / mails.length;
}

/** CPU-ms of this thread for each hostile mail, the dearest first. */
async function hostile(book: KindBook): Promise<{ name: string; ms: number }[]> {
  const measured: { name: string; ms: number }[] = [];
  for (const { name, raw } of hostileMails()) {
    const from = threadCpu();
    await understand({ raw, auth: UNVERIFIED, arrival: HOSTILE_ARRIVAL, book, hash: sha256 });
    measured.push({ name, ms: threadCpu() - from });
  }
  return measured.toSorted((a, b) => b.ms - a.ms);
}

/** Broken mails, each by its own seed; failures are printed with it. The exit code says whether there was one. */
async function fuzz(book: KindBook, count: number, firstSeed: number): Promise<void> {
  const arrived = (await Promise.all(Object.values(corpora).map(arrive))).flat();
  const corpus = createCorpus(20, 7, (raw) => raw);
  const sources = [
    ...arrived.map(({ raw }) => raw),
    ...Array.from({ length: 10 }, (_, index) => corpus.mail(index).raw),
  ];
  let failures = 0;
  let slowest = { seed: 0, ms: 0 };
  for (let seed = firstSeed; seed < firstSeed + count; seed += 1) {
    const raw = mutatedMail(seed, sources);
    const { auth, arrival } = arrived[seed % arrived.length]!;
    const from = threadCpu();
    try {
      const understanding = await understand({ raw, auth, arrival, book, hash: sha256 });
      if (/\\u0000|\\ud[89a-f]/.test(JSON.stringify(understanding)))
        throw new Error('it holds what no table can store');
    } catch (error) {
      failures += 1;
      process.stderr.write(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}\n`);
    }
    const ms = threadCpu() - from;
    if (ms > slowest.ms) slowest = { seed, ms };
    if ((seed - firstSeed + 1) % 10_000 === 0) process.stderr.write(`${seed - firstSeed + 1} of ${count}\n`);
  }
  process.stdout.write(
    `${count} broken mails, ${failures} failures, the dearest ${slowest.ms.toFixed(0)} ms (seed ${slowest.seed})\n`,
  );
  if (failures > 0) process.exitCode = 1;
}

const HOSTILE_ARRIVAL = arrivalAt('root@acme.example', new Date('2026-11-24T00:00:00Z'));

function sha256(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

/** CPU time of this process so far (ms). */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function threadCpu(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function print(results: {
  startMs: number;
  generated: Measured;
  signed: Measured;
  shares: Record<string, number>;
  authenticateMs: number;
  hostile: { name: string; ms: number }[];
}): void {
  const row = (measured: Measured) => ({
    mails: measured.mails,
    'KB/mail': measured.averageKb.toFixed(1),
    'CPU-ms/mail': measured.cpuMsPerMail.toFixed(2),
    'mails/s on one core': measured.mailsPerSecond.toFixed(0),
    'p99 ms': measured.p99Ms.toFixed(1),
  });
  console.table({ 'generated corpus': row(results.generated), 'signed corpus': row(results.signed) });
  const perMail = results.generated.cpuMsPerMail;
  console.table(
    Object.fromEntries(
      Object.entries(results.shares).map(([stage, share]) => [
        stage,
        { share: `${(share * 100).toFixed(0)} %`, 'CPU-ms/mail': (share * perMail).toFixed(2) },
      ]),
    ),
  );
  console.table({
    'authenticate a mail (not in the above)': { 'CPU-ms': results.authenticateMs.toFixed(2) },
    'compile the kinds, cold': { 'CPU-ms': results.startMs.toFixed(0) },
  });
  console.table(results.hostile.slice(0, 10).map(({ name, ms }) => ({ hostile: name, 'CPU-ms': ms.toFixed(0) })));
  process.stdout.write(`${results.hostile.length} hostile mails\n`);
}

function option(args: string[], name: string, fallback: number): number {
  const index = args.indexOf(name);
  if (index < 0) return fallback;
  const given = args[index + 1];
  const value = given === undefined || given.startsWith('--') ? fallback : Number(given);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a whole number`);
  return value;
}
