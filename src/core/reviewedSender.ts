import type { Review, SenderVerdict } from './values.ts';

const CONFIRMED = 'sender.confirmed';

const SAID: Partial<Record<Review, string>> = {
  not_aws: 'A person looked at it and said that it is not from AWS: it counts as the mail of somebody else.',
  internal: 'A person confirmed it by name. Nothing proves its sender, so it counts as the mail of somebody else.',
};

/**
 * The verdict on a sender after a person let a held mail go: somebody else, by no proof, so that it joins no ticket. It is
 * judged by nothing else than that: the evidence stays in the reasons. Any other mail is left as it is, also one that by
 * now is proven: nobody's word stands against a signature, and nobody's word stands in for one.
 */
export function reviewedSender(verdict: SenderVerdict, review: Review | null): SenderVerdict {
  const text = review === null ? undefined : SAID[review];
  if (text === undefined || verdict.class === 'aws' || verdict.class === 'aws_person') return verdict;
  const code = review === 'internal' ? CONFIRMED : 'sender.released';
  return { ...verdict, class: 'other', authentic: false, reasons: [...verdict.reasons, { code, text }] };
}

/** A person confirmed by name that it matters, and nothing proves it. */
export function isConfirmed(verdict: SenderVerdict): boolean {
  return verdict.reasons.some(({ code }) => code === CONFIRMED);
}
