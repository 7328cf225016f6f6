import { decideRetry, type Failure } from './retry.ts';

/** How handing one copy to the smarthost went, and what follows. Pure. */

/** A 5yz answer of the smarthost: to the envelope (it has not seen the mail) or to the mail. */
export type Refusal = { reply: number /** RFC 3463, `5.1.1`. */; status: string | null; stage: 'envelope' | 'message' };

export type Attempt =
  | { ok: true /** What the smarthost said; it names its queue id. */; reply: string }
  | { ok: false; failure: Failure; refusal: Refusal | null };

export type Form = 'raw' | 'wrapped';

export type AttemptVerdict =
  | { result: 'accepted' }
  | { result: 'retry'; afterMs: number }
  /** The content as AWS signed it is refused: wrapped from now on. */
  | { result: 'wrap' }
  /** The member cannot be reached. */
  | { result: 'bounce'; status: string };

/** RFC 5321 §4.5.4.1: give-up time of 4 to 5 days. */
export const GIVE_UP_MS = 5 * 24 * 3_600_000;
const MINUTE_MS = 60_000;

/**
 * What follows from an attempt. `attempts`: tries made, this one included. `ageMs`: since the mail was kept. A copy with a
 * code is tried again within a minute: it is worth nothing later.
 *
 * A refusal of the envelope for a reason of policy (5.7.x) is trouble between us and our smarthost, which has not seen the
 * mail: no member is blamed for it.
 */
export function judgeAttempt(
  attempt: Attempt,
  copy: { form: Form; attempts: number; ageMs: number; isUrgent: boolean; chance: number },
): AttemptVerdict {
  if (attempt.ok) return { result: 'accepted' };
  const { refusal, failure } = attempt;
  if (refusal !== null && isFinal(refusal)) {
    const isContent = refusal.stage === 'message' && !/^5\.[12]\./.test(refusal.status ?? '');
    if (isContent && copy.form === 'raw') return { result: 'wrap' };
    return { result: 'bounce', status: refusal.status ?? `5.0.0` };
  }
  if (copy.ageMs > GIVE_UP_MS) return { result: 'bounce', status: '4.4.7' };
  const mostMs = copy.isUrgent ? MINUTE_MS : 15 * MINUTE_MS;
  const policy = { firstMs: 2000, mostMs, mostAskedMs: mostMs, attempts: Number.POSITIVE_INFINITY };
  const again: Failure = failure.class === 'permanent' ? { ...failure, class: 'temporary' } : failure;
  const decision = decideRetry(again, copy.attempts, copy.chance, policy);
  return { result: 'retry', afterMs: decision.action === 'retry' ? decision.afterMs : mostMs };
}

/** Whether trying again the same way is useless. */
function isFinal({ reply, status, stage }: Refusal): boolean {
  if (reply < 500 || reply > 599) return false;
  if (stage === 'message') return true;
  // 550, 551 and 553 without more say that the mailbox is not there (RFC 5321 §4.2.3).
  return status === null ? [550, 551, 553].includes(reply) : /^5\.[12]\./.test(status);
}
