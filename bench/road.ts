import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { startDnsServer } from '../src/demo/dnsServer.ts';
import { signMail } from '../src/demo/signMail.ts';
import { createLog } from '../src/lib/log.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { type Corpus, createCorpus } from './corpus.ts';
import { dotStuffed, LmtpClient } from './lmtpClient.ts';
import { cpuOfEnded, cpuOfProcess, cpuOfThreads, cpuOfTree, parentOf, peakRss, quantile } from './measure.ts';

/**
 * The main road: a generated corpus through LMTP, then through import, into committed tickets, on a fresh embedded
 * database. CPU time is that of the whole tree of processes (ours, the rulebook threads and PostgreSQL; of the import
 * also its own start), without this bench. Busy latency is from the taken mail to its decision under full load, idle
 * latency from the 250 to the visible ticket. Options: `--mails N` (default 2000), `--connections N` (default 16), `--idle N` (default 100), `--only lmtp`,
 * `--only import`. NODE_OPTIONS are handed on: with `--cpu-prof` each process writes its profile.
 */
export async function run(args: string[]): Promise<void> {
  const mails = option(args, '--mails', 2000);
  const connections = option(args, '--connections', 16);
  const idle = option(args, '--idle', 100);
  const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : null;
  const folder = mkdtempSync(join(tmpdir(), 'rootdesk-bench-'));
  // Else the database of a bench run by root, which is another user's, lies elsewhere and is left behind.
  chmodSync(folder, 0o711);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const txt = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
  const dns = await startDnsServer(
    ['amazon.com', 'aws.com', 'amazonaws.com'].flatMap((domain) => [
      { type: 'TXT' as const, name: `bench._domainkey.${domain}`, data: txt },
      { type: 'TXT' as const, name: `_dmarc.${domain}`, data: 'v=DMARC1; p=quarantine' },
    ]),
  );
  const sign = (raw: Buffer, domain: string) => signMail(raw, { domain, selector: 'bench', privateKey: pem });
  const results: Result[] = [];
  try {
    process.stderr.write(`Making ${mails} mails…\n`);
    const corpus = createCorpus(50, 1, sign);
    if (only !== 'import') results.push(await throughLmtp(folder, dns.server, corpus, mails, connections, idle));
    if (only !== 'lmtp') results.push(await throughImport(folder, dns.server, createCorpus(50, 2, sign), mails));
  } finally {
    await dns.close();
    rmSync(folder, { recursive: true, force: true });
  }
  print(results);
  mkdirSync('bench-results', { recursive: true });
  writeFileSync('bench-results/road.json', `${JSON.stringify(results, null, 2)}\n`);
  process.stderr.write('Written to bench-results/road.json\n');
}

type Result = {
  way: string;
  mails: number;
  megabytes: number;
  mailsPerSecond: number;
  cpuMsPerMail: number;
  /** Of that: our own processes, and the database's. */
  cpuMsNode: number;
  cpuMsPostgres: number;
  /** CPU-ms a mail of the app's threads, by name: JIT and garbage collection run in threads of their own. */
  cpuMsByThread: Record<string, number>;
  busyP50Ms: number | null;
  busyP99Ms: number | null;
  idleP50Ms: number | null;
  idleP99Ms: number | null;
  peakRssMb: number;
};

/** What `npm start` hands to Node. */
const AS_NPM_START = ['--max-semi-space-size=4'];
const SENDER = 'bounce@us-west-2.amazonses.com';

type Running = { child: ChildProcess; lmtpPort: number; postmaster: number; pool: pg.Pool; stop(): Promise<void> };

function environment(folder: string, name: string, dns: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '/',
    NODE_OPTIONS: process.env.NODE_OPTIONS ?? '',
    ROOTDESK_DATA_DIR: join(folder, name),
    ROOTDESK_DNS_SERVERS: dns,
    ROOTDESK_HTTP_PORT: '0',
    ROOTDESK_SMTP_PORT: '0',
    ROOTDESK_LMTP_PORT: '0',
    ROOTDESK_LOG_LEVEL: 'warn',
  };
}

