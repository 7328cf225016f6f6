import type { Links } from './correlate.ts';
import type { MailAtHand } from './decide.ts';
import type { TicketMail } from './ticket.ts';
import type { Reason, Understanding } from './values.ts';

/** What a ticket reads of an understood mail. */
export function ticketMailOf(
  mail: Pick<MailAtHand, 'id' | 'sha256' | 'history'>,
  u: Understanding,
  links: Links | null,
): TicketMail {
  return {
    id: mail.id,
    sha256: mail.sha256,
    mailTime: new Date(u.mailTime).toISOString(),
    messageId: u.messageId,
    dedupingId: u.dedupingId,
    threadKey: links?.alone ? links.keys[0]! : u.threadKeys.primary,
    contentHash: u.contentHash,
    kind: u.kind,
    subject: u.ticketSubject,
    urgency: u.urgency,
    actionRequired: u.actionRequired,
    deadline: u.facts.deadline?.value ?? null,
    secretLevel: u.secrets.level,
    resolves: u.resolves,
    listCopy: u.listCopyOf !== null,
    history: mail.history ?? null,
  };
}

/** One of two mails came directly, the other is what our own list made of it. */
export const OWN_LIST_COPY: Reason = {
  code: 'duplicate.own_list',
  text: "The mail itself and the copy that our own list sent on, by the list's signature: the direct one counts.",
};

/** What stands on a ticket for a mail that needs none after all: it ends the matter. */
export function closingMail(mail: TicketMail): TicketMail {
  return { ...mail, urgency: 'none', actionRequired: false, deadline: null, resolves: true };
}

/** Why two mails count as one. */
export function repeatReason(mail: TicketMail, other: TicketMail): Reason {
  if (mail.listCopy !== other.listCopy && mail.messageId !== null && mail.messageId === other.messageId) {
    return OWN_LIST_COPY;
  }
  if (mail.dedupingId !== null && mail.dedupingId === other.dedupingId) {
    return { code: 'duplicate.deduping_id', text: 'A mail of the ticket has the same deduping id.' };
  }
  if (mail.messageId !== null && mail.messageId === other.messageId) {
    return { code: 'duplicate.message_id', text: 'A mail of the ticket has the same Message-ID and the same text.' };
  }
  return { code: 'duplicate.content', text: 'A mail of the ticket says the same within 15 minutes of it.' };
}

export function collisionReason(): Reason {
  return {
    code: 'message_id.collision',
    text: 'Another mail of this customer has its Message-ID with other text: both are kept, each decided on its own.',
  };
}
