import type { MailAtHand } from '../../src/core/decide.ts';
import { NO_FACTS } from '../../src/core/unread.ts';
import type { SenderVerdict, Understanding } from '../../src/core/values.ts';

export const AWS: SenderVerdict = {
  class: 'aws',
  authentic: true,
  address: 'no-reply-aws@amazon.com',
  displayName: 'Amazon Web Services',
  secretBySender: false,
  reasons: [],
};
export const PERSON: SenderVerdict = { ...AWS, class: 'other', address: 'hanako@customer.example', displayName: null };
/** Proven, and of neither the customer nor the reseller. */
export const OUTSIDER: SenderVerdict = { ...PERSON, address: 'eve@stranger.example' };
export const UNPROVEN: SenderVerdict = { ...PERSON, authentic: false };
export const PRETENDER: SenderVerdict = { ...AWS, class: 'pretends', authentic: false };
export const HISTORY: SenderVerdict = { ...AWS, class: 'unverifiable', authentic: false };

/** An understood mail; every field can be set. */
export function understandingOf(set: Partial<Understanding> = {}): Understanding {
  return {
    messageId: null,
    mailTime: '2026-11-20T10:00:00.000Z',
    subject: 'RE:[CASE 176508697500328] VPN is down',
    from: { address: 'no-reply-aws@amazon.com', name: 'Amazon Web Services' },
    to: [],
    cc: [],
    sender: AWS,
    kind: 'support.case_reply',
    rule: null,
    disposition: 'ticket',
    language: 'en',
    urgency: 'normal',
    actionRequired: false,
    facts: NO_FACTS,
    secrets: { count: 0, kinds: [], level: 'none' },
    sealedSummary: null,
    threadKeys: { primary: 'case:176508697500328', aliases: [], mentions: [] },
    sameEvent: null,
    resolves: false,
    automated: true,
    strangersAsk: null,
    listCopyOf: null,
    text: 'Hello',
    headers: [],
    attachments: [],
    contentHash: 'a'.repeat(64),
    dedupingId: null,
    ticketSubject: 'VPN is down',
    ticketBody: '',
    nextSteps: [],
    reasons: [],
    ...set,
  };
}

let lastId = 0;

/** A mail at hand; without `set.sha256` its hash follows its number. */
export function mailOf(understanding: Partial<Understanding> = {}, set: Partial<MailAtHand> = {}): MailAtHand {
  const id = set.id ?? ++lastId;
  return {
    id,
    customerId: 1,
    sha256: id.toString(16).padStart(64, '0'),
    reading: { read: true, understanding: understandingOf(understanding) },
    before: null,
    ...set,
  };
}
