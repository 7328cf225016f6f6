import { ALONE } from './correlate.ts';
import type { MailAtHand, Plan } from './decide.ts';
import { provenAddress } from './listCopies.ts';
import { addKey, addMail, addMention, type Situation } from './situation.ts';

/**
 * Makes a plan true in memory, so that the next mail of the batch (or the next file of `explain`) is decided in the
 * situation that this one left. Answers with the ticket's number; a new ticket gets the next one below zero.
 */
export function applyPlan(situation: Situation, mail: MailAtHand, plan: Plan): number | null {
  const ticketId = plan.ticket === null ? null : applyTicket(situation, mail, plan);
  const messageId = mail.reading.read ? mail.reading.understanding.messageId : null;
  if (mail.customerId !== null && messageId !== null && mail.reading.read) {
    const { contentHash } = mail.reading.understanding;
    const alone = plan.threadKey?.startsWith(ALONE) ?? true;
    addMail(situation, mail.customerId, messageId, {
      id: mail.id,
      contentHash,
      ticketId,
      alone,
      outcome: plan.outcome,
      provenBy: provenAddress(mail.reading.understanding),
      listCopyOf: mail.reading.understanding.listCopyOf,
      reviewed: mail.review != null,
    });
  }
  return ticketId;
}

function applyTicket(situation: Situation, mail: MailAtHand, plan: Plan): number {
  const { id: known, state, solvedAt, snoozedUntil, mails, folded } = plan.ticket!;
  const customerId = mail.customerId!;
  const id = known ?? --situation.lastNew;
  situation.tickets.set(id, { id, customerId, state, solvedAt, snoozedUntil, mails, folded });
  for (const key of plan.ticket!.keys) addKey(situation, customerId, key, id);
  for (const key of plan.ticket!.mentions) addMention(situation, customerId, key, id);
  return id;
}
