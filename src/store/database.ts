import { Kysely, PostgresDialect } from 'kysely';
import type { Pool } from 'pg';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { Tables } from './schema.ts';

/** The typed query builder over a pool. `destroy()` ends the pool. */
export function openDatabase(pool: Pool): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** Oldest server that the migrations are tested with. */
const OLDEST_MAJOR = 15;

export type DatabaseFacts = {
  /** As the server says it, e.g. `18.4`. */
  version: string;
  major: number;
  encoding: string;
  /** What a session of ours gets. */
  synchronousCommit: string;
  /** What the server would have given it without us. */
  serverSynchronousCommit: string;
  fsync: boolean;
  fullPageWrites: boolean;
};

/**
 * Connects once and reads what keeping mail depends on. Throws RootdeskError (exit 69) when the server cannot be
 * reached, and (exit 78) when it is too old, read-only or not UTF8.
 */
export async function checkDatabase(pool: Pool): Promise<DatabaseFacts> {
  const facts = await readFacts(pool).catch((error: unknown) => {
    throw explainDatabaseError(error) ?? error;
  });
  if (facts.major < OLDEST_MAJOR) {
    throw wrong(
      'database.too_old',
      `the database server is PostgreSQL ${facts.version}; ${OLDEST_MAJOR} or newer is needed`,
      'upgrade the server, or unset DATABASE_URL to use the embedded one',
    );
  }
  if (facts.encoding !== 'UTF8') {
    throw wrong(
      'database.encoding',
      `the database is encoded in ${facts.encoding}; UTF8 is needed`,
      'create it anew with: createdb --encoding=UTF8 --template=template0 NAME',
    );
  }
  if (facts.readOnly) {
    throw wrong(
      'database.read_only',
      'the database server takes no writes (a standby, or default_transaction_read_only is on)',
      'point DATABASE_URL at the primary server',
    );
  }
  return facts;
}

async function readFacts(pool: Pool): Promise<DatabaseFacts & { readOnly: boolean }> {
  const { rows } = await pool.query<{
    number: number;
    version: string;
    encoding: string;
    commit: string;
    server_commit: string;
    fsync: string;
    pages: string;
    read_only: boolean;
  }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
            current_setting('server_encoding') as encoding, current_setting('synchronous_commit') as commit,
            (select reset_val from pg_settings where name = 'synchronous_commit') as server_commit,
            current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
            pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as read_only`,
  );
  const row = rows[0]!;
  return {
    version: row.version.split(' ')[0] ?? row.version,
    major: Math.floor(row.number / 10_000),
    encoding: row.encoding,
    synchronousCommit: row.commit,
    serverSynchronousCommit: row.server_commit,
    fsync: row.fsync === 'on',
    fullPageWrites: row.pages === 'on',
    readOnly: row.read_only,
  };
}

/**
 * What a failure of the database means and what to do, or null when it is no condition of the server (a broken
 * constraint, a wrong statement). Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html and errno.
 */
export function explainDatabaseError(error: unknown): RootdeskError | null {
  if (error instanceof RootdeskError) return error;
  const code = codeOf(error);
  const known = code === null ? undefined : CONDITIONS[code];
  if (known) return new RootdeskError(known[0], known[1], known[2], { exitCode: EXIT.unavailable, cause: error });
  // pg reports these without a code.
  const text = messageOf(error);
  if (/connection terminated|timeout (?:exceeded when trying to connect|expired)|server does not support/i.test(text)) {
    return new RootdeskError('database.unreachable', `the database does not answer: ${text}`, CHECK_URL, {
      exitCode: EXIT.unavailable,
      cause: error,
    });
  }
  return null;
}

/** Whether an error says that the database does not answer now, so that whatever was asked of it is not at fault. */
export function isServerAway(error: unknown): boolean {
  // Files are not found either; theirs name a path, and those of a socket do not.
  if (error instanceof RootdeskError || (error as { path?: unknown } | null)?.path !== undefined) return false;
  return explainDatabaseError(error) !== null;
}

const CHECK_URL = 'check that it runs and that DATABASE_URL is right';
const UNREACHABLE = 'database.unreachable';

const CONDITIONS: Record<string, [code: string, message: string, hint: string]> = {
  ECONNREFUSED: [UNREACHABLE, 'the database cannot be reached: connection refused', CHECK_URL],
  ENOENT: [UNREACHABLE, 'the database cannot be reached: its socket does not exist', CHECK_URL],
  ENOTFOUND: [UNREACHABLE, 'the database cannot be reached: its host name is unknown', CHECK_URL],
  EAI_AGAIN: [UNREACHABLE, 'the database cannot be reached: its host name cannot be looked up now', CHECK_URL],
  EHOSTUNREACH: [UNREACHABLE, 'the database cannot be reached: no route to its host', CHECK_URL],
  ENETUNREACH: [UNREACHABLE, 'the database cannot be reached: no route to its network', CHECK_URL],
  ETIMEDOUT: [UNREACHABLE, 'the database cannot be reached: it does not answer', CHECK_URL],
  ECONNRESET: [UNREACHABLE, 'the database closed the connection', CHECK_URL],
  EPIPE: [UNREACHABLE, 'the database closed the connection', CHECK_URL],
  EACCES: [UNREACHABLE, 'the database cannot be reached: no permission for its socket', 'check who owns the socket'],
  '57P01': [UNREACHABLE, 'the database is shutting down', 'start it again'],
  '57P02': [UNREACHABLE, 'the database crashed and is restarting', 'wait for it, and read its log'],
  '57P03': [UNREACHABLE, 'the database is starting up', 'wait until it takes connections'],
  '53300': ['database.full', 'the database takes no more connections', 'raise max_connections, or run fewer roles'],
  '28P01': ['database.login', 'the database refused the password', 'mend user and password in DATABASE_URL'],
  '28000': ['database.login', 'the database refused the login', 'check DATABASE_URL and the pg_hba.conf of the server'],
  '3D000': ['database.missing', 'the database of DATABASE_URL does not exist', 'create it with createdb'],
  '42501': [
    'database.permission',
    'the database user lacks a permission',
    'let it own its database: ALTER DATABASE name OWNER TO user',
  ],
  '53100': ['database.disk_full', 'the disk of the database is full', 'free or add space; nothing kept was lost'],
  '53200': ['database.memory', 'the database is out of memory', 'give its machine more memory'],
  '25006': ['database.read_only', 'the database takes no writes', 'point DATABASE_URL at the primary server'],
};

/** The SQLSTATE or errno of an error; of several tries to connect the first one's. */
function codeOf(error: unknown): string | null {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : null;
}

function wrong(code: string, message: string, hint: string): RootdeskError {
  return new RootdeskError(code, message, hint, { exitCode: EXIT.config });
}
