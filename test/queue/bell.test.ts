import { setTimeout as sleep } from 'node:timers/promises';
import { createPostgresBackend, Worker } from 'bullmq';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import type { Bell } from '../../src/queue/bell.ts';
import { openBell } from '../../src/queue/openBell.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPool } from '../../src/store/pool.ts';
import { makeDataFolder } from '../servers/dataFolder.ts';
import { freshDatabase } from '../servers/postgres.ts';
import { startRedis } from '../servers/redis.ts';

const log = createLog('silent');
const until = (check: () => unknown, timeout = 20_000) => vi.waitFor(check, { timeout, interval: 10 });

/** What the suite needs to do to a backend from outside. */
type Stage = {
  open(): Promise<Bell>;
  /** Jobs of the decide queue that nobody took. */
  waiting(): Promise<number>;
  /** Connections that bells hold. */
  connections(): Promise<number>;
  /** Empties the backend. */
  lose(): Promise<void>;
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  /** Takes a job as a process does that dies before it finishes it. */
  takeAndDie(): Promise<void>;
  stop(): Promise<void>;
};

/** A server of its own, because the suite stops it. */
async function postgresStage(): Promise<Stage> {
  const folder = makeDataFolder();
  const dataDir = folder.path;
  let server = await startEmbedded({ dataDir, log });
  const pool: Pool = openPool(server.url);
  await migrate(pool, log);
  const count = async (sql: string) => Number((await pool.query(sql)).rows[0].count);
  return {
    open: () => openBell({ redisUrl: null, pool, databaseUrl: server.url, log }),
    waiting: () => count(`select count(*) from bullmq.job where queue = 'rootdesk-decide' and state = 'waiting'`),
    connections: () =>
      count(
        `select count(*) from pg_stat_activity where application_name like 'rootdesk-%' and pid <> pg_backend_pid()`,
      ),
    lose: async () => {
      await pool.query('delete from bullmq.job');
    },
    leave: async () => {
      await server.stop();
    },
    comeBack: async () => {
      server = await startEmbedded({ dataDir, log });
    },
    async takeAndDie() {
      const connection = { connectionString: server.url, schema: 'bullmq', max: 1 };
      const options = { autorun: false, connection, skipLockRenewal: true };
      const worker = new Worker('rootdesk-decide', null, options as never, createPostgresBackend as never);
      worker.on('error', () => {});
      expect(await worker.getNextJob('dead', { block: false })).toBeDefined();
      await worker.close(true);
    },
    async stop() {
      await pool.end();
      await server.stop();
      folder.remove();
    },
  };
}

async function redisStage(): Promise<Stage> {
  const redis = await startRedis();
  const database = await freshDatabase();
  const prefix = async () =>
    `rootdesk:${(await database.pool.query(`select value from instance where name = 'bell'`)).rows[0].value}`;
  return {
    open: () => openBell({ redisUrl: redis.url, pool: database.pool, databaseUrl: database.url, log }),
    waiting: async () => Number(await redis.command('llen', `${await prefix()}:rootdesk-decide:wait`)),
    connections: async () =>
      String(await redis.command('client', 'list'))
        .trim()
        .split('\n').length - 1,
    lose: async () => {
      await redis.command('flushall');
    },
    leave: () => redis.kill(),
    comeBack: () => redis.start(),
    async takeAndDie() {
      const options = { autorun: false, connection: { url: redis.url }, prefix: await prefix(), skipLockRenewal: true };
      const worker = new Worker('rootdesk-decide', null, options as never);
      worker.on('error', () => {});
      expect(await worker.getNextJob('dead', { block: false })).toBeDefined();
      await worker.close(true);
    },
    async stop() {
      await redis.stop();
      await database.drop();
    },
  };
}

const stages: [string, () => Promise<Stage>][] = [
  ['postgres', postgresStage],
  ['redis', redisStage],
];

