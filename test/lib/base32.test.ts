import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBase32, encodeBase32 } from '../../src/lib/base32.ts';
import { ROOT_ADDRESS_BYTES, rootAddress } from '../../src/lib/rootAddress.ts';

test('writes what RFC 4648 §10 shows, in lower case and without padding', () => {
  const encode = (text: string) => encodeBase32(Buffer.from(text));
  expect(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map(encode)).toEqual([
    '',
    'my',
    'mzxq',
    'mzxw6',
    'mzxw6yq',
    'mzxw6ytb',
    'mzxw6ytboi',
  ]);
});

test('reads back what it wrote in any letter case, and nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(decodeBase32(encodeBase32(bytes).toUpperCase())).toEqual(bytes);
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), (text) => {
      const bytes = decodeBase32(text);
      if (bytes) expect(encodeBase32(bytes)).toBe(text.toLowerCase());
    }),
  );
});

test('a root address has 80 random bits and a local part that every server takes', () => {
  const random = Buffer.from('00112233445566778899', 'hex');
  expect(rootAddress('acme', random, 'root.example')).toBe('acme-aaisem2ekvthpcez@root.example');
  const longest = rootAddress('a'.repeat(63), random, 'root.example');
  expect(longest.split('@')[0]).toHaveLength(64);
  expect(() => rootAddress('acme', random.subarray(1), 'root.example')).toThrow(RangeError);
  expect(ROOT_ADDRESS_BYTES * 8).toBeGreaterThanOrEqual(60);
});
