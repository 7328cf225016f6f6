import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get as httpGet, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLog } from '../src/lib/log.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { NEWS_CHANNEL } from '../src/store/news.ts';
import { openPool } from '../src/store/pool.ts';
import { loadConsole } from './consoleLoad.ts';
import { type PlanProblem, plansOf } from './consolePlans.ts';
import { consoleReads } from './consoleReads.ts';
import { cpuOfProcess, cpuOfTree, parentOf, quantile } from './measure.ts';

/** What the console promises at this size. */
const P95_MS = 50;
const STREAMS_SHARE = 0.05;

type Read = { name: string; p50Ms: number; p95Ms: number; nodeMs: number; postgresMs: number; bytes: number };

/**
 * The console over 100,000 tickets and 1,000,000 entries: how long each page and read takes until the client has it, one
 * request at a time, with server and database on this machine, and what CPU time they took for it (the server's own and
 * the database's), which other work on the machine does not change; whether any query reads a large table from end to end;
 * what 200 streams of live news cost. Exits with 1 when a promise is not kept. Options: `--tickets N`, `--entries N`,
 * `--customers N`, `--requests N` (each, default 60), `--listeners N`.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      tickets: { type: 'string', default: '100000' },
      entries: { type: 'string', default: '1000000' },
      customers: { type: 'string', default: '300' },
      requests: { type: 'string', default: '60' },
      listeners: { type: 'string', default: '200' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'rootdesk-bench-'));
  chmodSync(folder, 0o711);
  const embedded = await startEmbedded({ dataDir: join(folder, 'data'), log: createLog('silent'), role: 'app' });
  const pool = openPool(embedded.url, { max: 4 });
  let server: Served | null = null;
  try {
    await migrate(pool);
    process.stderr.write('Filling the database…\n');
    const scale = {
      tickets: Number(values.tickets),
      entries: Number(values.entries),
      customers: Number(values.customers),
    };
    const chosen = await loadConsole(pool, scale);
    const reads = consoleReads(chosen);
    process.stderr.write('Reading every plan…\n');
    const problems = await plansOf(pool, join(folder, 'console'), reads);
    server = await serve(folder, embedded.url);
    process.stderr.write('Measuring…\n');
    const measured: Read[] = [];
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pids = { node: server.child.pid as number, postgres: parentOf(rows[0]!.pid) };
    for (const [name, path] of reads) {
      measured.push(await measure(server.url + path, name, Number(values.requests), pids));
    }
    const streams = await streamsShare(server, pool, Number(values.listeners));
    report({ scale: { ...scale, entries: chosen.entries, open: chosen.open }, measured, problems, streams });
  } finally {
    await server?.stop();
    await pool.end();
    await embedded.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Served = { url: string; child: ChildProcess; stop(): Promise<void> };

/** The console as a process of its own, as in production. */
async function serve(folder: string, databaseUrl: string): Promise<Served> {
  const child = spawn(process.execPath, ['workers/console.ts'], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '/',
      NODE_OPTIONS: process.env.NODE_OPTIONS ?? '',
      DATABASE_URL: databaseUrl,
      ROOTDESK_DATA_DIR: join(folder, 'console'),
      ROOTDESK_HTTP_PORT: '0',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const found = /"console":"(http:[^"]+)"/.exec(output);
      if (found?.[1]) resolve(found[1]);
    });
    void ended.then(() => reject(new Error(`the console ended: ${output}`)));
  });
  return {
    url,
    child,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function ask(url: string): Promise<{ status: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    httpGet(url, { agent }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, bytes }));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

