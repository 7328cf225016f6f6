import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SenderRules, senderRulesSchema } from '../../src/core/sender.ts';
import { type DnsRecord, type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { signMail } from '../../src/demo/signMail.ts';
import { createLog } from '../../src/lib/log.ts';
import { openSeal, type Seal } from '../../src/lib/seal.ts';
import { type Budget, createBudget } from '../../src/receive/budget.ts';
import { createKeepRoom, type KeepDeps, type KeepRoom } from '../../src/receive/keep.ts';
import type { ListenerDeps } from '../../src/receive/mailListener.ts';
import { createResolver } from '../../src/receive/resolver.ts';
import { createDirectory, type Directory } from '../../src/store/directory.ts';
import { createListDomains } from '../../src/store/listDomains.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
export const SIGNING_KEY = privateKey;
const KEY_RECORD = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

/** The zone in which amazon.com signs with our test key. */
export const ZONE: DnsRecord[] = [
  { name: 'test1._domainkey.amazon.com', type: 'TXT', data: KEY_RECORD },
  { name: '_dmarc.amazon.com', type: 'TXT', data: 'v=DMARC1; p=quarantine' },
];

export function keyRecord(name: string, extra = ''): DnsRecord {
  return { name, type: 'TXT', data: KEY_RECORD.replace('k=rsa;', `k=rsa;${extra}`) };
}

export const SENDERS: SenderRules = senderRulesSchema.parse({
  domains: [{ domain: 'amazon.com', subdomains: false, mixed: true, secret: false }],
  exceptions: ['amazonses.com'],
  senders: [{ address: 'no-reply-aws@amazon.com', kinds: [], secret: false }],
  notAws: [],
});

export type Stage = {
  database: FreshDatabase;
  dns: DnsServer;
  seal: Seal;
  directory: Directory;
  budget: Budget;
  room: KeepRoom;
  keepDeps: KeepDeps;
  listenerDeps: ListenerDeps;
  rings: string[];
  folder: string;
  close(): Promise<void>;
};

/** Two customers (acme with two lists, globex with one) on a database, keys and a DNS server of their own. */
export async function openStage(
  options: { budgetBytes?: number; mailBytes?: number; dnsTimeoutMs?: number; now?: () => Date } = {},
): Promise<Stage> {
  const database = await freshDatabase({ max: 8 });
  await database.pool.query(`
    insert into customers (slug, name) values ('acme', 'Acme'), ('globex', 'Globex');
    insert into lists (customer_id, address, account) values
      (1, 'acme-7f3k@root.test', '111122223333'), (1, 'acme-b-9x2m@root.test', '111122224444'),
      (2, 'globex-4t8w@root.test', '555566667777');
    insert into members (list_id, address, state) values
      (1, 'ops@acme.test', 'confirmed'), (1, 'gone@acme.test', 'removed'), (2, 'ops@acme.test', 'confirmed'),
      (2, 'late@acme.test', 'bouncing'), (3, 'it@globex.test', 'invited')`);
  const folder = mkdtempSync(join(tmpdir(), 'rd-receive-'));
  const dns = await startDnsServer(ZONE);
  const clock = { now: options.now ?? (() => new Date()) };
  const seal = openSeal({ keyFile: null, dataDir: folder, clock });
  const directory = createDirectory(database.db);
  const budget = createBudget(options.budgetBytes ?? 64 * 1024 * 1024);
  const rings: string[] = [];
  const keepDeps: KeepDeps = {
    pool: database.pool,
    directory,
    seal,
    bell: {
      ring: async (chime) => {
        rings.push(chime);
      },
    },
    resolver: createResolver([dns.server]),
    clock,
    senders: SENDERS,
    dnsTimeoutMs: options.dnsTimeoutMs ?? 2000,
  };
  const room = createKeepRoom(keepDeps);
  return {
    database,
    dns,
    seal,
    directory,
    budget,
    room,
    keepDeps,
    rings,
    folder,
    listenerDeps: {
      keep: room.keep,
      returned: null,
      directory,
      domains: createListDomains(database.pool, []),
      replyAddress: null,
      budget,
      clock,
      log: createLog('silent'),
      mailBytes: options.mailBytes ?? 1024 * 1024,
    },
    async close() {
      await room.idle();
      await dns.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let serial = 0;

/** An AWS-like mail, unsigned; every call another Message-ID. */
export function plainMail(fields: Record<string, string | null> = {}, body = 'Hello\r\n\r\nSee you.\r\n'): Buffer {
  const all: Record<string, string | null> = {
    From: 'Amazon Web Services <no-reply-aws@amazon.com>',
    To: 'acme-7f3k@root.test',
    Subject: 'Your invoice',
    Date: new Date().toUTCString(),
    'Message-ID': `<${process.pid}.${++serial}@email.amazonses.com>`,
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=UTF-8',
    ...fields,
  };
  const head = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  return Buffer.from(`${head.join('')}\r\n${body}`);
}

/** The same, signed by amazon.com's test key. */
export function signedMail(fields: Record<string, string | null> = {}, body?: string): Buffer {
  return signMail(plainMail(fields, body), { domain: 'amazon.com', selector: 'test1', privateKey: SIGNING_KEY });
}
