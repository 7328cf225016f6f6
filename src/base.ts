import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { type Clock, systemClock } from './lib/clock.ts';
import type { Log } from './lib/log.ts';
import type { Settings } from './settings.ts';
import { openDatabase } from './store/database.ts';
import { startEmbedded } from './store/embedded.ts';
import { migrate } from './store/migrate.ts';
import { openPool } from './store/pool.ts';
import type { Tables } from './store/schema.ts';

/** What every command that needs the database stands on. */
export type Base = {
  settings: Settings;
  log: Log;
  clock: Clock;
  databaseUrl: string;
  /** The folder of the embedded database; null with one of the operator's. */
  cluster: string | null;
  pool: Pool;
  /** The same pool without what a composer put around it: for the bell's own plumbing. */
  plainPool: Pool;
  db: Kysely<Tables>;
  close(): Promise<void>;
};

export type BaseOptions = {
  log: Log;
  clock?: Clock;
  /** `app` holds the data folder for itself; `command` works beside a running app. */
  role: 'app' | 'command';
  /** Default true. False only looks: `doctor` changes nothing. */
  migrate?: boolean;
  /** Whoever composes may put something around the pool: a drill that ends the process between two statements. */
  wrapPool?: (pool: Pool) => Pool;
};

/** Connections of one process: roles overlap, most wait for a commit most of the time. */
const CONNECTIONS = 16;

/** Starts or joins the database, brings it up to date and opens it. */
export async function openBase(settings: Settings, options: BaseOptions): Promise<Base> {
  const { log, role } = options;
  const embedded = settings.databaseUrl === null ? await startEmbedded({ dataDir: settings.dataDir, log, role }) : null;
  const databaseUrl = embedded?.url ?? (settings.databaseUrl as string);
  const plain = openPool(databaseUrl, { max: CONNECTIONS, applicationName: `rootdesk ${role}` });
  const pool = options.wrapPool?.(plain) ?? plain;
  const db = openDatabase(pool);
  const close = async () => {
    await db.destroy();
    await embedded?.stop();
  };
  try {
    if (options.migrate ?? true) await migrate(plain, log);
  } catch (error) {
    await close();
    throw error;
  }
  const cluster = embedded?.cluster ?? null;
  const clock = options.clock ?? systemClock;
  return { settings, log, clock, databaseUrl, cluster, pool, plainPool: plain, db, close };
}
