import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseCustomersFile } from '../../src/core/customersFile.ts';
import { senderRulesSchema } from '../../src/core/sender.ts';
import type { Reason } from '../../src/core/values.ts';
import { startDeciding } from '../../src/decide/deciding.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { explain } from '../../src/explain.ts';
import { createLog } from '../../src/lib/log.ts';
import { openSeal } from '../../src/lib/seal.ts';
import type { Bell } from '../../src/queue/bell.ts';
import { authenticate } from '../../src/receive/authenticate.ts';
import { createBudget } from '../../src/receive/budget.ts';
import { createKeepRoom } from '../../src/receive/keep.ts';
import { createResolver } from '../../src/receive/resolver.ts';
import { startSmtp } from '../../src/receive/smtp.ts';
import { loadSettings } from '../../src/settings.ts';
import { createDirectory } from '../../src/store/directory.ts';
import { createListDomains } from '../../src/store/listDomains.ts';
import { everything, replayWith } from '../decide/replaying.ts';
import { openTalk } from '../receive/smtpTalk.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { addressOf, compose, type Keys, SELECTOR } from './corpus/compose.ts';
import { corpora } from './corpus/index.ts';
import { type CorpusMail, CUSTOMERS } from './corpus/mail.ts';
import { shipped } from './mailOf.ts';

/**
 * The whole corpus through `explain` and over SMTP, PostgreSQL and two workers that decide: both roads say the same of
 * each mail. All mails lie in the week before, so that none is too old to be checked.
 */
const NOW = new Date('2026-11-24T00:00:00Z');
const clock = { now: () => NOW };
const log = createLog('silent');
const settings = loadSettings({ file: '/dev/null', env: { ROOTDESK_UNDERSTAND_THREADS: '1' } });
const SLUGS = Object.keys(CUSTOMERS) as (keyof typeof CUSTOMERS)[];
const slugOf = (mail: CorpusMail) => (mail.to ?? 'acme').split(':')[0]!;

type Sent = { mail: CorpusMail; raw: Buffer };
type Said = {
  id: string;
  customer: string | null;
  kind: string | null;
  outcome: string;
  threadKey: string | null;
  reasons: Reason[];
};

