import type { MailAtHand, Plan } from './decide.ts';
import { addKey, addMail, type Situation } from './situation.ts';

/**
 * Makes a plan true in memory, so that the next mail of the batch (or the next file of `explain`) is decided in the
 * situation that this one left. Answers with the ticket's number; a new ticket gets the next one below zero.
 */
export function applyPlan(situation: Situation, mail: MailAtHand, plan: Plan): number | null {
  const ticketId = plan.ticket === null ? null : applyTicket(situation, mail, plan);
  const messageId = mail.reading.read ? mail.reading.understanding.messageId : null;
  if (mail.customerId !== null && messageId !== null && mail.reading.read) {
    const { contentHash } = mail.reading.understanding;
    const alone = plan.links === null || plan.links.alone !== null;
    addMail(situation, mail.customerId, messageId, { id: mail.id, contentHash, ticketId, alone });
  }
  return ticketId;
}

function applyTicket(situation: Situation, mail: MailAtHand, plan: Plan): number {
  const ticket = plan.ticket!;
  const customerId = mail.customerId!;
  const id = ticket.id ?? --situation.lastNew;
  for (const taken of ticket.merges) {
    situation.tickets.delete(taken);
    situation.merged.set(taken, id);
  }
  const { state, snoozedUntil, mails, folded } = ticket;
  situation.tickets.set(id, { id, customerId, state, snoozedUntil, mails, folded });
  for (const key of plan.links?.keys ?? []) addKey(situation, customerId, key, id);
  return id;
}
