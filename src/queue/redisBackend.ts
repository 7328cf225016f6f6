import { Queue, type RedisOptions, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import { type Backend, EVENTS_KEPT, JOB_OPTIONS, QUEUE_NAMES, type Side, WORKER_OPTIONS } from './backend.ts';
import { closeWithin } from './closeWithin.ts';

/** Oldest Redis that BullMQ recommends. */
const OLDEST_REDIS = [6, 2];
const CHECK_MS = 3000;

/**
 * BullMQ on Redis. Redis may be away now and later: senders and listeners go on trying, and the sweep finds what was
 * missed meanwhile. Two installations may share one Redis: the key prefix is drawn once per database.
 */
export async function openRedisBackend(pool: Pool, redisUrl: string): Promise<Backend> {
  if (!/^rediss?:\/\//.test(redisUrl) || !URL.canParse(redisUrl)) {
    throw new RootdeskError('queue.redis', 'REDIS_URL is not a redis:// or rediss:// URL', 'mend REDIS_URL', {
      exitCode: EXIT.config,
    });
  }
  const prefix = `rootdesk:${await bellId(pool)}`;
  return {
    name: 'redis',
    queue(chime) {
      const line = openLine(redisUrl);
      const queue = new Queue(QUEUE_NAMES[chime], {
        connection: line.options,
        prefix,
        skipVersionCheck: true,
        defaultJobOptions: JOB_OPTIONS,
        streams: { events: { maxLen: EVENTS_KEPT } },
      });
      return side(queue, line);
    },
    worker(chime, process) {
      const line = openLine(redisUrl);
      const connection = line.options;
      const worker = new Worker(QUEUE_NAMES[chime], process, {
        ...WORKER_OPTIONS,
        connection,
        prefix,
        skipVersionCheck: true,
      });
      return side(worker, line);
    },
    check: () => checkRedis(redisUrl),
  };
}

function side<T extends Queue | Worker>(bull: T, line: Line): Side<T> {
  return {
    bull,
    async end(patienceMs) {
      await closeWithin(patienceMs, bull);
      line.hangUp();
    },
  };
}

/** How one queue or worker connects. Those that never got through cannot be closed, only told not to try again. */
type Line = { options: RedisOptions; hangUp(): void };

function openLine(redisUrl: string): Line {
  let isOver = false;
  const options: RedisOptions = {
    url: redisUrl,
    connectTimeout: 5000,
    keepAlive: 10_000,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isOver ? null : Math.min(2 ** times * 50, 2000)),
  };
  return {
    options,
    hangUp() {
      isOver = true;
    },
  };
}

async function checkRedis(redisUrl: string): Promise<void> {
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: CHECK_MS,
    commandTimeout: CHECK_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  });
  let last: unknown = null;
  client.on('error', (error) => {
    last = error;
  });
  try {
    await client.connect();
    const version = /redis_version:(\d+)\.(\d+)/.exec(await client.info('server'));
    if (version && isOlder([Number(version[1]), Number(version[2])], OLDEST_REDIS)) {
      throw new Error(`it is version ${version[1]}.${version[2]}, ${OLDEST_REDIS.join('.')} or newer is needed`);
    }
  } catch (error) {
    throw new RootdeskError(
      'queue.redis',
      `Redis does not answer as it should: ${messageOf(last ?? error)}`,
      'check that it runs and that REDIS_URL is right, or unset REDIS_URL; until then the sweep finds the work',
      { exitCode: EXIT.unavailable, cause: error },
    );
  } finally {
    client.disconnect();
  }
}

function isOlder(version: number[], than: number[]): boolean {
  const [major = 0, minor = 0] = version;
  const [thanMajor = 0, thanMinor = 0] = than;
  return major < thanMajor || (major === thanMajor && minor < thanMinor);
}

/** The name of this database's bell, drawn at the first start. */
async function bellId(pool: Pool): Promise<string> {
  await pool.query(
    `insert into instance (name, value) values ('bell', to_jsonb(substr(replace(gen_random_uuid()::text, '-', ''), 1, 12)))
     on conflict (name) do nothing`,
  );
  const { rows } = await pool.query<{ value: string }>(`select value from instance where name = 'bell'`);
  return rows[0]!.value;
}
