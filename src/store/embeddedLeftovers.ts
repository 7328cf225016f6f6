import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHARED_STATE } from './embeddedFolders.ts';

/** Beside a cluster that was placed elsewhere: the data folder that it belongs to. */
export const BELONGS_TO = 'belongs-to';

/** Databases that were placed for data folders that do not exist any more. Never deleted by us: a disk may come back. */
export function databasesLeftBehind(shared = SHARED_STATE): string[] {
  if (!existsSync(shared)) return [];
  return readdirSync(shared)
    .map((name) => join(shared, name))
    .filter((folder) => isLeft(join(folder, BELONGS_TO)));
}

/** A record that we may not read belongs to somebody else, who is asked, not us. */
function isLeft(record: string): boolean {
  try {
    return !existsSync(readFileSync(record, 'utf8').trim());
  } catch {
    return false;
  }
}
