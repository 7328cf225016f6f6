import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { isAlive } from '../lib/processes.ts';
import { explainDatabaseError } from './database.ts';
import { type Binaries, findBinaries } from './embeddedBinaries.ts';
import { checkMajor, clusterPath, makeCluster } from './embeddedCluster.ts';
import { dataFolder, folderError, isTemporarySocketFolder } from './embeddedFolders.ts';
import { findPostmaster, isPostmasterOf, type Launch, launch, removeStaleLocks } from './embeddedServer.ts';
import { beginUse, heldBy, type Role, type Use } from './embeddedUse.ts';
import { type ServerUser, serverUser } from './embeddedUser.ts';

/** One data folder with its cluster, and what serves it. */
export type Site = {
  dataDir: string;
  cluster: string;
  logFile: string;
  binaries: Binaries;
  user: ServerUser | null;
  log: Log;
};

export type Joined = { use: Use; socketFolder: string; attached: boolean };

/** Longest wait for a server that lives but takes no connections: it may be replaying its log after a crash (ms). */
const READY_MS = 180_000;
/** A wait that people should be told of (ms). */
const TELL_MS = 5_000;
/** Longest wait for an app lock whose holder was just killed: its session ends a moment after its process (ms). */
const HELD_MS = 3_000;
/** Longest wait for a clean stop (ms); then it is stopped hard, which loses nothing that was committed. */
const STOP_MS = 60_000;
/** Starts that may fail in a row: processes of a killed server need a moment to notice and let its memory go. */
const LAUNCHES = 5;
const LAUNCH_PAUSE_MS = 100;
const PAUSE_MS = 20;

/** Finds or makes the cluster of a data folder. Synchronous: it is the first thing that a command does. */
export function findSite(dataDir: string, log: Log): Site {
  const folder = dataFolder(dataDir);
  let cluster = clusterPath(folder);
  const user = serverUser(cluster);
  const binaries = findBinaries(user, log);
  if (!existsSync(cluster)) cluster = makeCluster(folder, binaries, user, log);
  checkMajor(cluster, binaries);
  return { dataDir: folder, cluster, logFile: join(folder, 'postgres.log'), binaries, user, log };
}

/**
 * Joins the running server, or starts it. Whoever loses a race (two starts, a start while the last user stops it) looks
 * again, so all ways end in one server that all users share.
 */
export async function joinServer(site: Site, role: Role): Promise<Joined> {
  const started = performance.now();
  let launched: Launch | null = null;
  let launches = 0;
  let heldSince: number | null = null;
  let told = false;
  for (;;) {
    const postmaster = findPostmaster(site.cluster);
    if (postmaster === null && (launched === null || hasExited(launched))) {
      if (launched !== null) {
        if (launches >= LAUNCHES || !mayPass(launched)) throw doesNotStart(site, launched);
        if (/lock file/.test(launched.said())) removeStaleLocks(site.cluster, site.user);
        await wait(LAUNCH_PAUSE_MS * 2 ** launches);
      }
      launched = launch(site.cluster, site.logFile, site.binaries, site.user);
      launches += 1;
    }
    let problem: unknown = null;
    if (postmaster?.socketFolder) {
      const use = await beginUse(postmaster.socketFolder, role).catch((error: unknown) => {
        if (!isPassing(error)) throw explainDatabaseError(error) ?? error;
        problem = error;
        return null;
      });
      if (use && 'end' in use) {
        const attached = launched?.child.pid !== postmaster.pid;
        return { use, socketFolder: postmaster.socketFolder, attached };
      }
      if (use?.refused === 'held') {
        heldSince ??= performance.now();
        const isHere = use.pid !== null && isAlive(use.pid);
        if (isHere || performance.now() - heldSince > HELD_MS) throw heldBy(site.dataDir, use.pid);
      }
    }
    const waited = performance.now() - started;
    if (!told && waited > TELL_MS) {
      site.log.info({ log: site.logFile }, 'waiting for the embedded database: after a crash it replays its log first');
      told = true;
    }
    if (waited > READY_MS) throw notReady(site, problem);
    await wait(PAUSE_MS);
  }
}

/** Ends this use. When it was the last, stops the server (fast mode: SIGINT) and waits until its process is gone. */
export async function leaveServer(site: Site, joined: Joined): Promise<void> {
  const isLast = (await joined.use.end()) ?? (await askAgain(site));
  if (!isLast) return;
  const pid = findPostmaster(site.cluster)?.pid;
  if (pid === undefined) return;
  const stopBy = performance.now() + STOP_MS;
  let hard = false;
  signal(pid, site.cluster, 'SIGINT');
  while (isPostmasterOf(pid, site.cluster)) {
    if (!hard && performance.now() > stopBy) {
      site.log.warn('the embedded database does not stop, stopping it hard');
      signal(pid, site.cluster, 'SIGQUIT');
      hard = true;
    }
    await wait(PAUSE_MS);
  }
  if (isTemporarySocketFolder(joined.socketFolder)) rmSync(joined.socketFolder, { recursive: true, force: true });
}

/** Our session broke before we left: a new one says whether the server has other users. A dead one has none. */
async function askAgain(site: Site): Promise<boolean> {
  const postmaster = findPostmaster(site.cluster);
  if (postmaster === null) return false;
  const use = await beginUse(postmaster.socketFolder, 'command').catch(() => null);
  return use !== null && 'end' in use && (await use.end()) === true;
}

function signal(pid: number, cluster: string, name: 'SIGINT' | 'SIGQUIT'): void {
  try {
    if (isPostmasterOf(pid, cluster)) process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}

function hasExited(launched: Launch): boolean {
  const { child } = launched;
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** A server that is starting, stopping or just gone; anything else (a login that was refused) will not pass. */
function isPassing(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return (
    code === undefined ||
    ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT'].includes(String(code))
  );
}

/**
 * Another start was faster, or processes of a killed server are still there. An exit without a word is that of a server
 * that was killed.
 */
function mayPass(launched: Launch): boolean {
  const said = launched.said();
  return /lock file|shared memory block|Address already in use/.test(said) || !/FATAL|PANIC|error while/.test(said);
}

function doesNotStart(site: Site, launched: Launch): RootdeskError {
  const said = launched.said();
  if (/no space left on device|disk quota exceeded/i.test(said)) {
    return folderError(dirname(site.cluster), Object.assign(new Error(said), { code: 'ENOSPC' }));
  }
  const reasons = said.split('\n').filter((line) => /FATAL|PANIC|error while loading/.test(line));
  const reason = messageOf(reasons.at(-1)?.replace(/^.*?(FATAL|PANIC):\s*/, '') ?? (said.trim() || 'no reason given'));
  return new RootdeskError(
    'embedded.start',
    `the embedded database in ${site.cluster} does not start: ${reason}`,
    `read ${site.logFile}`,
    { exitCode: EXIT.unavailable },
  );
}

function notReady(site: Site, problem: unknown): RootdeskError {
  const why = problem === null ? 'it is starting or stopping' : messageOf(problem);
  return new RootdeskError(
    'embedded.not_ready',
    `the embedded database in ${site.cluster} runs but takes no connections: ${why}`,
    `read ${site.logFile}; a long recovery ends by itself, then start again`,
    { exitCode: EXIT.temporary },
  );
}
