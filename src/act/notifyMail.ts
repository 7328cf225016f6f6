import type { Kysely } from 'kysely';
import type { OutboundMail } from '../connectors/outboundMail.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import type { ClaimedEffect } from '../store/effects.ts';
import { ownListAddresses } from '../store/noticeTicket.ts';
import type { Tables } from '../store/schema.ts';
import type { Handler } from './handler.ts';
import { noticeView } from './noticeView.ts';
import { permanently, readNotice } from './readNotice.ts';
import type { Templates } from './templates.ts';

export type NotifyMailDeps = {
  db: Kysely<Tables>;
  /** null: no outgoing server or no sender is set. */
  mail: OutboundMail | null;
  /** Who is told. */
  addresses: string[];
  /** Where answers go; null: nobody reads them. */
  replyAddress: string | null;
  templates: Templates;
  marks: NoticeMarks;
  consoleUrl: string | null;
};

/** Kept in the row after a try: who has the mail already and is not sent it again. */
type Delivered = { delivered: string[] };

/**
 * `notify.mail`: tells the FDE team by mail that a ticket is urgent. Every try carries the same Message-ID; recipients that
 * have it are left out of the next one.
 */
export function notifyMail(deps: NotifyMailDeps): Handler {
  const { db, mail, addresses, replyAddress, templates, marks, consoleUrl } = deps;
  return {
    type: 'notify.mail',
    async run(effect) {
      if (mail === null) {
        return permanently('notify.no_server', 'No outgoing mail server is set (outgoing.host and outgoing.from).');
      }
      if (addresses.length === 0) return permanently('notify.no_address', 'Nobody is named in notify.addresses.');
      const own = await ownListAddresses(db, addresses);
      if (replyAddress !== null && addresses.some((one) => one.toLowerCase() === replyAddress.toLowerCase()))
        own.push(replyAddress);
      if (own.length > 0) {
        return permanently(
          'notify.loop',
          'An address of notify.addresses is a list of ours: the notice would come back.',
        );
      }
      const ticket = await readNotice(db, effect);
      if (ticket === null) return permanently('notify.no_ticket', 'The ticket does not exist.');
      const before = deliveredBefore(effect);
      const to = addresses.filter((address) => !before.includes(address));
      if (to.length === 0) return { ok: true, code: 'notify.sent', text: 'Everybody has it.' };
      const notice = templates.urgentTicket(noticeView(ticket, consoleUrl, replyAddress !== null), ticket.language);
      const { accepted, failure } = await mail.send({
        to,
        ...notice,
        messageId: marks.messageId(ticket.id, 'urgent'),
        loop: marks.loop,
        replyTo: replyAddress,
      });
      const result: Delivered = { delivered: [...before, ...accepted] };
      if (failure) return { ok: false, failure, result };
      return { ok: true, code: 'notify.sent', text: `Sent to ${to.length} of ${addresses.length}.`, result };
    },
    close: () => mail?.close(),
  };
}

/** Addresses that have the mail of this effect already. */
export function deliveredBefore(effect: ClaimedEffect): string[] {
  const delivered = (effect.result as Partial<Delivered> | null)?.delivered;
  return Array.isArray(delivered) ? delivered.filter((entry) => typeof entry === 'string') : [];
}