describe.each(stages)('the bell on %s', (name, startStage) => {
  let stage: Stage;
  const bells: Bell[] = [];
  const open = async () => {
    const bell = await stage.open();
    bells.push(bell);
    return bell;
  };

  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(async () => {
    await Promise.all(bells.splice(0).map((bell) => bell.close()));
    await stage.lose();
  });
  afterAll(() => stage.stop());

  it('wakes a listener of another process', async () => {
    const [here, there] = [await open(), await open()];
    let answers = 0;
    await there.listen('decide', async () => {
      answers += 1;
    });
    await sleep(0);
    expect(here.backend).toBe(name);
    const before = answers;
    await here.ring('decide');
    await until(() => expect(answers).toBeGreaterThan(before));
  });

  it('looks once without a ring, because work may wait from before', async () => {
    let answers = 0;
    await (await open()).listen('act', async () => {
      answers += 1;
    });
    await until(() => expect(answers).toBeGreaterThan(0));
  });

  it('keeps chimes apart', async () => {
    const bell = await open();
    const heard: string[] = [];
    await bell.listen('act', async () => void heard.push('act'));
    await bell.listen('decide', async () => void heard.push('decide'));
    await until(() => expect(new Set(heard).size).toBe(2));
    await sleep(0);
    const acts = () => heard.filter((chime) => chime === 'act').length;
    const decides = () => heard.filter((chime) => chime === 'decide').length;
    const before = { acts: acts(), decides: decides() };
    for (let n = 0; n < 5; n += 1) {
      await bell.ring('decide');
      await until(() => expect(decides()).toBeGreaterThan(before.decides + n));
    }
    expect(acts() - before.acts).toBeLessThanOrEqual(1);
  });

  it('keeps a thousand rings that nobody hears as a few jobs', async () => {
    const bell = await open();
    await Promise.all(Array.from({ length: 1000 }, () => bell.ring('decide')));
    // The last one may still be on its way: a ring waits for no slow backend.
    await until(async () => expect(await stage.waiting()).toBeGreaterThan(0));
    expect(await stage.waiting()).toBeLessThanOrEqual(3);
  });

  it('answers one at a time and looks again for a ring during an answer', async () => {
    const [here, there] = [await open(), await open()];
    let running = 0;
    let most = 0;
    let answers = 0;
    let release = () => {};
    await there.listen('decide', async () => {
      running += 1;
      most = Math.max(most, running);
      answers += 1;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      running -= 1;
    });
    await until(() => expect(running).toBe(1));
    const before = answers;
    await Promise.all(Array.from({ length: 50 }, () => here.ring('decide')));
    expect(answers).toBe(before);
    release();
    await until(() => expect(answers).toBe(before + 1));
    const draining = setInterval(() => release(), 5);
    await until(() => expect(running).toBe(0));
    await here.ring('decide');
    await until(() => expect(answers).toBeGreaterThan(before + 1));
    expect(most).toBe(1);
    expect(answers).toBeLessThan(before + 10);
    await there.close();
    clearInterval(draining);
  });

  it('never leaves a row behind that was committed before its ring', async () => {
    const [here, there, mine] = [await open(), await open(), await open()];
    let committed = 0;
    let seen = 0;
    const answer = async () => {
      const found = committed;
      await sleep(Math.random() * 3);
      seen = Math.max(seen, found);
    };
    await there.listen('decide', answer);
    await mine.listen('decide', answer);
    for (let n = 0; n < 150; n += 1) {
      committed += 1;
      const rung = (n % 3 === 0 ? mine : here).ring('decide');
      if (n % 5 === 0) await rung;
      await sleep(Math.random() * 4);
      if (n % 30 === 29) await until(() => expect(seen).toBe(committed), 10_000);
    }
    await until(() => expect(seen).toBe(committed), 10_000);
  });

  it('loses nothing but the ring when the backend is emptied', async () => {
    const [here, there] = [await open(), await open()];
    await here.ring('decide');
    await stage.lose();
    let answers = 0;
    await there.listen('decide', async () => {
      answers += 1;
    });
    await stage.lose();
    const before = answers;
    await until(async () => {
      await here.ring('decide');
      expect(answers).toBeGreaterThan(before + 1);
    });
  });

  it('goes on although a process died with a ring in its hands', async () => {
    const [here, there] = [await open(), await open()];
    await here.ring('decide');
    await stage.takeAndDie();
    let answers = 0;
    await there.listen('decide', async () => {
      answers += 1;
    });
    await until(() => expect(answers).toBeGreaterThan(0));
    const before = answers;
    await until(async () => {
      await here.ring('decide');
      expect(answers).toBeGreaterThan(before + 2);
    });
  });

  it('answers readiness', async () => {
    await expect((await open()).check()).resolves.toBeUndefined();
  });

  it('stands a backend that leaves and comes back', async () => {
    const [here, there] = [await open(), await open()];
    let mine = 0;
    let theirs = 0;
    await here.listen('act', async () => {
      mine += 1;
    });
    await there.listen('decide', async () => {
      theirs += 1;
    });
    await here.ring('act');
    await here.ring('decide');
    await until(() => expect(theirs).toBeGreaterThan(0));
    await stage.leave();
    const before = mine;
    const start = performance.now();
    await here.ring('act');
    await here.ring('decide');
    await here.ring('act');
    expect(performance.now() - start).toBeLessThan(10_000);
    // Nobody else can be told, so who rings looks itself.
    await until(() => expect(mine).toBeGreaterThan(before));
    await expect(here.check()).rejects.toMatchObject({ code: `queue.${name}` });
    await stage.comeBack();
    await until(() => here.check());
    const heard = theirs;
    await until(async () => {
      await here.ring('decide');
      expect(theirs).toBeGreaterThan(heard + 1);
    });
  });

  it('closes quickly, also while the backend is away, and leaves no connection', async () => {
    const [first, second] = [await open(), await open()];
    await first.listen('decide', async () => {});
    await first.listen('act', async () => {});
    await first.ring('decide');
    await second.listen('decide', async () => {});
    await second.ring('act');
    const start = performance.now();
    await first.close();
    expect(performance.now() - start).toBeLessThan(4000);
    await first.ring('decide');
    await stage.leave();
    const away = performance.now();
    await second.close();
    expect(performance.now() - away).toBeLessThan(8000);
    await stage.comeBack();
    await until(async () => expect(await stage.connections()).toBe(0));
  });

  it('waits for a running answer when it closes', async () => {
    const bell = await open();
    let started = false;
    let ended = false;
    let release = () => {};
    await bell.listen('decide', async () => {
      started = true;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      ended = true;
    });
    await until(() => expect(started).toBe(true));
    const closing = bell.close();
    release();
    await closing;
    expect(ended).toBe(true);
  });

  it('survives an answer that throws', async () => {
    const bell = await open();
    let answers = 0;
    await bell.listen('decide', async () => {
      answers += 1;
      throw new Error('no');
    });
    await until(() => expect(answers).toBeGreaterThan(0));
    const before = answers;
    await bell.ring('decide');
    await until(() => expect(answers).toBeGreaterThan(before));
  });
});

