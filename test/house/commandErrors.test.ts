import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT } from '../../src/lib/errors.ts';

/** What the command prints and how it ends, without settings of the reader's own. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/cli.ts', ...args], { env: {} }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

it.each([
  [['nonsense'], 64],
  [['explian', 'x.eml'], 64],
  [['start', 'extra'], 64],
  [['explain', 'test/no-such.eml'], 66],
  [['customers', 'import', 'test/no-such.yaml'], 66],
  [['--config', 'test/no-such.yaml', 'start'], 78],
])('%j is answered with one line that says what to do', async (args, code) => {
  const ended = await run(...args);
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(ended.stderr).toMatch(/^rootdesk: [^\n]+; [^\n]+\n$/);
});

it('a file with very many problems is answered with a line that a person can read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rootdesk-many-'));
  try {
    const file = join(folder, 'customers.yaml');
    writeFileSync(file, `customers: ${'['.repeat(5000)}`);
    const { code, stderr } = await run('customers', 'import', file);
    expect(code).toBe(65);
    expect(stderr).toMatch(/^rootdesk: [^\n]+; and \d+ more; mend these places and try again\n$/);
    expect(stderr.length).toBeLessThan(4000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('every command explains itself', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  for (const exitCode of Object.values(EXIT)) expect(stdout).toMatch(new RegExp(`\\b${exitCode} `));
  const commands = ['start', 'demo', 'import', 'explain', 'customers', 'doctor', 'migrate'];
  for (const command of commands) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
  expect(await run('customers', 'import', '--help')).toMatchObject({ code: 0, stderr: '' });
});
