import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAlive } from '../lib/processes.ts';
import type { Binaries } from './embeddedBinaries.ts';
import { serverEnvironment } from './embeddedCluster.ts';
import { SOCKET_FILE, socketFolder } from './embeddedFolders.ts';
import type { ServerUser } from './embeddedUser.ts';

/** A server as its postmaster.pid describes it. */
export type Postmaster = { pid: number; socketFolder: string };

/** What must hold whatever postgresql.conf says: durable, no TCP, and no text or value of a row in its log. */
const FIXED = [
  'listen_addresses=',
  'fsync=on',
  'full_page_writes=on',
  'synchronous_commit=on',
  'unix_socket_permissions=0700',
  'logging_collector=off',
  'log_destination=stderr',
  // Errors of statements are ours to log: their messages may quote what a mail said.
  'log_min_messages=log',
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
  'log_parameter_max_length=0',
  'log_parameter_max_length_on_error=0',
  'log_statement=none',
  'log_min_duration_statement=-1',
];

/** A server writes its postmaster.pid in one go, right after it made the file (ms). */
const HALF_WRITTEN_MS = 1000;

const LOG_BYTES = 5 * 1024 * 1024;

/**
 * The server that runs on this cluster, or null. A postmaster.pid that a crash left behind names a process that is gone,
 * or (after a reboot, in a container) one of somebody else: then the file is removed, because PostgreSQL itself would
 * refuse to start as long as any process of its user has that number.
 */
export function findPostmaster(cluster: string): Postmaster | null {
  const file = join(cluster, 'postmaster.pid');
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const pid = Number(lines[0]);
  const isPid = Number.isInteger(pid) && pid > 0;
  if (isPid && isPostmasterOf(pid, cluster)) return { pid, socketFolder: lines[4]?.trim() ?? '' };
  // Without a number it may be a server that is just writing it, or what a power failure left of the file.
  if (isPid || isOlderThan(file, HALF_WRITTEN_MS)) rmSync(file, { force: true });
  return null;
}

function isOlderThan(file: string, ms: number): boolean {
  const written = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return written !== undefined && Date.now() - written > ms;
}

/**
 * Whether this process is the server of this cluster: a postgres that works in its folder. Where that cannot be seen
 * (root without CAP_SYS_PTRACE, other systems than Linux), one that was started on it, which every user may read.
 */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    const args =
      process.platform === 'linux'
        ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        : execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).split(' ');
    if (basename(args[0] ?? '') !== 'postgres') return false;
    const folder = workingFolder(pid);
    return folder === null ? ` ${args.join(' ')} `.includes(` ${cluster} `) : folder === cluster;
  } catch {
    // A zombie has no command line, a process may end between the two looks.
    return false;
  }
}

function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

export type Launch = {
  child: ChildProcess;
  /** What the server has written to its log since it was started. */
  said(): string;
};

/**
 * Starts the server in a session and process group of its own: Ctrl-C on a terminal reaches the whole foreground group,
 * and the database must outlive us until everything is drained. It also outlives a crash of ours.
 */
export function launch(cluster: string, logFile: string, binaries: Binaries, user: ServerUser | null): Launch {
  const sockets = socketFolder(dirname(cluster), user);
  removeStaleLock(sockets, cluster);
  rotate(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const start = statSync(logFile).size;
  const args = ['-D', cluster, '-k', sockets, '-p', '5432'];
  for (const setting of FIXED) args.push('-c', setting);
  const child = spawn(binaries.postgres, args, {
    ...user,
    detached: true,
    cwd: cluster,
    env: serverEnvironment(),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  // A failed spawn shows as an exit to whoever waits; an 'error' without a listener would end the process.
  child.on('error', () => {});
  return { child, said: () => tail(logFile, start) };
}

/** As with postmaster.pid: PostgreSQL takes a lock file for live as long as any process of its user has that number. */
function removeStaleLock(sockets: string, cluster: string): void {
  const file = join(sockets, `${SOCKET_FILE}.lock`);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : null;
  if (text !== null && !isPostmasterOf(Number.parseInt(text, 10), cluster)) rmSync(file, { force: true });
}

function rotate(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES) renameSync(file, `${file}.1`);
}

function tail(file: string, from: number): string {
  const fd = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(8192);
    const size = Math.max(from, statSync(file).size - buffer.length);
    return buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, size));
  } finally {
    closeSync(fd);
  }
}
