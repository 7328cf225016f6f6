import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BeatFile, openBeatFile } from '../../src/lib/beatFile.ts';
import { createLog } from '../../src/lib/log.ts';
import { openDatabase } from '../../src/store/database.ts';
import { claimDeliveries } from '../../src/store/deliveries.ts';
import { claimEffects } from '../../src/store/effects.ts';
import { putOnHold, readHold, readWaiting } from '../../src/store/hold.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPool } from '../../src/store/pool.ts';
import { startRestoreWatch } from '../../src/store/restoreWatch.ts';
import { effectRow } from '../act/stage.ts';
import { type DebianPostgres, startDebianPostgres } from '../servers/debianPostgres.ts';

/** The command is started four times. */
const PATIENCE = 240_000;

describe('a database that was restored', () => {
  let server: DebianPostgres;
  let dataDir: string;
  let file: BeatFile;
  let ahead = 0;
  const clock = { now: () => new Date(Date.now() + ahead) };
  const log = createLog('silent');
  const open = (url: string) => {
    const pool = openPool(url, { max: 3 });
    return { pool, db: openDatabase(pool) };
  };
  let live: ReturnType<typeof open>;
  const opened: ReturnType<typeof open>[] = [];

  /** What a process does before it lets anything leave. */
  const look = async (at: ReturnType<typeof open>, seen: BeatFile = file) => {
    const watch = await startRestoreWatch({ db: at.db, file: seen, sends: true, clock, log });
    await watch.close();
  };
  /** The living database again, after its copies were looked at with the same file. */
  const goOn = async () => {
    await look(live);
    await live.pool.query(`delete from instance where name = 'hold'`);
  };
  const claimed = async ({ db, pool }: ReturnType<typeof open>, owner: string) => {
    const now = new Date(clock.now().getTime() + 60_000);
    const effects = await claimEffects(db, { owner, now, leaseMs: 1, limit: 10, types: ['notify.mail'] });
    const copies = await claimDeliveries(pool, { owner, now, leaseMs: 1, limit: 10, priorities: [1, 5] });
    return { effects: effects.length, copies: copies.length };
  };

  beforeAll(async () => {
    server = await startDebianPostgres();
    dataDir = mkdtempSync('/tmp/rd-restore-');
    mkdirSync(join(dataDir, 'keys'));
    file = openBeatFile({ keyFile: null, dataDir });
    live = open(server.url());
    await migrate(live.pool);
    await look(live);
    await live.pool.query(`
      insert into customers (slug, name) values ('acme', 'Acme');
      insert into lists (customer_id, address) values (1, 'acme-x@root.test');
      insert into members (list_id, address, state) values (1, 'ops@acme.test', 'confirmed');
      insert into mails (customer_id, identity, sha256, size, received_at, mail_time, auth)
        values (1, 'a', 'a', 1, now(), now(), '{}');
      insert into deliveries (mail_id, member_id, priority) values (1, 1, 1)`);
    await effectRow(live.db, { key: 'one' });
    await effectRow(live.db, { key: 'two' });

    // The backups, by the tools of PostgreSQL.
    server.run('pg_dump', '-U', 'postgres', '-Fc', '-f', join(server.folder, 'dump'), 'rootdesk');
    server.run('pg_basebackup', '-U', 'postgres', '-D', join(server.folder, 'base'), '-X', 'stream', '-c', 'fast');

    // And life goes on: what waited leaves.
    ahead += 60_000;
    await look(live);
    expect(await claimed(live, 'living')).toEqual({ effects: 2, copies: 1 });
    await live.pool.query(`update effects set state = 'done'; update deliveries set state = 'accepted'`);
    await look(live);
  }, PATIENCE);
  afterAll(async () => {
    for (const { db } of [live, ...opened]) await db?.destroy();
    await server?.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it(
    'is known by the beat that this machine saw last, and lets nothing leave until somebody has looked',
    async () => {
      server.run('createdb', '-U', 'postgres', 'restored');
      server.run('pg_restore', '-U', 'postgres', '-d', 'restored', join(server.folder, 'dump'));
      const restored = open(server.url('restored'));
      opened.push(restored);
      await look(restored);
      expect(await claimed(restored, 'after')).toEqual({ effects: 0, copies: 0 });
      const hold = await readHold(restored.db);
      expect(hold?.why).toBe('restored');
      // As of the last beat before the backup.
      expect(clock.now().getTime() - hold!.asOf.getTime()).toBeGreaterThan(59_000);
      // What comes after it is told apart from what may have left before.
      await effectRow(restored.db, { key: 'three' });
      await restored.pool.query(`update effects set created_at = $1 where key = 'three'`, [clock.now()]);
      await restored.pool.query(`update effects set created_at = $1 where key <> 'three'`, [hold!.asOf]);
      expect(await readWaiting(restored.db, hold!)).toEqual([
        expect.objectContaining({ what: 'copies with codes and reset links', count: 1 }),
        expect.objectContaining({ what: 'notify.mail', count: 3, old: 2 }),
      ]);

      const rootdesk = (...args: string[]) =>
        spawnSync(process.execPath, ['src/cli.ts', ...args], {
          encoding: 'utf8',
          env: {
            ...process.env,
            DATABASE_URL: server.url('restored'),
            ROOTDESK_DATA_DIR: dataDir,
            ROOTDESK_LOG_LEVEL: 'silent',
          },
        });
      const asked = rootdesk('resume');
      expect(asked.stdout).toContain('The database was restored');
      expect(asked.stdout).toMatch(/3 {2}notify\.mail, 2 of them may have left already/);
      expect(asked.status).toBe(64);
      expect(await claimed(restored, 'asked')).toEqual({ effects: 0, copies: 0 });
      const let_go = rootdesk('resume', '--yes');
      expect(let_go.stdout).toContain('Goes on within half a minute');
      expect(let_go.status).toBe(0);
      // It is not found again at the next beat.
      await look(restored);
      expect(await claimed(restored, 'resumed')).toEqual({ effects: 3, copies: 1 });
      expect(rootdesk('hold').stdout).toContain('On hold');
      expect(rootdesk('resume', '--yes').stdout).toContain('somebody asked for it');
    },
    PATIENCE,
  );

  it('is not looked for where the keys cannot be written; who sends does not start there', async () => {
    await goOn();
    const sealed: BeatFile = {
      ...file,
      write() {
        throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
      },
    };
    const start = (sends: boolean) => startRestoreWatch({ db: live.db, file: sealed, sends, clock, log });
    await expect(start(true)).rejects.toMatchObject({
      code: 'restore.beat',
      hint: expect.stringContaining('writable'),
    });
    await (await start(false)).close();
    expect(await readHold(live.db)).toBeNull();
    await look(live);
  });

  it('is known when it is a base backup of the whole server', async () => {
    const copy = await server.another(join(server.folder, 'base'));
    const restored = open(copy.url());
    opened.push(restored);
    try {
      await look(restored);
      expect((await readHold(restored.db))?.why).toBe('restored');
      expect(await claimed(restored, 'base')).toEqual({ effects: 0, copies: 0 });
    } finally {
      await opened.pop()?.db.destroy();
      await copy.remove();
    }
  });

  it('is taken for one on a machine that never saw it, unless others are at work on it', async () => {
    const elsewhere = mkdtempSync('/tmp/rd-new-');
    mkdirSync(join(elsewhere, 'keys'));
    const fresh = openBeatFile({ keyFile: null, dataDir: elsewhere });
    await goOn();
    await look(live, fresh);
    expect(await readHold(live.db)).toBeNull();
    rmSync(join(elsewhere, 'keys', 'beat'));
    ahead += 11 * 60_000;
    await look(live, fresh);
    expect((await readHold(live.db))?.why).toBe('restored');
    await live.pool.query(`delete from instance where name = 'hold'`);
    rmSync(elsewhere, { recursive: true });
  });

  it('gives out no number of the lost time, also where a person says that it was restored', async () => {
    await goOn();
    const next = async () => {
      const { rows } = await live.pool.query<{ name: string; at: string }>(
        `select sequencename as name, coalesce(last_value, 0) as at from pg_sequences where schemaname = 'public' order by 1`,
      );
      return new Map(rows.map(({ name, at }) => [name, Number(at)]));
    };
    const before = await next();
    expect(before.size).toBeGreaterThan(15);
    const said = { isRestored: true, actor: 'test', now: clock.now() };
    expect(await putOnHold(live.db, said)).toBe(true);
    expect(await readHold(live.db)).toMatchObject({ why: 'restored', livedUntil: said.now });
    for (const [name, at] of await next()) expect(at, name).toBeGreaterThan(before.get(name)! + 9_999);
    // Customers, lists and members are few, and what counts them is small.
    const { rows } = await live.pool.query(`insert into customers (slug, name) values ('late', 'Late') returning id`);
    expect(rows[0].id).toBeLessThan(200_000);
  });

  it('is nothing that a long stop looks like on a machine that knows it', async () => {
    await goOn();
    ahead += 30 * 24 * 3_600_000;
    await look(live);
    expect(await readHold(live.db)).toBeNull();
  });
});
