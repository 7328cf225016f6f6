import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { freePort } from '../servers/freePort.ts';

/** A process that has a queue and a worker on a Redis that is away, and leaves both. */
const LEAVES = `
  const { openRedisBackend } = await import(process.argv[1]);
  const pool = { query: async () => ({ rows: [{ value: 'x' }] }) };
  const backend = await openRedisBackend(pool, process.argv[2]);
  const sides = [backend.queue('act'), backend.worker('decide', async () => {})];
  for (const { bull } of sides) bull.on('error', () => {});
  sides[0].bull.add('ring', {}).catch(() => {});
  await Promise.all(sides.map((side) => side.end(100)));
  console.log('left');`;

it('a process can end while Redis is away: nothing goes on trying', async () => {
  const backend = new URL('../../src/queue/redisBackend.ts', import.meta.url).href;
  const url = `redis://127.0.0.1:${await freePort()}`;
  const ended = await new Promise((resolve) => {
    const options = { timeout: 45_000 };
    execFile(process.execPath, ['--input-type=module', '-e', LEAVES, backend, url], options, (error, stdout) => {
      resolve({ killed: error?.killed ?? false, code: error?.code ?? 0, stdout });
    });
  });
  expect(ended).toEqual({ killed: false, code: 0, stdout: 'left\n' });
}, 60_000);
