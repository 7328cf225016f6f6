/**
 * When a failed effect is tried again, and when a person must look. Pure: the chance for the jitter and the time are
 * passed in.
 */

/**
 * What a failure says about the next try.
 * - `temporary`: nothing happened outside; it may work later.
 * - `rateLimited`: nothing happened outside; the other side says to wait.
 * - `permanent`: it will fail again until somebody changes something.
 * - `unclear`: it may have happened (the answer was lost). The next try looks up by our key first where the other side
 *   can be asked, and otherwise repeats it under the same key, so that the receiver can tell.
 */
export type FailureClass = 'temporary' | 'rateLimited' | 'permanent' | 'unclear';

export type Failure = {
  class: FailureClass;
  /** Stable dotted code (`smtp.550`, `webhook.timeout`). */
  code: string;
  /** One sentence for people. Never text of a mail, never a secret. */
  text: string;
  /** Earliest next try in seconds from now, when the other side or the nature of the failure says so. */
  waitSeconds?: number | null;
};

export type RetryPolicy = {
  /** Pause after the first failure (ms); doubled with each further one. */
  firstMs: number;
  /** Longest pause of our own choice (ms). */
  mostMs: number;
  /** Longest pause that another side may ask for (ms). */
  mostAskedMs: number;
  /** Tries until a person must look. */
  attempts: number;
};

/** 5 s, 10 s, 20 s … 1 h: about twelve hours until it is parked. */
export const RETRY_POLICY: RetryPolicy = {
  firstMs: 5000,
  mostMs: 3_600_000,
  mostAskedMs: 24 * 3_600_000,
  attempts: 21,
};

export type RetryDecision = { action: 'retry'; afterMs: number } | { action: 'park'; code: string; text: string };

/**
 * Decides on a failure. `attempt` is the number of tries made, this one included (from 1). `chance` is in [0, 1): a
 * pause is between half and the whole of its length, so that many effects that failed together do not come back
 * together. A pause that the other side asked for is never shortened.
 */
export function decideRetry(
  failure: Failure,
  attempt: number,
  chance: number,
  policy: RetryPolicy = RETRY_POLICY,
): RetryDecision {
  if (failure.class === 'permanent') return { action: 'park', code: failure.code, text: failure.text };
  if (attempt >= policy.attempts) {
    return { action: 'park', code: failure.code, text: `${failure.text} (given up after ${attempt} tries)` };
  }
  const whole = Math.min(policy.firstMs * 2 ** Math.min(attempt - 1, 40), policy.mostMs);
  const pause = whole / 2 + (whole / 2) * Math.min(Math.max(chance, 0), 1);
  const asked = Math.min(Math.max(failure.waitSeconds ?? 0, 0) * 1000, policy.mostAskedMs);
  return { action: 'retry', afterMs: Math.round(Math.max(pause, asked === 0 ? 0 : asked + pause * 0.1)) };
}
