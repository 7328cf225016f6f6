import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import pg, { type Pool } from 'pg';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import { type Backend, EVENTS_KEPT, JOB_OPTIONS, QUEUE_NAMES, type Side, WORKER_OPTIONS } from './backend.ts';
import { closeWithin } from './closeWithin.ts';

/** The schema of BullMQ's own tables: beside ours, never among them. */
const SCHEMA = 'bullmq';

/**
 * BullMQ on PostgreSQL, in the same database as the rows, with its own few connections. Its tables are migrated here,
 * explicitly; BullMQ serialises that by an advisory lock, so any number of processes may start at once.
 */
export async function openPostgresBackend(pool: Pool, databaseUrl: string): Promise<Backend> {
  await migrateQueue(pool);
  return {
    name: 'postgres',
    queue(chime) {
      const connections = openConnections(databaseUrl, 1);
      const options = {
        connection: connections,
        defaultJobOptions: JOB_OPTIONS,
        streams: { events: { maxLen: EVENTS_KEPT } },
      };
      return side(new Queue(QUEUE_NAMES[chime], options as never, createPostgresBackend as never), connections);
    },
    worker(chime, process) {
      // One connection listens, one works.
      const connections = openConnections(databaseUrl, 2);
      const options = { ...WORKER_OPTIONS, connection: connections };
      return side(
        new Worker(QUEUE_NAMES[chime], process, options as never, createPostgresBackend as never),
        connections,
      );
    },
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

function side<T extends Queue | Worker>(bull: unknown, connections: Pool): Side<T> {
  return {
    bull: bull as T,
    async end(patienceMs) {
      await closeWithin(patienceMs, bull as T);
      await Promise.race([connections.end().catch(() => {}), sleep(500, undefined, { ref: false })]);
    },
  };
}

/**
 * A pool of a side's own. BullMQ would make one from a URL too, but then it ends its LISTEN client after taking its
 * error listener away, and a server that stops in that moment ends our process. A commit of the queue need not reach
 * the disk: losing a ring in a crash of the server loses nothing, and each ring costs three commits.
 */
function openConnections(databaseUrl: string, max: number): Pool {
  const { url, options } = takeOptions(databaseUrl);
  const connections = new pg.Pool({
    connectionString: url,
    max,
    application_name: 'rootdesk-bell',
    options: `${options} -c search_path=${SCHEMA} -c synchronous_commit=off`.trim(),
    connectionTimeoutMillis: 5000,
    // Kept open: the next ring would have to wait for a connection.
    idleTimeoutMillis: 0,
    statement_timeout: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  connections.on('error', () => {});
  // A connection that breaks while it is lent out says so to nobody else; its query fails all the same.
  connections.on('connect', (client) => client.on('error', () => {}));
  return connections;
}

/** `options` of a URL would replace ours: they are moved to where both count. */
function takeOptions(databaseUrl: string): { url: string; options: string } {
  if (!URL.canParse(databaseUrl)) return { url: databaseUrl, options: '' };
  const url = new URL(databaseUrl);
  const options = url.searchParams.get('options') ?? '';
  if (options === '') return { url: databaseUrl, options };
  url.searchParams.delete('options');
  return { url: url.href, options };
}
