import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { projectDir } from '../../scripts/runCommand.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { deliverTo, mailboxSettings } from '../receive/mailboxStage.ts';
import { plainMail } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

const BOXES = ['box-1', 'box-2', 'box-3', 'box-4', 'box-5', 'box-6'];
/** Longest until somebody else watches the mailboxes of a process that was killed (ms). */
const TAKEOVER_MS = 15_000;

/** Real processes (workers/receive.ts), one database, one Dovecot. */
describe('mailboxes shared out among processes', () => {
  let database: FreshDatabase;
  let dns: DnsServer;
  let dovecot: DovecotServer;
  const folder = mkdtempSync(join(tmpdir(), 'rd-leases-'));
  const children = new Set<ChildProcess>();

  const start = (): ChildProcess => {
    const child = spawn(process.execPath, ['workers/receive.ts'], {
      cwd: projectDir,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        DATABASE_URL: database.url,
        ROOTDESK_CONFIG: join(folder, 'rootdesk.yaml'),
        ROOTDESK_DATA_DIR: join(folder, 'data'),
        ROOTDESK_DNS_SERVERS: dns.server,
        ROOTDESK_SMTP_ENABLED: 'false',
        ROOTDESK_LMTP_ENABLED: 'false',
        ROOTDESK_LOG_LEVEL: 'silent',
      },
    });
    children.add(child);
    return child;
  };
  const query = async <T extends object>(text: string, values: unknown[] = []) =>
    (await database.pool.query<T>(text, values)).rows;
  /** Mailboxes that each process watches now, by its process number. */
  const shares = async () => {
    const rows = await query<{ pid: number; boxes: string[] }>(
      `select r.pid, array_agg(m.name order by m.name) as boxes from mailboxes m join receivers r on r.id = m.receiver
        where m.state = 'watching' group by r.pid`,
    );
    return new Map(rows.map(({ pid, boxes }) => [pid, boxes]));
  };
  const shared = (wanted: Record<number, number>, ms = 60_000) =>
    until(async () => {
      const now = await shares();
      return Object.entries(wanted).every(([pid, count]) => (now.get(Number(pid)) ?? []).length === count);
    }, ms);
  const arrived = async (box: string) =>
    (await query(`select from arrivals where source = $1`, [`imap:${box}`])).length;
  const kill = async (child: ChildProcess, signal: NodeJS.Signals) => {
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    children.delete(child);
  };

  beforeAll(async () => {
    database = await freshDatabase();
    dns = await startDnsServer([]);
    dovecot = await startDovecot();
    const mailboxes = BOXES.map((name) => {
      const { name: box, host, port, secure, requireTls, user, password } = mailboxSettings(dovecot, name);
      return { name: box, host, port, secure, requireTls, user, password, pollSeconds: 60 };
    });
    writeFileSync(join(folder, 'rootdesk.yaml'), stringify({ mailboxes }));
    for (const box of BOXES) await deliverTo(dovecot, box, plainMail());
  });
  afterAll(async () => {
    for (const child of children) {
      child.kill('SIGCONT');
      await kill(child, 'SIGKILL');
    }
    await dovecot?.remove();
    await dns?.close();
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are rebalanced when one joins, taken over when one is killed, and never moved by one that lost its lease', async () => {
    const first = start();
    await shared({ [first.pid!]: 6 });
    const second = start();
    await shared({ [first.pid!]: 3, [second.pid!]: 3 });

    // kill -9: the other one has them all, within the promised time, and reads what comes.
    const lost = (await shares()).get(second.pid!)!;
    const before = performance.now();
    await kill(second, 'SIGKILL');
    await shared({ [first.pid!]: 6 });
    const took = performance.now() - before;
    expect(took).toBeLessThan(TAKEOVER_MS);
    await deliverTo(dovecot, lost[0]!, plainMail());
    await until(async () => (await arrived(lost[0]!)) === 2);

    // A process that hangs loses its leases; when it goes on it moves nothing, and takes its share again.
    const third = start();
    await shared({ [first.pid!]: 3, [third.pid!]: 3 });
    const [box] = (await shares()).get(first.pid!)!;
    const [held] = await query<{ fence: number }>('select fence from mailboxes where name = $1', [box]);
    first.kill('SIGSTOP');
    await shared({ [third.pid!]: 6 });
    const [taken] = await query<{ fence: number }>('select fence from mailboxes where name = $1', [box]);
    expect(taken!.fence).toBeGreaterThan(held!.fence);
    const cursor = () =>
      query<{ uid_next: number; uid_validity: number }>(
        'select uid_next, uid_validity from mailbox_epochs where mailbox = $1 and ended_at is null',
        [box],
      );
    const [{ uid_next: stands, uid_validity: validity }] = (await cursor()) as [
      { uid_next: number; uid_validity: number },
    ];
    const moved = await query<{ moved: boolean }>(`select mailbox_advance($1, $2, $3, 999, '[]', now()) as moved`, [
      box,
      held!.fence,
      validity,
    ]);
    expect(moved).toEqual([{ moved: false }]);
    expect(await cursor()).toMatchObject([{ uid_next: stands }]);
    await deliverTo(dovecot, box!, plainMail());
    first.kill('SIGCONT');
    await shared({ [first.pid!]: 3, [third.pid!]: 3 });
    const count = BOXES.length + 2;
    await until(async () => (await query('select from arrivals')).length === count);
    expect(await query('select from arrivals group by source, uid having count(*) > 1')).toEqual([]);

    // One that is asked to end gives its mailboxes back at once.
    await kill(first, 'SIGTERM');
    await shared({ [third.pid!]: 6 }, 8_000);
    expect(await query('select from receivers')).toHaveLength(2);
  }, 180_000);
});
