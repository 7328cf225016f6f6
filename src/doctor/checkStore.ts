import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Base, openBase } from '../base.ts';
import { createLog } from '../lib/log.ts';
import { openSeal } from '../lib/seal.ts';
import { openBell } from '../queue/openBell.ts';
import type { Settings } from '../settings.ts';
import { checkDatabase } from '../store/database.ts';
import { hasCluster } from '../store/embeddedCluster.ts';
import { readHold } from '../store/hold.ts';
import { isDemo, isKeyOf } from '../store/instance.ts';
import { missingMigrations } from '../store/migrate.ts';
import { checkRecords } from './checkRecords.ts';
import { checkReleased } from './checkReleased.ts';
import { badBy, type Finding } from './finding.ts';

/** Database, keys and queue: what needs a connection. A folder that no start has made yet is left alone. */
export async function checkStore(settings: Settings): Promise<Finding[]> {
  let base: Base;
  try {
    if (settings.databaseUrl === null && !hasCluster(settings.dataDir)) {
      const text = `none yet in ${settings.dataDir}`;
      return [{ name: 'database', state: 'warn', text, hint: 'npm start makes it, and its key' }];
    }
    base = await openBase(settings, { log: createLog('silent'), role: 'command', migrate: false });
  } catch (error) {
    return [badBy('database', error, 'check DATABASE_URL and that the server runs')];
  }
  try {
    const keys = await checkKeys(base);
    const migrations = await checkMigrations(base);
    const found = [await checkServer(base), migrations, ...keys, await checkQueue(base)];
    if (migrations.state === 'ok') found.push(...(await checkHold(base)), ...(await checkReleased(base)));
    return keys.every(({ state }) => state === 'ok') ? [...found, ...(await checkRecords(base))] : found;
  } finally {
    await base.close();
  }
}

async function checkServer({ pool }: Base): Promise<Finding> {
  try {
    const facts = await checkDatabase(pool);
    const text = `PostgreSQL ${facts.version}, ${facts.encoding}, synchronous_commit ${facts.synchronousCommit}`;
    return { name: 'database', state: 'ok', text };
  } catch (error) {
    return badBy('database', error, 'check DATABASE_URL and that the server runs');
  }
}

async function checkHold({ db }: Base): Promise<Finding[]> {
  const hold = await readHold(db);
  if (hold === null) return [];
  const text = `nothing leaves: ${hold.why === 'restored' ? `the database was restored, as of ${hold.asOf.toISOString()}` : 'somebody asked for it'}`;
  return [{ name: 'hold', state: 'warn', text, hint: 'rootdesk resume shows what would leave and asks' }];
}

async function checkMigrations({ pool }: Base): Promise<Finding> {
  try {
    const missing = await missingMigrations(pool);
    if (missing.length === 0) return { name: 'migrations', state: 'ok', text: 'up to date' };
    return {
      name: 'migrations',
      state: 'warn',
      text: `${missing.length} to be applied`,
      hint: 'rootdesk migrate, or the next start, applies them',
    };
  } catch (error) {
    return badBy('migrations', error, 'use the version that made this database, or a newer one');
  }
}

async function checkKeys({ db, settings, clock }: Base): Promise<Finding[]> {
  const file = settings.keyFile ?? join(settings.dataDir, 'keys', 'root.key');
  try {
    if (!existsSync(file)) {
      const demo = await isDemo(db).catch(() => null);
      return demo === null
        ? [{ name: 'keys', state: 'warn', text: 'none yet', hint: 'the first start makes the root key' }]
        : [
            {
              name: 'keys',
              state: 'bad',
              text: `${file} is missing`,
              hint: 'put back the root key that this database was made with: no other opens the kept mail',
            },
          ];
    }
    const seal = openSeal({ keyFile: settings.keyFile, dataDir: settings.dataDir, clock, create: false });
    if ((await isKeyOf(db, seal)) === false) {
      return [
        {
          name: 'keys',
          state: 'bad',
          text: `${file} is not the key of this database`,
          hint: 'put back the root key that this database was made with',
        },
      ];
    }
    const open = (statSync(file).mode & 0o077) !== 0;
    if (open) return [{ name: 'keys', state: 'bad', text: `${file} can be read by others`, hint: `chmod 600 ${file}` }];
    return [
      { name: 'keys', state: 'ok', text: `root key ${file}; back it up, but never together with the database` },
      dayKeys(seal.dayKeysBefore(LAST_DAY), settings),
    ];
  } catch (error) {
    return [badBy('keys', error, 'put back the root key that this database was made with')];
  }
}

/** After every day: all day keys that there are. */
const LAST_DAY = '9999-12-31';

function dayKeys(keys: readonly string[], { retention }: Settings): Finding {
  const since = keys[0] ? `, the oldest of ${keys[0].replace('day:', '')}` : '';
  const text = `${keys.length} of days${since}; each is destroyed, with the secrets of its day, a day after the last copy left, after ${retention.secretDays} days at most`;
  return { name: 'day keys', state: 'ok', text };
}

async function checkQueue({ plainPool, databaseUrl, settings }: Base): Promise<Finding> {
  try {
    const bell = await openBell({
      redisUrl: settings.redisUrl,
      pool: plainPool,
      databaseUrl,
      log: createLog('silent'),
    });
    try {
      await bell.check();
      return {
        name: 'queue',
        state: 'ok',
        text: `workers are woken by ${bell.backend === 'redis' ? 'Redis' : 'the database'}`,
      };
    } finally {
      await bell.close();
    }
  } catch (error) {
    return badBy(
      'queue',
      error,
      'check REDIS_URL; until it answers, workers find their work by looking every half minute',
    );
  }
}
