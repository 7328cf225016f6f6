import type { Kysely } from 'kysely';
import type { OutboundMail } from '../connectors/outboundMail.ts';
import type { Clock } from '../lib/clock.ts';
import type { LinkTokens } from '../lib/linkTokens.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import { linkUrl } from '../lib/publicLinks.ts';
import { ERASED_DOMAIN } from '../store/person.ts';
import { type Link, readChangeNotice, readLink } from '../store/readLink.ts';
import type { Tables } from '../store/schema.ts';
import type { Handler, HandlerOutcome } from './handler.ts';
import { type MemberView, memberView, minuteOf } from './memberView.ts';
import { permanently } from './readNotice.ts';
import type { MemberMail, Templates } from './templates.ts';

export type MemberMailDeps = {
  db: Kysely<Tables>;
  /** null: no outgoing server or no sender is set. */
  mail: OutboundMail | null;
  templates: Templates;
  marks: NoticeMarks;
  tokens: LinkTokens;
  /** public.url; null: links would lead nowhere. */
  publicUrl: string | null;
  clock: Clock;
};

/**
 * `member.mail`: a mail to a member or approver, with a link (`{mail: 'link', linkId}`) or about a change (`{mail: 'change',
 * changeId, toMember}`). The token is made here, from the row, when the mail leaves: neither row nor queue nor log knows it.
 * What was used, withdrawn or erased meanwhile is not sent.
 */
export function memberMail(deps: MemberMailDeps): Handler {
  return {
    type: 'member.mail',
    async run(effect) {
      if (deps.mail === null) {
        return permanently('member.no_server', 'No outgoing mail server is set (outgoing.host and outgoing.from).');
      }
      const { mail, linkId, changeId, toMember } = effect.payload;
      if (mail === 'link' && Number.isSafeInteger(linkId)) return sendLink(deps, effect.key, linkId as number);
      if (mail === 'change' && Number.isSafeInteger(changeId) && Number.isSafeInteger(toMember)) {
        return sendChange(deps, effect.key, changeId as number, toMember as number);
      }
      return permanently('member.payload', 'The effect names no mail that there is.');
    },
    close: () => deps.mail?.close(),
  };
}

const NOT_NEEDED: HandlerOutcome = { ok: true, code: 'member.not_needed', text: 'No longer needed; nothing was sent.' };

async function sendLink(deps: MemberMailDeps, key: string, linkId: number): Promise<HandlerOutcome> {
  const { db, tokens, publicUrl, clock } = deps;
  if (publicUrl === null) {
    return permanently('member.no_url', 'public.url is not set: the link would lead nowhere.');
  }
  const now = clock.now();
  const link = await readLink(db, linkId, now);
  if (link === null || isErased(link.address) || !isNeeded(link, now)) return NOT_NEEDED;
  const view = memberView(link, {
    proposer: link.proposer ?? '',
    isYou: link.address === link.member,
    link: linkUrl(publicUrl, tokens, link),
    until: minuteOf(link.expiresAt),
  });
  return send(deps, { to: link.address, mail: link.purpose, view, language: link.language, key });
}

function isNeeded(link: Link, now: Date): boolean {
  if (link.usedAt !== null || link.expiresAt <= now || !link.isOpen) return false;
  return link.purpose === 'approve' || link.purpose === 'confirm'
    ? link.memberState === 'invited'
    : link.memberState !== 'removed' && link.memberState !== 'invited';
}

async function sendChange(
  deps: MemberMailDeps,
  key: string,
  changeId: number,
  toMember: number,
): Promise<HandlerOutcome> {
  const notice = await readChangeNotice(deps.db, changeId, toMember);
  if (notice === null || isErased(notice.to)) return NOT_NEEDED;
  const { change, actor, to, language, isSubject } = notice;
  const view = memberView(notice, {
    change,
    actor,
    at: minuteOf(notice.at),
    isYou: isSubject,
    isMember: notice.toState === 'confirmed' || notice.toState === 'bouncing',
  });
  return send(deps, { to, mail: 'change', view, language, key });
}

function isErased(address: string): boolean {
  return address.endsWith(`@${ERASED_DOMAIN}`);
}

async function send(
  { mail, templates, marks }: MemberMailDeps,
  what: { to: string; mail: MemberMail; view: MemberView; language: string; key: string },
): Promise<HandlerOutcome> {
  const rendered = templates.memberMail(what.mail, what.view, what.language);
  const { failure } = await mail!.send({
    to: [what.to],
    ...rendered,
    html: null,
    messageId: marks.effectMessageId(what.key),
    loop: marks.loop,
  });
  if (failure) return { ok: false, failure };
  return { ok: true, code: 'member.sent', text: 'Sent.' };
}
