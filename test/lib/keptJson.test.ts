import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keptJson } from '../../src/lib/keptJson.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rd-kept-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes it once of the same sources, and gives each its own', () => {
  const make = vi.fn(() => ({ words: ['a', 'b'] }));
  const first = keptJson('words', ['one', 'two'], make, folder);
  const second = keptJson('words', ['one', 'two'], make, folder);
  expect(second).toEqual(first);
  expect(second).not.toBe(first);
  expect(make).toHaveBeenCalledTimes(1);
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^words-[0-9a-f]{32}\.json$/)]);
});

it('makes it anew when a source is another, also when only the border between two moved', () => {
  const make = vi.fn(() => make.mock.calls.length);
  for (const sources of [['ab', 'c'], ['a', 'bc'], ['ab', 'c', ''], ['abc']]) keptJson('x', sources, make, folder);
  expect(make).toHaveBeenCalledTimes(4);
  expect(keptJson('x', ['a', 'bc'], make, folder)).toBe(2);
});

it('makes it again of a file that was written by half, and mends it', () => {
  keptJson('x', ['s'], () => ({ n: 1 }), folder);
  const path = join(folder, readdirSync(folder)[0]!);
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, 3));
  expect(keptJson('x', ['s'], () => ({ n: 2 }), folder)).toEqual({ n: 2 });
  expect(keptJson('x', ['s'], () => ({ n: 3 }), folder)).toEqual({ n: 2 });
});

it('keeps nothing of what cannot be made, and goes without a folder', () => {
  const fail = () => {
    throw new Error('no');
  };
  expect(() => keptJson('x', ['s'], fail, folder)).toThrow('no');
  expect(readdirSync(folder)).toEqual([]);
  expect(keptJson('x', ['s'], () => 1, join(folder, 'absent'))).toBe(1);
  expect(keptJson('x', ['s'], () => 2, join(folder, 'absent'))).toBe(2);
  expect(keptJson('x', ['s'], () => 3, null)).toBe(3);
});
