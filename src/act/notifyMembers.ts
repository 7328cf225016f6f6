import type { Kysely } from 'kysely';
import type { OutboundMail } from '../connectors/outboundMail.ts';
import { memberNoticeText } from '../core/memberNotice.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import { readBouncedMember } from '../store/readBouncedMember.ts';
import type { Tables } from '../store/schema.ts';
import type { Handler } from './handler.ts';
import { deliveredBefore } from './notifyMail.ts';
import { permanently } from './readNotice.ts';

/**
 * `list.member_bounced`: tells the other confirmed members of a list that copies do not reach one of them. One mail each, so
 * that a header shows nobody's address to another; those who have it are left out of the next try.
 */
export function notifyMembers(deps: { db: Kysely<Tables>; mail: OutboundMail | null; marks: NoticeMarks }): Handler {
  const { db, mail, marks } = deps;
  return {
    type: 'list.member_bounced',
    async run(effect) {
      if (mail === null) return permanently('notify.no_server', 'No outgoing mail server is set (outgoing.host).');
      const { memberId, state } = effect.payload;
      const member = Number.isSafeInteger(memberId) ? await readBouncedMember(db, memberId as number) : null;
      if (member === null) return { ok: true, code: 'notify.over', text: 'The member or the list is gone.' };
      const words = memberNoticeText({ ...member, state: state === 'suspended' ? 'suspended' : 'bouncing' });
      const delivered = deliveredBefore(effect);
      for (const address of member.others.filter((other) => !delivered.includes(other))) {
        const { failure } = await mail.send({
          to: [address],
          ...words,
          html: paragraphs(words.text),
          messageId: marks.effectMessageId(effect.key),
          loop: marks.loop,
        });
        if (failure) return { ok: false, failure, result: { delivered } };
        delivered.push(address);
      }
      const text = `Told ${delivered.length} of ${member.others.length} other members.`;
      return { ok: true, code: 'notify.sent', text, result: { delivered } };
    },
  };
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function paragraphs(text: string): string {
  const escaped = text.trim().replace(/[&<>"]/g, (character) => ENTITIES[character] as string);
  return escaped
    .split('\n\n')
    .map((paragraph) => `<p>${paragraph}</p>`)
    .join('\n');
}
