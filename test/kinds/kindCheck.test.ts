import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkKinds } from '../../src/core/kindCheck.ts';
import { shipped } from './mailOf.ts';

const folder = mkdtempSync(join(tmpdir(), 'rootdesk-kinds-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The shipped files with another value under one key of one kind. */
function withChange(name: string, change: Record<string, unknown>) {
  return shipped.files.map((file) =>
    file.name === `kinds/${name}.yaml` ? { ...file, data: { ...(file.data as object), ...change } } : file,
  );
}

function rootdesk(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/cli.ts', ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

test('the shipped kinds are right and all their examples are read', async () => {
  const check = await checkKinds(shipped.files, shipped.senders);
  expect(check.problems).toEqual([]);
  expect(check.kinds).toBeGreaterThan(70);
  expect(check.examples).toBeGreaterThanOrEqual(check.kinds);
});

test('all wrong files are named, with the key', async () => {
  const files = withChange('health.issue', { urgency: 'huge' }).map((file) =>
    file.name === 'ticket/sns.notification.yaml' ? { ...file, data: {} } : file,
  );
  const { problems } = await checkKinds(files, shipped.senders);
  expect(problems.map(({ file }) => file).toSorted()).toEqual([
    'kinds/health.issue.yaml',
    'ticket/sns.notification.yaml',
  ]);
  expect(problems.find(({ file }) => file.startsWith('kinds/'))?.text).toMatch(/^urgency/);
});

test('an example that is another kind is a problem', async () => {
  const examples = [
    {
      from: 'AWS <health@aws.com>',
      subject: '[Retirement Notification] Amazon EC2 Instance scheduled for retirement',
      text: 'x',
    },
  ];
  const { problems } = await checkKinds(withChange('health.issue', { examples }), shipped.senders);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({ file: 'kinds/health.issue.yaml' });
  expect(problems[0]?.text).toContain('health.scheduled_change');
});

test('phrases that two kinds of one sender share are reported', async () => {
  const marks = [{ subject: ['operational issue'], points: 9 }];
  const { overlaps } = await checkKinds(withChange('health.lifecycle', { marks }), shipped.senders);
  expect(overlaps).toContainEqual({
    kinds: ['health.issue', 'health.lifecycle'],
    place: 'subject',
    phrases: ['operational issue'],
  });
  expect(overlaps.some(({ kinds }) => kinds.includes('nonaws.cron') && kinds.includes('health.issue'))).toBe(false);
});

test('the command says what is right, and ends with 65 when a file is wrong or no YAML', async () => {
  const right = await rootdesk('kinds', 'check');
  expect([right.code, right.err]).toEqual([0, '']);
  expect(right.out).toMatch(/kinds are right/);
  cpSync('config', folder, { recursive: true });
  const path = join(folder, 'kinds', 'health.issue.yaml');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^urgency: high$/m, 'urgency: huge'));
  const wrong = await rootdesk('kinds', 'check', '--rules', folder);
  expect([wrong.code, wrong.out]).toEqual([65, '']);
  expect(wrong.err).toMatch(/^rootdesk: one thing is wrong: kinds\/health\.issue\.yaml: urgency[^\n]*\n$/);
  writeFileSync(path, '{');
  expect((await rootdesk('kinds', 'check', '--rules', folder)).code).toBe(65);
});

test('kinds list names every kind once', async () => {
  const { code, out } = await rootdesk('kinds', 'list', '--json');
  const listed = out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { kind: string }).kind);
  expect(code).toBe(0);
  expect(listed).toEqual([...new Set(listed)].toSorted());
  expect(listed).toContain('support.case_reply');
});
