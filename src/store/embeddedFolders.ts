import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import { makeFolder } from '../lib/makeFolder.ts';
import type { ServerUser } from './embeddedUser.ts';

/** Where root puts what the server's user cannot reach in the project or data folder. */
export const SHARED_STATE = '/var/lib/rootdesk';

/** The name of the socket file that the server makes in its folder (port 5432 is only a part of the name). */
export const SOCKET_FILE = '.s.PGSQL.5432';

/** Longest path of a Unix socket (bytes): sun_path less its final NUL, unix(7); macOS has 104 bytes. */
const SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/**
 * Makes the data folder and gives its real path. An ordinary user's is closed to others; root's may be entered (not
 * listed), because the server runs as another user. What is secret in it has folders of its own.
 */
export function dataFolder(dataDir: string): string {
  try {
    const isRoot = process.getuid?.() === 0;
    // Those above it too: below a closed one the database would have to be placed elsewhere.
    if (isRoot) makeFolder(dirname(dataDir), 0o711);
    if (makeFolder(dataDir) && isRoot) chmodSync(dataDir, 0o711);
    return realpathSync(dataDir);
  } catch (error) {
    throw folderError(dataDir, error);
  }
}

/** A folder that everybody may enter and read, whatever the umask is. */
export function worldReadableFolder(path: string): void {
  try {
    if (makeFolder(path, 0o755)) chmodSync(path, 0o755);
  } catch (error) {
    throw folderError(path, error);
  }
}

/** A folder of the server's user alone (0700). An existing one must be just that: nobody else may have put it there. */
export function serverFolder(path: string, user: ServerUser | null): string {
  try {
    makeFolder(path);
    if (user) chownSync(path, user.uid, user.gid);
    if (!lstatSync(path).isDirectory()) throw new Error('it is not a folder');
    chmodSync(path, 0o700);
    return path;
  } catch (error) {
    throw folderError(path, error);
  }
}

/**
 * The folder of the server's socket: `run-…` beside the cluster, or, where that path is too long for a socket, one of
 * unguessable name in /tmp. Both 0700, because whoever reaches the socket is let in. The name in /tmp is remembered, so
 * that a restarted server is found where the old one was. The name beside the cluster carries the cluster's inode: a
 * server whose data folder was deleted under it notices within a minute and removes its socket, which must not be that
 * of a new cluster at the same path.
 */
export function socketFolder(cluster: string, user: ServerUser | null): string {
  const beside = dirname(cluster);
  const near = join(beside, `run-${statSync(cluster).ino.toString(36)}`);
  if (fitsSocket(near)) return serverFolder(near, user);
  const record = join(beside, 'run.path');
  const known = existsSync(record) ? readFileSync(record, 'utf8').trim() : '';
  if (isTemporarySocketFolder(known) && takeAgain(known, user)) return known;
  const made = serverFolder(mkdtempSync(`${TEMPORARY}-`), user);
  writeFileSync(record, `${made}\n`);
  return made;
}

const TEMPORARY = '/tmp/rootdesk';

export function isTemporarySocketFolder(path: string): boolean {
  return /^\/tmp\/rootdesk-\w{6}$/.test(path);
}

/** /tmp is everybody's: a folder that is there must be the server user's own, one that is gone is made again. */
function takeAgain(path: string, user: ServerUser | null): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there) {
    return there.isDirectory() && there.uid === (user?.uid ?? process.getuid?.()) && (there.mode & 0o077) === 0;
  }
  try {
    mkdirSync(path, { mode: 0o700 });
    if (user) chownSync(path, user.uid, user.gid);
    return true;
  } catch {
    return false;
  }
}

/** The server takes a list of folders: a comma or quote in the path would be read as part of the list. */
function fitsSocket(folder: string): boolean {
  return !/[,"]/.test(folder) && Buffer.byteLength(join(folder, SOCKET_FILE)) <= SOCKET_PATH_BYTES;
}

export function folderError(path: string, error: unknown): RootdeskError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new RootdeskError('disk.full', `${path} cannot be written: the disk is full`, 'free or add space', {
      exitCode: EXIT.io,
      cause: error,
    });
  }
  return new RootdeskError(
    'data.folder',
    `${path} cannot be used: ${messageOf(error)}`,
    'check its owner and permissions, or name another folder with ROOTDESK_DATA_DIR',
    { exitCode: EXIT.io, cause: error },
  );
}
