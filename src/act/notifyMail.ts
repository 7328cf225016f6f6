import type { Kysely } from 'kysely';
import type { OutboundMail } from '../connectors/outboundMail.ts';
import type { Clock } from '../lib/clock.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import type { ClaimedEffect } from '../store/effects.ts';
import { gatheredNotices, isNamed, markNamed } from '../store/gatheredNotices.ts';
import { ownListAddresses } from '../store/noticeTicket.ts';
import type { Tables } from '../store/schema.ts';
import { DIGEST_TICKETS, digestView } from './digestView.ts';
import type { Handler, HandlerOutcome } from './handler.ts';
import type { NoticePace } from './noticePace.ts';
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
  pace: NoticePace;
  clock: Clock;
};

/** Kept in the row after a try: who has the mail already and is not sent it again. */
type Delivered = { delivered: string[] };

/**
 * `notify.mail`: tells the FDE team by mail that a ticket is urgent. Every try carries the same Message-ID; recipients that
 * have it are left out of the next one. Where very many become urgent, one mail names those beyond what `pace` lets through.
 */
export function notifyMail(deps: NotifyMailDeps): Handler {
  const { db, mail, addresses, replyAddress, templates, marks, consoleUrl, pace, clock } = deps;
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
      if (await isNamed(db, effect.id)) return NAMED;
      const step = pace.next(clock.now());
      if (typeof step === 'object') return { ok: false, ...step };
      const together = step === 'gathered' ? await tellTogether(deps, mail, effect) : null;
      if (together) return together;
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

const NAMED: HandlerOutcome = {
  ok: true,
  code: 'notify.named',
  text: 'Named in one mail with other tickets that became urgent.',
};

/** One mail that names this ticket and all others that wait to be told of; null when nothing is to be told of it so. */
async function tellTogether(
  { db, addresses, templates, marks, consoleUrl, clock }: NotifyMailDeps,
  mail: OutboundMail,
  effect: ClaimedEffect,
): Promise<HandlerOutcome | null> {
  const notices = await gatheredNotices(db, DIGEST_TICKETS);
  const isIn = notices.some(({ effectId }) => effectId === effect.id);
  if (!isIn && notices.length < DIGEST_TICKETS) return null;
  const languages = new Set(notices.map(({ language }) => language));
  const [only = 'en'] = languages;
  const messageId = marks.effectMessageId(`digest:${effect.key}`);
  const { failure } = await mail.send({
    to: addresses,
    ...templates.urgentDigest(digestView(notices, consoleUrl), languages.size === 1 ? only : 'en'),
    html: null,
    messageId,
    loop: marks.loop,
    replyTo: null,
  });
  // Some may have it already; they get it again, because by then it may name more.
  if (failure) return { ok: false, failure };
  await markNamed(
    db,
    notices.map(({ effectId }) => effectId),
    messageId,
    clock.now(),
  );
  return isIn ? NAMED : { ok: false, later: 0 };
}

/** Addresses that have the mail of this effect already. */
export function deliveredBefore(effect: ClaimedEffect): string[] {
  const delivered = (effect.result as Partial<Delivered> | null)?.delivered;
  return Array.isArray(delivered) ? delivered.filter((entry) => typeof entry === 'string') : [];
}
