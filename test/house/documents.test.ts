import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectDir } from '../../scripts/runCommand.ts';

const read = (path: string) => readFileSync(join(projectDir, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'];

describe.each(documents)('%s', (document) => {
  const text = read(document);

  test('names only files that exist', () => {
    const named = text.matchAll(/(?<![\w./-])(?:src|test|config|scripts|templates|workers|docs|bench)\/[\w./-]*[\w-]/g);
    expect([...named].map(([path]) => path).filter((path) => !existsSync(join(projectDir, path)))).toEqual([]);
  });

  test('links only to files that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path as string);
    expect(links.filter((path) => !existsSync(join(projectDir, path)))).toEqual([]);
  });

  test('names only npm scripts and settings that exist', () => {
    const scripts = [...text.matchAll(/npm run (?:-s )?([a-z]+)/g)].map(([, name]) => name as string);
    expect(scripts.filter((name) => !manifest.scripts?.[name])).toEqual([]);
    const settings = read('docs/settings.md');
    const names = [...text.matchAll(/\b(?:ROOTDESK_[A-Z_]+|[A-Z]+_URL(?:_FILE)?)\b/g)].map(([name]) => name);
    expect(names.filter((name) => !settings.includes(`\`${name}\``))).toEqual([]);
  });
});

test('documents name only commands of the command line', () => {
  const commands = [...read('src/cli.ts').matchAll(/\.command\('([a-z]+)'\)/g)].map(([, name]) => name as string);
  expect(commands).toContain('start');
  const text = [...documents, 'CHANGELOG.md'].map(read).join('\n');
  const named = [...text.matchAll(/rootdesk --\s+([a-z]+)/g)].map(([, name]) => name as string);
  const listed = [...text.matchAll(/`rootdesk ([a-z |]+)/g)]
    .flatMap(([, names]) => (names as string).split(/[ |]+/))
    .filter(Boolean);
  expect(named.length).toBeGreaterThan(3);
  expect([...named, ...listed].filter((name) => !commands.includes(name))).toEqual([]);
});

test('no document holds what a merge left behind', () => {
  const all = [...documents, 'CHANGELOG.md', 'docs/postfix.md', 'docs/settings.md'];
  expect(all.filter((path) => /^(?:<{7}|={7}|>{7})/m.test(read(path)))).toEqual([]);
});

test('every dependency is named in ARCHITECTURE.md', () => {
  const text = read('ARCHITECTURE.md');
  const names = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((key) =>
    Object.keys(manifest[key] ?? {}),
  );
  const named = (name: string) => text.includes(`\`${name}\``) || text.includes(`\`${name.split('/')[0]}/*\``);
  expect(names.filter((name) => !named(name))).toEqual([]);
});

test('every invariant names a test that exists', () => {
  const [, table = ''] = read('ARCHITECTURE.md').split('## What always holds');
  const rows = (table.split('\n## ')[0] ?? '').split('\n').filter((line) => /^\| \d+ \|/.test(line));
  expect(rows.length).toBeGreaterThanOrEqual(10);
  for (const row of rows) expect(row).toMatch(/`test\/[\w/]+\.test\.ts`/);
});

test('versions are exact, and the lock file agrees and holds no hosts', () => {
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, Record<string, unknown>> };
  const root = lock.packages[''] ?? {};
  for (const key of ['dependencies', 'optionalDependencies', 'devDependencies']) {
    expect(root[key]).toEqual(manifest[key]);
    for (const version of Object.values(manifest[key] ?? {})) expect(version).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
  }
  const resolved = Object.entries(lock.packages).filter(([, entry]) => 'resolved' in entry);
  expect(resolved.map(([path]) => path)).toEqual([]);
});

test('containers publish on loopback only, with pinned images and health checks', () => {
  const compose = parse(read('docker-compose.yml')) as { services: Record<string, Record<string, unknown>> };
  for (const service of Object.values(compose.services)) {
    for (const port of (service.ports as string[] | undefined) ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    if (service.image) expect(service.image).toMatch(/:\d+\.\d+/);
    expect(service).toHaveProperty('healthcheck');
  }
  expect(read('Dockerfile')).toMatch(/^FROM node:\d+\.\d+\.\d+-/m);
});

test('the pipeline runs what people run', () => {
  expect(read('.ci/run')).toMatch(/^npm ci && npm test$/m);
  expect(read('README.md')).toContain('npm ci && npm test');
});
