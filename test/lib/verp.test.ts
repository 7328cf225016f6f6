import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVerp } from '../../src/lib/verp.ts';

const verp = createVerp(Buffer.alloc(32, 1), 'bounce.example');
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

test('an address names its delivery in any letter case and fits RFC 5321', () => {
  fc.assert(
    fc.property(id, (delivery) => {
      const address = verp.addressOf(delivery);
      expect(address.split('@')[0]).toMatch(/^b-[a-z2-7]{1,62}$/);
      expect(verp.deliveryOf(address.toUpperCase())).toBe(delivery);
    }),
  );
});

test('two deliveries never share an address', () => {
  fc.assert(
    fc.property(id, id, (one, other) => {
      expect(verp.addressOf(one) === verp.addressOf(other)).toBe(one === other);
    }),
  );
});

test('nobody without the key makes an address: a changed one names nothing', () => {
  const characters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567');
  fc.assert(
    fc.property(id, fc.nat(100), characters, (delivery, position, character) => {
      const [local = '', domain] = verp.addressOf(delivery).split('@');
      const at = 2 + (position % (local.length - 2));
      const changed = `${local.slice(0, at)}${character}${local.slice(at + 1)}@${domain}`;
      expect(verp.deliveryOf(changed)).toBe(character === local[at] ? delivery : null);
    }),
  );
  expect(createVerp(Buffer.alloc(32, 2), 'bounce.example').deliveryOf(verp.addressOf(7))).toBeNull();
  const [local] = verp.addressOf(7).split('@');
  for (const address of ['', '@bounce.example', 'b-@bounce.example', `${local}@other.example`, `${local}`])
    expect(verp.deliveryOf(address)).toBeNull();
});
