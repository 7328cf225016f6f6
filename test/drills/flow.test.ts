import { describe, expect, it } from 'vitest';
import { runFlow } from './flow/runFlow.ts';

/** What `npm run drill` does at length: the whole product as on several machines, and everything dies now and then. */
describe('mail that flows while things die', () => {
  it('ends as without faults: nothing lost, nothing doubled, every copy there', { timeout: 15 * 60_000 }, async () => {
    const complaints: string[] = [];
    const report = await runFlow({
      mails: 60,
      seed: 20_261_201,
      faults: 16,
      pauseMs: [200, 900],
      settleMs: 4 * 60_000,
      onComplaint: (role, line) => complaints.push(`${role}: ${line}`),
    });
    expect(report.differences, complaints.slice(-40).join('\n')).toEqual([]);
    expect(Object.values(report.faults).reduce((sum, times) => sum + times, 0)).toBeGreaterThanOrEqual(16);
    expect(report.mails).toBe(60);
  });
});
