import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Form } from '../../src/core/deliveryAttempt.ts';
import { createVerp } from '../../src/lib/verp.ts';

const verp = createVerp(Buffer.alloc(32, 1), 'bounce.example');
const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const sent = fc.record({ deliveryId: id, form: fc.constantFrom<Form[]>('raw', 'wrapped') });
const SEVEN = { deliveryId: 7, form: 'raw' } as const;

test('an address names its delivery in any letter case and fits RFC 5321', () => {
  fc.assert(
    fc.property(sent, (copy) => {
      const address = verp.addressOf(copy);
      expect(address.split('@')[0]).toMatch(/^[bw]-[a-z2-7]{1,62}$/);
      expect(verp.copyOf(address.toUpperCase())).toEqual(copy);
    }),
  );
});

test('two deliveries never share an address, nor do the two forms of one', () => {
  fc.assert(
    fc.property(sent, sent, (one, other) => {
      const isSame = one.deliveryId === other.deliveryId && one.form === other.form;
      expect(verp.addressOf(one) === verp.addressOf(other)).toBe(isSame);
    }),
  );
});

test('nobody without the key makes an address: a changed one names nothing', () => {
  const characters = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567');
  fc.assert(
    fc.property(sent, fc.nat(100), characters, (copy, position, character) => {
      const [local = '', domain] = verp.addressOf(copy).split('@');
      const at = 2 + (position % (local.length - 2));
      const changed = `${local.slice(0, at)}${character}${local.slice(at + 1)}@${domain}`;
      expect(verp.copyOf(changed)).toEqual(character === local[at] ? copy : null);
      const other = copy.form === 'raw' ? 'w' : 'b';
      expect(verp.copyOf(`${other}${local.slice(1)}@${domain}`)).toBeNull();
    }),
  );
  expect(createVerp(Buffer.alloc(32, 2), 'bounce.example').copyOf(verp.addressOf(SEVEN))).toBeNull();
  const [local] = verp.addressOf(SEVEN).split('@');
  for (const address of ['', '@bounce.example', 'b-@bounce.example', `${local}@other.example`, `${local}`])
    expect(verp.copyOf(address)).toBeNull();
});
