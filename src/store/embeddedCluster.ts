import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { isAlive } from '../lib/processes.ts';
import type { Binaries } from './embeddedBinaries.ts';
import { folderError, SHARED_STATE, serverFolder, worldReadableFolder } from './embeddedFolders.ts';
import { BELONGS_TO } from './embeddedLeftovers.ts';
import { mayEnter, type ServerUser } from './embeddedUser.ts';

/** In the data folder when the cluster had to be placed elsewhere: one line, its path. */
const POINTER = 'postgres.path';

/** Written into the new cluster's postgresql.conf, where an operator may change them. Sized for a small machine. */
const DEFAULTS = {
  shared_buffers: '64MB',
  effective_cache_size: '512MB',
  maintenance_work_mem: '32MB',
  max_connections: '100',
  wal_buffers: '8MB',
  min_wal_size: '64MB',
  max_wal_size: '512MB',
  random_page_cost: '1.1',
  // Short statements on one machine: compiling and parallel plans cost more than they give.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  max_worker_processes: '4',
  io_method: 'sync',
  huge_pages: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Where the cluster of this data folder is, or would be made when there is none. */
export function clusterPath(dataDir: string): string {
  const pointer = join(dataDir, POINTER);
  if (!existsSync(pointer)) return join(dataDir, 'postgres');
  const path = readFileSync(pointer, 'utf8').trim();
  if (existsSync(path)) return path;
  throw new RootdeskError(
    'embedded.lost',
    `the database of this data folder was placed at ${path} and is not there`,
    `bring it back, or, to start empty, delete ${pointer}`,
    { exitCode: EXIT.noInput },
  );
}

/** Whether a start has made the cluster of this data folder, wherever it was placed. Throws as `clusterPath` does. */
export function hasCluster(dataDir: string): boolean {
  return existsSync(clusterPath(dataDir));
}

/** Refuses a cluster of another PostgreSQL major: its files cannot be read by these programs. */
export function checkMajor(cluster: string, binaries: Binaries): void {
  const file = join(cluster, 'PG_VERSION');
  let major: string;
  try {
    major = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw folderError(file, error);
  }
  if (major === String(binaries.major)) return;
  throw new RootdeskError(
    'embedded.major',
    `the database in ${cluster} was made by PostgreSQL ${major}; this Rootdesk brings ${binaries.major}`,
    `run the Rootdesk release that made it, move it over with pg_upgrade of PostgreSQL ${binaries.major}, or set DATABASE_URL`,
    { exitCode: EXIT.config },
  );
}

/**
 * Makes the cluster: in a draft folder that gets its name when it is complete, so that a crash or a second start leaves
 * no half cluster. UTF8 and C.UTF-8 by name: without LANG initdb makes SQL_ASCII, and only this locale lets pg_trgm
 * index Japanese. Returns its path.
 */
export function makeCluster(dataDir: string, binaries: Binaries, user: ServerUser | null, log: Log): string {
  const parent = user && !mayEnter(dataDir, user) ? placeElsewhere(dataDir, user, log) : dataDir;
  const cluster = join(parent, 'postgres');
  removeOldDrafts(parent);
  const draft = serverFolder(mkdtempSync(join(parent, `postgres.new-${process.pid}-`)), user);
  try {
    initialize(draft, binaries, user);
    renameSync(draft, cluster);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(join(cluster, 'PG_VERSION'))) throw error;
  }
  if (parent !== dataDir) point(dataDir, cluster);
  return cluster;
}

function initialize(draft: string, binaries: Binaries, user: ServerUser | null): void {
  const args = ['-D', draft, '-U', 'rootdesk', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8'];
  for (const [name, value] of Object.entries(DEFAULTS)) args.push('-c', `${name}=${value}`);
  const run = spawnSync(binaries.initdb, args, { ...user, cwd: '/', env: serverEnvironment(), encoding: 'utf8' });
  if (run.status === 0) return;
  const text = messageOf(run.error ?? (run.stderr || `signal ${run.signal}`));
  if (/no space left on device|disk quota exceeded/i.test(text)) {
    throw folderError(draft, Object.assign(new Error(text), { code: 'ENOSPC' }));
  }
  if (/could not look up effective user ID/.test(text)) {
    throw new RootdeskError(
      'embedded.nameless_user',
      `the database cannot be made: PostgreSQL does not run as user ${process.getuid?.()}, who has no name on this machine`,
      'run as a user that is in /etc/passwd (useradd), or set DATABASE_URL to a server of your own',
      { exitCode: EXIT.config },
    );
  }
  throw new RootdeskError(
    'embedded.initdb',
    `the database cannot be made in ${dirname(draft)}: ${text}`,
    'mend the cause, or set DATABASE_URL to a server of your own',
    { exitCode: EXIT.unavailable },
  );
}

/**
 * Memory that a backend keeps instead of giving it back (bytes; glibc, mallopt(3)). A statement that writes a batch needs a
 * few megabytes for a moment; mapped anew each time, the kernel's work on them was a quarter of a decision.
 */
const KEPT_MEMORY = String(16 * 1024 * 1024);

/** Nothing of our own environment reaches the server: PG* variables would steer it, secrets would lie in /proc. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    MALLOC_TRIM_THRESHOLD_: KEPT_MEMORY,
    MALLOC_MMAP_THRESHOLD_: KEPT_MEMORY,
  };
}

/** A random name: an older cluster of a deleted clone at the same path must not be taken for this one. */
function placeElsewhere(dataDir: string, user: ServerUser, log: Log): string {
  worldReadableFolder(SHARED_STATE);
  const parent = mkdtempSync(join(SHARED_STATE, 'database-'));
  serverFolder(parent, user);
  writeFileSync(join(parent, BELONGS_TO), `${dataDir}\n`);
  log.info({ dataDir, database: parent }, 'the database is placed there: its user may not enter the data folder');
  return parent;
}

/** Written last and whole: a crash before it leaves an unused folder, never a pointer to half a database. */
function point(dataDir: string, cluster: string): void {
  const draft = join(dataDir, `${POINTER}.${process.pid}`);
  writeFileSync(draft, `${cluster}\n`);
  renameSync(draft, join(dataDir, POINTER));
}

function removeOldDrafts(parent: string): void {
  for (const name of readdirSync(parent)) {
    const match = /^postgres\.new-(\d+)-/.exec(name);
    if (match && !isAlive(Number(match[1]))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}
