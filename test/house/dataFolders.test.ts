import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openBase } from '../../src/base.ts';
import { prepareDemo } from '../../src/demo/demo.ts';
import { checkDisk } from '../../src/doctor/checkMachine.ts';
import { checkStore } from '../../src/doctor/checkStore.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/lib/log.ts';
import { makeFolder } from '../../src/lib/makeFolder.ts';
import { loadSettings } from '../../src/settings.ts';
import { hasCluster } from '../../src/store/embeddedCluster.ts';
import { dataFolder } from '../../src/store/embeddedFolders.ts';
import { databasesLeftBehind } from '../../src/store/embeddedLeftovers.ts';
import { openInstance } from '../../src/store/instance.ts';
import { type DataFolder, makeDataFolder } from '../servers/dataFolder.ts';

let folder: DataFolder | null = null;
afterEach(() => {
  folder?.remove();
  folder = null;
});

test('a demo that a real data folder refuses leaves nothing in it', async () => {
  folder = makeDataFolder();
  const dataDir = folder.path;
  const base = await openBase(loadSettings({ env: { ROOTDESK_DATA_DIR: dataDir } }), {
    log: createLog('silent'),
    role: 'app',
  });
  try {
    const use = { db: base.db, keyFile: null, dataDir, clock: systemClock, use: 'start' as const };
    await openInstance(use);
    const before = readdirSync(dataDir).sort();
    const load = (values: object) => loadSettings({ env: { ROOTDESK_DATA_DIR: dataDir }, ...values });
    await expect(prepareDemo(load)).rejects.toMatchObject({ code: 'instance.real', exitCode: 78 });
    expect(readdirSync(dataDir).sort()).toEqual(before);
  } finally {
    await base.close();
  }
});

test('a demo is refused where the keys of a database elsewhere lie, before it writes anything', async () => {
  folder = makeDataFolder();
  const dataDir = folder.path;
  makeFolder(join(dataDir, 'keys'));
  const load = (values: object) => loadSettings({ env: { ROOTDESK_DATA_DIR: dataDir }, ...values });
  await expect(prepareDemo(load)).rejects.toMatchObject({ code: 'instance.real', exitCode: 78 });
  expect(readdirSync(dataDir)).toEqual(['keys']);
});

test('a database that had to be placed elsewhere is found by doctor', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'rootdesk-placed-'));
  folder = makeDataFolder();
  try {
    const dataDir = folder.path;
    makeFolder(dataDir);
    expect(hasCluster(dataDir)).toBe(false);
    writeFileSync(join(dataDir, 'postgres.path'), `${outside}\n`);
    const settings = loadSettings({ env: { ROOTDESK_DATA_DIR: dataDir } });
    expect(hasCluster(dataDir)).toBe(true);
    expect(checkDisk(settings).map(({ text }) => text.replace(/^.* at /, ''))).toEqual([dataDir, outside]);
    rmSync(outside, { recursive: true });
    const [finding] = await checkStore(settings);
    expect(finding).toMatchObject({ name: 'database', state: 'bad', text: expect.stringContaining(outside) });
  } finally {
    rmSync(outside, { recursive: true, force: true });
  }
});

test.runIf(process.getuid?.() === 0)('what root makes above a data folder can be entered by the server', () => {
  const parent = mkdtempSync(join(tmpdir(), 'rootdesk-above-'));
  try {
    dataFolder(join(parent, 'a', 'b'));
    for (const path of ['a', 'a/b']) expect(statSync(join(parent, path)).mode & 0o777).toBe(0o711);
  } finally {
    rmSync(parent, { recursive: true });
  }
});

test('a folder that cannot be made is an error, not an endless try', { timeout: 60_000 }, async () => {
  const env = { ROOTDESK_DATA_DIR: '/proc/rootdesk-test/data' };
  const ended = await new Promise<{ error: unknown; stderr: string }>((resolve) => {
    const limits = { env, timeout: 50_000, killSignal: 'SIGKILL' as const };
    execFile(process.execPath, ['src/cli.ts', 'start'], limits, (error, _stdout, stderr) => resolve({ error, stderr }));
  });
  expect(ended.error).toMatchObject({ code: 74, killed: false });
  expect(ended.stderr).toMatch(/^rootdesk: \/proc\/rootdesk-test\/data cannot be used: [^\n]+ROOTDESK_DATA_DIR\n$/);
});

test('folders are made one below the other, closed to others, and one that is there is left as it is', () => {
  const parent = mkdtempSync(join(tmpdir(), 'rootdesk-folders-'));
  try {
    const path = join(parent, 'a', 'b');
    expect(makeFolder(path)).toBe(true);
    expect(makeFolder(path)).toBe(false);
    expect(statSync(path).mode & 0o077).toBe(0);
    writeFileSync(join(parent, 'file'), '');
    expect(() => makeFolder(join(parent, 'file', 'x'))).toThrow(/file is there and is no folder$/);
  } finally {
    rmSync(parent, { recursive: true });
  }
});

test('databases of data folders that are gone are found, others are not', () => {
  const shared = mkdtempSync(join(tmpdir(), 'rootdesk-shared-'));
  try {
    for (const [name, dataDir] of Object.entries({ gone: join(shared, 'no-such'), used: shared })) {
      makeFolder(join(shared, name));
      writeFileSync(join(shared, name, 'belongs-to'), `${dataDir}\n`);
    }
    makeFolder(join(shared, 'postgresql-18'));
    expect(databasesLeftBehind(shared)).toEqual([join(shared, 'gone')]);
    expect(databasesLeftBehind(join(shared, 'no-such'))).toEqual([]);
  } finally {
    rmSync(shared, { recursive: true });
  }
});
