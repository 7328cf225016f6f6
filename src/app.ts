import type { Pool } from 'pg';
import { startSilentMailboxes } from './act/silentMailboxes.ts';
import { startActing } from './act/startActing.ts';
import { loadTemplates } from './act/templates.ts';
import { openBase } from './base.ts';
import { checkReadiness } from './console/readiness.ts';
import { startConsole } from './console/server.ts';
import { decideRules, startDeciding } from './decide/deciding.ts';
import { startDelivering } from './deliver/startDelivering.ts';
import { startHealthServer } from './healthServer.ts';
import { openBeatFile } from './lib/beatFile.ts';
import type { Clock } from './lib/clock.ts';
import { keepCompiled } from './lib/compileCache.ts';
import { endProcess } from './lib/endProcess.ts';
import { EXIT, messageOf, RootdeskError } from './lib/errors.ts';
import { createLinkTokens } from './lib/linkTokens.ts';
import { createLog, type Log } from './lib/log.ts';
import { createNoticeMarks } from './lib/noticeMarks.ts';
import { peerUser } from './lib/peerUser.ts';
import { createProbeMarks } from './lib/probeMarks.ts';
import { listUrl } from './lib/publicLinks.ts';
import { createRecentMail } from './lib/recentMail.ts';
import { openSigningKey } from './lib/signingKey.ts';
import { membershipRules } from './membershipRules.ts';
import { createOwnVerp, noticeDomain } from './ownDomains.ts';
import { startPublic } from './public/server.ts';
import type { Bell } from './queue/bell.ts';
import { openBell } from './queue/openBell.ts';
import { type ListenerState, type Receiving, startReceiving } from './receiving.ts';
import { loadRules, SHIPPED } from './rules.ts';
import { loadSettings, type Settings } from './settings.ts';
import { explainDatabaseError } from './store/database.ts';
import { openInstance } from './store/instance.ts';
import { startMaintenance } from './store/maintenance.ts';
import { noticeKey } from './store/noticeTicket.ts';
import { startRestoreWatch } from './store/restoreWatch.ts';

/** What a process does. One process may do all; they meet in the database. */
export type Role = 'receive' | 'decide' | 'deliver' | 'act' | 'console' | 'public';

export const ALL_ROLES: readonly Role[] = ['receive', 'decide', 'deliver', 'act', 'console', 'public'];

/** Mail that waits in memory between keeping and deciding (bytes): a burst of some hundred, which is held sealed. */
const RECENT_BYTES = 8 * 1024 * 1024;

export type AppOptions = {
  settings: Settings;
  log: Log;
  clock?: Clock;
  roles: readonly Role[];
  use: 'start' | 'demo';
  /** Mail that the demo's own mail server took, for its page. */
  sink?: { list(): { at: string; from: string; to: string[]; subject: string; text: string }[] };
  /** Whoever composes may put something around the two seams that the roles meet at. */
  wrapPool?: (pool: Pool) => Pool;
  wrapBell?: (bell: Bell) => Bell;
};

export type App = {
  consoleUrl: string | null;
  /** Port of the public pages; null: they are off. */
  publicPort: number | null;
  /** Port of `/healthz` and `/readyz` beside the pages; null: off. */
  healthPort: number | null;
  receiving: Receiving | null;
  /** Drains and stops: no new work, what is under way ends, then the database is left. */
  close(): Promise<void>;
};

