import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { parseCustomersFile } from '../src/core/customersFile.ts';
import { startDnsServer } from '../src/demo/dnsServer.ts';
import { signMail } from '../src/demo/signMail.ts';
import { createLog } from '../src/lib/log.ts';
import { importCustomers } from '../src/store/customers.ts';
import { openDatabase } from '../src/store/database.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPool } from '../src/store/pool.ts';
import { makeDataFolder } from '../test/servers/dataFolder.ts';
import { type Corpus, createCorpus } from './corpus.ts';
import { cpuOfTree } from './measure.ts';

/** One process of ours. */
export type Worker = { pid: number; ports: Record<string, number | string | null>; stop(): Promise<void> };

/** What the parts of `bench -- watch` stand on: a fresh database, a DNS server with the senders' keys, processes of ours. */
export type World = {
  pool: Pool;
  /** Of the database. */
  postmaster: number;
  databaseUrl: string;
  /** A temporary folder, removed at the end. */
  folder: string;
  /** A corpus over so many customers, who are taken in. */
  customers(count: number, seed: number): Promise<Corpus>;
  /** Starts `workers/FILE.ts` on these mailboxes. */
  worker(file: string, options?: { mailboxes?: readonly object[]; env?: Record<string, string> }): Promise<Worker>;
  /** Environment of a command on these mailboxes. */
  environment(mailboxes: readonly object[]): Record<string, string>;
  close(): Promise<void>;
};

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const KEY = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

export async function openWorld(): Promise<World> {
  const folder = makeDataFolder();
  const log = createLog('silent');
  const embedded = await startEmbedded({ dataDir: folder.path, log });
  const pool = openPool(embedded.url, { max: 4 });
  await migrate(pool, log);
  const dns = await startDnsServer(
    ['amazon.com', 'aws.com', 'amazonaws.com'].flatMap((domain) => [
      { type: 'TXT' as const, name: `bench._domainkey.${domain}`, data: KEY },
      { type: 'TXT' as const, name: `_dmarc.${domain}`, data: 'v=DMARC1; p=quarantine' },
    ]),
  );
  const { rows } = await pool.query<{ pid: string }>(
    `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1) as pid`,
  );
  let configs = 0;
  const environment = (mailboxes: readonly object[]): Record<string, string> => {
    const config = join(folder.path, `config-${configs++}.json`);
    writeFileSync(config, JSON.stringify({ mailboxes }));
    return {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '/',
      NODE_OPTIONS: process.env.NODE_OPTIONS ?? '',
      DATABASE_URL: embedded.url,
      ROOTDESK_CONFIG: config,
      ROOTDESK_DATA_DIR: join(folder.path, 'desk'),
      ROOTDESK_DNS_SERVERS: dns.server,
      ROOTDESK_HTTP_PORT: '0',
      ROOTDESK_SMTP_ENABLED: 'false',
      ROOTDESK_LMTP_PORT: '0',
      ROOTDESK_PROBES_EVERY_MINUTES: '0',
    };
  };
  return {
    pool,
    postmaster: Number(rows[0]!.pid),
    databaseUrl: embedded.url,
    folder: folder.path,
    async customers(count, seed) {
      const corpus = createCorpus(count, seed, (raw, domain) =>
        signMail(raw, { domain, selector: 'bench', privateKey }),
      );
      const { file, problems } = parseCustomersFile({
        customers: corpus.customers.map(({ slug, account, address }) => ({
          slug,
          name: slug,
          language: 'en',
          managementAccount: account,
          rootAddresses: [address],
        })),
      });
      if (!file) throw new Error(`the customers of the bench: ${problems[0]?.message}`);
      await importCustomers(openDatabase(pool), file, 'bench');
      return corpus;
    },
    worker: (file, { mailboxes = [], env = {} } = {}) => startWorker(file, { ...environment(mailboxes), ...env }),
    environment,
    async close() {
      await dns.close();
      await pool.end();
      await embedded.stop();
      folder.remove();
    },
  };
}

/** Starts one and waits until it says that it is ready. Warnings and errors of it are shown. */
async function startWorker(file: string, env: Record<string, string>): Promise<Worker> {
  const child = spawn(process.execPath, ['--max-semi-space-size=4', `workers/${file}.ts`], {
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const gone = once(child, 'exit');
  const ports = await new Promise<Worker['ports']>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve(JSON.parse(line) as Worker['ports']);
      else if (!line.includes('"level":30')) process.stderr.write(`${file}: ${line.slice(0, 300)}\n`);
    });
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}`)));
  });
  return { pid: child.pid!, ports, stop: () => end(child, gone) };
}

async function end(child: ChildProcess, gone: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  await gone;
}

/** Processes whose CPU time counts, each with all below it. */
export type Meters = Record<string, number>;

/** Runs the work; how long it took, and the CPU time (ms) that each process used meanwhile. */
export async function metered<T>(
  meters: () => Meters,
  work: () => Promise<T>,
): Promise<{ value: T; seconds: number; cpuMs: Record<string, number>; load: string }> {
  const now = () => Object.fromEntries(Object.entries(meters()).map(([name, pid]) => [name, cpuOfTree(pid)]));
  const before = now();
  const startedAt = performance.now();
  const value = await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const after = now();
  const cpuMs = Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
  return { value, seconds, cpuMs, load: loadText() };
}

export function sumOf(cpuMs: Record<string, number>): number {
  return Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0);
}

/** Mails a second that this CPU time a mail leaves room for on two cores that do nothing else. */
export function onTwoCores(cpuMsPerMail: number): number {
  return 2000 / cpuMsPerMail;
}

/** What else runs: these figures are of machines that are shared. */
function loadText(): string {
  return `${loadavg()[0]!.toFixed(1)} on ${cpus().length} cores`;
}

/** Resident memory of a process (bytes). */
export function residentOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
}

/** Waits until the query answers true. */
export async function untilTrue(pool: Pool, query: string, everyMs = 20): Promise<void> {
  while (!(await pool.query<{ ok: boolean }>(query)).rows[0]?.ok) await pause(everyMs);
}

/** Every kept mail has its outcome; asks the indexes of due mails, which are empty then. */
export function untilDecided(pool: Pool): Promise<void> {
  return untilTrue(
    pool,
    'select not exists (select from mails where decide_due is not null or auth_due is not null) as ok',
  );
}

/** Throws unless so many mails are in tickets, and no mail is anything else: a fast road to nowhere must not count. */
export async function checkInTickets(pool: Pool, wanted: number): Promise<void> {
  const { rows } = await pool.query<{ outcome: string; count: number }>(
    "select coalesce(outcome, 'none') as outcome, count(*)::int as count from mails group by 1",
  );
  const inTickets = rows.filter(({ outcome }) => outcome === 'open' || outcome === 'append');
  const sum = inTickets.reduce((all, { count }) => all + count, 0);
  if (sum !== wanted || rows.length !== inTickets.length)
    throw new Error(`expected ${wanted} mails in tickets, got ${JSON.stringify(rows)}`);
}
