import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ALIKE_LIMIT } from '../store/acts/alikeMails.ts';
import { confirmMail, type ReviewAct, type ReviewResult, rejectMail, releaseMail } from '../store/acts/reviewMail.ts';
import { changeMails } from './changeMails.ts';
import { ACTOR, type ChangeHandler } from './changes.ts';
import type { ConsoleDeps } from './deps.ts';
import { Conflict, NotFound } from './errors.ts';
import { withKept } from './keptRows.ts';
import { pageAddressSchema, withDone, withoutDone } from './pageAddress.ts';
import { emptyIsAbsent, idParams, idSchema, parse, several } from './queries.ts';
import { textsFor } from './words/texts.ts';
import { writtenName, writtenReason } from './writtenWords.ts';

/** Decisions about held mail. "It is AWS" is not among them: that takes two people who are known. */
const reviewForm = z.object({
  alike: emptyIsAbsent(z.literal('1')),
  reason: emptyIsAbsent(writtenReason),
  back: emptyIsAbsent(pageAddressSchema),
});
const confirmForm = z.object({ by: writtenName, reason: writtenReason, back: emptyIsAbsent(pageAddressSchema) });

const decided =
  (decide: (db: ConsoleDeps['db'], act: ReviewAct) => Promise<ReviewResult>, decideAgain: boolean): ChangeHandler =>
  async ({ db, bell, clock }, request, reply) => {
    const { id } = parse(idParams, request.params);
    const { alike, reason = null, back = '/quarantine' } = parse(reviewForm, request.body);
    const result = await decide(db, { id, alike: alike === '1', reason, actor: ACTOR, at: clock.now() });
    const act = actOf(result, request, back);
    if (decideAgain) await bell.ring('decide');
    return reply.redirect(withDone(back, act), 303);
  };

function actOf(result: ReviewResult, request: FastifyRequest, back: string): number {
  if (result === null) throw new NotFound();
  if (result.result === 'decided') throw new Conflict(textsFor(request).review.alreadyDecided, back);
  return result.act;
}

const manyForm = z.object({
  m: several(idSchema, ALIKE_LIMIT),
  act: z.enum(['reject', 'release', 'retry']),
  reason: emptyIsAbsent(writtenReason),
  back: emptyIsAbsent(pageAddressSchema),
});

/** One act on the mails that are ticked. What was not done is named on the page. */
export const changeMany: ChangeHandler = async ({ db, bell, clock }, request, reply) => {
  const form = parse(manyForm, request.body);
  const back = withoutDone(form.back ?? (form.act === 'retry' ? '/parked' : '/quarantine'));
  if (form.m.length === 0) return reply.redirect(back, 303);
  const { act, notDone } = await changeMails(db, { ...form, ids: form.m, actor: ACTOR, at: clock.now() });
  if (act !== null && form.act !== 'reject') await bell.ring('decide');
  const kept = notDone.length > 0 ? withKept(back, notDone) : back;
  return reply.redirect(act === null ? kept : withDone(kept, act), 303);
};

/** It stays held for good, and out of the list of what waits. */
export const reject = decided(rejectMail, false);

/** It is decided again, as a mail of somebody else. */
export const release = decided(releaseMail, true);

/** It is decided again, as a ticket of its own that says it is not proven, and who confirmed it. */
export const confirm: ChangeHandler = async ({ db, bell, clock }, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { by, reason, back = '/quarantine' } = parse(confirmForm, request.body);
  const act = actOf(await confirmMail(db, { id, by, reason, actor: ACTOR, at: clock.now() }), request, back);
  await bell.ring('decide');
  return reply.redirect(withDone(back, act), 303);
};
