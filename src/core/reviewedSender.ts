import type { Review, SenderVerdict } from './values.ts';

/**
 * The verdict on a sender after a person said that a held mail is not AWS's: somebody else, by no proof, so that it joins
 * no ticket. It is judged by nothing else than that: the evidence stays in the reasons. Any other mail is left as it is,
 * also one that by now is proven: nobody's word stands against a signature.
 */
export function reviewedSender(verdict: SenderVerdict, review: Review | null): SenderVerdict {
  if (review !== 'not_aws' || verdict.class === 'aws' || verdict.class === 'aws_person') return verdict;
  const text = 'A person looked at it and said that it is not from AWS: it counts as the mail of somebody else.';
  return {
    ...verdict,
    class: 'other',
    authentic: false,
    reasons: [...verdict.reasons, { code: 'sender.released', text }],
  };
}
