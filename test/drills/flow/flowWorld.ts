import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCustomersFile } from '../../../src/core/customersFile.ts';
import { startDnsServer } from '../../../src/demo/dnsServer.ts';
import { createLog } from '../../../src/lib/log.ts';
import { importCustomers } from '../../../src/store/customers.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { startEmbedded } from '../../../src/store/embedded.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openPool } from '../../../src/store/pool.ts';
import { makeDataFolder } from '../../servers/dataFolder.ts';
import { DOVECOT_PASSWORD, startDovecot } from '../../servers/dovecot.ts';
import { freePort } from '../../servers/freePort.ts';
import { startPostfix } from '../../servers/postfix.ts';
import { startRedis } from '../../servers/redis.ts';
import { DOMAIN, type FlowCustomer, flowRecords } from './flowMail.ts';
import { startRole } from './roleProcess.ts';
import { severable } from './severable.ts';

/** Where notices of urgent tickets go. */
export const TEAM = 'team@member.test';
/** IMAP mailboxes by the way of their customers. */
export const BOXES = { 'imap-one': 'one@box.test', 'imap-two': 'two@box.test' } as const;

export type FlowWorld = Awaited<ReturnType<typeof startFlowWorld>>;

/**
 * Everything that Rootdesk stands among, real and its own: PostgreSQL, Redis, a Postfix that brings the mail and takes the
 * copies, a Dovecot with the mailboxes that are watched and those of members, a DNS server with the senders' keys. Mail
 * comes through ways that can be cut. The product runs as it does on several machines: two receive, two decide, one act,
 * one deliver.
 */
export async function startFlowWorld(say: (name: string, line: string) => void) {
  const stops: (() => unknown)[] = [];
  const close = async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  try {
    const folder = makeDataFolder();
    stops.push(() => folder.remove());
    const log = createLog('silent');
    const embedded = await startEmbedded({ dataDir: folder.path, log });
    stops.push(() => embedded.stop());
    const pool = openPool(embedded.url, { max: 3 });
    stops.push(() => pool.end());
    await migrate(pool, log);
    const db = openDatabase(pool);
    const dns = await startDnsServer(flowRecords());
    stops.push(() => dns.close());
    const redis = await startRedis();
    stops.push(() => redis.stop());
    const dovecot = await startDovecot();
    stops.push(() => dovecot.remove());
    const lmtpPorts = [await freePort(), await freePort()];
    const toUs = await severable(lmtpPorts);
    stops.push(() => toUs.close());
    const toBoxes = await severable([dovecot.imapPort]);
    stops.push(() => toBoxes.close());
    const toDovecot = `lmtp:inet:127.0.0.1:${dovecot.lmtpPort}`;
    const postfix = await startPostfix({
      domain: DOMAIN.lmtp,
      lmtpPort: toUs.port,
      routes: {
        'member.test': toDovecot,
        'box.test': toDovecot,
        [DOMAIN['imap-one']]: 'error:a catch-all',
        [DOMAIN['imap-two']]: 'error:a catch-all',
      },
      catchAll: { [DOMAIN['imap-one']]: BOXES['imap-one'], [DOMAIN['imap-two']]: BOXES['imap-two'] },
    });
    stops.push(() => postfix.remove());

    const config = join(folder.path, 'rootdesk.json');
    const mailboxes = Object.entries(BOXES).map(([name, user]) => ({
      name,
      host: '127.0.0.1',
      port: toBoxes.port,
      secure: false,
      requireTls: false,
      user,
      password: DOVECOT_PASSWORD,
      pollSeconds: 5,
    }));
    writeFileSync(config, JSON.stringify({ mailboxes }));
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '/',
      ...(process.env.NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
      ROOTDESK_CONFIG: config,
      ROOTDESK_DATA_DIR: join(folder.path, 'desk'),
      DATABASE_URL: embedded.url,
      REDIS_URL: redis.url,
      ROOTDESK_DNS_SERVERS: dns.server,
      ROOTDESK_SMTP_PORT: '0',
      ROOTDESK_OUTGOING_HOST: '127.0.0.1',
      ROOTDESK_OUTGOING_PORT: String(postfix.smtpPort),
      ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
      ROOTDESK_OUTGOING_FROM: 'desk@desk.test',
      ROOTDESK_BOUNCE_DOMAIN: 'bounce.test',
      ROOTDESK_PROBES_EVERY_MINUTES: '0',
      ROOTDESK_NOTIFY_ADDRESSES: TEAM,
      ROOTDESK_NOTIFY_URGENCY: 'critical',
      // Each by itself: how a flood is gathered depends on time, and is tested elsewhere.
      ROOTDESK_NOTIFY_MOST_MAILS: '100000',
      ROOTDESK_UNDERSTAND_THREADS: '1',
    };
    const role = (name: string, file: string, more: Record<string, string> = {}) =>
      startRole(name, `workers/${file}.ts`, { ...env, ...more }, say);
    const roles = [
      ...lmtpPorts.map((port, at) => role(`receive ${at + 1}`, 'receive', { ROOTDESK_LMTP_PORT: String(port) })),
      role('decide 1', 'decide'),
      role('decide 2', 'decide'),
      role('act', 'act'),
      role('deliver', 'deliver'),
    ];
    stops.push(() => Promise.all(roles.map((one) => one.stop())));

    return {
      pool,
      dns,
      redis,
      dovecot,
      postfix,
      toUs,
      toBoxes,
      roles,
      /** Its crash is what every process sees; the drill brings it back as a supervisor does. */
      async postmaster(): Promise<number> {
        const { rows } = await pool.query<{ pid: string }>(
          `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1) as pid`,
        );
        return Number(rows[0]!.pid);
      },
      async addCustomers(customers: readonly FlowCustomer[]): Promise<void> {
        const { file, problems } = parseCustomersFile({
          customers: customers.map(({ slug, account, address }) => ({
            slug,
            name: slug,
            managementAccount: account,
            rootAddresses: [address],
          })),
        });
        if (!file) throw new Error(`the customers of the drill: ${problems[0]?.message}`);
        await importCustomers(db, file, 'drill');
        await pool.query(
          `insert into members (list_id, address, state)
           select l.id, m.member, 'confirmed' from unnest($1::text[], $2::text[]) as m (address, member)
             join lists l on l.address = m.address`,
          [customers.map(({ address }) => address), customers.map(({ member }) => member)],
        );
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
