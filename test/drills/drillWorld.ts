import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { expect, vi } from 'vitest';
import { parseCustomersFile } from '../../src/core/customersFile.ts';
import { startMailSink } from '../../src/demo/mailSink.ts';
import { importCustomers } from '../../src/store/customers.ts';
import { freshDatabase } from '../servers/postgres.ts';
import { type Customer, customerOf, MAILS } from './drillCustomer.ts';
import type { Victim } from './victim.ts';

/** One lane of the drill: a database, keys and a mail server that takes the notices, over which the process keeps dying. */
export async function createWorld(lane: number, dnsServer: string) {
  const database = await freshDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'rd-drill-'));
  const sink = await startMailSink();
  let round = lane * 1000;
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

  const settle = (slug: string, orElse: () => boolean = () => false) =>
    vi.waitFor(async () => expect(orElse() || (await isSettled(slug))).toBe(true), { timeout: 120_000, interval: 20 });

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
    env: {
      DATABASE_URL: database.url,
      ROOTDESK_DATA_DIR: dataDir,
      ROOTDESK_DNS_SERVERS: dnsServer,
      ROOTDESK_SMTP_PORT: '0',
      ROOTDESK_LMTP_ENABLED: 'false',
      ROOTDESK_OUTGOING_HOST: '127.0.0.1',
      ROOTDESK_OUTGOING_PORT: String(sink.port),
      ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
      ROOTDESK_OUTGOING_FROM: 'desk@drill.test',
      ROOTDESK_PROBES_EVERY_MINUTES: '0',
      ROOTDESK_NOTIFY_ADDRESSES: 'fde@drill.test',
      ROOTDESK_NOTIFY_URGENCY: 'critical',
      ROOTDESK_LOG_LEVEL: 'error',
      ROOTDESK_UNDERSTAND_THREADS: '1',
    },

    /**
     * A new customer's mails come in until the lane is cut off before this step of theirs (0: never), or all is settled.
     * `finish` sends what was not answered to the next process, as a mail server does, and gives the world after it.
     */
    async begin(victim: Victim, crashAt: number) {
      const customer = customerOf(round++);
      const { slug, address, account } = customer;
      const { file } = parseCustomersFile({
        customers: [{ slug, name: slug, managementAccount: account, rootAddresses: [address] }],
      });
      await importCustomers(database.db, file!, 'test');
      const seen = new Set(sink.list().map(({ messageId }) => messageId));
      const unsent = [...customer.mails];
      const deliver = async (to: Victim): Promise<void> => {
        while (unsent.length > 0 && (await send(to.ports[lane]!, address, unsent[0]!))) unsent.shift();
      };
      victim.arm(lane, crashAt);
      const delivering = deliver(victim);
      const settled = delivering.then(() => settle(slug, () => victim.isCutOff(lane)));
      await Promise.race([victim.cutOff(lane), settled]);
      return {
        async finish(next: Victim) {
          await settled.catch(() => {}); // ended by the death of the process
          await deliver(next);
          expect(unsent).toEqual([]);
          await settle(slug);
          return lookAt(customer, seen);
        },
      };
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
      await sink.close();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Sends one mail. False: it was not answered with 250, so it must be sent again. */
async function send(port: number, to: string, raw: Buffer): Promise<boolean> {
  const smtp = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
  try {
    await smtp.sendMail({ envelope: { from: 'bounce@amazonses.test', to }, raw });
    return true;
  } catch {
    return false;
  } finally {
    smtp.close();
  }
}
