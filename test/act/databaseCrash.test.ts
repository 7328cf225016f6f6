import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startActing } from '../../src/act/startActing.ts';
import { loadTemplates } from '../../src/act/templates.ts';
import { startMailSink } from '../../src/demo/mailSink.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLinkTokens } from '../../src/lib/linkTokens.ts';
import { createLog } from '../../src/lib/log.ts';
import { createNoticeMarks } from '../../src/lib/noticeMarks.ts';
import { openBell } from '../../src/queue/openBell.ts';
import { loadSettings } from '../../src/settings.ts';
import { openDatabase } from '../../src/store/database.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPool } from '../../src/store/pool.ts';
import { type DataFolder, makeDataFolder } from '../servers/dataFolder.ts';
import { effectRow, urgentTicket } from './stage.ts';

const log = createLog('silent');
const stops: (() => unknown)[] = [];
let folder: DataFolder;

beforeAll(() => {
  folder = makeDataFolder();
});
afterAll(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  folder.remove();
});

it('acting outlives a database that crashes in the middle of everything, and goes on by itself', async () => {
  const dataDir = folder.path;
  const server = await startEmbedded({ dataDir, log });
  const pool = openPool(server.url);
  const db = openDatabase(pool);
  await migrate(pool, log);
  const sink = await startMailSink();
  stops.push(() => sink.close());
  const bell = await openBell({ redisUrl: null, pool, databaseUrl: server.url, log });
  const settings = loadSettings({
    env: {},
    overrides: {
      'outgoing.host': '127.0.0.1',
      'outgoing.port': sink.port,
      'outgoing.requireTls': false,
      'outgoing.from': 'rootdesk@desk.example',
      'notify.addresses': ['team@desk.example'],
    },
  });
  const templates = loadTemplates({ templatesDir: null, shippedDir: 'templates', log });
  const acting = await startActing({
    db,
    pool,
    bell,
    settings,
    templates,
    tokens: createLinkTokens(Buffer.alloc(32, 1)),
    marks: createNoticeMarks(Buffer.alloc(32, 2), 'desk.example'),
    log,
    clock: systemClock,
    signing: null,
    consoleUrl: null,
  });
  const { ticketId } = await urgentTicket(db);
  await effectRow(db, { key: 'before', ticketId });
  await bell.ring('act');
  await vi.waitFor(() => expect(sink.list().length).toBe(1), { timeout: 20_000 });

  const { rows } = await pool.query('show data_directory');
  const postmaster = Number(readFileSync(`${rows[0].data_directory}/postmaster.pid`, 'utf8').split('\n')[0]);
  const lentOut = sql`select pg_sleep(60)`.execute(db).then(
    () => 'answered',
    () => 'failed',
  );
  await vi.waitFor(async () => {
    const busy = await pool.query(`select 1 from pg_stat_activity where query = 'select pg_sleep(60)'`);
    expect(busy.rowCount).toBe(1);
  }, 20_000);
  // SIGQUIT: every session ends at once, without a farewell.
  process.kill(postmaster, 'SIGQUIT');
  expect(await lentOut).toBe('failed');
  await bell.ring('act');
  await server.stop();

  const again = await startEmbedded({ dataDir, log });
  stops.push(() => again.stop());
  await vi.waitFor(() => effectRow(db, { key: 'after', ticketId }), { timeout: 20_000 });
  await vi.waitFor(() => expect(sink.list().length).toBe(2), { timeout: 30_000 });
  await acting.close();
  await bell.close();
  await pool.end();
});
