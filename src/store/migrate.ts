import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Kysely, sql } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { checkDatabase, explainDatabaseError } from './database.ts';
import { makeRawPartitions } from './partitions.ts';
import type { Tables } from './schema.ts';

/** Any number that no other program on the same database uses; 'rootdesk' folded into 31 bits. */
const MIGRATION_LOCK = 1_919_907_700;

type Migration = { number: number; name: string; sql: string };

/**
 * Brings the database to the newest schema: numbered SQL files, each in a transaction of its own, one migrating process
 * at a time (advisory lock). Makes the partitions of the months ahead. Returns the names that were applied now.
 * Throws RootdeskError when the database is unreachable, unfit, or from a newer Rootdesk.
 */
export async function migrate(pool: Pool, log?: Log): Promise<string[]> {
  knownNumbers();
  await checkDatabase(pool);
  const migrations = readMigrations();
  const client = await pool.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query('set lock_timeout = 0');
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const applied = await applyMissing(client, migrations, log);
    await makeRawPartitions(client);
    return applied;
  } catch (error) {
    throw explainDatabaseError(error) ?? error;
  } finally {
    // The session was changed (timeouts, lock): close it instead of giving it back.
    client.release(true);
  }
}

/** Numbers of the migrations that this program brings and that the database lacks. */
export async function missingMigrations(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ there: boolean }>(`select to_regclass('migrations') is not null as there`);
  const done = rows[0]?.there ? await appliedNumbers(pool) : new Set<number>();
  return readMigrations()
    .filter((migration) => !done.has(migration.number))
    .map((migration) => migration.name);
}

/**
 * Rejects with why this program does not fit the schema as it is now: an older backup was put in place under a process that runs,
 * or a newer release has migrated it since the start.
 */
export async function checkSchema(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ number: number }>`select number from migrations`.execute(db);
  const done = new Set(rows.map(({ number }) => number));
  const known = knownNumbers();
  const missing = known.filter((number) => !done.has(number));
  if (missing.length > 0) throw new Error(`migrations are pending (${missing.join(', ')}): start this process again`);
  const newest = Math.max(0, ...done);
  if (newest > Math.max(...known))
    throw new Error(`a newer Rootdesk has migrated the database (migration ${newest}): start the newer one`);
}

let numbers: number[] | null = null;
/** Read once: the files of a process that runs may be those of the next release already. */
function knownNumbers(): number[] {
  numbers ??= readMigrations().map(({ number }) => number);
  return numbers;
}

async function applyMissing(client: PoolClient, migrations: Migration[], log?: Log): Promise<string[]> {
  await client.query(
    `create table if not exists migrations (
       number int primary key, name text not null, applied_at timestamptz not null default now())`,
  );
  const done = await appliedNumbers(client);
  const newest = Math.max(0, ...migrations.map((migration) => migration.number));
  const future = [...done].filter((number) => number > newest);
  if (future.length > 0) {
    throw new RootdeskError(
      'database.future',
      `the database was migrated by a newer Rootdesk (migration ${Math.max(...future)}, this one knows ${newest})`,
      'run the newer release; going back needs a backup from before the upgrade',
      { exitCode: EXIT.config },
    );
  }
  const names: string[] = [];
  for (const migration of migrations) {
    if (done.has(migration.number)) continue;
    await client.query('begin');
    try {
      await client.query(migration.sql);
      await client.query('insert into migrations (number, name) values ($1, $2)', [migration.number, migration.name]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
    log?.info({ migration: migration.name }, 'database migrated');
    names.push(migration.name);
  }
  return names;
}

async function appliedNumbers(client: Pool | PoolClient): Promise<Set<number>> {
  const { rows } = await client.query<{ number: number }>('select number from migrations');
  return new Set(rows.map((row) => row.number));
}

/** The SQL files beside this one, in order. A number used twice is a mistake of ours and refused. */
function readMigrations(): Migration[] {
  const folder = fileURLToPath(new URL('./migrations/', import.meta.url));
  const migrations = readdirSync(folder)
    .filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 4)), name, sql: readFileSync(`${folder}${name}`, 'utf8') }));
  const numbers = new Set(migrations.map((migration) => migration.number));
  if (numbers.size !== migrations.length) throw new Error('two migrations have the same number');
  return migrations;
}
