import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
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

const LOG_BYTES = 5 * 1024 * 1024;

/** The server that runs on this cluster, or null: a crash leaves a postmaster.pid that names nobody, or another process. */
export function findPostmaster(cluster: string): Postmaster | null {
  const text = readIfThere(join(cluster, 'postmaster.pid'));
  const pid = Number.parseInt(text ?? '', 10);
  if (text === null || !(pid > 0) || !isPostmasterOf(pid, cluster)) return null;
  return { pid, socketFolder: text.split('\n')[4]?.trim() ?? '' };
}

/**
 * Removes the lock files of a server that is gone. PostgreSQL does so itself when it can tell, but refuses to start when
 * a file is empty (power failure) or its number is any process of its user now (reboot, container). For a start that was
 * refused over one, never before: then no other start is about to write it.
 */
export function removeStaleLocks(cluster: string, user: ServerUser | null): void {
  for (const file of [join(cluster, 'postmaster.pid'), join(socketFolder(cluster, user), `${SOCKET_FILE}.lock`)]) {
    const text = readIfThere(file);
    if (text !== null && !isPostmasterOf(Number.parseInt(text, 10), cluster)) rmSync(file, { force: true });
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Whether this process is the server of this cluster: a postgres that works in its folder. Where that cannot be seen
 * (root without CAP_SYS_PTRACE, other systems than Linux), one that was started on it, which every user may read.
 */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (!(pid > 0) || !isAlive(pid)) return false;
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
  const sockets = socketFolder(cluster, user);
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
