import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { changeTicketState } from '../store/acts/changeState.ts';
import { retryParkedEffect, retryParkedMail } from '../store/acts/retryParked.ts';
import { readTicket } from '../store/readTickets.ts';
import type { ConsoleDeps } from './deps.ts';
import { Conflict, NotFound } from './errors.ts';
import { idParams, parse, stateSchema } from './queries.ts';
import { LANGUAGE_COOKIE, textsFor } from './words/texts.ts';

/** What the pages can change. Every act answers with 303 to a page, so that reload and back never repeat it. */
export type ChangeHandler = (deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Until sign-in exists nobody knows who sits at this machine, and the log says so. */
const ACTOR = 'unknown';

const stateForm = z.object({ from: stateSchema, to: stateSchema, undo: z.literal('1').optional() });

/** Changes a ticket's state, unless it is meanwhile another than the page showed. */
export const changeState: ChangeHandler = async ({ db, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { from, to, undo } = parse(stateForm, request.body);
  const seen = await readTicket(db, id);
  if (!seen) throw new NotFound();
  const t = textsFor(request);
  const conflict = (state: typeof to) => new Conflict(t.ticket.conflict(id, t.state[state]), `/tickets/${id}`);
  if (seen.state !== from && seen.state !== to) throw conflict(seen.state);
  const result = await changeTicketState(db, { id, version: seen.version, to, actor: ACTOR, at: clock.now() });
  if (!result) throw new NotFound();
  if (result.result === 'stale') throw conflict(result.state);
  return reply.redirect(undo ? `/tickets/${id}` : `/tickets/${id}?was=${from}`, 303);
};

const languageForm = z.object({
  language: z.enum(['en', 'ja']),
  back: z.string().regex(/^\/(?![/\\])[\x21-\x7e]{0,1000}$/),
});

/** Remembers the reader's language in a cookie that grants nothing. */
export const changeLanguage: ChangeHandler = async (_deps, request, reply) => {
  const { language, back } = parse(languageForm, request.body);
  reply.header('set-cookie', `${LANGUAGE_COOKIE}=${language}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`);
  return reply.redirect(back, 303);
};

export const retryMail: ChangeHandler = async ({ db, bell, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  if (!(await retryParkedMail(db, { id, actor: ACTOR, at: clock.now() }))) {
    throw new Conflict(textsFor(request).story.notParked, `/mails/${id}`);
  }
  await bell.ring('decide');
  return reply.redirect(`/mails/${id}?retried=1`, 303);
};

/** Back to one of the pages that show effects, and nowhere else. */
const retryForm = z.object({ back: z.string().regex(/^\/(health|tickets\/[0-9]{1,16}|mails\/[0-9]{1,16})$/) });

export const retryEffect: ChangeHandler = async ({ db, bell, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { back } = parse(retryForm, request.body);
  if (await retryParkedEffect(db, { id, actor: ACTOR, at: clock.now() })) await bell.ring('act');
  return reply.redirect(back, 303);
};
