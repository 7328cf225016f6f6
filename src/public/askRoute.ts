import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { messageOf } from '../lib/errors.ts';
import { requestManageLink } from '../store/ownMembership.ts';
import { readListName } from '../store/readLink.ts';
import type { PublicDeps } from './deps.ts';
import { type Answer, unknown } from './linkRoute.ts';
import { askPage, sentencePage } from './pages.ts';
import { textsFor } from './texts.ts';

export const ASK_PATH = '/list/:token';

const body = z.strictObject({ address: z.string().min(3).max(320) });

/** The form behind List-Unsubscribe. It names no customer and no member: copies of mail get forwarded. */
export async function showAsk(deps: PublicDeps, request: FastifyRequest): Promise<Answer> {
  const list = await listOf(deps, request);
  const t = textsFor(request.headers['accept-language'], list?.language ?? null);
  return list === null ? unknown(t) : { status: 200, page: askPage(t) };
}

/**
 * Takes an address and answers the same whatever it is, at once: neither words nor time tell who is on a list. The link
 * goes to that address or nowhere.
 */
export async function takeAsk(deps: PublicDeps, request: FastifyRequest): Promise<Answer> {
  const list = await listOf(deps, request);
  const t = textsFor(request.headers['accept-language'], list?.language ?? null);
  if (list === null) return unknown(t);
  const wanted = body.safeParse(request.body);
  if (!wanted.success) return { status: 400, page: askPage(t) };
  const { db, bell, clock, log } = deps;
  void requestManageLink(db, { listId: list.listId, address: wanted.data.address, now: clock.now() })
    .then(() => bell.ring('act'))
    .catch((error: unknown) => log.error({ error: messageOf(error) }, 'a link that was asked for could not be made'));
  return { status: 200, page: sentencePage(t, t.ask.title, t.done.ask) };
}

async function listOf(deps: PublicDeps, request: FastifyRequest) {
  const { token } = request.params as { token: string };
  const listId = deps.tokens.listOf(token);
  const list = listId === null ? null : await readListName(deps.db, listId);
  return listId === null || list === null ? null : { listId, ...list };
}