describe('the bell of several installations', () => {
  it('does not wake another installation on the same Redis', async () => {
    const redis = await startRedis();
    const [one, two] = [await freshDatabase(), await freshDatabase()];
    const open = (database: typeof one) =>
      openBell({ redisUrl: redis.url, pool: database.pool, databaseUrl: database.url, log });
    const [ours, same, theirs] = [await open(one), await open(one), await open(two)];
    let heard = 0;
    let wrong = 0;
    await theirs.listen('decide', async () => {
      wrong += 1;
    });
    await same.listen('decide', async () => {
      heard += 1;
    });
    await until(() => expect(Math.min(heard, wrong)).toBeGreaterThan(0));
    const before = wrong;
    for (let n = 1; n <= 5; n += 1) {
      const last = heard;
      await ours.ring('decide');
      await until(() => expect(heard).toBeGreaterThan(last));
    }
    expect(wrong - before).toBeLessThanOrEqual(1);
    await Promise.all([ours, same, theirs].map((bell) => bell.close()));
    await redis.stop();
    await Promise.all([one, two].map((database) => database.drop()));
  });

  it('says what is wrong with REDIS_URL', async () => {
    const database = await freshDatabase();
    const opening = openBell({ redisUrl: 'localhost:6379', pool: database.pool, databaseUrl: database.url, log });
    await expect(opening).rejects.toMatchObject({ code: 'queue.redis', exitCode: 78 });
    await database.drop();
  });

  it('opens and listens although Redis is away, and answers its own rings', async () => {
    const redis = await startRedis();
    await redis.kill();
    const database = await freshDatabase();
    const bell = await openBell({ redisUrl: redis.url, pool: database.pool, databaseUrl: database.url, log });
    let answers = 0;
    await bell.listen('decide', async () => {
      answers += 1;
    });
    await until(() => expect(answers).toBe(1));
    await bell.ring('decide');
    await until(() => expect(answers).toBe(2));
    await redis.start();
    await until(() => bell.check());
    const before = answers;
    await until(async () => {
      await bell.ring('decide');
      expect(answers).toBeGreaterThan(before + 2);
    });
    await bell.close();
    await redis.stop();
    await database.drop();
  });
});
