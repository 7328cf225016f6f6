import { createHmac } from 'node:crypto';

/**
 * The marks of what we send, keyed so that nobody else can make them: they are the same for every try of an effect, so that
 * a receiver can tell a repetition, and show that a mail that comes back is ours.
 */
export type NoticeMarks = {
  /** `<t.<ticket>.<event>.<16 hex>@<domain>>` */
  messageId(ticketId: number, event: string): string;
  /** `<e.<24 hex>@<domain>>`: of an effect that is about no ticket. */
  effectMessageId(effectKey: string): string;
  /** `webhook-id` of an effect. */
  webhookId(effectKey: string): string;
  /** X-Rootdesk-Loop. */
  readonly loop: string;
};

export function createNoticeMarks(key: Buffer, domain: string): NoticeMarks {
  const mac = (purpose: string, text: string, hex: number) =>
    createHmac('sha256', key).update(`${purpose}\n${text}`).digest('hex').slice(0, hex);
  return {
    messageId: (ticketId, event) =>
      `<t.${ticketId}.${event}.${mac('message-id', `${ticketId}.${event}`, 16)}@${domain}>`,
    effectMessageId: (effectKey) => `<e.${mac('effect-message-id', effectKey, 24)}@${domain}>`,
    webhookId: (effectKey) => `msg_${mac('webhook-id', effectKey, 32)}`,
    loop: mac('loop', '', 32),
  };
}
