import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it (mode 0700 less the umask, unless given). True: it was not there before. Throws the
 * system's own error where one cannot be made. One level at a time, because `recursive` of Node never ends where the
 * system says ENOENT for a folder whose parent is there (below /proc).
 */
export function makeFolder(path: string, mode = 0o700): boolean {
  if (isFolder(path)) return false;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, mode);
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Somebody else was faster; what is no folder is an error.
    if (isFolder(path)) return false;
    throw Object.assign(new Error(`${path} is there and is no folder`, { cause: error }), { code: 'ENOTDIR' });
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
