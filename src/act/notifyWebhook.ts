import type { Kysely } from 'kysely';
import type { Webhook } from '../connectors/webhook.ts';
import type { Clock } from '../lib/clock.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import type { Tables } from '../store/schema.ts';
import type { Handler } from './handler.ts';
import { noticeView } from './noticeView.ts';
import { permanently, readNotice } from './readNotice.ts';

export type NotifyWebhookDeps = {
  db: Kysely<Tables>;
  /** null: no URL or no secret is set. */
  webhook: Webhook | null;
  marks: NoticeMarks;
  consoleUrl: string | null;
  clock: Clock;
};

/**
 * `notify.webhook`: tells a webhook that a ticket is urgent: `{"type":"ticket.urgent","timestamp":…,"data":{"ticket":{…}}}`
 * with the values that a notice by mail shows. Every try carries the same `webhook-id`.
 */
export function notifyWebhook(deps: NotifyWebhookDeps): Handler {
  const { db, webhook, marks, consoleUrl, clock } = deps;
  return {
    type: 'notify.webhook',
    async run(effect) {
      if (webhook === null) {
        return permanently('notify.no_webhook', 'notify.webhookUrl and notify.webhookSecret are not both set.');
      }
      const ticket = await readNotice(db, effect);
      if (ticket === null) return permanently('notify.no_ticket', 'The ticket does not exist.');
      const now = clock.now();
      const view = noticeView(ticket, consoleUrl, false);
      const data = { ticket: { ...view.ticket, customerSlug: ticket.slug } };
      const body = JSON.stringify({ type: 'ticket.urgent', timestamp: now.toISOString(), data });
      const sent = await webhook.send({ id: marks.webhookId(effect.key), body }, now);
      if (!sent.ok) return { ok: false, failure: sent.failure };
      return { ok: true, code: 'notify.sent', text: `The webhook answered ${sent.status}.` };
    },
    close: () => webhook?.close(),
  };
}
