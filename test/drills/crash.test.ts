import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseCustomersFile } from '../../src/core/customersFile.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { type MailSink, startMailSink } from '../../src/demo/mailSink.ts';
import { signMail } from '../../src/demo/signMail.ts';
import { importCustomers } from '../../src/store/customers.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

/**
 * kill -9 between every two steps of the road. A run without faults counts the steps and says what the world looks like
 * afterwards; then the process dies once before each of those steps, is started again, whoever was not answered sends
 * again as a mail server does, and the world must look the same: no mail lost, none doubled, no effect twice.
 */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ROOT = 'acme-7qk2m9x4c8vn@root.test';
const ACCOUNT = '111122223333';

const MAILS = [
  mail(
    'a1',
    'amazon.com',
    'Amazon Web Services <no-reply-aws@amazon.com>',
    'Amazon Web Services: New Support case: 176508697500328',
    `Account ID: ${ACCOUNT}\nCase ID: 176508697500328\nSubject: Packet loss\n`,
  ),
  mail(
    'a2',
    'amazon.com',
    'Amazon Web Services <no-reply-aws@amazon.com>',
    'RE:[CASE 176508697500328] Packet loss',
    'Hello,\n\nplease send us a trace of the connection.\n\nBest regards,\nRuna\nAmazon Web Services\n',
  ),
  mail(
    'a3',
    'amazonaws.com',
    'Amazon Web Services <no-reply@amazonaws.com>',
    `[Action Required] Suspicious activity in your AWS account [${ACCOUNT}]`,
    'Hello,\n\nplease secure your account and answer within five days, or it may be suspended.\n',
  ),
  mail(
    'a4',
    'attacker.test',
    'Amazon Web Services <billing@attacker.test>',
    'Amazon Web Services Billing Statement Available',
    'Your card was declined. Pay here: https://attacker.test/pay\n',
  ),
];

function mail(id: string, domain: string, from: string, subject: string, text: string): Buffer {
  const head = `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\r\nFrom: ${from}\r\nTo: ${ROOT}\r\nMessage-ID: <${id}@drill.test>\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n`;
  return signMail(Buffer.from(`${head}\r\n${text.replaceAll('\n', '\r\n')}`), {
    domain,
    selector: 'drill',
    privateKey,
  });
}

const until = (holds: () => Promise<boolean>) =>
  vi.waitFor(async () => expect(await holds()).toBe(true), { timeout: 60_000, interval: 10 });

type Running = { child: ChildProcess; smtpPort: number; dead: Promise<unknown> };

let dns: DnsServer;

beforeAll(async () => {
  const key = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
  dns = await startDnsServer(
    ['amazon.com', 'amazonaws.com', 'attacker.test'].flatMap((domain) => [
      { type: 'TXT' as const, name: `drill._domainkey.${domain}`, data: key },
      { type: 'TXT' as const, name: `_dmarc.${domain}`, data: 'v=DMARC1; p=quarantine' },
    ]),
  );
});

afterAll(() => dns.close());

