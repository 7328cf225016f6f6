import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { deadlineInstant } from '../core/ticket.ts';
import { changeTicketState, type TicketActResult } from '../store/acts/changeState.ts';
import { mergeTickets } from '../store/acts/mergeTickets.ts';
import { retryParkedEffect, retryParkedMail } from '../store/acts/retryParked.ts';
import { snoozeTicket } from '../store/acts/snoozeTicket.ts';
import { undoAct } from '../store/acts/undoAct.ts';
import type { ConsoleDeps } from './deps.ts';
import { Conflict, NotFound } from './errors.ts';
import { findTicket } from './findTicket.ts';
import { pageAddressSchema, withDone } from './pageAddress.ts';
import { emptyIsAbsent, idParams, idSchema, parse, stateSchema } from './queries.ts';
import { SNOOZE_CHOICES, type SnoozeChoice, snoozeUntil } from './snoozeChoice.ts';
import { LANGUAGE_COOKIE, textsFor } from './words/texts.ts';
import { writtenReason } from './writtenWords.ts';

/** What the pages can change. Every act answers with 303 to a page, so that reload and back never repeat it. */
export type ChangeHandler = (deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Until sign-in exists nobody knows who sits at this machine, and the log says so. */
export const ACTOR = 'unknown';

const ticketForm = { version: idSchema, back: emptyIsAbsent(pageAddressSchema) };
const stateForm = z.object({ ...ticketForm, to: stateSchema });

/** Changes a ticket's state, unless somebody or a mail changed it since the page was made. */
export const changeState: ChangeHandler = async ({ db, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { to, version, back = `/tickets/${id}` } = parse(stateForm, request.body);
  const result = await changeTicketState(db, { id, version, to, actor: ACTOR, at: clock.now() });
  if (!result) throw new NotFound();
  return afterTicketAct(request, reply, id, back, result);
};

const snoozeForm = z.object({
  ...ticketForm,
  until: z.union([z.enum([...SNOOZE_CHOICES, 'now']), z.iso.date()]),
});

/** Puts a ticket aside until a time, or brings it back (`now`). */
export const changeSnooze: ChangeHandler = async ({ db, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { until: choice, version, back = `/tickets/${id}` } = parse(snoozeForm, request.body);
  const now = clock.now();
  let until: Date | null = null;
  if (choice !== 'now') {
    const { deadline } = await findTicket(db, id);
    const instant = deadline ? deadlineInstant(deadline) : Number.NaN;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const at = Number.isNaN(instant) ? null : new Date(instant);
    until = snoozeUntil(choice as SnoozeChoice, { now, zone, deadline: at });
    if (until === null) throw new Conflict(textsFor(request).acts.noSuchTime, back);
  }
  const result = await snoozeTicket(db, { id, version, until, actor: ACTOR, at: now });
  if (!result) throw new NotFound();
  return afterTicketAct(request, reply, id, back, result);
};

const mergeForm = z.object({ ...ticketForm, into: idSchema, reason: writtenReason });

/** Merges a ticket into another one of its customer. */
export const mergeTicket: ChangeHandler = async ({ db, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { into, version, reason, back = `/tickets/${id}` } = parse(mergeForm, request.body);
  const result = await mergeTickets(db, { id, version, into, reason, actor: ACTOR, at: clock.now() });
  if (!result) throw new NotFound();
  if (result.result === 'cannot') throw new Conflict(textsFor(request).acts.cannotMerge[result.why], back);
  return afterTicketAct(request, reply, id, back, result);
};

/** Nothing is overwritten: who saw an older version is told what the ticket is now. */
function afterTicketAct(
  request: FastifyRequest,
  reply: FastifyReply,
  id: number,
  back: string,
  result: NonNullable<TicketActResult>,
): FastifyReply {
  if (result.result === 'stale') {
    const t = textsFor(request);
    const queue = result.snoozedUntil !== null && result.state !== 'solved' ? 'snoozed' : result.state;
    throw new Conflict(t.ticket.conflict(id, t.state[queue]), `/tickets/${id}`);
  }
  return reply.redirect(result.result === 'done' ? withDone(back, result.act) : back, 303);
}

const undoForm = z.object({ back: emptyIsAbsent(pageAddressSchema) });

/** Takes back one of the last acts. What was changed again since stays. */
export const changeBack: ChangeHandler = async ({ db, bell, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { back = '/history' } = parse(undoForm, request.body);
  const result = await undoAct(db, { id, actor: ACTOR, at: clock.now() });
  if (result === null) throw new NotFound();
  if (result.result !== 'done') throw new Conflict(textsFor(request).acts[result.result], back);
  if (result.decideAgain) await bell.ring('decide');
  return reply.redirect(withDone(back, id), 303);
};

const languageForm = z.object({ language: z.enum(['en', 'ja']), back: pageAddressSchema });

/** Remembers the reader's language in a cookie that grants nothing. */
export const changeLanguage: ChangeHandler = async (_deps, request, reply) => {
  const { language, back } = parse(languageForm, request.body);
  reply.header('set-cookie', `${LANGUAGE_COOKIE}=${language}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`);
  return reply.redirect(back, 303);
};

const retryForm = z.object({ alike: emptyIsAbsent(z.literal('1')), back: emptyIsAbsent(pageAddressSchema) });

export const retryMail: ChangeHandler = async ({ db, bell, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { alike, back = `/mails/${id}` } = parse(retryForm, request.body);
  const done = await retryParkedMail(db, { id, alike: alike === '1', actor: ACTOR, at: clock.now() });
  if (!done) throw new Conflict(textsFor(request).story.notParked, `/mails/${id}`);
  await bell.ring('decide');
  return reply.redirect(withDone(back, done.act), 303);
};

const effectForm = z.object({ back: pageAddressSchema });

export const retryEffect: ChangeHandler = async ({ db, bell, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { back } = parse(effectForm, request.body);
  const done = await retryParkedEffect(db, { id, actor: ACTOR, at: clock.now() });
  if (done) await bell.ring('act');
  return reply.redirect(done ? withDone(back, done.act) : back, 303);
};
