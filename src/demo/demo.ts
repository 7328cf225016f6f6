import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { App } from '../app.ts';
import { type Base, openBase } from '../base.ts';
import { parseCustomersFile } from '../core/customersFile.ts';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { createProgress } from '../lib/progress.ts';
import type { Settings } from '../settings.ts';
import { importCustomers } from '../store/customers.ts';
import { DEMO_FILE, openInstance, refuseKeysOfAnother } from '../store/instance.ts';
import { composeMail, SAMPLE_SELECTOR, type Sample } from './composeMail.ts';
import { type DnsRecord, startDnsServer } from './dnsServer.ts';
import { startMailSink } from './mailSink.ts';
import { SAMPLE_CUSTOMERS, sampleMails } from './samples.ts';

/** By dotted path; see loadSettings. */
type SettingValues = { presets: Record<string, unknown>; overrides: Record<string, unknown> };

export type Demo = {
  settings: Settings;
  sink: Awaited<ReturnType<typeof startMailSink>>;
  /** Lines for people, below the addresses. */
  notes: string[];
  /** Sends the sample mails through the SMTP listener; ends early when `stopped` resolves. */
  load(app: App, stopped: Promise<unknown>): Promise<void>;
  close(): Promise<void>;
};

/** What the demo remembers of itself, so that an interrupted one goes on with the same bytes and doubles nothing. */
const memorySchema = z.strictObject({ madeAt: z.iso.datetime(), privateKey: z.string(), publicKey: z.string() });
type Memory = z.infer<typeof memorySchema>;

/**
 * Prepares the demo: its settings on a data folder of its own (data-demo, unless the environment names another), the
 * sample customers, a DNS server that holds the sample keys, and a mail server that takes the notices. The product itself
 * knows nothing of it. A folder that belongs to a real installation is refused before anything is written to it.
 */
export async function prepareDemo(load: (values: SettingValues) => Settings): Promise<Demo> {
  const own = {
    presets: { dataDir: 'data-demo', logLevel: 'warn' },
    overrides: {
      databaseUrl: null,
      redisUrl: null,
      keyFile: null,
      mailboxes: [],
      'outgoing.host': '127.0.0.1',
      'outgoing.secure': false,
      'outgoing.requireTls': false,
      'outgoing.user': null,
      'outgoing.password': null,
      'outgoing.from': 'rootdesk@desk.example.net',
      'lists.rootDomain': 'roots.example.net',
      'lists.bounceDomain': 'bounces.example.net',
      'notify.addresses': ['fde@desk.example.net'],
      'notify.webhookUrl': null,
      // The demo's mail server leads nowhere: no probe would come back.
      'probes.everyMinutes': 0,
    },
  };
  const usual = load(own);
  refuseKeysOfAnother(usual.dataDir);
  // Held until the app has joined the same database: else it would be stopped and started again in between.
  let base: Base | null = await openBase(usual, { log: createLog(usual.logLevel), role: 'command' });
  const closes = [
    async () => {
      await base?.close();
      base = null;
    },
  ];
  const close = async () => {
    for (const one of closes.splice(0).toReversed()) await one();
  };
  try {
    await loadCustomers(base);
    const memory = recall(usual.dataDir);
    const dns = await startDnsServer(records(memory));
    closes.push(dns.close);
    const sink = await startMailSink();
    closes.push(sink.close);
    const settings = load({
      presets: own.presets,
      overrides: {
        ...own.overrides,
        'dns.servers': [dns.server],
        'http.port': await freeOr(usual.http.port),
        'smtp.port': await freeOr(usual.smtp.port),
        'lmtp.port': await freeOr(usual.lmtp.port),
        'outgoing.port': sink.port,
      },
    });
    return {
      settings,
      sink,
      notes: ['This is a demo: every customer, mail, code and key in it is invented.'],
      async load(app, stopped) {
        await closes.shift()?.();
        await send(app, settings, memory, stopped);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Reads or makes the moment and the keys of this demo. */
function recall(dataDir: string): Memory {
  const file = join(dataDir, DEMO_FILE);
  try {
    if (existsSync(file)) return memorySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const memory: Memory = {
      madeAt: new Date().toISOString(),
      privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      publicKey: pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    };
    writeFileSync(file, JSON.stringify(memory), { mode: 0o600 });
    return memory;
  } catch (error) {
    throw new RootdeskError(
      'demo.memory',
      `${file} cannot be used: ${messageOf(error)}`,
      `remove the folder ${dataDir} and start the demo again`,
      { exitCode: EXIT.io },
    );
  }
}

/** The sample keys under every domain that signs a sample, with a policy like the real ones have. */
function records(memory: Memory): DnsRecord[] {
  const domains = new Set(sampleMails(new Date(memory.madeAt)).flatMap((sample) => sample.signedBy));
  return [...domains].flatMap((domain): DnsRecord[] => [
    { type: 'TXT', name: `${SAMPLE_SELECTOR}._domainkey.${domain}`, data: `v=DKIM1; k=rsa; p=${memory.publicKey}` },
    { type: 'TXT', name: `_dmarc.${domain}`, data: 'v=DMARC1; p=quarantine' },
  ]);
}

async function loadCustomers({ db, settings, clock }: Base): Promise<void> {
  const { file, problems } = parseCustomersFile(SAMPLE_CUSTOMERS);
  if (file === null) throw new Error(`the sample customers are wrong: ${problems.map(({ path }) => path).join(', ')}`);
  // Marks the folder before anything is in it, so that `start` never takes it for a real one.
  await openInstance({ db, keyFile: settings.keyFile, dataDir: settings.dataDir, clock, use: 'demo' });
  await importCustomers(db, file, 'demo', clock);
}

async function send(app: App, settings: Settings, memory: Memory, stopped: Promise<unknown>): Promise<void> {
  const madeAt = new Date(memory.madeAt);
  const samples = sampleMails(madeAt);
  const smtp = createTransport({
    host: '127.0.0.1',
    port: app.receiving?.smtpPort ?? settings.smtp.port,
    ignoreTLS: true,
    pool: true,
    maxConnections: 1,
  });
  const progress = createProgress('Sending sample mails', 'mails', process.stderr);
  let wanted = true;
  void stopped.then(() => {
    wanted = false;
  });
  try {
    for (const [index, sample] of samples.entries()) {
      if (!wanted) break;
      const to = rootAddressOf(sample);
      await smtp.sendMail({
        envelope: { from: sample.envelopeFrom ?? 'bounce@us-west-2.amazonses.com', to },
        raw: composeMail(sample, to, madeAt, memory.privateKey),
      });
      progress.update(index + 1, (index + 1) / samples.length);
    }
  } finally {
    progress.finish();
    smtp.close();
  }
}

function rootAddressOf(sample: Sample): string {
  const customer = SAMPLE_CUSTOMERS.customers.find(({ slug }) => slug === sample.to);
  if (!customer) throw new Error(`the sample ${sample.id} has no customer`);
  return customer.rootAddresses[0].address;
}

/** The usual port when it is free, else 0, which takes any: a demo starts beside a running product. */
function freeOr(port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });
}
