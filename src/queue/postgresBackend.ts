import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  Queue,
  type QueueOptions,
  runMigrations,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Pool } from 'pg';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import { type Backend, EVENTS_KEPT, JOB_OPTIONS, QUEUE_NAMES, WORKER_OPTIONS } from './backend.ts';

/** The schema of BullMQ's own tables: beside ours, never among them. */
const SCHEMA = 'bullmq';

type Connection = { connection: PostgresConnectionOptions };

/**
 * BullMQ on PostgreSQL, in the same database as the rows, with its own few connections. Its tables are migrated here,
 * explicitly; BullMQ serialises that by an advisory lock, so any number of processes may start at once.
 */
export async function openPostgresBackend(pool: Pool, databaseUrl: string): Promise<Backend> {
  await migrateQueue(pool);
  return {
    name: 'postgres',
    queue: (chime) =>
      new Queue(
        QUEUE_NAMES[chime],
        {
          connection: connection(databaseUrl),
          defaultJobOptions: JOB_OPTIONS,
          streams: { events: { maxLen: EVENTS_KEPT } },
        } as QueueOptions & Connection as never,
        createPostgresBackend as never,
      ) as unknown as Queue,
    worker: (chime, process) =>
      new Worker(
        QUEUE_NAMES[chime],
        process,
        { ...WORKER_OPTIONS, connection: connection(databaseUrl) } as WorkerOptions & Connection as never,
        createPostgresBackend as never,
      ) as unknown as Worker,
    async check() {
      try {
        await pool.query(`select 1 from ${SCHEMA}.migration limit 1`);
      } catch (error) {
        throw new RootdeskError(
          'queue.postgres',
          `the queue in the database does not answer: ${messageOf(error)}`,
          'check the database; rootdesk migrate makes the tables of the queue',
          { exitCode: EXIT.unavailable, cause: error },
        );
      }
    },
  };
}

/** Brings BullMQ's own schema up to date. Idempotent; one transaction. */
export async function migrateQueue(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
}

/**
 * BullMQ makes a pool of one connection from this, and one more for LISTEN. A commit of the queue need not reach the
 * disk: losing a ring in a crash of the server loses nothing, and each ring costs three commits.
 */
function connection(databaseUrl: string): PostgresConnectionOptions {
  const { url, options } = takeOptions(databaseUrl);
  return {
    connectionString: url,
    schema: SCHEMA,
    max: 1,
    application_name: 'rootdesk-bell',
    options: `${options} -c synchronous_commit=off`.trim(),
    connectionTimeoutMillis: 5000,
    // Kept open: the next ring would have to wait for a connection.
    idleTimeoutMillis: 0,
    statement_timeout: 10_000,
    keepAlive: true,
  } as PostgresConnectionOptions;
}

/** `options` of a URL would replace the search path that BullMQ sets: they are moved to where both count. */
function takeOptions(databaseUrl: string): { url: string; options: string } {
  if (!URL.canParse(databaseUrl)) return { url: databaseUrl, options: '' };
  const url = new URL(databaseUrl);
  const options = url.searchParams.get('options') ?? '';
  if (options === '') return { url: databaseUrl, options };
  url.searchParams.delete('options');
  return { url: url.href, options };
}