let folder = '';
let database: FreshDatabase;
let dns: DnsServer;
let sent: Sent[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rootdesk-roads-'));
  database = await freshDatabase({ max: 12 });
  const [honest, other] = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 1024 }));
  const pem = (pair: typeof honest) => pair!.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const keys: Keys = { honest: pem(honest), other: pem(other) };
  const mails = Object.values(corpora).flat();
  const apart = (6.9 * 86_400_000) / mails.length;
  sent = mails.map((mail, index) => {
    const at = new Date(NOW.getTime() - (mails.length - index) * apart);
    const raw = Buffer.concat([Buffer.from(`Delivered-To: ${addressOf(mail)}\r\n`), compose(mail, at, keys)]);
    // As it arrives: SMTP has no last line without an end.
    const whole = raw.toString('latin1', raw.length - 2) === '\r\n';
    return { mail, raw: whole ? raw : Buffer.concat([raw, Buffer.from('\r\n')]) };
  });
  const signers = new Set(
    sent.flatMap(({ raw }) => [...raw.toString('latin1').matchAll(/\bd=([a-z0-9.-]+);/g)]).map((match) => match[1]!),
  );
  const key = honest!.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  dns = await startDnsServer(
    [...signers].map((domain) => ({
      name: `${SELECTOR}._domainkey.${domain}`,
      type: 'TXT' as const,
      data: `v=DKIM1; k=rsa; p=${key}`,
    })),
  );
});
afterAll(async () => {
  await dns?.close();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

test('explain and the running service say the same of every mail', async () => {
  const explained = await byExplain();
  const served = await bySmtp();
  expect(served).toHaveLength(sent.length);
  expect(served).toEqual(explained);
  expect(new Set(explained.map(({ outcome }) => outcome)).size).toBeGreaterThan(3);

  // Read again by the same rules, nothing is different: not a row changes, dry or not.
  const before = await everything(database.pool);
  const seal = openSeal({ keyFile: null, dataDir: folder, clock });
  for (const dry of [true, false]) {
    const { report, total } = await replayWith({ pool: database.pool, seal }, shipped, { dry, clock, settings });
    expect(report).toEqual({ unchanged: total });
    expect(total).toBe(sent.length);
  }
  expect((await everything(database.pool)) === before).toBe(true);
}, 600_000);

async function byExplain(): Promise<Said[]> {
  const files = sent.map(({ raw }, index) => {
    const path = join(folder, `${String(index).padStart(4, '0')}.eml`);
    writeFileSync(path, raw);
    return path;
  });
  const { file: customers, problems } = parseCustomersFile({
    customers: SLUGS.map((slug) => ({
      slug,
      name: slug,
      managementAccounts: CUSTOMERS[slug].accounts,
      rootAddresses: CUSTOMERS[slug].addresses.map((address, nth) => ({
        address,
        account: CUSTOMERS[slug].accounts[nth],
      })),
    })),
  });
  expect(problems).toEqual([]);
  const resolver = createResolver([dns.server]);
  const said: Said[] = [];
  for await (const record of explain(files, {
    customers,
    trustedAuthservIds: [],
    authenticate: (raw, arrival) => authenticate(raw, arrival, { resolver, now: NOW, timeoutMs: 5000 }),
    kinds: shipped,
    limits: settings.limits,
    followUpDays: settings.tickets.followUpDays,
    own: { domains: [], addresses: [] },
    listDomains: [],
    log,
    clock,
  })) {
    const { customer, kind, outcome, threadKey, reasons } = record;
    said.push({ id: sent[said.length]!.mail.id, customer, kind, outcome, threadKey, reasons: own(reasons) });
  }
  return said;
}

/** Sends the mails of each customer one after another, those of several at once. */
async function bySmtp(): Promise<Said[]> {
  const { pool, db } = database;
  for (const slug of SLUGS) {
    const { rows } = await pool.query('insert into customers (slug, name) values ($1, $1) returning id', [slug]);
    for (const account of CUSTOMERS[slug].accounts)
      await pool.query('insert into accounts values ($1, $2, true)', [account, rows[0].id]);
    for (const [nth, address] of CUSTOMERS[slug].addresses.entries())
      await pool.query('insert into lists (customer_id, address, account) values ($1, $2, $3)', [
        rows[0].id,
        address,
        CUSTOMERS[slug].accounts[nth],
      ]);
  }
  const answers: (() => Promise<void>)[] = [];
  const bell: Bell = {
    backend: 'postgres',
    ring: async (chime) => {
      if (chime === 'decide') for (const answer of answers) void answer();
    },
    listen: async (chime, answer) => {
      if (chime === 'decide') answers.push(answer);
    },
    check: async () => {},
    close: async () => {},
  };
  const seal = openSeal({ keyFile: null, dataDir: folder, clock });
  const directory = createDirectory(db);
  const senders = senderRulesSchema.parse(shipped.senders);
  const resolver = createResolver([dns.server]);
  const room = createKeepRoom({ pool, directory, seal, bell, resolver, clock, senders, dnsTimeoutMs: 5000 });
  const deciding = await Promise.all(
    [0, 1].map(() => startDeciding({ pool, bell, seal, kinds: shipped, settings, ticketOf: () => null, log, clock })),
  );
  const budget = createBudget(64 * 1024 * 1024);
  const domains = createListDomains(pool, []);
  const { mailBytes } = settings.limits;
  const listening = {
    keep: room.keep,
    returned: null,
    replyAddress: null,
    directory,
    domains,
    budget,
    clock,
    log,
    mailBytes,
  };
  const smtp = await startSmtp({ ...settings.smtp, port: 0 }, listening);
  try {
    await Promise.all(
      SLUGS.map((slug) =>
        sendAll(
          smtp.port,
          sent.filter(({ mail }) => slugOf(mail) === slug),
        ),
      ),
    );
  } finally {
    await smtp.close();
    await Promise.all(deciding.map((one) => one.close()));
    await room.idle();
  }
  const { rows } = await pool.query<Omit<Said, 'id'> & { sha256: string }>(
    `select encode(m.sha256, 'hex') as sha256, c.slug as customer, m.kind, m.outcome, t.thread_key as "threadKey", r.reasons
       from mails m join readings r on r.mail_id = m.id
       left join customers c on c.id = m.customer_id left join tickets t on t.id = m.ticket_id`,
  );
  const byHash = new Map(rows.map(({ sha256, ...said }) => [sha256, said]));
  return sent.flatMap(({ mail, raw }) => {
    const said = byHash.get(createHash('sha256').update(raw).digest('hex'));
    return said === undefined ? [] : [{ id: mail.id, ...said, reasons: own(said.reasons) }];
  });
}

async function sendAll(port: number, mails: readonly Sent[]): Promise<void> {
  const talk = await openTalk(port);
  let count = 0;
  for (const { mail, raw } of mails) {
    const answer = await talk.send(raw, { from: 'bounce@amazonses.com', to: [addressOf(mail)] });
    expect(answer).toEqual([expect.stringMatching(/^250 /)]);
    count += 1;
    const slug = slugOf(mail);
    while ((await decided(slug)) < count) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await talk.quit();
}

async function decided(slug: string): Promise<number> {
  const { rows } = await database.pool.query(
    `select count(*)::int as n from mails m join customers c on c.id = m.customer_id
      where c.slug = $1 and m.decided_at is not null`,
    [slug],
  );
  return rows[0].n;
}

/** Reasons of the rulebook: how the addressee was found is a matter of the road. */
function own(reasons: readonly Reason[]): Reason[] {
  return reasons.filter(({ code }) => !code.startsWith('addressee.'));
}
