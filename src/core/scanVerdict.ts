import type { HopVerdict, HopVerdicts, Reason, SenderVerdict } from './values.ts';

/**
 * The words of SES (receipt object of its notifications, X-SES-…-Verdict). GRAY means that it cannot say or that the
 * sender publishes nothing, DISABLED that it was not asked: neither speaks for or against a mail. Total.
 */
export function hopVerdict(word: string | null | undefined): HopVerdict {
  const known = (word ?? '').trim().toUpperCase();
  if (known === 'PASS') return 'pass';
  if (known === 'FAIL') return 'fail';
  return known === 'PROCESSING_FAILED' ? 'temperror' : 'none';
}

/** What the scans of the hop that took the mail say against it. `rule`: it is held for a person. */
export type ScanFinding = { rule: 'scan.virus' | 'scan.spam' | null; reasons: Reason[] };

/**
 * What a scan says against a mail. A scanner guesses, so it never takes away what is proven: AWS's own mail is said to be
 * spam often enough. Anybody else's mail is held where people see it; nothing is dropped.
 */
export function judgeScans(verdicts: HopVerdicts | undefined, sender: SenderVerdict): ScanFinding {
  const found = (['virus', 'spam'] as const).filter((scan) => verdicts?.[scan] === 'fail');
  const isProven = sender.authentic && (sender.class === 'aws' || sender.class === 'aws_person');
  const reasons = found.map((scan) => ({
    code: `scan.${scan}`,
    text: `${WORDS[scan]}${isProven ? '; AWS sent it by proof, so it is not held for that' : ''}.`,
  }));
  const [worst] = found;
  return { rule: worst === undefined || isProven ? null : `scan.${worst}`, reasons };
}

const WORDS = { virus: 'The scan of SES found a virus in it', spam: 'The scan of SES takes it for spam' };
