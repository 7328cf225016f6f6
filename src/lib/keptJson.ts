import { hash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCacheFolder } from './compileCache.ts';

/**
 * What `make` makes of these sources, as plain data (JSON), kept beside compiled code for whoever makes the same of the
 * same sources again: 150 small YAML files take half a second of processor time, their JSON takes a hundredth. It is
 * found by a digest of `sources`, so it is never older than they are. What cannot be read or written is made again, and
 * where no compiled code is kept (`folder` null) nothing is. Throws what `make` throws, and keeps nothing then.
 */
export function keptJson<T>(
  name: string,
  sources: readonly string[],
  make: () => T,
  folder: string | null = compileCacheFolder(),
): T {
  if (folder === null) return make();
  const path = join(folder, `${name}-${hash('sha256', JSON.stringify(sources)).slice(0, 32)}.json`);
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    // Not there, or half of it since the machine went down.
  }
  const made = make();
  keep(path, JSON.stringify(made));
  return made;
}

/** Whole or not at all: several processes start at once. */
function keep(path: string, text: string): void {
  const fresh = `${path}.${process.pid}`;
  try {
    writeFileSync(fresh, text);
    renameSync(fresh, path);
  } catch {
    rmSync(fresh, { force: true });
  }
}
