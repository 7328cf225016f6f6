import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The marks of what we send, keyed so that nobody else can make them: they are the same for every try of an effect, so that
 * a receiver can tell a repetition, and show that a mail that comes back is ours.
 */
export type NoticeMarks = {
  /** `<t.<ticket>.<event>.<16 hex>@<domain>>` */
  messageId(ticketId: number, event: string): string;
  /**
   * The ticket of a Message-ID (without its angle brackets) that `messageId` made here; null for every other one. The
   * domain proves nothing and is not looked at: a sender's address may have changed since.
   */
  ticketOf(messageId: string): number | null;
  /** `<e.<24 hex>@<domain>>`: of an effect that is about no ticket. */
  effectMessageId(effectKey: string): string;
  /** `webhook-id` of an effect. */
  webhookId(effectKey: string): string;
  /** X-Rootdesk-Loop. */
  readonly loop: string;
};

const OF_TICKET = /^t\.([1-9]\d{0,15})\.([a-z]{1,20})\.([0-9a-f]{16})@[^@]{1,255}$/;

export function createNoticeMarks(key: Buffer, domain: string): NoticeMarks {
  const mac = (purpose: string, text: string, hex: number) =>
    createHmac('sha256', key).update(`${purpose}\n${text}`).digest('hex').slice(0, hex);
  const ticketMac = (ticketId: number, event: string) => mac('message-id', `${ticketId}.${event}`, 16);
  return {
    messageId: (ticketId, event) => `<t.${ticketId}.${event}.${ticketMac(ticketId, event)}@${domain}>`,
    ticketOf(messageId) {
      const [, id = '', event = '', hash = ''] = OF_TICKET.exec(messageId) ?? [];
      const ticketId = Number(id);
      if (!Number.isSafeInteger(ticketId) || ticketId <= 0) return null;
      return timingSafeEqual(Buffer.from(hash), Buffer.from(ticketMac(ticketId, event))) ? ticketId : null;
    },
    effectMessageId: (effectKey) => `<e.${mac('effect-message-id', effectKey, 24)}@${domain}>`,
    webhookId: (effectKey) => `msg_${mac('webhook-id', effectKey, 32)}`,
    loop: mac('loop', '', 32),
  };
}
