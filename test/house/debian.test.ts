import { afterEach, expect, test, vi } from 'vitest';
import { ensureDebian, MissingPackage } from '../servers/debian.ts';

afterEach(() => vi.restoreAllMocks());

test('finds what stands in PATH, and what an ordinary user’s PATH leaves out', async () => {
  expect(await ensureDebian('sh', ['dash'])).toMatch(/\/sh$/);
  expect(await ensureDebian('/bin/sh', ['dash'])).toBe('/bin/sh');
  const path = process.env.PATH;
  process.env.PATH = '';
  try {
    expect(await ensureDebian('ldconfig', ['libc-bin'])).toMatch(/sbin\/ldconfig$/);
  } finally {
    process.env.PATH = path;
  }
});

test('an ordinary user hears which package is missing', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  const asked = ensureDebian('no-such-server', ['no-such-package', 'another']);
  await expect(asked).rejects.toThrow(MissingPackage);
  await expect(asked).rejects.toThrow('apt-get install no-such-package another');
});
