import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Html } from '../lib/html.ts';
import { actByLink, type MembershipResult } from '../store/membership.ts';
import { acknowledgeHeartbeat } from '../store/ownMembership.ts';
import { type Link, readLink } from '../store/readLink.ts';
import type { LinkPurpose } from '../store/schema.ts';
import type { PublicDeps } from './deps.ts';
import { linkPage, sentencePage } from './pages.ts';
import { textsFor } from './texts.ts';
import type { Texts } from './textsEn.ts';

export type Answer = { status: number; page: Html };

const PURPOSES: readonly LinkPurpose[] = ['approve', 'confirm', 'acknowledge', 'manage'];
export const LINK_PATHS = PURPOSES.map((purpose) => ({ purpose, path: `/${purpose}/:token` }));

const body = z.strictObject({ act: z.enum(['approve', 'refuse', 'confirm', 'decline', 'acknowledge', 'leave']) });

/** Shows what a link is for. Changes nothing: link scanners open every link of a mail. */
export async function showLink(deps: PublicDeps, purpose: LinkPurpose, request: FastifyRequest): Promise<Answer> {
  const link = await provedLink(deps, purpose, request);
  const t = textsFor(request.headers['accept-language'], link?.language ?? null);
  if (link === null) return unknown(t);
  return ended(t, link, deps.clock.now()) ?? { status: 200, page: linkPage(t, link) };
}

/** Does what a button of the page says, once. */
export async function useLinkPage(deps: PublicDeps, purpose: LinkPurpose, request: FastifyRequest): Promise<Answer> {
  const link = await provedLink(deps, purpose, request);
  const t = textsFor(request.headers['accept-language'], link?.language ?? null);
  if (link === null) return unknown(t);
  const now = deps.clock.now();
  const over = ended(t, link, now);
  if (over) return over;
  const wanted = body.safeParse(request.body);
  if (!wanted.success) return { status: 400, page: linkPage(t, link) };
  const { act } = wanted.data;
  if (act === 'acknowledge') {
    const isNoted = await acknowledgeHeartbeat(deps.db, { linkId: link.id, now });
    if (!isNoted) return gone(t, 'used');
    deps.log.info({ link: link.id, act }, 'a public link was used');
    // Who was bouncing is confirmed again, and the others hear of it.
    void deps.bell.ring('act');
    return done(t, t.done.acknowledge);
  }
  const result = await actByLink({ db: deps.db, rules: deps.rules, now }, { linkId: link.id, act });
  deps.log.info({ link: link.id, act, code: result.ok ? result.change : result.code }, 'a public link was used');
  if (!result.ok) return refused(t, result.code);
  void deps.bell.ring('act');
  return done(t, doneText(t, act, result.missing));
}

type Act = Exclude<z.infer<typeof body>['act'], 'acknowledge'>;

function doneText(t: Texts, act: Act, missing: 'second' | 'third' | null): string {
  if (act === 'approve' && missing === 'second') return t.done.approveMore;
  if (act === 'approve' && missing === 'third') return t.done.approveThird;
  return act === 'confirm' && missing === 'third' ? t.done.confirmThird : t.done[act];
}

/** The link of a token that was made here for it and for this page; null for everything else. */
async function provedLink(deps: PublicDeps, purpose: LinkPurpose, request: FastifyRequest): Promise<Link | null> {
  const { token } = request.params as { token: string };
  const id = deps.tokens.idOf(token);
  if (id === null) return null;
  const link = await readLink(deps.db, id, deps.clock.now());
  return link !== null && link.purpose === purpose && deps.tokens.proves(token, link) ? link : null;
}

function ended(t: Texts, link: Link, now: Date): Answer | null {
  if (link.usedAt !== null) return gone(t, 'used');
  if (link.expiresAt <= now) return gone(t, 'expired');
  const isWaiting = link.purpose === 'approve' || link.purpose === 'confirm';
  const isOn = link.memberState !== 'removed' && link.memberState !== 'invited';
  return (isWaiting ? link.isOpen && link.memberState === 'invited' : isOn) ? null : gone(t, 'closed');
}

function refused(t: Texts, code: Extract<MembershipResult, { ok: false }>['code']): Answer {
  if (code === 'link_used') return gone(t, 'used');
  const { refused: words } = t;
  const text = code === 'list_full' ? words.full : code in words ? words[code as keyof typeof words] : words.other;
  return { status: 409, page: sentencePage(t, t.title, text) };
}

function gone(t: Texts, why: 'used' | 'expired' | 'closed'): Answer {
  return { status: 410, page: sentencePage(t, t.gone.title, t.gone[why]) };
}

function done(t: Texts, text: string): Answer {
  return { status: 200, page: sentencePage(t, t.title, text) };
}

export function unknown(t: Texts): Answer {
  return { status: 404, page: sentencePage(t, t.unknown.title, t.unknown.text) };
}

export function send(reply: FastifyReply, { status, page }: Answer): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(page.text);
}
