import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTransport } from 'nodemailer';
import type { Pool } from 'pg';
import { type SenderRules, senderRulesSchema } from '../src/core/sender.ts';
import { startDelivering } from '../src/deliver/startDelivering.ts';
import { startDnsServer } from '../src/demo/dnsServer.ts';
import { signMail } from '../src/demo/signMail.ts';
import { createLog } from '../src/lib/log.ts';
import { openSeal, type Seal } from '../src/lib/seal.ts';
import { openSigningKey } from '../src/lib/signingKey.ts';
import { createVerp } from '../src/lib/verp.ts';
import { createKeepRoom } from '../src/receive/keep.ts';
import { createResolver } from '../src/receive/resolver.ts';
import { loadSettings } from '../src/settings.ts';
import { openDatabase } from '../src/store/database.ts';
import { createDirectory } from '../src/store/directory.ts';
import { startEmbedded } from '../src/store/embedded.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPool } from '../src/store/pool.ts';
import { startPostfix } from '../test/servers/postfix.ts';
import { cpuOfTree } from './measure.ts';

/**
 * Copies to list members: copies a second and CPU-ms a copy (our process and PostgreSQL) into a plain sink and through a
 * local Postfix (needs root; it discards), against a bare nodemailer pool of as many connections into the same sink in the
 * same run; then the memory that one large mail takes for 50 members. Options: `--mails N` (default 60), `--bytes N` of a
 * mail (default 35000), `--members N` a list (default 50), `--no-postfix`.
 */
