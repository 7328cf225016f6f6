import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Where the product places what the server's user cannot reach in the data folder. */
const SHARED = '/var/lib/rootdesk';

export type DataFolder = { path: string; remove(): void };

/**
 * A temporary data folder for an embedded server. It may be entered by everybody, so that tests as root keep the
 * database in it: mkdtemp alone makes folders that only root may enter.
 */
export function makeDataFolder(): DataFolder {
  const folder = mkdtempSync('/tmp/rootdesk-test-');
  chmodSync(folder, 0o755);
  return {
    path: join(folder, 'data'),
    remove() {
      removePlaced(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Removes the databases that were placed elsewhere for data folders below this one, and no other. */
export function removePlaced(folder: string): void {
  for (const name of existsSync(SHARED) ? readdirSync(SHARED) : []) {
    const record = join(SHARED, name, 'belongs-to');
    if (!existsSync(record) || !readFileSync(record, 'utf8').startsWith(`${folder}/`)) continue;
    rmSync(join(SHARED, name), { recursive: true, force: true });
  }
}