/** Builds everything in plain sight and starts the roles. When a step fails, what was started is stopped again. */
export async function startApp(options: AppOptions): Promise<App> {
  const { settings, log, roles, use } = options;
  const stops: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const stop of stops.splice(0).toReversed()) {
      await stop().catch((error: unknown) => log.error({ error: messageOf(error) }, 'a part did not stop cleanly'));
    }
  };
  try {
    const { kinds, book } = loadRules();
    const base = await openBase(settings, {
      log,
      role: 'app',
      ...(options.clock && { clock: options.clock }),
      ...(options.wrapPool && { wrapPool: options.wrapPool }),
    });
    stops.push(base.close);
    const { pool, db, clock, databaseUrl } = base;
    const seal = await openInstance({ db, keyFile: settings.keyFile, dataDir: settings.dataDir, clock, use });
    const sends = roles.includes('act') || roles.includes('deliver');
    stops.push((await startRestoreWatch({ db, file: openBeatFile(settings), sends, clock, log })).close);
    const tokens = createLinkTokens(seal.derive('links'));
    const ownDomain = noticeDomain(settings);
    const marks = createNoticeMarks(await noticeKey(db), ownDomain ?? settings.smtp.hostname.toLowerCase());
    const probeMarks = createProbeMarks(seal.derive('probe'));
    // Made now, so that its record can be published before the first mail leaves.
    const signing = ownDomain === null ? null : openSigningKey(seal, ownDomain);
    const plainBell = await openBell({ redisUrl: settings.redisUrl, pool: base.plainPool, databaseUrl, log });
    const bell = options.wrapBell?.(plainBell) ?? plainBell;
    stops.push(() => bell.close());
    if (roles.includes('receive')) {
      stops.push(startMaintenance({ pool: base.plainPool, seal, clock, ...settings.retention, log }).close);
    }

    const recent = roles.includes('receive') && roles.includes('decide') ? createRecentMail(RECENT_BYTES) : null;
    const listeners: ListenerState[] = [];
    let consoleUrl: string | null = null;
    let receiving: Receiving | null = null;
    if (roles.includes('console')) {
      const served = await startConsole({
        db,
        pool,
        bell,
        settings,
        log,
        clock,
        listeners: () => listeners,
        checkKeeping: async () => receiving?.checkKeeping(),
        membership: membershipRules(settings),
        userOf: peerUser,
        ...(options.sink && { sink: options.sink }),
        demo: use === 'demo',
        seal,
      });
      stops.push(served.close);
      consoleUrl = served.url;
    }
    let publicPort: number | null = null;
    if (roles.includes('public')) {
      const rules = membershipRules(settings);
      const served = await startPublic({ db, bell, clock, log, tokens, rules }, settings.public);
      if (served) stops.push(served.close);
      publicPort = served?.port ?? null;
    }
    const notify = decideRules(settings);
    if (roles.includes('act')) {
      const templates = await loadTemplates({
        templatesDir: settings.templatesDir,
        shippedDir: SHIPPED.templates,
        log,
      });
      const acting = await startActing({
        db,
        pool,
        bell,
        settings,
        templates,
        tokens,
        marks,
        log,
        clock,
        signing,
        consoleUrl,
        probing: { marks: probeMarks, notify },
      });
      stops.push(acting.close);
      stops.push(startSilentMailboxes({ pool, bell, settings, notify: decideRules(settings), clock, log }).close);
    }
    const publicUrl = settings.public.url;
    const verp = createOwnVerp(settings, seal);
    if (roles.includes('deliver')) {
      const { senders } = book;
      const delivering = await startDelivering({
        db,
        pool,
        bell,
        seal,
        settings,
        senders,
        notify,
        log,
        clock,
        verp,
        signing,
        unsubscribeUrl: publicUrl === null ? null : (listId) => listUrl(publicUrl, tokens, listId),
      });
      stops.push(delivering.close);
    }
    if (roles.includes('decide')) {
      const deciding = await startDeciding({
        pool,
        bell,
        seal,
        kinds,
        settings,
        ticketOf: marks.ticketOf,
        log,
        clock,
        ...(recent && { recent }),
      });
      stops.push(deciding.close);
    }
    if (roles.includes('receive')) {
      receiving = await startReceiving({
        base,
        seal,
        bell,
        senders: book.senders,
        verp,
        notify,
        marks,
        probeMarks,
        recent,
        listeners,
      });
      stops.push(receiving.close);
    }
    let healthPort: number | null = null;
    if (settings.health.port !== null) {
      const checkKeeping = async () => receiving?.checkKeeping();
      const check = () => checkReadiness({ db, bell, listeners: () => listeners, checkKeeping });
      const served = await startHealthServer(settings.health.port, check);
      stops.push(served.close);
      healthPort = served.port;
    }
    return { consoleUrl, publicPort, healthPort, receiving, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves at the first SIGINT or SIGTERM. A second one ends the process at once: nothing is lost by that either. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const onSignal = (signal: NodeJS.Signals) => {
      if (asked) process.exit(EXIT.failed);
      asked = true;
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

/** The start files under workers/: settings from file and environment, the given roles, until a signal. */
export async function runWorker(roles: readonly Role[]): Promise<void> {
  try {
    const settings = loadSettings();
    const log = createLog(settings.logLevel);
    const stopped = untilStopped();
    const app = await startApp({ settings, log, roles, use: 'start' });
    const { consoleUrl, publicPort, healthPort, receiving } = app;
    const ports = { smtp: receiving?.smtpPort, lmtp: receiving?.lmtpPort, public: publicPort, health: healthPort };
    log.info({ roles, console: consoleUrl, ...ports }, 'ready');
    keepCompiled();
    await stopped;
    log.info('stopping');
    await app.close();
  } catch (error) {
    const known = error instanceof RootdeskError ? error : explainDatabaseError(error);
    process.stderr.write(`rootdesk: ${known ? `${known.message}; ${known.hint}` : messageOf(error)}\n`);
    process.exitCode = known?.exitCode ?? EXIT.software;
  }
  endProcess();
}
