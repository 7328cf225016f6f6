import type { SecretLevel, Understanding } from '../core/values.ts';
import type { StoredMail } from '../store/loadReplay.ts';

const LEVELS: readonly SecretLevel[] = ['none', 'masked', 'sealed'];

/**
 * How the secrets of a stored mail compare with what the rules of today say: `more` are taken out, `same`, or `fewer`. One
 * that nobody could read until now has no level yet.
 */
export function secretsNow(stored: StoredMail, u: Understanding): 'more' | 'same' | 'fewer' {
  if (stored.decided.outcome === 'parked') return 'same';
  const was = LEVELS.indexOf(stored.decided.secretLevel ?? 'sealed');
  const is = LEVELS.indexOf(u.secrets.level);
  if (is !== was) return is > was ? 'more' : 'fewer';
  const count = u.secrets.count - stored.reading.secrets.count;
  return count === 0 ? 'same' : count > 0 ? 'more' : 'fewer';
}

/**
 * The reading of a mail of which fewer secrets would be taken out today: what it is (kind, urgency, whether somebody must
 * act) is as the rules of today say, and every text, fact and key of it as it was. A replay never shows what was sealed.
 */
export function heldReading(u: Understanding, { decided, reading }: StoredMail): Understanding {
  const addresses = reading.recipients.map((address) => ({ address, name: '' }));
  return {
    ...u,
    messageId: decided.messageId,
    subject: reading.subject,
    from: reading.sender === null ? null : { address: reading.sender, name: reading.senderName ?? '' },
    to: addresses,
    cc: [],
    sender: { ...u.sender, displayName: reading.senderVerdict.displayName, reasons: reading.senderVerdict.reasons },
    facts: reading.facts,
    secrets: reading.secrets as Understanding['secrets'],
    sealedSummary: reading.text,
    text: reading.text,
    headers: reading.headers,
    attachments: reading.attachments,
    contentHash: decided.contentHash ?? u.contentHash,
    dedupingId: decided.dedupingId,
    listCopyOf: decided.listCopyOf,
    ticketSubject: decided.ticketSubject ?? reading.subject,
    sameEvent: null,
    ticketBody: reading.ticketBody,
    nextSteps: reading.nextSteps,
    reasons: reading.reasons.slice(0, reading.readReasons),
  };
}