async function measure(
  url: string,
  name: string,
  requests: number,
  pids: { node: number; postgres: number },
): Promise<Read> {
  const times: number[] = [];
  let bytes = 0;
  let before = { node: 0, postgres: 0 };
  for (let n = -10; n < requests; n++) {
    if (n === 0) before = { node: cpuOfProcess(pids.node), postgres: cpuOfTree(pids.postgres) };
    const began = performance.now();
    const answer = await ask(url);
    if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
    ({ bytes } = answer);
    // The first few fill caches, as the first visitor of a day does.
    if (n >= 0) times.push(performance.now() - began);
  }
  const nodeMs = (cpuOfProcess(pids.node) - before.node) / requests;
  const postgresMs = (cpuOfTree(pids.postgres) - before.postgres) / requests;
  return { name, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95), nodeMs, postgresMs, bytes };
}

/** CPU share of the server with listeners that each hear five events a second; and that all of them hear all. */
async function streamsShare(server: Served, pool: ReturnType<typeof openPool>, listeners: number) {
  const streams = await Promise.all(
    Array.from({ length: listeners }, () => {
      const heard = { events: 0 };
      return new Promise<{ answer: IncomingMessage; heard: typeof heard }>((resolve, reject) => {
        httpGet(`${server.url}/events`, (answer) => {
          answer.setEncoding('utf8');
          answer.on('data', (text: string) => {
            heard.events += text.split('event: news').length - 1;
          });
          answer.on('error', () => {});
          resolve({ answer, heard });
        }).on('error', reject);
      });
    }),
  );
  const pid = server.child.pid as number;
  await pause(3000);
  const seconds = 20;
  const before = cpuOfProcess(pid);
  const began = performance.now();
  for (let n = 0; n < seconds * 5; n++) {
    await pool.query('select pg_notify($1, $2)', [NEWS_CHANNEL, JSON.stringify({ t: [n + 1], m: [n + 1] })]);
    await pause(Math.max(0, began + (n + 1) * 200 - performance.now()));
  }
  const share = (cpuOfProcess(pid) - before) / (performance.now() - began);
  await pause(1000);
  const heard = streams.map((one) => one.heard.events);
  for (const { answer } of streams) answer.destroy();
  return { listeners, share, leastEvents: Math.min(...heard), mostEvents: Math.max(...heard) };
}

type Report = {
  scale: Record<string, number>;
  measured: Read[];
  problems: PlanProblem[];
  streams: Awaited<ReturnType<typeof streamsShare>>;
};

function report(all: Report): void {
  const { scale, measured, problems, streams } = all;
  process.stdout.write(`${JSON.stringify(scale)}\n\n`);
  for (const { name, p50Ms, p95Ms, nodeMs, postgresMs, bytes } of measured) {
    const mark = p95Ms > P95_MS ? ' SLOW' : '';
    process.stdout.write(
      `${name.padEnd(44)} p50 ${p50Ms.toFixed(1).padStart(6)}  p95 ${p95Ms.toFixed(1).padStart(6)} ms  CPU ${nodeMs.toFixed(1).padStart(5)} + ${postgresMs.toFixed(1).padStart(5)} ms  ${(bytes / 1024).toFixed(0).padStart(5)} KiB${mark}\n`,
    );
  }
  process.stdout.write(`\nQueries that read a large table from end to end: ${problems.length}\n`);
  for (const { read, table, sql } of problems)
    process.stdout.write(`  ${read}: ${table}\n    ${sql.replace(/\s+/g, ' ').slice(0, 400)}\n`);
  process.stdout.write(
    `\n${streams.listeners} listeners, 5 events a second: ${(streams.share * 100).toFixed(1)} % of a core; each heard ${streams.leastEvents} to ${streams.mostEvents} events\n`,
  );
  mkdirSync('bench-results', { recursive: true });
  writeFileSync('bench-results/console.json', `${JSON.stringify(all, null, 2)}\n`);
  const kept = measured.every((one) => one.p95Ms <= P95_MS) && problems.length === 0 && streams.share < STREAMS_SHARE;
  process.stdout.write(
    `${kept ? 'Every promise is kept' : 'A promise is not kept'}; written to bench-results/console.json\n`,
  );
  if (!kept) process.exitCode = 1;
}
