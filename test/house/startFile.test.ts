import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectDir } from '../../scripts/runCommand.ts';

/** rootdesk.js beside a command line that does what the test says. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rootdesk-start-'));
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(projectDir, 'node_modules/node'), join(folder, 'node_modules/node'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  cpSync(join(projectDir, 'rootdesk.js'), join(folder, 'rootdesk.js'));
  writeFileSync(
    join(folder, 'src/cli.ts'),
    `const args: string[] = process.argv.slice(2);
if (args[0] === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  console.log('ready');
  setInterval(() => {}, 1000);
} else if (args[0] === 'die') process.kill(process.pid, 'SIGKILL');
else {
  console.log(JSON.stringify(args));
  process.exit(Number(args[0]));
}`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(file: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [file, ...args], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
}

test('passes arguments and the exit code, from any folder', async () => {
  const child = start(join(folder, 'rootdesk.js'), '65', 'a b', '--c');
  const [output, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  expect(JSON.parse(output)).toEqual(['65', 'a b', '--c']);
  expect(code).toBe(65);
});

test('passes a signal on and waits for the end', async () => {
  const child = start(join(folder, 'rootdesk.js'), 'wait');
  await once(child.stdout!, 'data');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([7, null]);
});

test('a command that was killed is told as shells tell it', async () => {
  const [code] = await once(start(join(folder, 'rootdesk.js'), 'die'), 'exit');
  expect(code).toBe(128 + 9);
});

test('says what to do when the project is not installed', async () => {
  const bare = join(folder, 'bare');
  mkdirSync(bare);
  cpSync(join(projectDir, 'rootdesk.js'), join(bare, 'rootdesk.js'));
  writeFileSync(join(bare, 'package.json'), '{"type":"module"}');
  const child = start(join(bare, 'rootdesk.js'));
  const [message, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect(message).toContain('npm ci');
  expect(code).toBe(69);
});

test('starts the real command line', async () => {
  const child = start(join(projectDir, 'rootdesk.js'), '--version');
  const [output, [code]] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(code).toBe(0);
});
