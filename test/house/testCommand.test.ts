import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test, vi } from 'vitest';
import { projectDir } from '../../scripts/runCommand.ts';

// Each test runs a whole test command, and a busy machine starts processes slowly.
vi.setConfig({ testTimeout: 240_000 });

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A project with our test command, tools that answer as told, and these tests. */
function plant(tools: Record<string, number>, tests: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'rootdesk-command-'));
  folders.push(root);
  const bin = join(root, 'node_modules/.bin');
  for (const folder of [bin, join(root, 'scripts'), join(root, 'test')]) mkdirSync(folder, { recursive: true });
  for (const tool of ['tsc', 'biome', 'knip', 'dockerfile-utils', 'dclint']) {
    writeFileSync(join(bin, tool), `#!/bin/sh\necho "${tool} spoke"\nexit ${tools[tool] ?? 0}\n`);
    chmodSync(join(bin, tool), 0o755);
  }
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync(join(projectDir, 'node_modules/vitest/vitest.mjs'), join(bin, 'vitest'));
  symlinkSync(join(projectDir, 'node_modules/vitest'), join(root, 'node_modules/vitest'));
  for (const name of ['test', 'check', 'runCommand', 'testCounts'])
    cpSync(join(projectDir, `scripts/${name}.ts`), join(root, `scripts/${name}.ts`));
  for (const name of ['generate', 'boundaries'])
    writeFileSync(join(root, `scripts/${name}.ts`), `process.exitCode = ${tools[name] ?? 0};`);
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(root, 'vitest.config.ts'),
    "export default { test: { pool: 'forks', include: ['test/*.test.ts'] } };",
  );
  for (const [name, body] of Object.entries(tests))
    writeFileSync(
      join(root, `test/${name}.test.ts`),
      `import { beforeAll, describe, expect, test } from 'vitest';\n${body}`,
    );
  return root;
}

async function run(root: string, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(root, 'scripts/test.ts')], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, FORCE_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const lines = output.trimEnd().split('\n');
  const counting = lines.filter((line) => /^\d+ passed, \d+ failed, \d+ skipped$/.test(line));
  expect(counting).toEqual([lines.at(-1)]);
  return { line: lines.at(-1), code, output };
}

const missing = "const missing = Object.assign(new Error('install some-package'), { name: 'MissingPackage' });";

test('all green: the checks count as one each', async () => {
  const { line, code } = await run(plant({}, { a: "test('a', () => {}); test.skip('b', () => {});" }));
  expect([line, code]).toEqual(['8 passed, 0 failed, 1 skipped', 0]);
});

test('nothing stops early, and every failure counts: check, test, hook, import, stray rejection', async () => {
  const root = plant(
    { biome: 1, generate: 1 },
    {
      a: "test('good', () => {}); test('bad', () => expect(1).toBe(2));",
      b: "describe('d', () => { beforeAll(() => { throw new Error('hook'); }); test('x', () => {}); test('y', () => {}); });",
      c: "import './gone.ts';\ntest('never', () => {});",
      d: "test('stray', () => { void Promise.reject(new Error('stray')); });",
    },
  );
  const { line, code, output } = await run(root);
  expect([line, code]).toEqual(['7 passed, 6 failed, 2 skipped', 1]);
  expect(output).toContain('biome spoke');
});

test('a missing server skips at a desk and fails in a pipeline, and both name its package', async () => {
  const root = plant(
    {},
    { a: `${missing}\nbeforeAll(() => { throw missing; });\ntest('x', () => {}); test('y', () => {});` },
  );
  const desk = await run(root);
  expect([desk.line, desk.code]).toEqual(['7 passed, 0 failed, 2 skipped', 0]);
  expect(desk.output).toContain('not tested here: install some-package');
  const pipeline = await run(root, { CI: 'true' });
  expect([pipeline.line, pipeline.code]).toEqual(['7 passed, 1 failed, 2 skipped', 1]);
});

test('a runner that never came to its tests is a failure', async () => {
  const root = plant({}, { a: "test('a', () => {});" });
  writeFileSync(join(root, 'vitest.config.ts'), "throw new Error('broken');");
  const { line, code } = await run(root);
  expect([line, code]).toEqual(['7 passed, 1 failed, 0 skipped', 1]);
});

test('a developer’s own installation is out of reach of the tests', async () => {
  const body = `test('env', () => expect(Object.keys(process.env).filter((n) => /^(ROOTDESK_|PG|DATABASE_URL|REDIS_URL)/.test(n))).toEqual([]));`;
  const { line } = await run(plant({}, { a: body }), {
    DATABASE_URL: 'x',
    REDIS_URL: 'x',
    PGHOST: 'x',
    ROOTDESK_DATA_DIR: 'x',
  });
  expect(line).toBe('8 passed, 0 failed, 0 skipped');
});
