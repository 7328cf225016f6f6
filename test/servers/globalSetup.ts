import type { TestProject } from 'vitest/node';
import { createLog } from '../../src/lib/log.ts';
import { migrateQueue } from '../../src/queue/postgresBackend.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPool } from '../../src/store/pool.ts';
import { makeDataFolder } from './dataFolder.ts';
import { restartWithoutSync } from './restartWithoutSync.ts';

/**
 * One real PostgreSQL for the whole run, the one that the product brings, in a temporary folder; its database
 * `rootdesk` is migrated and then only copied (test/servers/postgres.ts).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = makeDataFolder();
  const log = createLog('warn');
  await restartWithoutSync(await startEmbedded({ dataDir: folder.path, log }));
  const embedded = await startEmbedded({ dataDir: folder.path, log });
  const pool = openPool(embedded.url);
  await migrate(pool, log);
  // As after a first start: else each file, often each test, would make the tables of the queue anew.
  await migrateQueue(pool);
  await pool.end();
  project.provide('postgresTemplateUrl', embedded.url);
  return async () => {
    await embedded.stop();
    folder.remove();
  };
}
