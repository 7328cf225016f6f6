import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { checkBoundaries } from '../scripts/boundaries.ts';
import { impureUses } from '../scripts/purity.ts';
import { projectDir } from '../scripts/runCommand.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A tree with these files and the project's packages. */
function plant(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'rootdesk-boundaries-'));
  folders.push(root);
  symlinkSync(join(projectDir, 'node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('every file was read, and each imports only what the table allows', async () => {
  const report = await checkBoundaries();
  expect(report.violations).toEqual([]);
  expect(report.files).toBeGreaterThan(20);
  expect(report.modules).toBe(report.files);
});

describe('the check sees', () => {
  const cases: [string, Record<string, string>, string][] = [
    ['node:* in core', { 'src/core/a.ts': "import 'node:fs';" }, 'src/core/a.ts may not import node:fs'],
    [
      'a type of node:* in core',
      { 'src/core/a.ts': "import type { Stats } from 'node:fs';\nexport type A = Stats;" },
      'src/core/a.ts may not import node:fs',
    ],
    [
      'a package that is not listed',
      { 'src/core/a.ts': "export { default } from 'pg';" },
      'src/core/a.ts may not import the package pg',
    ],
    [
      'one role importing another',
      { 'src/decide/a.ts': "import '../receive/b.ts';", 'src/receive/b.ts': 'export {};' },
      'src/decide/a.ts may not import src/receive/b.ts',
    ],
    [
      'a dynamic import',
      {
        'src/console/a.ts': "export const a = () => import('../connectors/b.ts');",
        'src/connectors/b.ts': 'export {};',
      },
      'src/console/a.ts may not import src/connectors/b.ts',
    ],
    [
      'a value where only types may come from',
      { 'src/connectors/a.ts': "export { b } from '../core/b.ts';", 'src/core/b.ts': 'export const b = 1;' },
      'src/connectors/a.ts may not import src/core/b.ts',
    ],
    ['a folder outside the table', { 'src/utils/a.ts': 'export {};\nimport "zod";' }, 'src/utils/a.ts is in no folder'],
    [
      'a missing file',
      { 'src/lib/a.ts': "import './gone.ts';" },
      'src/lib/a.ts imports ./gone.ts, which does not exist',
    ],
    [
      'a cycle',
      {
        'src/lib/a.ts': "import { b } from './b.ts';\nexport const a = b;",
        'src/lib/b.ts': "import { a } from './a.ts';\nexport const b = a;",
      },
      'is in an import cycle',
    ],
    ['the clock in core', { 'src/core/a.ts': 'export const a = Date.now();' }, 'src/core/a.ts uses Date.now'],
  ];
  test.each(cases)('%s', async (_, files, message) => {
    const report = await checkBoundaries(plant(files));
    expect(report.violations.join('\n')).toContain(message);
  });
});

test('types may close a ring, and types may cross where the table says so', async () => {
  const report = await checkBoundaries(
    plant({
      'src/lib/a.ts': "import { b } from './b.ts';\nexport type A = number;\nexport const a = b;",
      'src/lib/b.ts': "import type { A } from './a.ts';\nexport const b: A = 1;",
      'src/connectors/c.ts': "import type { D } from '../core/d.ts';\nexport type C = D;",
      'src/core/d.ts': 'export type D = number;',
    }),
  );
  expect(report).toEqual({ modules: 4, files: 4, violations: [] });
});

describe('purity', () => {
  test.each([
    ['process', 'const a = process.env.HOME;'],
    ['process', 'const a = globalThis.process;'],
    ['fetch', 'await fetch(link);'],
    ['Math.random', 'const a = Math.random();'],
    ['Date.now', 'const clock = Date.now;'],
    ['Date.now', 'const a = globalThis.Date.now();'],
    ['Date without a value', 'const a = new Date();'],
    ['Date without a value', 'const a = Date();'],
    ['crypto.randomUUID', 'const a = globalThis.crypto.randomUUID();'],
    ['setTimeout', 'setTimeout(() => {}, 1);'],
    ['console', 'console.log(1);'],
  ])('%s is impure: %s', (name, source) => {
    expect(impureUses(source)).toEqual([name]);
  });

  test.each([
    "const a = 'the process. fetch(it)'; // Date.now()",
    'const a = { process: 1, fetch: 2 }; a.process + a.fetch;',
    'const a = new Date(0); const b = Date.parse("2026-01-01"); const c = Date.UTC(2026, 1);',
    'const a = await globalThis.crypto.subtle.digest("SHA-256", bytes);',
    'type A = { fetch(): void; process: string };',
  ])('pure: %s', (source) => {
    expect(impureUses(source)).toEqual([]);
  });
});
