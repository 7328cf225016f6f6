import { pino } from 'pino';
import { startActing } from '../../src/act/startActing.ts';
import { loadTemplates } from '../../src/act/templates.ts';
import { type MailSink, startMailSink } from '../../src/demo/mailSink.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLinkTokens } from '../../src/lib/linkTokens.ts';
import { createNoticeMarks } from '../../src/lib/noticeMarks.ts';
import { startPublic } from '../../src/public/server.ts';
import { openBell } from '../../src/queue/openBell.ts';
import { loadSettings } from '../../src/settings.ts';
import { RULES } from '../members/stage.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

export type PublicStage = {
  fresh: FreshDatabase;
  sink: MailSink;
  url: string;
  tokens: ReturnType<typeof createLinkTokens>;
  ring(): Promise<void>;
  /** Every line that was logged. */
  logged(): string;
  close(): Promise<void>;
};

/** The public pages on a free port, with the role that sends their mails to a real mail server. */
export async function startPublicStage(): Promise<PublicStage> {
  const fresh = await freshDatabase({ max: 10 });
  const sink = await startMailSink();
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const tokens = createLinkTokens(Buffer.alloc(32, 7));
  const { db, pool, url: databaseUrl } = fresh;
  const bell = await openBell({ redisUrl: null, pool, databaseUrl, log });
  const marks = createNoticeMarks(Buffer.alloc(32, 2), 'desk.example');
  const shared = { db, bell, clock: systemClock, log, tokens, marks };
  const pages = await startPublic(
    { ...shared, rules: RULES },
    loadSettings({ env: { ROOTDESK_PUBLIC_PORT: '0' } }).public,
  );
  const url = `http://127.0.0.1:${pages!.port}`;
  const settings = loadSettings({
    env: {
      ROOTDESK_PUBLIC_URL: url,
      ROOTDESK_OUTGOING_HOST: '127.0.0.1',
      ROOTDESK_OUTGOING_PORT: String(sink.port),
      ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
      ROOTDESK_OUTGOING_FROM: 'rootdesk@desk.example',
    },
  });
  const templates = loadTemplates({ templatesDir: null, shippedDir: 'templates', log });
  const acting = await startActing({ ...shared, pool, settings, templates, signing: null, consoleUrl: null });
  return {
    fresh,
    sink,
    url,
    tokens,
    ring: () => bell.ring('act'),
    logged: () => lines.join(''),
    async close() {
      await acting.close();
      await pages!.close();
      await bell.close();
      await sink.close();
      await fresh.drop();
    },
  };
}

const TABLES = ['members', 'proposals', 'approvals', 'links', 'member_changes', 'effects', 'audit', 'audit_heads'];

/** All rows that have to do with members, as text. */
export async function dump(fresh: FreshDatabase, tables: readonly string[] = TABLES): Promise<string> {
  const parts: string[] = [];
  for (const table of tables) {
    const { rows } = await fresh.pool.query(`select t::text as row from ${table} t order by 1`);
    parts.push(...rows.map(({ row }) => `${table} ${row}`));
  }
  return parts.join('\n');
}
