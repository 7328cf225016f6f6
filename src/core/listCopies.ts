import { type KnownMail, knownMails, type Situation } from './situation.ts';
import type { Understanding } from './values.ts';

/**
 * A list that adds a footer makes other bytes under the same Message-ID. Its own signature proves that they are what it made
 * of the mail, so that the copy says nothing new beside the mail itself, which came directly: whichever came first.
 */

/** The mail that came directly, of which this one is a copy by our own list; null when none is known or it is no copy. */
export function directMail(
  mail: Pick<Understanding, 'messageId' | 'listCopyOf'>,
  customerId: number,
  situation: Situation,
): KnownMail | null {
  const { messageId, listCopyOf } = mail;
  if (messageId === null || listCopyOf === null) return null;
  const found = knownMails(situation, customerId, messageId).find(
    (other) => other.listCopyOf === null && other.provenBy !== null && listCopyOf.includes(other.provenBy),
  );
  return found ?? null;
}

/** Copies by our own list of this mail, which came directly and is proven. */
export function copiesOf(
  mail: Pick<Understanding, 'messageId' | 'listCopyOf' | 'sender'>,
  customerId: number,
  situation: Situation,
): KnownMail[] {
  const { messageId, listCopyOf, sender } = mail;
  const address = provenAddress(mail);
  if (messageId === null || listCopyOf !== null || address === null || !sender.authentic) return [];
  return knownMails(situation, customerId, messageId).filter((other) => other.listCopyOf?.includes(address));
}

/** The sender's address when it is proven, lower case. */
export function provenAddress({ sender }: Pick<Understanding, 'sender'>): string | null {
  return sender.authentic ? (sender.address?.toLowerCase() ?? null) : null;
}
