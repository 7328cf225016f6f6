import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, type Role, startApp } from '../../src/app.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { type MailSink, startMailSink } from '../../src/demo/mailSink.ts';
import { createLog } from '../../src/lib/log.ts';
import { loadSettings } from '../../src/settings.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPool } from '../../src/store/pool.ts';
import { type FlowCustomer, flowCustomer, flowRecords } from '../drills/flow/flowMail.ts';
import { deliverTo, mailboxSettings } from '../receive/mailboxStage.ts';
import { until } from '../receive/until.ts';
import { type DebianPostgres, startDebianPostgres } from '../servers/debianPostgres.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';

const PATIENCE = 240_000;
const TEAM = 'team@desk.test';
/** Where a catch-all brings mail, and another one whose kept mail is moved away. */
const BOX = { left: 'left@box.test', moved: 'moved@box.test' } as const;

/** The restore of README's "Backup and restore", from the backup to the copy that leaves after it. */
describe('a database that is restored from its backup', () => {
  let server: DebianPostgres;
  let dovecot: DovecotServer;
  let dns: DnsServer;
  let sink: MailSink;
  const folder = mkdtempSync(join(tmpdir(), 'rd-restored-'));
  const running: App[] = [];
  const pools: ReturnType<typeof openPool>[] = [];
  const log = createLog('silent');

  const [byImap, bySmtp, moved] = [
    flowCustomer(1, 'imap-one'),
    flowCustomer(2, 'lmtp'),
    flowCustomer(3, 'imap-two'),
  ] as const;
  const customers: readonly FlowCustomer[] = [byImap, bySmtp, moved];
  /** Mails of a customer: two of its case, and a compromise that the team is told of. */
  const [opened, second, urgent] = [0, 2, 3] as const;

  const env = (database: string) => ({
    ROOTDESK_CONFIG: join(folder, 'rootdesk.json'),
    ROOTDESK_DATA_DIR: join(folder, 'desk'),
    DATABASE_URL: server.url(database),
    ROOTDESK_DNS_SERVERS: dns.server,
    ROOTDESK_SMTP_PORT: '0',
    ROOTDESK_LMTP_ENABLED: 'false',
    ROOTDESK_OUTGOING_HOST: '127.0.0.1',
    ROOTDESK_OUTGOING_PORT: String(sink.port),
    ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
    ROOTDESK_OUTGOING_FROM: 'desk@desk.test',
    ROOTDESK_BOUNCE_DOMAIN: 'bounce.test',
    ROOTDESK_PROBES_EVERY_MINUTES: '0',
    ROOTDESK_NOTIFY_ADDRESSES: TEAM,
    ROOTDESK_NOTIFY_URGENCY: 'critical',
    ROOTDESK_UNDERSTAND_THREADS: '1',
    ROOTDESK_LOG_LEVEL: 'silent',
  });
  const box = (user: string, more: object) => {
    const { host, port, secure, requireTls, password } = mailboxSettings(dovecot, user);
    return { host, port, secure, requireTls, user, password, pollSeconds: 1, ...more };
  };
  const start = async (database: string, ...roles: Role[]): Promise<App> => {
    const app = await startApp({ settings: loadSettings({ env: env(database) }), log, roles, use: 'start' });
    running.push(app);
    return app;
  };
  const stop = async (...apps: App[]) => {
    for (const app of apps) {
      running.splice(running.indexOf(app), 1);
      await app.close();
    }
  };
  /** A terminal of its own, in which `answer` is typed. */
  const inTerminal = async (database: string, command: string, answer: string) => {
    const child = spawn('/usr/bin/script', ['-qec', `${process.execPath} src/cli.ts ${command}`, '/dev/null'], {
      env: { ...process.env, ...env(database) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    let asked = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (!asked && said.includes('[y/N]')) child.stdin.write(`${answer}\n`);
      asked = said.includes('[y/N]');
    });
    await new Promise((resolve) => child.once('close', resolve));
    return said;
  };
  const tableOf = (database: string) => {
    const pool = openPool(server.url(database), { max: 2 });
    pools.push(pool);
    return async <T extends object>(text: string, values: unknown[] = []) => (await pool.query<T>(text, values)).rows;
  };
  type Table = ReturnType<typeof tableOf>;

  const bySmtpNow = async (app: App, raw: Buffer) => {
    const smtp = createTransport({ host: '127.0.0.1', port: app.receiving!.smtpPort!, ignoreTLS: true });
    await smtp.sendMail({ envelope: { from: 'bounce@amazonses.test', to: bySmtp.address }, raw });
    smtp.close();
  };
  const decided = (query: Table, ...wanted: [FlowCustomer, number][]) =>
    until(async () => {
      const rows = await query<{ id: string }>('select message_id as id from mails where outcome is not null');
      return wanted.every(([{ mails }, at]) => rows.some(({ id }) => mails[at]!.messageId.includes(id)));
    });
  const settled = (query: Table) =>
    until(
      async () =>
        (
          await query(`select from effects where state in ('due', 'leased')
            union all select from deliveries where state in ('due', 'leased')`)
        ).length === 0,
    );
  /** How often the member of a customer has got one of its mails. */
  const copies = ({ member, mails }: FlowCustomer, at: number) =>
    sink.list().filter(({ to, messageId }) => to.includes(member) && messageId === mails[at]!.messageId).length;

  beforeAll(async () => {
    server = await startDebianPostgres();
    dns = await startDnsServer(flowRecords());
    sink = await startMailSink();
    dovecot = await startDovecot();
    const mailboxes = [
      box(BOX.left, { name: 'left' }),
      box(BOX.moved, { name: 'moved', afterKeep: 'move', afterFolder: 'Kept' }),
    ];
    writeFileSync(join(folder, 'rootdesk.json'), JSON.stringify({ mailboxes }));
    const pool = openPool(server.url(), { max: 2 });
    pools.push(pool);
    await migrate(pool, log);
    for (const { slug, address, member, account } of customers) {
      await pool.query(
        `with c as (insert into customers (slug, name) values ($1, $1) returning id),
              l as (insert into lists (customer_id, address, account) select id, $2, $4 from c returning id)
         insert into members (list_id, address, state) select id, $3, 'confirmed' from l`,
        [slug, address, member, account],
      );
    }
  }, PATIENCE);
  afterAll(async () => {
    await stop(...running);
    for (const pool of pools) await pool.end();
    await dovecot?.remove();
    await sink?.close();
    await dns?.close();
    await server?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it(
    'sends nothing until a person let it, has the mail of its mailboxes again, and lacks what came by SMTP',
    async () => {
      // Before the backup: a mail whose copy and notice have left, and one whose wait to leave.
      const living = tableOf('rootdesk');
      const takes = await start('rootdesk', 'receive', 'decide');
      let sends = await start('rootdesk', 'act', 'deliver');
      await deliverTo(dovecot, BOX.left, byImap.mails[opened]!.raw);
      await deliverTo(dovecot, BOX.moved, moved.mails[opened]!.raw);
      await decided(living, [byImap, opened], [moved, opened]);
      await settled(living);
      await stop(sends);
      await bySmtpNow(takes, bySmtp.mails[opened]!.raw);
      await decided(living, [bySmtp, opened]);

      server.run('pg_dump', '-U', 'postgres', '-Fc', '-f', join(server.folder, 'dump'), 'rootdesk');

      // Life goes on: what waited leaves, and more mail comes by every way.
      sends = await start('rootdesk', 'act', 'deliver');
      await deliverTo(dovecot, BOX.left, byImap.mails[urgent]!.raw);
      await deliverTo(dovecot, BOX.moved, moved.mails[urgent]!.raw);
      await bySmtpNow(takes, bySmtp.mails[urgent]!.raw);
      await decided(living, [byImap, urgent], [bySmtp, urgent], [moved, urgent]);
      await settled(living);
      await until(() => copies(bySmtp, opened) === 1 && copies(byImap, urgent) === 1);
      // A server says whole seconds: what came in the last one counts as not left yet.
      const lastAt = Date.now();
      await until(() => Date.now() > lastAt + 1000);
      await stop(sends, takes);
      // What comes while nothing runs has certainly not left.
      await deliverTo(dovecot, BOX.left, byImap.mails[second]!.raw);
      const before = sink.list().length;

      server.run('createdb', '-U', 'postgres', 'restored');
      server.run('pg_restore', '-U', 'postgres', '-d', 'restored', join(server.folder, 'dump'));
      const restored = tableOf('restored');
      const restoredAt = Date.now();
      await start('restored', 'receive', 'decide', 'act', 'deliver');

      // Mail comes in and is decided; the mailbox is read from where the backup was, and compared as a whole.
      await decided(restored, [byImap, urgent], [byImap, second]);
      const audits = () =>
        restored<{ at: Date; messages: number; missing: number; next: number }>(
          `select audit_at as at, audit_messages as messages, audit_missing as missing, uid_next as next
             from mailbox_epochs where mailbox = 'left' and ended_at is null`,
        );
      await until(async () => (await audits()).some(({ at, next }) => Number(at) > restoredAt && next === 4));
      expect(await audits()).toMatchObject([{ messages: 3, missing: 0 }]);
      await until(async () => (await restored(`select from mailbox_spans where mailbox = 'moved'`)).length === 1);
      expect(sink.list()).toHaveLength(before);

      // What came by SMTP since the backup is lost, and what was moved out of its mailbox is where nobody looks yet.
      const known = async () =>
        (await restored<{ id: string }>('select message_id as id from mails')).map(({ id }) => id);
      expect((await known()).filter((id) => id.includes('compromise.2') || id.includes('compromise.3'))).toEqual([]);
      // No number of the lost time is given out again: a notice, a bounce address or a link may bear it.
      const ids = (query: Table) => query<{ id: number }>('select id from tickets order by id');
      const [old, now] = [await ids(living), await ids(restored)];
      expect(old).toHaveLength(6);
      expect(now).toHaveLength(4);
      expect(now.at(-1)!.id).toBeGreaterThan(old.at(-1)!.id + 1000);

      const no = await inTerminal('restored', 'resume', 'n');
      expect(no).toContain('The database was restored: it is as of 20');
      expect(no).toMatch(/3 {2}copies to list members, 2 of them may have left already/);
      expect(no).toMatch(/1 {2}notify\.mail, 1 of them may have left already/);
      expect(no).toContain('Mail may be missing: 1 UIDs of the mailbox moved passed unseen since the backup.');
      expect(no).toContain('have that folder read');
      expect(no).toContain('Still on hold.');
      expect(sink.list()).toHaveLength(before);

      // As README says: the folder is read as a mailbox of its own, and what is known there changes nothing.
      writeFileSync(
        join(folder, 'rootdesk.json'),
        JSON.stringify({ mailboxes: [box(BOX.moved, { name: 'kept', folder: 'Kept' })] }),
      );
      const reads = await start('restored', 'receive');
      await decided(restored, [moved, urgent]);
      expect(await restored('select from mails')).toHaveLength(6);
      await stop(reads);

      const yes = await inTerminal('restored', 'resume --not-again', 'y');
      expect(yes).toContain('Goes on within half a minute. Left out: 5.');
      await settled(restored);
      // Each member has each mail once: what had left before, and what came while nothing ran.
      expect(sink.list()).toHaveLength(before + 1);
      for (const customer of customers) {
        expect(copies(customer, opened)).toBe(1);
        expect(copies(customer, urgent)).toBe(1);
      }
      expect(copies(byImap, second)).toBe(1);
      const notices = sink.list().filter(({ to }) => to.includes(TEAM));
      expect(notices).toHaveLength(3);
      expect(new Set(notices.map(({ messageId }) => messageId)).size).toBe(3);
      expect(await restored('select customer_id, kind, mails from tickets order by customer_id, kind')).toEqual([
        { customer_id: 1, kind: 'security.compromise', mails: 1 },
        { customer_id: 1, kind: 'support.case_opened', mails: 2 },
        { customer_id: 2, kind: 'support.case_opened', mails: 1 },
        { customer_id: 3, kind: 'security.compromise', mails: 1 },
        { customer_id: 3, kind: 'support.case_opened', mails: 1 },
      ]);
      expect(
        await restored(`select from arrivals where transport = 'imap' group by mail_id, source having count(*) > 1`),
      ).toEqual([]);
    },
    PATIENCE,
  );
});
