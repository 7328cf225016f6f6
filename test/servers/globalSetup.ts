import type { TestProject } from 'vitest/node';
import { createLog } from '../../src/lib/log.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPool } from '../../src/store/pool.ts';
import { makeDataFolder } from './dataFolder.ts';

/**
 * One real PostgreSQL for the whole run, the one that the product brings, in a temporary folder; its database
 * `rootdesk` is migrated and then only copied (test/servers/postgres.ts).
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = makeDataFolder();
  const log = createLog('warn');
  const embedded = await startEmbedded({ dataDir: folder.path, log });
  const pool = openPool(embedded.url);
  await migrate(pool, log);
  await pool.end();
  project.provide('postgresTemplateUrl', embedded.url);
  return async () => {
    await embedded.stop();
    folder.remove();
  };
}
