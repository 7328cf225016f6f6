import { enableCompileCache, flushCompileCache, getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Beside the packages: who may write there may change the code itself, and a new installation begins without it. */
const FOLDER = fileURLToPath(new URL('../../node_modules/.cache/rootdesk', import.meta.url));

/**
 * Keeps what Node makes of our sources (types taken out, code compiled) for the next start. Only for what is imported
 * afterwards. Where the folder cannot be written every start does that work itself; NODE_COMPILE_CACHE names another
 * folder, NODE_DISABLE_COMPILE_CACHE turns it off.
 */
export function useCompileCache(): void {
  enableCompileCache(FOLDER);
}

/** Writes down what this process compiled. Node does so at its end, which a process that is killed never sees. */
export function keepCompiled(): void {
  flushCompileCache();
}

/** Where compiled code is kept; null: nowhere. */
export function compileCacheFolder(): string | null {
  // Node answers with the folder of its own version in the folder that it was given.
  const folder = getCompileCacheDir();
  return folder === undefined ? null : dirname(folder);
}

/** The environment of a thread: nothing but where compiled code is kept, if that is somewhere. */
export function threadEnvironment(): Record<string, string> {
  const folder = compileCacheFolder();
  return folder === null ? {} : { NODE_COMPILE_CACHE: folder };
}
