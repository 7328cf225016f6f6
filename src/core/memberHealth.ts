import type { WrapReason } from './copyForm.ts';
import type { Form } from './deliveryAttempt.ts';
import { type MemberState, nextState } from './memberState.ts';
import type { Urgency } from './values.ts';

/** What mail servers report of a copy, and what it means for its member. Pure. */

export type Bounce = {
  action: 'failed' | 'delayed';
  /** RFC 3463: 5.1.1. */
  status: string;
  /** How the copy was sent that bounced, and why it was wrapped. */
  form: Form;
  wrappedFor: WrapReason | null;
};

export type BouncingMember = {
  state: MemberState;
  /** Their copies are wrapped already. */
  wrapped: boolean;
  /** Other members of the list that are confirmed, of the customer. */
  othersConfirmed: number;
  /** Different days on which their copies failed for good lately, this one included; refusals for policy are no such days. */
  hardDays: number;
};

export type BounceVerdict = {
  /** `wrap`: sent again, wrapped. `failed`: this copy did not arrive. `none`: nothing is decided yet. */
  copy: 'wrap' | 'failed' | 'none';
  /** The member's new state; null: as it is. */
  member: 'bouncing' | 'suspended' | null;
  /** What people are told; null: nothing. `refused`: one mail alone, for what it is. */
  ticket: { about: 'member' | 'last_member' | 'refused'; urgency: Urgency } | null;
};

/** Days with a hard bounce after which a member gets no more copies, if somebody else is left. */
const MOST_HARD_DAYS = 3;

/**
 * Delayed is not failed. A refusal for policy (5.7.x) of a mail as AWS signed it is our fault: it is sent again, wrapped; one
 * of a mail that nobody vouches for (phishing, most often) says nothing about the member, who may keep a good filter.
 * Everything else that failed makes the member bouncing: every mail is still tried, the others hear of it, and people get
 * a ticket; urgent when nobody else is left. Suspended only while somebody else is confirmed. Nobody is ever removed.
 */
export function judgeBounce(bounce: Bounce, member: BouncingMember): BounceVerdict {
  if (bounce.action === 'delayed') return { copy: 'none', member: null, ticket: null };
  const isPolicy = /^5\.7\./.test(bounce.status);
  if (isPolicy && bounce.form === 'raw') return { copy: 'wrap', member: null, ticket: null };
  if (nextState(member.state, 'bounce') === null) return { copy: 'failed', member: null, ticket: null };
  if (isPolicy && bounce.wrappedFor !== null && bounce.wrappedFor !== 'member') {
    return { copy: 'failed', member: null, ticket: { about: 'refused', urgency: 'normal' } };
  }
  const isLast = member.othersConfirmed === 0;
  const isHard = bounce.status.startsWith('5.') && !isPolicy;
  const isSuspended = isHard && !isLast && member.hardDays >= MOST_HARD_DAYS;
  return {
    copy: 'failed',
    member: isSuspended ? 'suspended' : member.state === 'bouncing' ? null : 'bouncing',
    ticket: isLast ? { about: 'last_member', urgency: 'critical' } : { about: 'member', urgency: 'high' },
  };
}

/** What is known of the copies of a bouncing member since the last one that failed. */
export type SinceFailure = {
  /** When the last copy failed. */
  failedAt: Date;
  /** When the smarthost took the first copy after that, of which nothing came back; null: none yet. */
  quietSince: Date | null;
};

const DAY_MS = 24 * 3_600_000;
/** A failure is old news after a week, as with the mailing lists that people know. */
const STALE_MS = 7 * DAY_MS;
/** RFC 5321 §4.5.4.1: a server that cannot deliver says so within 4 to 5 days. */
const SILENCE_MS = 5 * DAY_MS;

/**
 * Whether a bouncing member counts as reached again by silence alone: the last failure is a week old, and a later copy has
 * been out for longer than any server tries. A member's own click, or a report of success, needs no waiting.
 */
export function isQuietAgain({ failedAt, quietSince }: SinceFailure, now: Date): boolean {
  if (quietSince === null || now.getTime() - failedAt.getTime() < STALE_MS) return false;
  return now.getTime() - quietSince.getTime() >= SILENCE_MS;
}
