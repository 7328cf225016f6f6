import { openBase } from '../base.ts';
import { createLog } from '../lib/log.ts';
import { print } from '../lib/output.ts';
import type { Settings } from '../settings.ts';

/** Brings the database up to this version. Opening the base does it: what is left is to say so. */
export async function migrateDatabase(settings: Settings): Promise<void> {
  const base = await openBase(settings, { log: createLog(settings.logLevel), role: 'command' });
  await base.close();
  print('The database is up to date.\n');
}
