import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { type InstanceUse, isDemo, isKeyOf, openInstance } from '../../src/store/instance.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let fresh: FreshDatabase;
let dataDir: string;
beforeEach(async () => {
  fresh = await freshDatabase();
  dataDir = mkdtempSync('/tmp/rootdesk-test-');
});
afterEach(async () => {
  await fresh.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const open = (use: InstanceUse, keyFile: string | null = null) =>
  openInstance({ db: fresh.db, keyFile, dataDir, clock: systemClock, use });

describe('an installation', () => {
  it('makes its key at the first start and knows it again', async () => {
    expect(await isDemo(fresh.db)).toBeNull();
    const seal = await open('start');
    const sealed = seal.seal(Buffer.from('mail'));
    const again = await open('start');
    expect(again.open(sealed.bytes, sealed.wrappedKey, sealed.keyId).toString()).toBe('mail');
    expect(await isDemo(fresh.db)).toBe(false);
    expect(await isKeyOf(fresh.db, again)).toBe(true);
  });

  it('refuses to start without its key, and makes no other in its place', async () => {
    await open('start');
    const file = join(dataDir, 'keys', 'root.key');
    renameSync(join(dataDir, 'keys'), join(dataDir, 'keys-away'));
    await expect(open('start')).rejects.toMatchObject({
      code: 'key.missing',
      exitCode: 78,
      message: expect.stringContaining(file),
      hint: expect.stringContaining('ROOTDESK_KEY_FILE'),
    });
    expect(existsSync(file)).toBe(false);
    await open('start', join(dataDir, 'keys-away', 'root.key'));
  });

  it('refuses another key', async () => {
    await open('start');
    const stranger = await freshDatabase();
    const keyFile = join(dataDir, 'other', 'root.key');
    await openInstance({ db: stranger.db, keyFile, dataDir, clock: systemClock, use: 'start' });
    await stranger.drop();
    await expect(open('start', keyFile)).rejects.toMatchObject({ code: 'key.wrong', exitCode: 78 });
    await open('start');
  });

  it('refuses a key that others may read', async () => {
    await open('start');
    chmodSync(join(dataDir, 'keys', 'root.key'), 0o644);
    await expect(open('start')).rejects.toMatchObject({ code: 'key.permissions' });
  });

  it('made by the demo is none for start, and a real one none for the demo; commands work on both', async () => {
    await open('demo');
    await open('demo');
    await open('command');
    await expect(open('start')).rejects.toMatchObject({ code: 'instance.demo', exitCode: 78 });
    expect(await isDemo(fresh.db)).toBe(true);
    await fresh.pool.query('delete from instance');
    await open('command');
    await open('start');
    await expect(open('demo')).rejects.toMatchObject({ code: 'instance.real', exitCode: 78 });
  });

  it('refuses a start in the folder of a demo, also with a database elsewhere', async () => {
    writeFileSync(join(dataDir, 'demo.json'), '{}');
    await expect(open('start')).rejects.toMatchObject({ code: 'instance.demo', exitCode: 78 });
    expect(existsSync(join(dataDir, 'keys'))).toBe(false);
    await open('command');
  });

  it('is decided once when two first starts come at the same time', async () => {
    const results = await Promise.allSettled([open('start'), open('demo'), open('start')]);
    const demo = await isDemo(fresh.db);
    expect(results.map(({ status }) => status)).toEqual(
      demo ? ['rejected', 'fulfilled', 'rejected'] : ['fulfilled', 'rejected', 'fulfilled'],
    );
  });
});
