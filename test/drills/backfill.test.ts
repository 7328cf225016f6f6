import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { projectDir } from '../../scripts/runCommand.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { mailboxSettings } from '../receive/mailboxStage.ts';
import { plainMail, signedMail, ZONE } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { DOVECOT_PASSWORD, type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

const MAILS = 120;
const DAY = 24 * 3_600_000;

/** The real command, killed with kill -9 on its way. */
describe('rootdesk backfill', () => {
  let database: FreshDatabase;
  let dns: DnsServer;
  let dovecot: DovecotServer;
  const folder = mkdtempSync(join(tmpdir(), 'rd-backfill-'));

  const run = (...args: string[]): ChildProcess =>
    // The start file would live on as a parent that does nothing.
    spawn(process.execPath, ['src/cli.ts', 'backfill', ...args], {
      cwd: projectDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        DATABASE_URL: database.url,
        ROOTDESK_CONFIG: join(folder, 'rootdesk.yaml'),
        ROOTDESK_DATA_DIR: join(folder, 'data'),
        ROOTDESK_DNS_SERVERS: dns.server,
        ROOTDESK_LOG_LEVEL: 'silent',
      },
    });
  const finish = async (...args: string[]) => {
    const child = run(...args);
    let output = '';
    child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr!.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = await once(child, 'close');
    return { code, output };
  };
  const query = async <T extends object>(text: string, values: unknown[] = []) =>
    (await database.pool.query<T>(text, values)).rows;
  const arrivals = () =>
    query<{ uid: number; history: string; mail_id: number }>(
      `select a.uid, m.history, a.mail_id from arrivals a join mails m on m.id = a.mail_id where source = 'imap:old' order by a.id`,
    );

  beforeAll(async () => {
    database = await freshDatabase();
    dns = await startDnsServer(ZONE);
    dovecot = await startDovecot();
    await database.pool.query(`
      insert into customers (slug, name) values ('acme', 'Acme');
      insert into lists (customer_id, address, account) values (1, 'acme-7f3k@root.test', '111122223333');
      insert into members (list_id, address, state) values (1, 'ops@acme.test', 'confirmed')`);
    const { host, port, secure, requireTls, user, password } = mailboxSettings(dovecot, 'old');
    const mailbox = { name: 'old', host, port, secure, requireTls, user, password, history: 'leave' };
    writeFileSync(join(folder, 'rootdesk.yaml'), stringify({ mailboxes: [mailbox] }));
    const client = new ImapFlow({
      host: '127.0.0.1',
      port,
      secure: false,
      auth: { user, pass: DOVECOT_PASSWORD },
      logger: false,
    });
    await client.connect();
    for (let n = 0; n < MAILS; n++) {
      // The youngest ten are of the last days; all were copied into the mailbox just now, as a migration does it.
      const at = new Date(Date.now() - (n >= MAILS - 10 ? 2 : 400) * DAY);
      const fields = { Date: at.toUTCString(), Subject: `Your invoice ${n}` };
      await client.append('INBOX', n % 2 === 0 ? signedMail(fields) : plainMail(fields), []);
    }
    // The key of this one is gone.
    const gone = signedMail({ Date: new Date(Date.now() - 400 * DAY).toUTCString(), Subject: 'Your old invoice' });
    await client.append('INBOX', Buffer.from(gone.toString('latin1').replaceAll('s=test1', 's=gone9'), 'latin1'), []);
    await client.logout();
  }, 120_000);
  afterAll(async () => {
    await dovecot?.remove();
    await dns?.close();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('goes on after kill -9, keeps each mail once as history, and gives members nothing', async () => {
    const child = run('old', '--rate', '25');
    await until(async () => (await arrivals()).length >= 24);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const first = await arrivals();
    expect(first.length).toBeLessThan(MAILS);
    // Newest first; a lot of 32 is kept at once.
    expect(first[0]!.uid).toBeGreaterThan(MAILS + 1 - 32);
    expect(await query(`select state, total, kept from backfills`)).toMatchObject([
      { state: 'running', total: MAILS + 1 },
    ]);

    const { code, output } = await finish('old');
    expect(output).toContain(`All ${MAILS + 1} mails that old held are here.`);
    expect(code).toBe(0);
    const all = await arrivals();
    expect(all.map(({ uid }) => uid).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: MAILS + 1 }, (_, n) => n + 1),
    );
    expect(
      all
        .filter(({ history }) => history === 'open')
        .map(({ uid }) => uid)
        .toSorted((a, b) => a - b),
    ).toEqual(Array.from({ length: 10 }, (_, n) => MAILS - 9 + n));
    expect(await query('select from deliveries')).toEqual([]);
    expect(
      await query(
        `select m.auth ->> 'state' as state, m.auth -> 'signatures' -> 0 ->> 'result' as dkim from mails m
      join arrivals a on a.mail_id = m.id where a.uid in (1, $1) order by a.uid`,
        [MAILS + 1],
      ),
    ).toMatchObject([{ state: 'final', dkim: 'pass' }, { state: 'unverifiable' }]);
    expect(await query(`select first_uid, uid_next from mailbox_epochs where mailbox = 'old'`)).toEqual([
      { first_uid: 1, uid_next: MAILS + 2 },
    ]);
    expect(await query(`select state, done, newest_first from backfills`)).toEqual([
      { state: 'done', done: MAILS + 1, newest_first: true },
    ]);
    // Once more: nothing is left.
    expect((await finish('old', '--oldest-first')).output).toContain('All 0 mails');
    expect(await arrivals()).toHaveLength(MAILS + 1);
  }, 120_000);

  it('says what is wrong with what it was given', async () => {
    const unknown = await finish('older');
    expect(unknown).toMatchObject({ code: 64 });
    expect(unknown.output).toMatch(/there is no mailbox older in the settings; they name: old/);
    expect((await finish('old', '--rate', 'fast')).output).toMatch(/whole number/);
  });
});
