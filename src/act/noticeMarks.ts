import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The marks of what we send, keyed so that nobody else can make them: they are the same for every try of an effect, so that
 * a receiver can tell a repetition, and show that a mail that comes back is ours.
 */
export type NoticeMarks = {
  /** `<t.<ticket>.<event>.<16 hex>@<domain>>` */
  messageId(ticketId: number, event: string): string;
  /** The ticket of a Message-ID of ours, null of any other. */
  ticketOf(messageId: string): number | null;
  /** `webhook-id` of an effect. */
  webhookId(effectKey: string): string;
  /** X-Rootdesk-Loop. */
  readonly loop: string;
};

export function createNoticeMarks(key: Buffer, domain: string): NoticeMarks {
  const mac = (purpose: string, text: string, hex: number) =>
    createHmac('sha256', key).update(`${purpose}\n${text}`).digest('hex').slice(0, hex);
  const idMac = (ticket: string, event: string) => mac('message-id', `${ticket}.${event}`, 16);
  return {
    messageId(ticketId, event) {
      const ticket = String(ticketId);
      return `<t.${ticket}.${event}.${idMac(ticket, event)}@${domain}>`;
    },
    ticketOf(messageId) {
      const match = /^<?t\.(\d{1,15})\.([a-z0-9-]{1,40})\.([0-9a-f]{16})@[^<>\s]+>?$/i.exec(messageId.trim());
      if (!match) return null;
      const [, ticket = '', event = '', given = ''] = match;
      const right = timingSafeEqual(Buffer.from(given.toLowerCase()), Buffer.from(idMac(ticket, event)));
      return right ? Number(ticket) : null;
    },
    webhookId: (effectKey) => `msg_${mac('webhook-id', effectKey, 32)}`,
    loop: mac('loop', '', 32),
  };
}
