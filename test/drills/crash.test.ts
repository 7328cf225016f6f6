import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseCustomersFile } from '../../src/core/customersFile.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { startMailSink } from '../../src/demo/mailSink.ts';
import { signMail } from '../../src/demo/signMail.ts';
import { importCustomers } from '../../src/store/customers.ts';
import { freshDatabase } from '../servers/postgres.ts';

/**
 * kill -9 between every two steps of the road. A round without faults counts the steps and says what the world looks
 * like afterwards; then, for each step, a new customer's mails come in and the process dies right before it. It is
 * started again, whoever was not answered sends again as a mail server does, and that customer's world must look the
 * same: no mail lost, none doubled, no effect twice.
 */
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const MAILS = 3;

type Customer = { slug: string; address: string; account: string; mails: Buffer[] };

/** A customer of its own for each round, with a case that opens, its answer and a compromise that the team is told of. */
function customerOf(round: number): Customer {
  const account = String(111_122_220_000 + round);
  const address = `round${round}-7qk2m9x4c8vn@root.test`;
  const support = 'Amazon Web Services <no-reply-aws@amazon.com>';
  const number = String(176_508_697_500_000 + round);
  // A minute apart: a ticket is what its mails say in order of their time, which has no parts of a second.
  let minutesAgo = MAILS;
  const mail = (id: string, domain: string, from: string, subject: string, text: string): Buffer => {
    const date = new Date(Date.now() - minutesAgo-- * 60_000).toUTCString().replace('GMT', '+0000');
    const head = `Date: ${date}\r\nFrom: ${from}\r\nTo: ${address}\r\nMessage-ID: <${id}.${round}@drill.test>\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n`;
    const raw = Buffer.from(`${head}\r\n${text.replaceAll('\n', '\r\n')}`);
    return signMail(raw, { domain, selector: 'drill', privateKey });
  };
  return {
    slug: `round-${round}`,
    address,
    account,
    mails: [
      mail(
        'opened',
        'amazon.com',
        support,
        `Amazon Web Services: New Support case: ${number}`,
        `Account ID: ${account}\nCase ID: ${number}\nSubject: Packet loss\n`,
      ),
      mail(
        'reply',
        'amazon.com',
        support,
        `RE:[CASE ${number}] Packet loss`,
        'Hello,\n\nplease send us a trace of the connection.\n\nBest regards,\nRuna\nAmazon Web Services\n',
      ),
      mail(
        'compromise',
        'amazonaws.com',
        'Amazon Web Services <no-reply@amazonaws.com>',
        `[Action Required] Suspicious activity in your AWS account [${account}]`,
        'Hello,\n\nplease secure your account and answer within five days, or it may be suspended.\n',
      ),
    ],
  };
}

let dns: DnsServer;

beforeAll(async () => {
  const key = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
  dns = await startDnsServer(
    ['amazon.com', 'amazonaws.com'].flatMap((domain) => [
      { type: 'TXT' as const, name: `drill._domainkey.${domain}`, data: key },
      { type: 'TXT' as const, name: `_dmarc.${domain}`, data: 'v=DMARC1; p=quarantine' },
    ]),
  );
});

afterAll(() => dns.close());

type Running = { child: ChildProcess; smtpPort: number; dead: Promise<unknown>; isDead: boolean };

/** Longer than any lease (ms): a process that died may hold one, and nobody wants to wait for it here. */
const LEASE_MS = 90_000;

