import type { MailAtHand, Plan } from '../core/decide.ts';
import { NO_FACTS, unreadTicketBody } from '../core/unread.ts';
import type { DecidedMail, MailReading } from '../store/writeDecisions.ts';
import type { BatchMail } from './planBatch.ts';

/** The row of a decided mail. What its ticket reads of it is taken from the plan, so that both always agree. */
export function decidedOf(mail: MailAtHand, plan: Plan, ticketId: number | null): DecidedMail {
  const u = mail.reading.read ? mail.reading.understanding : null;
  const unread = mail.reading.read ? null : mail.reading.unread;
  const onTicket = plan.ticket?.mail ?? null;
  return {
    id: mail.id,
    outcome: plan.outcome,
    kind: onTicket?.kind ?? plan.kind ?? u?.kind ?? null,
    rule: plan.rule,
    lang: u?.language ?? null,
    urgency: onTicket?.urgency ?? u?.urgency ?? null,
    actionRequired: onTicket?.actionRequired ?? u?.actionRequired ?? null,
    deadline: onTicket ? onTicket.deadline : (u?.facts.deadline?.value ?? null),
    secretLevel: u?.secrets.level ?? 'sealed',
    resolves: onTicket?.resolves ?? u?.resolves ?? false,
    listCopyOf: u?.listCopyOf ?? null,
    contentHash: u?.contentHash ?? null,
    dedupingId: u?.dedupingId ?? null,
    messageId: u?.messageId ?? unread?.messageId ?? null,
    mailTime: onTicket?.mailTime ?? u?.mailTime ?? null,
    threadKey: plan.threadKey,
    ticketSubject: onTicket?.subject ?? null,
    ticketId,
    error: unread?.error ?? null,
  };
}

/** What people can read of a mail: redacted text and facts, or the header alone when it could not be read. */
export function readingOf({ claimed, atHand, claimedAt, readAt }: BatchMail, plan: Plan, now: Date): MailReading {
  const { id: mailId, customerId } = claimed;
  const steps = [
    { step: 'received', at: claimed.receivedAt },
    { step: 'claimed', at: claimedAt.toISOString() },
    { step: 'read', at: readAt.toISOString() },
    { step: 'decided', at: now.toISOString() },
  ];
  if (!atHand.reading.read) {
    const { unread } = atHand.reading;
    return {
      mailId,
      customerId,
      subject: unread.subject,
      sender: unread.from?.address ?? null,
      senderName: unread.from?.name ?? null,
      recipients: [],
      text: '',
      headers: unread.headers,
      attachments: [],
      facts: NO_FACTS,
      secrets: { count: 0, kinds: [], level: 'sealed' },
      senderVerdict: unread.sender,
      nextSteps: [],
      ticketBody: plan.ticket === null ? '' : unreadTicketBody(unread),
      reasons: [...unread.reasons, ...plan.reasons],
      readReasons: unread.reasons.length,
      links: plan.links,
      steps,
    };
  }
  const u = atHand.reading.understanding;
  return {
    mailId,
    customerId,
    subject: u.subject,
    sender: u.from?.address ?? null,
    senderName: u.from?.name ?? null,
    recipients: [...u.to, ...u.cc].map(({ address }) => address),
    text: u.secrets.level === 'sealed' ? (u.sealedSummary ?? '') : u.text,
    headers: u.headers,
    attachments: u.attachments,
    facts: u.facts,
    secrets: u.secrets,
    senderVerdict: u.sender,
    nextSteps: u.nextSteps,
    ticketBody: u.ticketBody,
    reasons: [...u.reasons, ...plan.reasons],
    readReasons: u.reasons.length,
    links: plan.links,
    steps,
  };
}
