import { existsSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { loadTemplates } from './act/templates.ts';

import { type Base, openBase } from './base.ts';
import { messageOf, RootdeskError } from './lib/errors.ts';
import { createLog } from './lib/log.ts';
import { openSeal } from './lib/seal.ts';
import { compareRecords, ownDomains } from './ownDomains.ts';
import { openBell } from './queue/openBell.ts';
import { createResolver } from './receive/resolver.ts';
import { loadRules, SHIPPED } from './rules.ts';
import { loadSettings, type Settings } from './settings.ts';
import { checkDatabase } from './store/database.ts';
import { isDemo, isKeyOf } from './store/instance.ts';

/** What one check found. `hint` says what to do and is there unless all is well. */
type Finding = { name: string; state: 'ok' | 'warn' | 'bad'; text: string; hint?: string };

const MARKS = { ok: 'ok  ', warn: 'note', bad: 'BAD ' } as const;
/** Free space below which a start is not advisable (bytes). */
const LOW_DISK = 1024 ** 3;
const DNS_MS = 5_000;

/** `rootdesk doctor`: looks at everything that a start needs, prints what it found, and fails when something is bad. */
export async function doctor(configFile: string | null): Promise<void> {
  let bad = 0;
  const show = (finding: Finding) => {
    if (finding.state === 'bad') bad++;
    process.stdout.write(`${MARKS[finding.state]}  ${finding.name.padEnd(12)} ${finding.text}\n`);
    if (finding.hint) process.stdout.write(`${' '.repeat(19)}${finding.hint}\n`);
  };
  const settings = loadSettings({ file: configFile });
  show({ name: 'settings', state: 'ok', text: 'all keys are known and in range' });
  show(checkRules());
  show(checkDisk(settings));
  for (const finding of await checkTemplates(settings)) show(finding);
  for (const finding of await checkStore(settings)) show(finding);
  show(await checkDns(settings));
  for (const finding of await checkPorts(settings)) show(finding);
  show(checkOutgoing(settings));
  for (const finding of checkWebhook(settings)) show(finding);
  process.stdout.write(bad === 0 ? '\nNothing stands in the way of a start.\n' : `\n${bad} to mend before a start.\n`);
  if (bad > 0) process.exitCode = 1;
}

function badBy(name: string, error: unknown, hint: string): Finding {
  if (error instanceof RootdeskError) return { name, state: 'bad', text: error.message, hint: error.hint };
  return { name, state: 'bad', text: messageOf(error), hint };
}

function checkRules(): Finding {
  try {
    return { name: 'kinds', state: 'ok', text: `${loadRules().book.kinds.length} kinds of mail` };
  } catch (error) {
    return badBy('kinds', error, 'mend the file under config/kinds or templates/ticket');
  }
}

function checkDisk(settings: Settings): Finding {
  let folder = settings.dataDir;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${settings.dataDir}`;
  if (free >= LOW_DISK) return { name: 'disk', state: 'ok', text };
  return {
    name: 'disk',
    state: 'bad',
    text,
    hint: 'make room: when the disk is full, senders are asked to come back later',
  };
}

async function checkTemplates(settings: Settings): Promise<Finding[]> {
  try {
    const { templatesDir } = settings;
    const log = createLog('silent');
    const { problems } = await loadTemplates({ templatesDir, shippedDir: SHIPPED.templates, log });
    if (problems.length === 0) return [{ name: 'templates', state: 'ok', text: 'every notice can be written' }];
    const hint = 'the shipped one is used instead; mend yours';
    return problems.map(({ file, error }) => ({ name: 'templates', state: 'warn', text: `${file}: ${error}`, hint }));
  } catch (error) {
    return [badBy('templates', error, 'mend the file under templates/mail')];
  }
}

/** Database, keys and queue: what needs a connection. A folder that no start has made yet is left alone. */
async function checkStore(settings: Settings): Promise<Finding[]> {
  if (settings.databaseUrl === null && !existsSync(join(settings.dataDir, 'postgres'))) {
    return [
      {
        name: 'database',
        state: 'warn',
        text: `none yet in ${settings.dataDir}`,
        hint: 'npm start makes it, and its key',
      },
    ];
  }
  let base: Base;
  try {
    base = await openBase(settings, { log: createLog('silent'), role: 'command', migrate: false });
  } catch (error) {
    return [badBy('database', error, 'check DATABASE_URL and that the server runs')];
  }
  try {
    const keys = await checkKeys(base);
    const found = [await checkServer(base), await checkMigrations(base), ...keys, await checkQueue(base)];
    return keys.every(({ state }) => state === 'ok') ? [...found, ...(await checkRecords(base))] : found;
  } finally {
    await base.close();
  }
}

async function checkServer({ pool }: Base): Promise<Finding> {
  try {
    const facts = await checkDatabase(pool);
    const text = `PostgreSQL ${facts.version}, ${facts.encoding}, synchronous_commit ${facts.synchronousCommit}`;
    return { name: 'database', state: 'ok', text };
  } catch (error) {
    return badBy('database', error, 'check DATABASE_URL and that the server runs');
  }
}

async function checkMigrations({ pool }: Base): Promise<Finding> {
  const { missingMigrations } = await import('./store/migrate.ts');
  try {
    const missing = await missingMigrations(pool);
    if (missing.length === 0) return { name: 'migrations', state: 'ok', text: 'up to date' };
    return {
      name: 'migrations',
      state: 'warn',
      text: `${missing.length} to be applied`,
      hint: 'rootdesk migrate, or the next start, applies them',
    };
  } catch (error) {
    return badBy('migrations', error, 'use the version that made this database, or a newer one');
  }
}

async function checkKeys({ db, settings, clock }: Base): Promise<Finding[]> {
  const file = settings.keyFile ?? join(settings.dataDir, 'keys', 'root.key');
  try {
    if (!existsSync(file)) {
      const demo = await isDemo(db).catch(() => null);
      return demo === null
        ? [{ name: 'keys', state: 'warn', text: 'none yet', hint: 'the first start makes the root key' }]
        : [
            {
              name: 'keys',
              state: 'bad',
              text: `${file} is missing`,
              hint: 'put back the root key that this database was made with: no other opens the kept mail',
            },
          ];
    }
    const seal = openSeal({ keyFile: settings.keyFile, dataDir: settings.dataDir, clock, create: false });
    if ((await isKeyOf(db, seal)) === false) {
      return [
        {
          name: 'keys',
          state: 'bad',
          text: `${file} is not the key of this database`,
          hint: 'put back the root key that this database was made with',
        },
      ];
    }
    const open = (statSync(file).mode & 0o077) !== 0;
    if (open) return [{ name: 'keys', state: 'bad', text: `${file} can be read by others`, hint: `chmod 600 ${file}` }];
    return [{ name: 'keys', state: 'ok', text: `root key ${file}; back it up, but never together with the database` }];
  } catch (error) {
    return [badBy('keys', error, 'put back the root key that this database was made with')];
  }
}

async function checkQueue({ plainPool, databaseUrl, settings }: Base): Promise<Finding> {
  try {
    const bell = await openBell({
      redisUrl: settings.redisUrl,
      pool: plainPool,
      databaseUrl,
      log: createLog('silent'),
    });
    try {
      await bell.check();
      return {
        name: 'queue',
        state: 'ok',
        text: `workers are woken by ${bell.backend === 'redis' ? 'Redis' : 'the database'}`,
      };
    } finally {
      await bell.close();
    }
  } catch (error) {
    return badBy(
      'queue',
      error,
      'check REDIS_URL; until it answers, workers find their work by looking every half minute',
    );
  }
}

/** The records of our own domains, as DNS answers them now. */
async function checkRecords({ db, settings, clock }: Base): Promise<Finding[]> {
  const hint = 'rootdesk dns prints what to publish';
  try {
    const { keyFile, dataDir } = settings;
    const seal = openSeal({ keyFile, dataDir, clock, create: false });
    const signingKey = (domain: string) => seal.signingKey(domain, () => noSigningKey(domain));
    const domains = await ownDomains(settings, db, { signingKey });
    const states = await compareRecords(domains, createResolver(settings.dns.servers));
    const wrong = states.filter(({ problem }) => problem !== null);
    if (wrong.length === 0) {
      const text =
        states.length === 0 ? 'no domains of our own yet' : `${states.length} of our own domains are published`;
      return [{ name: 'records', state: 'ok', text }];
    }
    return wrong.map(({ record, problem }) => ({
      name: 'records',
      state: 'warn',
      text: `${record.type} ${record.name} (${record.purpose.toUpperCase()}): ${problem}`,
      hint: `${record.why}; ${hint}`,
    }));
  } catch (error) {
    return [badBy('records', error, hint)];
  }
}

/** Looking makes no key. */
function noSigningKey(domain: string): never {
  throw new RootdeskError('dkim.none', `no key signs for ${domain} yet`, 'the next start, or rootdesk dns, makes it');
}

async function checkDns(settings: Settings): Promise<Finding> {
  const servers = settings.dns.servers.length > 0 ? settings.dns.servers.join(', ') : 'the servers of this system';
  const name = '_dmarc.amazon.com';
  try {
    const late = AbortSignal.timeout(DNS_MS);
    const timeout = new Promise<never>((_resolve, reject) =>
      late.addEventListener('abort', () => reject(new Error('no answer in 5 s'))),
    );
    await Promise.race([createResolver(settings.dns.servers)(name, 'TXT'), timeout]);
    return { name: 'dns', state: 'ok', text: `${name} answered by ${servers}` };
  } catch (error) {
    return {
      name: 'dns',
      state: 'bad',
      text: `${name} is not answered by ${servers}: ${messageOf(error)}`,
      hint: 'set ROOTDESK_DNS_SERVERS: without DNS no mail can be proven, and it waits, then is quarantined',
    };
  }
}

async function checkPorts(settings: Settings): Promise<Finding[]> {
  const wanted = [
    { name: 'pages', bind: settings.http.bind, port: settings.http.port, wanted: true },
    { name: 'smtp', bind: settings.smtp.bind, port: settings.smtp.port, wanted: settings.smtp.enabled },
    { name: 'lmtp', bind: settings.lmtp.bind, port: settings.lmtp.port, wanted: settings.lmtp.enabled },
  ].filter((one) => one.wanted);
  return Promise.all(
    wanted.map(async ({ name, bind, port }): Promise<Finding> => {
      if (port === 0) return { name, state: 'ok', text: 'takes a free port at the start' };
      const problem = await tryListen(bind, port);
      if (problem === null) return { name, state: 'ok', text: `${bind}:${port} is free` };
      return {
        name,
        state: 'warn',
        text: `${bind}:${port}: ${problem}`,
        hint: `fine when Rootdesk runs there already; else set another port`,
      };
    }),
  );
}

function tryListen(bind: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'in use' : messageOf(error)),
    );
    probe.listen(port, bind, () => probe.close(() => resolve(null)));
  });
}

function checkWebhook({ notify }: Settings): Finding[] {
  if (notify.webhookUrl === null) return [];
  if (notify.webhookSecret !== null) return [{ name: 'webhook', state: 'ok', text: 'told of urgent tickets, signed' }];
  const hint = 'set ROOTDESK_WEBHOOK_SECRET: its receiver could not tell who calls';
  return [{ name: 'webhook', state: 'bad', text: 'it has an address and no secret: nothing is sent', hint }];
}

function checkOutgoing(settings: Settings): Finding {
  const { host, port, from } = settings.outgoing;
  if (host === null || from === null) {
    return {
      name: 'outgoing',
      state: 'warn',
      text: 'no mail server for notices: none is written',
      hint: 'set ROOTDESK_OUTGOING_HOST and ROOTDESK_OUTGOING_FROM',
    };
  }
  if (settings.notify.addresses.length === 0) {
    return {
      name: 'outgoing',
      state: 'warn',
      text: `${host}:${port}, but nobody to tell`,
      hint: 'set ROOTDESK_NOTIFY_ADDRESSES',
    };
  }
  return { name: 'outgoing', state: 'ok', text: `notices go from ${from} by ${host}:${port}` };
}
