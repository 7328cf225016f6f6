import { expect, test } from 'vitest';
import type { Arrival } from '../../src/core/values.ts';
import type { Keep } from '../../src/receive/keep.ts';
import { createKeepHealth, LEAST_FREE } from '../../src/receive/keepHealth.ts';

const ARRIVAL = {} as Arrival;

test('a mail that cannot be kept makes it unready with its reason, until one is kept or a minute has gone', async () => {
  let now = Date.parse('2026-11-24T10:00:00Z');
  let fault: unknown = null;
  const health = createKeepHealth({ now: () => new Date(now) }, []);
  const keep: Keep = health.watch(async () => {
    if (fault) throw fault;
    return [];
  });
  await health.check();

  fault = Object.assign(new Error('could not extend file'), { code: '53100' });
  await expect(keep(Buffer.from(''), ARRIVAL)).rejects.toThrow('could not extend file');
  await expect(health.check()).rejects.toThrow('the disk of the database is full');

  fault = null;
  await keep(Buffer.from(''), ARRIVAL);
  await health.check();

  // What a row holds may stand in a message of the database.
  fault = Object.assign(new Error('duplicate key value (code 482913)'), { code: '23505' });
  await expect(keep(Buffer.from(''), ARRIVAL)).rejects.toThrow();
  await expect(health.check()).rejects.toThrow(/: error 23505$/);
  now += 61_000;
  await health.check();
});

test('too little room in any of its folders makes it unready and says where', async () => {
  const free = new Map([
    ['/data', LEAST_FREE * 2],
    ['/db', LEAST_FREE],
  ]);
  const folders = [...free.keys()];
  const health = createKeepHealth({ now: () => new Date() }, folders, async (folder) => free.get(folder)!);
  await health.check();
  free.set('/db', 3 * 1024 ** 2 + 5);
  await expect(health.check()).rejects.toThrow('only 3 MiB are free at /db');
});
