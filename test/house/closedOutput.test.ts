import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainLine } from '../../src/lib/plainLog.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let folder: string;
let fresh: FreshDatabase;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rootdesk-output-'));
  fresh = await freshDatabase();
  writeFileSync(join(folder, 'mail.eml'), 'From: a@b.test\r\nSubject: Hello\r\n\r\nHello\r\n');
  await fresh.pool.query(
    `insert into customers (slug, name) select 'c-' || n, 'Customer ' || n from generate_series(1, 300) n`,
  );
});
afterAll(async () => {
  await fresh.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command whose reader is gone before it prints anything, as behind `| head -0`. */
async function runUnread(...args: string[]): Promise<{ code: number; stderr: string }> {
  const env = { DATABASE_URL: fresh.url, ROOTDESK_DNS_SERVERS: '127.0.0.1:1', ROOTDESK_DATA_DIR: join(folder, 'data') };
  const child = spawn(process.execPath, ['src/cli.ts', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code: code as number, stderr };
}

test.each([
  [['--help']],
  [['kinds', 'list']],
  [['kinds', 'check', '--overlaps']],
  [['customers', 'list']],
  [['customers', 'list', '--json']],
])('%j does not mind that nobody reads it', async (args) => {
  expect(await runUnread(...args)).toEqual({ code: 0, stderr: '' });
});

test('explain does not mind that nobody reads it', async () => {
  expect(await runUnread('explain', join(folder, 'mail.eml'))).toEqual({ code: 0, stderr: '' });
});

test('on a terminal a line of the log is a sentence, with its facts behind it and no control that steers', () => {
  const line = plainLine('{"level":40,"time":"2026-11-24T10:00:00.000Z","a":1,"b":"x\\u001by","msg":"it waits"}\n');
  expect(line).toMatch(/^\d\d:00:00 warn {2}it waits \(a=1, b=x y\)\n$/);
});
