import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import { createAnswering } from '../../src/queue/answering.ts';
import { createListener } from '../../src/queue/listener.ts';
import { openRedisBackend } from '../../src/queue/redisBackend.ts';
import { freePort } from '../servers/freePort.ts';

/** A process that listens over a Redis that is away, for as long as listening waits, and then leaves. */
const LEAVES = `
  const [openBell, createLog] = await Promise.all([import(process.argv[1]), import(process.argv[2])]);
  const bell = await openBell.openBell({
    redisUrl: process.argv[3],
    pool: { query: async () => ({ rows: [{ value: 'x' }] }) },
    databaseUrl: '',
    log: createLog.createLog('silent'),
  });
  await bell.listen('decide', async () => {});
  await bell.ring('act');
  await bell.close();
  console.log('left');`;

it('a process can end while Redis is away: nothing goes on trying', async () => {
  const modules = ['queue/openBell.ts', 'lib/log.ts'].map((path) => new URL(`../../src/${path}`, import.meta.url).href);
  const url = `redis://127.0.0.1:${await freePort()}`;
  const ended = await new Promise((resolve) => {
    const options = { timeout: 45_000 };
    execFile(process.execPath, ['--input-type=module', '-e', LEAVES, ...modules, url], options, (error, stdout) => {
      resolve({ killed: error?.killed ?? false, code: error?.code ?? 0, stdout });
    });
  });
  expect(ended).toEqual({ killed: false, code: 0, stdout: 'left\n' });
}, 60_000);

it('a start does not wait for a Redis that refuses: it is told at once and goes on trying', async () => {
  const pool = { query: async () => ({ rows: [{ value: 'x' }] }) };
  const backend = await openRedisBackend(pool as never, `redis://127.0.0.1:${await freePort()}`);
  const log = createLog('silent');
  const listener = createListener(
    backend,
    'act',
    createAnswering(
      async () => {},
      () => {},
    ),
    log,
  );
  // Nothing but the refusal can settle it: no patience runs here.
  await listener.settled;
  await listener.close();
}, 60_000);
