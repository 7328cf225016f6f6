import type { Kysely } from 'kysely';
import type { OutboundMail } from '../connectors/outboundMail.ts';
import { maskAddress } from '../core/maskAddress.ts';
import { probeNoticeText } from '../core/probe.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import { readProbeReaders } from '../store/probeReaders.ts';
import type { Tables } from '../store/schema.ts';
import type { Handler } from './handler.ts';
import { deliveredBefore } from './notifyMail.ts';
import { permanently } from './readNotice.ts';

/**
 * `probe.tell`: tells the customer's people on a list that mail may not reach their root address, or does again. By a mail of
 * our own straight to each, one a person, because the address is what does not work.
 */
export function tellProbe(deps: { db: Kysely<Tables>; mail: OutboundMail | null; marks: NoticeMarks }): Handler {
  const { db, mail, marks } = deps;
  return {
    type: 'probe.tell',
    async run(effect) {
      if (mail === null) return permanently('notify.no_server', 'No outgoing mail server is set (outgoing.host).');
      const { probeId, what } = effect.payload;
      const found = Number.isSafeInteger(probeId) ? await readProbeReaders(db, probeId as number) : null;
      if (found === null) return { ok: true, code: 'notify.over', text: 'The address is gone.' };
      const words = probeNoticeText({
        ...found,
        what: what === 'again' ? 'again' : 'silent',
        address: maskAddress(found.address),
      });
      const delivered = deliveredBefore(effect);
      for (const address of found.to.filter((one) => !delivered.includes(one))) {
        const { failure } = await mail.send({
          to: [address],
          ...words,
          html: null,
          messageId: marks.effectMessageId(`${effect.key}:${found.to.indexOf(address)}`),
          loop: marks.loop,
        });
        if (failure) return { ok: false, failure, result: { delivered } };
        delivered.push(address);
      }
      const text =
        found.to.length === 0 ? 'Nobody of the customer is confirmed.' : `Told ${delivered.length} of the customer.`;
      return { ok: true, code: 'notify.sent', text, result: { delivered } };
    },
  };
}