/** One world: a database, a key folder and a mail server that takes the notices. */
async function createWorld() {
  const database = await freshDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'rd-drill-'));
  const sink = await startMailSink();
  const { file } = parseCustomersFile({
    customers: [{ slug: 'acme', name: 'Acme', managementAccount: ACCOUNT, rootAddresses: [ROOT] }],
  });
  await importCustomers(database.db, file!, 'test');
  return {
    database,
    sink,
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: database.url,
      ROOTDESK_DATA_DIR: dataDir,
      ROOTDESK_DNS_SERVERS: dns.server,
      ROOTDESK_HTTP_PORT: '0',
      ROOTDESK_SMTP_PORT: '0',
      ROOTDESK_LMTP_ENABLED: 'false',
      ROOTDESK_OUTGOING_HOST: '127.0.0.1',
      ROOTDESK_OUTGOING_PORT: String(sink.port),
      ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
      ROOTDESK_OUTGOING_FROM: 'desk@drill.test',
      ROOTDESK_NOTIFY_ADDRESSES: 'fde@drill.test',
      ROOTDESK_NOTIFY_URGENCY: 'critical',
      ROOTDESK_LOG_LEVEL: 'error',
      ROOTDESK_UNDERSTAND_THREADS: '1',
    },
    async close() {
      await sink.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function start(env: Record<string, string>, crashAt: number): Promise<Running> {
  const child = spawn(process.execPath, ['test/drills/crashingApp.ts'], {
    env: { ...env, CRASH_AT: String(crashAt) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin!.on('error', () => {});
  const dead = once(child, 'exit');
  const [line] = (await Promise.race([
    once(child.stdout!, 'data'),
    dead.then(([code]) => Promise.reject(new Error(`the app ended with ${code}`))),
  ])) as [Buffer];
  child.stdin!.write('go\n');
  return { child, smtpPort: (JSON.parse(line.toString()) as { smtpPort: number }).smtpPort, dead };
}

/** Sends one mail as a mail server does that was not answered: false means, send it again. */
async function send(port: number, raw: Buffer): Promise<boolean> {
  const smtp = createTransport({
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    connectionTimeout: 5000,
    socketTimeout: 20_000,
  });
  try {
    await smtp.sendMail({ envelope: { from: 'bounce@amazonses.test', to: ROOT }, raw });
    return true;
  } catch {
    return false;
  } finally {
    smtp.close();
  }
}

async function settled(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ mails: number; open: number; effects: number }>(
    `select (select count(*)::int from mails) as mails, (select count(*)::int from mails where outcome is null) as open,
            (select count(*)::int from effects where state in ('due', 'leased')) as effects`,
  );
  const row = rows[0]!;
  return row.mails === MAILS.length && row.open === 0 && row.effects === 0;
}

/** What must be the same however often the process died. */
async function lookAt(database: FreshDatabase, sink: MailSink) {
  const read = async (sql: string) => (await database.pool.query(sql)).rows as unknown[];
  return {
    mails: await read(
      'select message_id, outcome, kind, thread_key, ticket_id is null as loose from mails order by message_id',
    ),
    tickets: await read('select kind, subject, urgency, state, mails from tickets order by thread_key'),
    entries: await read(
      `select m.message_id, e.type, count(*)::int as n from entries e left join mails m on m.id = e.mail_id
        group by 1, 2 order by 1, 2`,
    ),
    effects: await read('select type, state, count(*)::int as n from effects group by 1, 2 order by 1, 2'),
    counters: await read(
      `select name, sum(value)::int as n from counters where name like 'mails.%' group by 1 order by 1`,
    ),
    notices: new Set(sink.list().map(({ messageId }) => messageId)).size,
  };
}

async function drill(crashAt: number) {
  const world = await createWorld();
  let steps = 0;
  let running = await start(world.env, crashAt);
  try {
    for (const raw of MAILS) {
      while (!(await send(running.smtpPort, raw))) {
        await running.dead;
        running = await start(world.env, 0);
      }
    }
    let died = false;
    void running.dead.then(() => {
      died = true;
    });
    await until(async () => died || (await settled(world.database.pool)));
    if (died) {
      running = await start(world.env, 0);
      await until(() => settled(world.database.pool));
    }
    const said = once(running.child.stdout!, 'data') as Promise<[Buffer]>;
    running.child.kill('SIGTERM');
    steps = (JSON.parse((await said)[0].toString()) as { steps: number }).steps;
    await running.dead;
    return { steps, world: await lookAt(world.database, world.sink) };
  } finally {
    running.child.kill('SIGKILL');
    await world.close();
  }
}

describe('kill -9 between every two steps', () => {
  it('loses nothing and doubles nothing', { timeout: 15 * 60_000 }, async () => {
    const calm = await drill(0);
    expect(calm.world.mails).toHaveLength(MAILS.length);
    expect(calm.world.notices).toBe(1);
    expect(calm.steps).toBeGreaterThan(10);
    const points = Array.from({ length: calm.steps }, (_, index) => index + 1);
    const lane = async () => {
      for (let point = points.shift(); point !== undefined; point = points.shift()) {
        const { world } = await drill(point);
        expect(world, `killed before step ${point}`).toEqual(calm.world);
      }
    };
    await Promise.all([lane(), lane()]);
  });
});
