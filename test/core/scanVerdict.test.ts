import { describe, expect, it } from 'vitest';
import { hopVerdict, judgeScans } from '../../src/core/scanVerdict.ts';
import type { HopVerdicts } from '../../src/core/values.ts';
import { AWS, PERSON, UNPROVEN } from './understandingOf.ts';

const said = (more: Partial<HopVerdicts>): HopVerdicts => ({
  spam: 'pass',
  virus: 'pass',
  spf: 'pass',
  dkim: 'pass',
  dmarc: 'pass',
  ...more,
});

describe('what SES says of a mail', () => {
  it('is one of four states; GRAY, nothing and what nobody knows are none', () => {
    const words = ['PASS', 'pass ', 'FAIL', 'GRAY', 'DISABLED', 'PROCESSING_FAILED', '', null, undefined, 'PASSED'];
    expect(words.map(hopVerdict)).toEqual([
      'pass',
      'pass',
      'fail',
      'none',
      'none',
      'temperror',
      'none',
      'none',
      'none',
      'none',
    ]);
  });

  it('holds mail of others that a scan speaks against, the worse one first, and drops nothing', () => {
    expect(judgeScans(said({ spam: 'fail' }), PERSON)).toMatchObject({
      rule: 'scan.spam',
      reasons: [{ code: 'scan.spam' }],
    });
    expect(judgeScans(said({ spam: 'fail', virus: 'fail' }), UNPROVEN)).toMatchObject({
      rule: 'scan.virus',
      reasons: [{ code: 'scan.virus' }, { code: 'scan.spam' }],
    });
  });

  it('never holds what AWS sent by proof, and says so', () => {
    expect(judgeScans(said({ spam: 'fail', virus: 'fail' }), AWS)).toMatchObject({ rule: null });
    expect(judgeScans(said({ spam: 'fail' }), AWS).reasons[0]?.text).toContain('by proof');
  });

  it('is nothing where it says nothing, or where it did not bring the mail', () => {
    const nothing = { rule: null, reasons: [] };
    expect(judgeScans(said({ spam: 'none', virus: 'temperror' }), UNPROVEN)).toEqual(nothing);
    expect(judgeScans(undefined, UNPROVEN)).toEqual(nothing);
  });
});
