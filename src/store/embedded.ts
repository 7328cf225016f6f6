import { setTimeout as wait } from 'node:timers/promises';
import { messageOf, RootdeskError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { folderError } from './embeddedFolders.ts';
import { findSite, joinServer, leaveServer } from './embeddedSite.ts';
import { type Role, socketUrl } from './embeddedUse.ts';

export type Embedded = {
  /** Connection string of the database `rootdesk`. It holds until `stop`, also when the server had to be restarted. */
  url: string;
  /** The folder of its files. */
  cluster: string;
  /** The server ran already: one that outlived a crash, or that another command of ours uses. */
  attached: boolean;
  /** Ends our use; the last user stops the server and waits until it is down. */
  stop(): Promise<void>;
};

export type EmbeddedOptions = {
  dataDir: string;
  log: Log;
  /** `app` (default): a second one on the same data folder is refused with the first one's pid. `command`: beside it. */
  role?: Role;
};

const MEND_PAUSE_MS = 500;

/**
 * Starts the PostgreSQL that npm brought on `dataDir/postgres`, or attaches to it when it runs, and keeps it running
 * until `stop`. On a Unix socket in a folder that only its user may enter: no TCP, no password. Its log is
 * `dataDir/postgres.log`.
 *
 * Throws RootdeskError: data folder in use (exit 75), made by another PostgreSQL major (78), no permission or full disk
 * (74), no server for this machine (69).
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log, role = 'app' } = options;
  const site = explaining(options.dataDir, () => findSite(options.dataDir, log));
  let joined = await joinServer(site, role).catch((error: unknown) => explaining(site.dataDir, () => raise(error)));
  const { attached, socketFolder } = joined;
  let stopping = false;
  let mending: Promise<void> = Promise.resolve();

  const watch = (): void =>
    joined.use.onLost(() => {
      if (!stopping) mending = mend();
    });
  const mend = async (): Promise<void> => {
    log.warn('the embedded database went away, bringing it back');
    while (!stopping) {
      try {
        joined = await joinServer(site, role);
        if (joined.socketFolder !== socketFolder) log.error('the embedded database moved its socket: restart Rootdesk');
        watch();
        log.info('the embedded database is back');
        return;
      } catch (error) {
        log.error({ error: messageOf(error) }, 'the embedded database cannot be brought back yet');
        await wait(MEND_PAUSE_MS);
      }
    }
  };
  watch();

  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    stopping = true;
    await mending;
    await leaveServer(site, joined);
  };
  return {
    url: socketUrl(socketFolder, 'rootdesk'),
    cluster: site.cluster,
    attached,
    stop: () => (stopped ??= stop()),
  };
}

/** What the file system refused, in words: which folder, and what to do. */
function explaining<T>(dataDir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { syscall, path } = error as NodeJS.ErrnoException;
    if (error instanceof RootdeskError || syscall === undefined) throw error;
    throw folderError(path ?? dataDir, error);
  }
}

function raise(error: unknown): never {
  throw error;
}
