import { describe, expect, it } from 'vitest';
import { writtenName, writtenReason } from '../../src/console/writtenWords.ts';

describe('what people write into a form', () => {
  it('is kept as it is', () => {
    expect(writtenReason.parse('  Case 176508697500328 is about\n the same VPN ')).toBe(
      'Case 176508697500328 is about the same VPN',
    );
    expect(writtenName.parse('青木 愛子')).toBe('青木 愛子');
  });

  it('keeps no code, password, key or link of a reset that was pasted into it', () => {
    for (const secret of [
      'AWS told us the verification code is 482913',
      'password: Tr0ub4dor-and-3',
      'key AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'https://signin.aws.amazon.com/resetpassword?token=AQICAHhXm7yZ0Q2kJ8vLw3rT5uN9',
    ]) {
      const kept = writtenReason.parse(secret);
      for (const part of [
        '482913',
        'Tr0ub4dor',
        'AKIAIOSFODNN7EXAMPLE',
        'wJalrXUtnFEMI',
        'AQICAHhXm7yZ0Q2kJ8vLw3rT5uN9',
      ])
        expect(kept, secret).not.toContain(part);
    }
  });

  it('is never empty, nor longer than its field', () => {
    for (const wrong of ['', ' \t\n', 'x'.repeat(501)]) expect(writtenReason.safeParse(wrong).success).toBe(false);
  });
});
