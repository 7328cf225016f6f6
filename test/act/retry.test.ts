import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideRetry, type Failure, RETRY_POLICY } from '../../src/core/retry.ts';

const failure = (kind: Failure['class'], waitSeconds: number | null = null): Failure => ({
  class: kind,
  code: 'x.y',
  text: 'No.',
  waitSeconds,
});
const pause = (given: Failure, attempt: number, chance: number) => {
  const decision = decideRetry(given, attempt, chance);
  if (decision.action !== 'retry') throw new Error('parked');
  return decision.afterMs;
};

describe('when a failed effect is tried again', () => {
  it('doubles the pause up to an hour, between half and whole', () => {
    expect(pause(failure('temporary'), 1, 0)).toBe(2500);
    expect(pause(failure('temporary'), 1, 0.999_999)).toBe(5000);
    expect(pause(failure('unclear'), 4, 0)).toBe(20_000);
    expect(pause(failure('temporary'), 20, 0)).toBe(1_800_000);
    expect(pause(failure('temporary'), 20, 0.999_999_999)).toBe(3_600_000);
  });

  it('parks a permanent failure at once and the others after their last try', () => {
    expect(decideRetry(failure('permanent'), 1, 0.5)).toEqual({ action: 'park', code: 'x.y', text: 'No.' });
    const last = decideRetry(failure('temporary'), RETRY_POLICY.attempts, 0.5);
    expect(last).toMatchObject({ action: 'park', text: `No. (given up after ${RETRY_POLICY.attempts} tries)` });
  });

  it('gives a broken server about half a day', () => {
    let total = 0;
    for (let attempt = 1; attempt < RETRY_POLICY.attempts; attempt += 1) {
      total += pause(failure('temporary'), attempt, 0.5);
    }
    expect(total / 3_600_000).toBeGreaterThan(8);
    expect(total / 3_600_000).toBeLessThan(16);
  });

  it('never comes back before it was asked to, and not later than a day and a little', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Failure['class']>('temporary', 'rateLimited', 'unclear'),
        fc.integer({ min: 1, max: RETRY_POLICY.attempts - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(fc.integer({ min: 0, max: 10_000_000 })),
        (kind, attempt, chance, wait) => {
          const afterMs = pause(failure(kind, wait), attempt, chance);
          expect(afterMs).toBeGreaterThanOrEqual(2500);
          expect(afterMs).toBeGreaterThanOrEqual(Math.min((wait ?? 0) * 1000, RETRY_POLICY.mostAskedMs));
          expect(afterMs).toBeLessThanOrEqual(RETRY_POLICY.mostAskedMs + RETRY_POLICY.mostMs);
        },
      ),
    );
  });
});