async function start(given: Record<string, string>, deaths = 0): Promise<Running> {
  const env = { ...given, CLOCK_AHEAD_MS: String(deaths * LEASE_MS) };
  const child = spawn(process.execPath, ['test/drills/crashingApp.ts'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin!.on('error', () => {});
  const dead = once(child, 'exit');
  const [line] = (await Promise.race([
    once(child.stdout!, 'data'),
    dead.then(([code]) => Promise.reject(new Error(`the app ended with ${code}`))),
  ])) as [Buffer];
  const { smtpPort } = JSON.parse(line.toString()) as { smtpPort: number };
  const running: Running = { child, smtpPort, dead, isDead: false };
  void dead.then(() => {
    running.isDead = true;
  });
  return running;
}

/** Sends one mail as a mail server does that was not answered: false means, send it again. */
async function send(port: number, to: string, raw: Buffer): Promise<boolean> {
  const smtp = createTransport({ host: '127.0.0.1', port, ignoreTLS: true, socketTimeout: 20_000 });
  try {
    await smtp.sendMail({ envelope: { from: 'bounce@amazonses.test', to }, raw });
    return true;
  } catch {
    return false;
  } finally {
    smtp.close();
  }
}

/** One lane of rounds: a database, keys and a mail server that takes the notices, over which the process keeps dying. */
async function createLane(firstRound: number) {
  const database = await freshDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'rd-drill-'));
  const sink = await startMailSink();
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: database.url,
    ROOTDESK_DATA_DIR: dataDir,
    ROOTDESK_DNS_SERVERS: dns.server,
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
  };
  let running = await start(env);
  let round = firstRound;
  let deaths = 0;
  const rows = async (sql: string, slug: string) => (await database.pool.query(sql, [slug])).rows as unknown[];

  const isSettled = async (slug: string): Promise<boolean> => {
    const [row] = (await rows(
      `select count(m.id)::int as mails, count(*) filter (where m.outcome is null)::int as open,
              (select count(*)::int from effects where customer_id = c.id and state in ('due', 'leased')) as effects
         from customers c left join mails m on m.customer_id = c.id where c.slug = $1 group by c.id`,
      slug,
    )) as [{ mails: number; open: number; effects: number }];
    return row.mails === MAILS && row.open === 0 && row.effects === 0;
  };

  /** What must be the same however often the process died. Names of the round are cut off. */
  const lookAt = async ({ slug }: Customer, seen: ReadonlySet<string | null>) => ({
    mails: await rows(
      `select split_part(message_id, '.', 1) as mail, outcome, kind, split_part(thread_key, ':', 1) as thread
         from mails join customers c on c.id = customer_id where slug = $1 order by 1`,
      slug,
    ),
    arrivals: await rows(
      `select count(*)::int >= ${MAILS} as enough from arrivals a join mails m on m.id = a.mail_id
         join customers c on c.id = m.customer_id where slug = $1`,
      slug,
    ),
    tickets: await rows(
      `select kind, urgency, state, mails from tickets t join customers c on c.id = t.customer_id
        where slug = $1 order by kind`,
      slug,
    ),
    entries: await rows(
      `select split_part(m.message_id, '.', 1) as mail, e.type, count(*)::int as n from entries e
         left join mails m on m.id = e.mail_id join customers c on c.id = e.customer_id where slug = $1
        group by 1, 2 order by 1, 2`,
      slug,
    ),
    effects: await rows(
      `select type, state, count(*)::int as n from effects join customers c on c.id = customer_id
        where slug = $1 group by 1, 2 order by 1, 2`,
      slug,
    ),
    notices: new Set(
      sink
        .list()
        .map(({ messageId }) => messageId)
        .filter((id) => !seen.has(id)),
    ).size,
  });

  return {
    /** One round that ends the process before step `crashAt` of it (0: never). Answers with the steps of a calm round. */
    async round(crashAt: number) {
      const customer = customerOf(round++);
      const { slug, address, account } = customer;
      const { file } = parseCustomersFile({
        customers: [{ slug, name: slug, managementAccount: account, rootAddresses: [address] }],
      });
      await importCustomers(database.db, file!, 'test');
      const seen = new Set(sink.list().map(({ messageId }) => messageId));
      running.child.stdin!.write(`${crashAt}\n`);
      for (const raw of customer.mails) {
        while (!(await send(running.smtpPort, address, raw))) {
          await running.dead;
          running = await start(env, ++deaths);
        }
      }
      const settle = (orDead: boolean) =>
        vi.waitFor(async () => expect((orDead && running.isDead) || (await isSettled(slug))).toBe(true), {
          timeout: 120_000,
          interval: 20,
        });
      await settle(true);
      if (running.isDead) {
        running = await start(env, ++deaths);
        await settle(false);
      }
      let steps = 0;
      if (crashAt === 0) {
        running.child.stdin!.write('count\n');
        const [line] = (await once(running.child.stdout!, 'data')) as [Buffer];
        steps = (JSON.parse(line.toString()) as { steps: number }).steps;
      }
      return { steps, world: await lookAt(customer, seen) };
    },
    /** Mails by outcome as counted, and as they are: counters are kept with the outcome. */
    async counters() {
      const { rows: counted } = await database.pool.query(
        `select substr(name, 7) as outcome, sum(value)::int as n from counters where name like 'mails.%' group by 1 order by 1`,
      );
      const { rows: real } = await database.pool.query(
        'select outcome, count(*)::int as n from mails group by 1 order by 1',
      );
      return { counted, real };
    },
    async close() {
      running.child.kill('SIGKILL');
      await running.dead;
      await sink.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

describe('kill -9 between every two steps', () => {
  it('loses nothing and doubles nothing', { timeout: 30 * 60_000 }, async () => {
    const lanes = await Promise.all([createLane(0), createLane(5000)]);
    try {
      const calm = await lanes[0]!.round(0);
      expect(calm.world.mails).toHaveLength(MAILS);
      expect(calm.world.tickets).toHaveLength(2);
      expect(calm.world.notices).toBe(1);
      expect(calm.steps).toBeGreaterThan(10);
      const points = Array.from({ length: calm.steps }, (_, index) => index + 1);
      await Promise.all(
        lanes.map(async (lane) => {
          for (let point = points.shift(); point !== undefined; point = points.shift()) {
            const { world } = await lane.round(point);
            expect(world, `killed before step ${point} of ${calm.steps}`).toEqual(calm.world);
          }
          const { counted, real } = await lane.counters();
          expect(counted).toEqual(real);
        }),
      );
    } finally {
      await Promise.all(lanes.map((lane) => lane.close()));
    }
  });
});
