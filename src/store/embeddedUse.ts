import pg from 'pg';
import { EXIT, RootdeskError } from '../lib/errors.ts';

/** `app` is a start or demo, one a data folder; `command` runs beside it for its own time. */
export type Role = 'app' | 'command';

/** Advisory locks in the database `postgres`, where only these sessions connect. */
const USED = 1;
const APP = 2;

/**
 * A session that says that we use the server, for as long as it lives: a kill -9 ends it with the process, so no lock is
 * ever stale and no pid is ever taken for another's.
 */
export type Use = {
  /** Called once when the session breaks although it was not ended by us. */
  onLost(react: () => void): void;
  /**
   * Ends it. True: nobody else uses the server, and nobody can begin to; the caller stops it. Null: the session was
   * broken, so nobody knows.
   */
  end(): Promise<boolean | null>;
};

/** 'stopping': its last user is just stopping it. 'held': an app has this data folder, and `pid` is its process. */
export type UseRefused = { refused: 'stopping' } | { refused: 'held'; pid: number | null };

/** The connection string of a database on a socket folder. The host name in it is not used. */
export function socketUrl(folder: string, database: string): string {
  return `postgresql://rootdesk@localhost:5432/${database}?host=${encodeURIComponent(folder)}`;
}

/** Begins to use the server; makes the database `rootdesk` when it is new. Rejects when it takes no connections. */
export async function beginUse(folder: string, role: Role): Promise<Use | UseRefused> {
  const client = new pg.Client({
    connectionString: socketUrl(folder, 'postgres'),
    application_name: `rootdesk ${role} ${process.pid}`,
    connectionTimeoutMillis: 10_000,
  });
  const lost = watch(client);
  await client.connect();
  try {
    if (!(await lock(client, 'pg_try_advisory_lock_shared', USED)))
      return await refuse(client, { refused: 'stopping' });
    if (role === 'app' && !(await lock(client, 'pg_try_advisory_lock', APP))) {
      return await refuse(client, { refused: 'held', pid: await holder(client) });
    }
    await makeDatabase(client);
  } catch (error) {
    await refuse(client, null);
    throw error;
  }
  return {
    onLost: lost.tell,
    async end() {
      lost.forget();
      try {
        // Own share first: of two users that end at the same time, the later one then finds itself alone.
        await client.query('select pg_advisory_unlock_shared($1)', [USED]);
        const last = await lock(client, 'pg_try_advisory_lock', USED);
        // The last one keeps its session, and with it the lock, until the server is down.
        if (!last) await client.end();
        return last;
      } catch {
        await client.end().catch(() => {});
        return null;
      }
    },
  };
}

function watch(client: pg.Client): { tell(react: () => void): void; forget(): void } {
  let react: (() => void) | null = null;
  let over = false;
  const ended = () => {
    if (over) return;
    over = true;
    react?.();
  };
  client.on('error', ended);
  client.on('end', ended);
  return {
    tell(next) {
      react = next;
      if (over) next();
    },
    forget() {
      over = true;
    },
  };
}

async function lock(client: pg.Client, call: string, key: number): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>(`select ${call}($1) as got`, [key]);
  return rows[0]?.got === true;
}

async function refuse<T>(client: pg.Client, answer: T): Promise<T> {
  await client.end().catch(() => {});
  return answer;
}

/** The process that holds the app lock, as it named itself. */
async function holder(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ name: string }>(
    `select a.application_name as name from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = $1 and l.objsubid = 1`,
    [APP],
  );
  const match = /^rootdesk app (\d+)$/.exec(rows[0]?.name ?? '');
  return match ? Number(match[1]) : null;
}

async function makeDatabase(client: pg.Client): Promise<void> {
  const { rows } = await client.query(`select 1 from pg_database where datname = 'rootdesk'`);
  if (rows.length > 0) return;
  await client.query('create database rootdesk').catch((error: unknown) => {
    // Two first starts at once: the other one made it (duplicate_database, or the unique index behind it).
    const code = (error as { code?: string }).code;
    if (code !== '42P04' && code !== '23505') throw error;
  });
}

export function heldBy(dataDir: string, pid: number | null): RootdeskError {
  const who = pid === null ? 'another process' : `process ${pid}`;
  return new RootdeskError(
    'data.in_use',
    `${dataDir} is in use: Rootdesk runs there already as ${who}`,
    'stop it first, or give this one a data folder of its own with ROOTDESK_DATA_DIR',
    { exitCode: EXIT.temporary },
  );
}