export async function run(args: string[]): Promise<void> {
  const mails = option(args, '--mails', 60);
  const size = option(args, '--bytes', 35_000);
  const members = option(args, '--members', 50);
  const folder = mkdtempSync(join(tmpdir(), 'rootdesk-bench-'));
  chmodSync(folder, 0o711);
  const sink = await startSink();
  const dns = await startDnsServer([{ type: 'TXT', name: 'bench._domainkey.amazon.com', data: record }]);
  const log = createLog('silent');
  const embedded = await startEmbedded({ dataDir: join(folder, 'data'), log, role: 'app' });
  const pool = openPool(embedded.url, { max: 16 });
  try {
    await migrate(pool, log);
    const bench: Bench = {
      pool,
      dns: dns.server,
      seal: openSeal({ keyFile: null, dataDir: join(folder, 'data'), clock: { now: () => new Date() } }),
      members,
      postmaster: Number(readFileSync(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]),
    };
    const bare = await sendBare(sink.port, mails * members, size);
    const own = await sendOwn(bench, sink.port, mails, size);
    const postfix = args.includes('--no-postfix') ? null : await throughPostfix(bench, mails, size);
    const memory = await measureMemory(bench, sink.port);
    const share = own.perSecond / bare.perSecond;
    const report = { copies: mails * members, bytes: size, bare, own, postfix, share, ...memory };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    mkdirSync('bench-results', { recursive: true });
    writeFileSync('bench-results/lists.json', `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await pool.end();
    await embedded.stop();
    await dns.close();
    sink.child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Bench = { pool: Pool; dns: string; seal: Seal; members: number; postmaster: number };
type Speed = { perSecond: number; cpuMsACopy: number; cpuMsPostgres: number };

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const SENDERS: SenderRules = senderRulesSchema.parse({
  domains: [{ domain: 'amazon.com', subdomains: false, mixed: true, secret: false }],
  exceptions: [],
  senders: [{ address: 'no-reply-aws@amazon.com', kinds: [], secret: false }],
  notAws: [],
});
/** As many connections as the lanes have together. */
const CONNECTIONS = 8;
const MIB = 1024 * 1024;
let serial = 0;

function makeMail(size: number, text = repeatedLines): Buffer {
  const raw = Buffer.from(
    `From: no-reply-aws@amazon.com\r\nTo: root@example.com\r\nSubject: Bench ${++serial}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${serial}@bench.example>\r\n\r\n${text(size)}\r\n`,
  );
  return signMail(raw, { domain: 'amazon.com', selector: 'bench', privateKey });
}

function repeatedLines(size: number): string {
  const line = `${'x'.repeat(74)}\r\n`;
  return line.repeat(Math.ceil(size / line.length));
}

async function startSink(): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'smtpSink.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}

/** A bare nodemailer pool: the same bytes, no rows. */
async function sendBare(port: number, copies: number, size: number): Promise<Speed> {
  const transport = createTransport({
    pool: true,
    host: '127.0.0.1',
    port,
    secure: false,
    ignoreTLS: true,
    maxConnections: CONNECTIONS,
    maxMessages: Number.POSITIVE_INFINITY,
  });
  const raw = makeMail(size);
  const send = (n: number) =>
    transport.sendMail({ envelope: { from: `b-${n}@bounce.example`, to: [`m${n}@member.example`] }, raw });
  await Promise.all(Array.from({ length: CONNECTIONS * 4 }, (_, n) => send(n)));
  const speed = await timed(null, copies, () => Promise.all(Array.from({ length: copies }, (_, n) => send(n))));
  transport.close();
  return speed;
}

async function timed(postmaster: number | null, copies: number, work: () => Promise<unknown>): Promise<Speed> {
  const started = performance.now();
  const cpu = process.cpuUsage();
  const database = postmaster === null ? 0 : cpuOfTree(postmaster);
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - started) / 1000;
  const cpuMsPostgres = postmaster === null ? 0 : (cpuOfTree(postmaster) - database) / copies;
  return { perSecond: copies / seconds, cpuMsACopy: (user + system) / 1000 / copies, cpuMsPostgres };
}

/** Keeps `mails` mails, one a list of its own, so that their copies are due. Returns the number of copies. */
async function keepMails(bench: Bench, mails: number, size: number, text = repeatedLines): Promise<number> {
  const { pool, seal, members } = bench;
  const clock = { now: () => new Date() };
  const directory = createDirectory(openDatabase(pool));
  const resolver = createResolver([bench.dns]);
  const bell = { ring: async () => {} };
  const room = createKeepRoom({ pool, directory, seal, bell, resolver, clock, senders: SENDERS, dnsTimeoutMs: 5000 });
  for (let mail = 0; mail < mails; mail++) {
    const name = `list-${++serial}`;
    const address = `${name}@root.example`;
    await pool.query(
      `with c as (insert into customers (slug, name) values ($1, $1) returning id),
            l as (insert into lists (customer_id, address) select id, $2 from c returning id)
       insert into members (list_id, address, state)
       select l.id, 'm' || n || '@member.example', 'confirmed' from l, generate_series(1, $3) n`,
      [name, address, members],
    );
    await room.keep(makeMail(size, text), {
      transport: 'smtp',
      arrivedAt: new Date().toISOString(),
      envelopeFrom: 'bounce@amazonses.com',
      envelopeTo: [address],
      clientIp: null,
      helo: null,
      tls: false,
      trustedAuthservIds: [],
      trustedReceived: 0,
      source: null,
      uidValidity: null,
      uid: null,
    });
  }
  return mails * members;
}

/** Starts the role that sends and waits until nothing is due. */
async function deliver({ pool, seal }: Bench, port: number): Promise<void> {
  const settings = loadSettings({
    file: '/dev/null',
    env: {
      ROOTDESK_OUTGOING_HOST: '127.0.0.1',
      ROOTDESK_OUTGOING_PORT: String(port),
      ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
      ROOTDESK_OUTGOING_FROM: 'desk@desk.example',
      ROOTDESK_BOUNCE_DOMAIN: 'bounce.example',
    },
  });
  let answer: (() => Promise<void>) | null = null;
  const delivering = await startDelivering({
    db: openDatabase(pool),
    pool,
    bell: {
      backend: 'postgres',
      ring: async () => answer?.(),
      async listen(_chime, heard) {
        answer = heard;
        await heard();
      },
      check: async () => {},
      close: async () => {},
    },
    seal,
    settings,
    senders: SENDERS,
    notify: { mail: false, webhook: false, least: 'high' },
    log: createLog('silent'),
    clock: { now: () => new Date() },
    verp: createVerp(seal.derive('verp'), 'bounce.example'),
    signing: openSigningKey(seal, 'desk.example'),
    unsubscribeUrl: null,
  });
  for (;;) {
    const { rows } = await pool.query<{ left: boolean }>(
      `select exists(select from deliveries where state in ('due', 'leased')) as left`,
    );
    if (!rows[0]?.left) break;
    await pause(20);
  }
  await delivering.close();
  const { rows } = await pool.query(`select from deliveries where state <> 'accepted' or form <> 'raw'`);
  if (rows.length > 0) throw new Error(`${rows.length} copies were not accepted as they are`);
}

async function sendOwn(bench: Bench, port: number, mails: number, size: number): Promise<Speed> {
  await keepMails(bench, 2, size);
  await deliver(bench, port);
  const copies = await keepMails(bench, mails, size);
  return timed(bench.postmaster, copies, () => deliver(bench, port));
}

async function throughPostfix(bench: Bench, mails: number, size: number): Promise<Speed> {
  const postfix = await startPostfix({
    domain: 'unused.example',
    lmtpPort: 1,
    routes: { 'member.example': 'discard:' },
  });
  try {
    const copies = await keepMails(bench, mails, size);
    return await timed(bench.postmaster, copies, () => deliver(bench, postfix.smtpPort));
  } finally {
    await postfix.remove();
  }
}

/**
 * What one mail of 20 MiB, which no compression makes small, takes while it goes to all members, in sizes of the mail: bytes
 * in buffers (the mail itself, slices of it), and all memory of the process that the collector knows of.
 */
async function measureMemory(bench: Bench, port: number): Promise<{ buffersInMails: number; memoryInMails: number }> {
  const size = 20 * MIB;
  await keepMails(bench, 1, size, randomLines);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = () => {
    // Only what is still held counts. What the first pass finds dead is swept beside us: the second one waits for that.
    collect();
    collect();
    const { arrayBuffers, external, heapUsed } = process.memoryUsage();
    return { buffers: arrayBuffers, all: external + heapUsed };
  };
  const before = held();
  const most = { buffers: 0, all: 0 };
  const timer = setInterval(() => {
    const now = held();
    most.buffers = Math.max(most.buffers, now.buffers);
    most.all = Math.max(most.all, now.all);
  }, 50);
  await deliver(bench, port);
  clearInterval(timer);
  await pause(500);
  // What keeping it left behind at first must not hide what sending it takes.
  const after = held();
  return {
    buffersInMails: (most.buffers - Math.min(before.buffers, after.buffers)) / size,
    memoryInMails: (most.all - Math.min(before.all, after.all)) / size,
  };
}

function randomLines(size: number): string {
  return randomBytes(Math.ceil((size * 57) / 78))
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n');
}

function option(args: string[], name: string, fallback: number): number {
  const at = args.indexOf(name);
  return at < 0 ? fallback : Number(args[at + 1]);
}
