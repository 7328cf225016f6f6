import pg from 'pg';

export type PoolOptions = {
  /** Connections at most (default 10). */
  max?: number;
  /** Name that the server shows for our sessions. */
  applicationName?: string;
};

/** Longest that one statement may run (ms). Migrations and maintenance lift it for themselves. */
const STATEMENT_MS = 60_000;
/** Longest wait for a row or table lock (ms): two stuck transactions become an error that is tried again. */
const LOCK_MS = 30_000;
/** Longest that a transaction may sit idle (ms): a stalled role must not hold locks for ever. */
const IDLE_IN_TRANSACTION_MS = 60_000;
const CONNECT_MS = 10_000;

/**
 * Opens a pool on a `postgresql://` URL. Nothing is connected yet, so a server that is away shows at the first query
 * (`checkDatabase` explains it).
 *
 * bigint comes back as number (an error beyond 2^53), date as `YYYY-MM-DD`, timestamps as Date. Every session commits
 * durably: where the server or role says otherwise (`synchronous_commit` off, local, remote_write) it is set to on,
 * because a mail is acknowledged on the word of a commit.
 */
export function openPool(url: string, options: PoolOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.applicationName ?? 'rootdesk',
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    statement_timeout: STATEMENT_MS,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    types: { getTypeParser: typeParser },
    onConnect: commitDurably,
  });
  // An idle connection that breaks is dropped and replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  // The same for one that is lent out: its query fails anyway, and the pool replaces it when it comes back.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** remote_apply is stronger than on and stays. Times are UTC whatever the server's zone is. */
async function commitDurably(client: pg.ClientBase): Promise<void> {
  await client.query(
    `select set_config('TimeZone', 'UTC', false),
            set_config('synchronous_commit', case current_setting('synchronous_commit')
              when 'remote_apply' then 'remote_apply' else 'on' end, false)`,
  );
}

const { builtins, getTypeParser } = pg.types;

const typeParser: typeof getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (format === 'binary') return getTypeParser(oid, 'binary');
  if (oid === builtins.INT8) return toSafeInteger;
  if (oid === builtins.DATE) return (text: string) => text;
  return getTypeParser(oid, 'text');
}) as typeof getTypeParser;

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('a bigint of the database does not fit a number');
  return value;
}
