import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mailIdentity } from '../../src/receive/mailIdentity.ts';
import { countLines, wireForm } from '../../src/receive/wireForm.ts';

it('brings any bytes into the form of the wire, whole or in pieces', () => {
  const bytes = fc.array(fc.constantFrom('\r', '\n', 'a', '\r\n'), { maxLength: 60 }).map((list) => list.join(''));
  fc.assert(
    fc.property(bytes, fc.nat(60), (text, cut) => {
      const whole = Buffer.from(text, 'latin1');
      const wire = wireForm(whole);
      expect(wire.toString('latin1')).toBe(text.replace(/(?<!\r)\n/g, '\r\n'));
      const pieces = [wireForm(whole.subarray(0, cut)), wireForm(whole.subarray(cut), whole.subarray(0, cut).at(-1))];
      expect(Buffer.concat(pieces).equals(wire)).toBe(true);
    }),
  );
});

it('copies nothing when nothing changes', () => {
  const bytes = Buffer.from('a\r\nb\rc');
  expect(wireForm(bytes)).toBe(bytes);
});

it('makes one identity of a mail with LF and with CRLF, also where blocks meet', () => {
  const mail = `Subject: x\r\n\r\n${'0123456789\r\n'.repeat(60_000)}`;
  const unix = Buffer.from(mail.replaceAll('\r\n', '\n'));
  expect(mailIdentity(unix, 0).equals(mailIdentity(Buffer.from(mail), 0))).toBe(true);
  expect(mailIdentity(Buffer.from(mail.replace('9\r', '8\r')), 0).equals(mailIdentity(unix, 0))).toBe(false);
});

it('counts lines up to a limit', () => {
  expect(countLines(Buffer.from('a\nb\r\nc'), 10)).toBe(2);
  expect(countLines(Buffer.from('\n'.repeat(50)), 10)).toBe(10);
});