/** Loads the corpus' customers and starts the app as a user does. */
async function start(folder: string, name: string, dns: string, corpus: Corpus): Promise<Running> {
  const env = environment(folder, name, dns);
  const file = join(folder, `${name}.json`);
  writeFileSync(
    file,
    JSON.stringify({
      customers: corpus.customers.map((customer) => ({
        slug: customer.slug,
        name: customer.slug,
        language: 'en',
        managementAccount: customer.account,
        rootAddresses: [customer.address],
      })),
    }),
  );
  await promisify(execFile)(process.execPath, ['src/cli.ts', 'customers', 'import', file], { env });
  const child = spawn(process.execPath, [...AS_NPM_START, 'src/cli.ts', 'start'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ready.')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the app ended with ${code}`)));
  });
  await ready;
  const lmtpPort = Number(/^LMTP +\S*:(\d+)$/m.exec(output)?.[1]);
  if (!lmtpPort) throw new Error(`the app names no LMTP port: ${output}`);
  const embedded = await startEmbedded({ dataDir: env.ROOTDESK_DATA_DIR!, log: createLog('silent'), role: 'command' });
  const pool = new pg.Pool({ connectionString: embedded.url, max: 1 });
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  const postmaster = parentOf(rows[0]!.pid);
  return {
    child,
    lmtpPort,
    postmaster,
    pool,
    async stop() {
      await pool.end();
      await embedded.stop();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Waits until every kept mail has its outcome. Asks the index of due mails, which is empty then. */
async function untilDecided(pool: pg.Pool): Promise<void> {
  const due = 'select exists (select from mails where decide_due is not null or auth_due is not null) as due';
  while ((await pool.query<{ due: boolean }>(due)).rows[0]?.due) await pause(20);
}

/** Throws unless so many mails were kept and each of them is in a ticket: a fast road to nowhere must not count. */
async function checkTickets(pool: pg.Pool, wanted: number): Promise<void> {
  const { rows } = await pool.query<{ outcome: string; count: string }>(
    "select coalesce(outcome, 'none') as outcome, count(*) from mails group by 1",
  );
  const inTickets = rows.filter(({ outcome }) => outcome === 'open' || outcome === 'append');
  if (inTickets.reduce((sum, { count }) => sum + Number(count), 0) !== wanted || rows.length !== inTickets.length)
    throw new Error(`expected ${wanted} mails in tickets, got ${JSON.stringify(rows)}`);
}

type Cpu = { node: number; postgres: number; threads: Record<string, number> };

/**
 * CPU time (ms) so far of the app, of commands that this bench started and that ended, and of the database, which lives
 * in a process group of its own although the app started it. Backends that ended are in the postmaster's count.
 */
function cpuNow({ child, postmaster }: Running): Cpu {
  const pid = child.pid as number;
  return { node: cpuOfProcess(pid) + cpuOfEnded(), postgres: cpuOfTree(postmaster), threads: cpuOfThreads(pid) };
}

function cpuSince(before: Cpu, running: Running, mails: number) {
  const now = cpuNow(running);
  const node = (now.node - before.node) / mails;
  const postgres = (now.postgres - before.postgres) / mails;
  const cpuMsByThread = Object.fromEntries(
    Object.entries(now.threads).map(([name, ms]) => [name, (ms - (before.threads[name] ?? 0)) / mails]),
  );
  return { cpuMsPerMail: node + postgres, cpuMsNode: node, cpuMsPostgres: postgres, cpuMsByThread };
}

async function throughLmtp(
  folder: string,
  dns: string,
  corpus: Corpus,
  mails: number,
  connections: number,
  idle: number,
): Promise<Result> {
  const warm = 200;
  const stuffed = Array.from({ length: warm + mails + idle }, (_, index) => {
    const mail = corpus.mail(index);
    return { to: mail.to, data: dotStuffed(mail.raw), size: mail.raw.length };
  });
  const running = await start(folder, 'lmtp', dns, corpus);
  try {
    const clients = await Promise.all(Array.from({ length: connections }, () => LmtpClient.open(running.lmtpPort)));
    const feed = async (from: number, to: number) => {
      let next = from;
      await Promise.all(
        clients.map(async (client) => {
          for (let index = next++; index < to; index = next++) {
            const mail = stuffed[index]!;
            await client.deliver(SENDER, mail.to, mail.data);
          }
        }),
      );
    };
    process.stderr.write('LMTP: warming up…\n');
    await feed(0, warm);
    await untilDecided(running.pool);
    process.stderr.write('LMTP: measuring…\n');
    const before = cpuNow(running);
    const startedAt = performance.now();
    await feed(warm, warm + mails);
    await untilDecided(running.pool);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = cpuSince(before, running, mails);
    const { rows: busy } = await running.pool.query<{ ms: number }>(
      `select extract(epoch from decided_at - received_at)::float8 * 1000 as ms from mails order by id offset ${warm}`,
    );
    process.stderr.write('LMTP: one at a time…\n');
    const latencies: number[] = [];
    for (const mail of stuffed.slice(warm + mails)) {
      await pause(30);
      await clients[0]!.deliver(SENDER, mail.to, mail.data);
      latencies.push(await untilNewestDecided(running.pool));
    }
    await checkTickets(running.pool, stuffed.length);
    for (const client of clients) client.close();
    return {
      way: 'lmtp',
      mails,
      megabytes: stuffed.slice(warm, warm + mails).reduce((sum, mail) => sum + mail.size, 0) / 1e6,
      mailsPerSecond: mails / seconds,
      ...cpu,
      busyP50Ms: quantile(
        busy.map(({ ms }) => ms),
        0.5,
      ),
      busyP99Ms: quantile(
        busy.map(({ ms }) => ms),
        0.99,
      ),
      idleP50Ms: quantile(latencies, 0.5),
      idleP99Ms: quantile(latencies, 0.99),
      peakRssMb: peakRss(running.child.pid as number),
    };
  } finally {
    await running.stop();
  }
}

/** Time (ms) until the mail that was acknowledged last is decided: one row by the primary key, asked every ms. */
async function untilNewestDecided(pool: pg.Pool): Promise<number> {
  const acknowledgedAt = performance.now();
  const newest = 'select decided_at is not null as decided from mails order by id desc limit 1';
  while (!(await pool.query<{ decided: boolean }>(newest)).rows[0]?.decided) await pause(1);
  return performance.now() - acknowledgedAt;
}

async function throughImport(folder: string, dns: string, corpus: Corpus, mails: number): Promise<Result> {
  const box = join(folder, 'corpus.mbox');
  const parts: Buffer[] = [];
  let bytes = 0;
  for (let index = 0; index < mails; index++) {
    const { raw } = corpus.mail(index);
    bytes += raw.length;
    const quoted = raw
      .toString('latin1')
      .replace(/\r\n/g, '\n')
      .replace(/^(>*From )/gm, '>$1');
    parts.push(Buffer.from(`From bounce@amazonses.com Fri Nov 20 00:00:00 2026\n${quoted}\n`, 'latin1'));
  }
  writeFileSync(box, Buffer.concat(parts));
  const running = await start(folder, 'import', dns, corpus);
  try {
    process.stderr.write('Import: measuring…\n');
    const before = cpuNow(running);
    const startedAt = performance.now();
    const importer = spawn(process.execPath, ['src/cli.ts', 'import', box], {
      env: environment(folder, 'import', dns),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [code] = await once(importer, 'exit');
    if (code !== 0) throw new Error(`the import ended with ${code}`);
    await untilDecided(running.pool);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = cpuSince(before, running, mails);
    await checkTickets(running.pool, mails);
    return {
      way: 'import',
      mails,
      megabytes: bytes / 1e6,
      mailsPerSecond: mails / seconds,
      ...cpu,
      busyP50Ms: null,
      busyP99Ms: null,
      idleP50Ms: null,
      idleP99Ms: null,
      peakRssMb: peakRss(running.child.pid as number),
    };
  } finally {
    await running.stop();
  }
}

function print(results: Result[]): void {
  const rows = results.map((result) => ({
    way: result.way,
    mails: result.mails,
    MB: result.megabytes.toFixed(0),
    'mails/s': result.mailsPerSecond.toFixed(0),
    'CPU-ms/mail': result.cpuMsPerMail.toFixed(2),
    'Node + PG': `${result.cpuMsNode.toFixed(2)} + ${result.cpuMsPostgres.toFixed(2)}`,
    'busy p50/p99 ms': show(result.busyP50Ms, result.busyP99Ms),
    'idle p50/p99 ms': show(result.idleP50Ms, result.idleP99Ms),
    'peak RSS MB': result.peakRssMb.toFixed(0),
  }));
  console.table(rows);
}

function show(p50: number | null, p99: number | null): string {
  return p50 === null || p99 === null ? '–' : `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}

function option(args: string[], name: string, fallback: number): number {
  const index = args.indexOf(name);
  const value = index < 0 ? fallback : Number(args[index + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a whole number`);
  return value;
}
