import type { Form } from './deliveryAttempt.ts';
import type { Urgency } from './values.ts';

/** What a bounce means for the member it came from. Pure. */

export type Bounce = {
  action: 'failed' | 'delayed';
  /** RFC 3463: 5.1.1. */
  status: string;
  /** How the copy was sent that bounced. */
  form: Form;
};

export type BouncingMember = {
  state: 'invited' | 'confirmed' | 'bouncing' | 'suspended' | 'removed';
  /** Their copies are wrapped already. */
  wrapped: boolean;
  /** Other members of the list that are confirmed, of the customer. */
  othersConfirmed: number;
  /** Different days on which their copies failed for good lately, this one included. */
  hardDays: number;
};

export type BounceVerdict = {
  /** `wrap`: sent again, wrapped. `failed`: this copy did not arrive. `none`: nothing is decided yet. */
  copy: 'wrap' | 'failed' | 'none';
  /** The member's new state; null: as it is. */
  member: 'bouncing' | 'suspended' | null;
  /** Urgency of the ticket; null: none. */
  ticket: Urgency | null;
};

/** Days with a hard bounce after which a member gets no more copies, if somebody else is left. */
const MOST_HARD_DAYS = 3;

/**
 * Delayed is not failed. A refusal for policy (5.7.x) of a mail as AWS signed it is our fault: it is sent again, wrapped.
 * Everything else that failed makes the member bouncing: every mail is still tried, the others hear of it, and people get
 * a ticket; urgent when nobody else is left. Suspended only while somebody else is confirmed. Nobody is ever removed.
 */
export function judgeBounce(bounce: Bounce, member: BouncingMember): BounceVerdict {
  if (bounce.action === 'delayed') return { copy: 'none', member: null, ticket: null };
  if (/^5\.7\./.test(bounce.status) && bounce.form === 'raw') return { copy: 'wrap', member: null, ticket: null };
  if (member.state !== 'confirmed' && member.state !== 'bouncing')
    return { copy: 'failed', member: null, ticket: null };
  const isLast = member.othersConfirmed === 0;
  const isHard = bounce.status.startsWith('5.');
  const isSuspended = isHard && !isLast && member.hardDays >= MOST_HARD_DAYS;
  return {
    copy: 'failed',
    member: isSuspended ? 'suspended' : member.state === 'bouncing' ? null : 'bouncing',
    ticket: isLast ? 'critical' : 'high',
  };
}
