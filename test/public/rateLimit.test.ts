import { expect, it } from 'vitest';
import { createRateLimit } from '../../src/public/rateLimit.ts';

it('lets a burst through, then a pace, for each visitor alone', () => {
  const limit = createRateLimit({ burst: 3, perMinute: 6 });
  const waits = Array.from({ length: 4 }, () => limit.wait('192.0.2.1', 0));
  expect(waits).toEqual([0, 0, 0, 10]);
  expect(limit.wait('192.0.2.2', 0)).toBe(0);
  expect(limit.wait('192.0.2.1', 9999)).toBe(1);
  expect(limit.wait('192.0.2.1', 10_001)).toBe(0);
  expect(limit.wait('192.0.2.1', 3_600_000)).toBe(0);
});

it('counts an IPv6 network as one visitor, and IPv4 in IPv6 form as IPv4', () => {
  const limit = createRateLimit({ burst: 1, perMinute: 1 });
  expect(limit.wait('2001:db8:1:2::1', 0)).toBe(0);
  expect(limit.wait('2001:db8:1:2:aaaa:bbbb:cccc:dddd', 0)).toBeGreaterThan(0);
  expect(limit.wait('2001:db8:1:3::1', 0)).toBe(0);
  expect(limit.wait('::ffff:192.0.2.9', 0)).toBe(0);
  expect(limit.wait('192.0.2.9', 0)).toBeGreaterThan(0);
});

it('forgets the visitors of long ago instead of growing', () => {
  const limit = createRateLimit({ burst: 1, perMinute: 1 });
  expect(limit.wait('first', 0)).toBe(0);
  for (let n = 0; n < 10_000; n++) limit.wait(`visitor ${n}`, 0);
  expect(limit.wait('first', 0)).toBe(0);
});
