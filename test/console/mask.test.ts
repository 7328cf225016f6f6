import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMasker, maskDeep } from '../../src/console/mask.ts';
import { maskAddress } from '../../src/core/maskAddress.ts';

const address = 'tidewater-k7m2p9xq4rtd@root.example.net';

describe('masking of root addresses', () => {
  test('keeps what says whose address it is', () => {
    expect(maskAddress(address)).toBe('tidewater-••••@root.example.net');
    expect(maskAddress('root@corp.example')).toBe('ro••••@corp.example');
    expect(maskAddress('a@corp.example')).toBe('••••@corp.example');
  });

  const mask = createMasker([address, 'root@corp.example'], ['lists.example.net']);

  test.each([
    ['to <TideWater-K7m2p9xq4rtd@ROOT.example.net>, x', 'to <TideWater-••••@ROOT.example.net>, x'],
    ['mailto:tidewater-k7m2p9xq4rtd@root.example.net.', 'mailto:tidewater-••••@root.example.net.'],
    ['bounce+a=tidewater-k7m2p9xq4rtd@root.example.net', 'bounce+a=tidewater-••••@root.example.net'],
    ['anyone@lists.example.net', 'an••••@lists.example.net'],
    ['finance@corp.example root@corp.example', 'finance@corp.example ro••••@corp.example'],
    ['no-reply@amazonaws.com', 'no-reply@amazonaws.com'],
    ['root@corp.example.org', 'root@corp.example.org'],
    ['a @ b @root.example.net', 'a @ b @root.example.net'],
  ])('%j', (text, masked) => {
    expect(mask(text)).toBe(masked);
  });

  test('the address is in no masked text, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        // Letters and digits right beside it make it another address.
        const text = `${before} ${address} ${after}`;
        expect(mask(text).toLowerCase()).not.toContain('k7m2p9xq4rtd@root');
      }),
    );
  });

  test('takes time in proportion to the text', () => {
    const started = performance.now();
    mask('@'.repeat(300_000) + 'a'.repeat(300_000));
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('reaches every string of a value', () => {
    expect(maskDeep({ a: [address, { b: address }], at: null, n: 1 }, mask)).toEqual({
      a: ['tidewater-••••@root.example.net', { b: 'tidewater-••••@root.example.net' }],
      at: null,
      n: 1,
    });
  });
});
