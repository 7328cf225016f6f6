import { z } from 'zod';
import { readActs } from '../../store/acts/readActs.ts';
import { retryParkedEffect, retryParkedMail } from '../../store/acts/retryParked.ts';
import { confirmMail, type ReviewResult, rejectMail, releaseMail } from '../../store/acts/reviewMail.ts';
import { undoAct } from '../../store/acts/undoAct.ts';
import { readMail } from '../../store/readMails.ts';
import { NotFound } from '../errors.ts';
import { idParams } from '../queries.ts';
import { writtenName, writtenReason } from '../writtenWords.ts';
import { type Answer, endpoint } from './endpoint.ts';
import { act, conflict, effectDone, mailsDone, undone } from './shapes.ts';
import { ACTOR } from './tickets.ts';

const alike = z.strictObject({
  alike: z.boolean().optional().describe('Take those with the same sender and text along.'),
});
const released = alike.extend({ reason: writtenReason.optional().describe('Why; goes into the customer’s log.') });
const confirmation = z.strictObject({
  by: writtenName.describe('Who confirms it, as they write it: nobody is signed in.'),
  reason: writtenReason.describe('Why; goes into the customer’s log.'),
});
const decided = { status: 409, description: 'It no longer waits for this; nothing was changed.', schema: conflict };

export const reject = endpoint({
  method: 'POST',
  path: '/mails/:id/reject',
  tag: 'Acts',
  summary: 'Reject held mail: it stays in quarantine for good',
  description: 'Can be taken back for ten minutes.',
  params: idParams,
  body: released,
  answer: mailsDone,
  errors: [decided],
  async handle({ db, clock }, { params: { id }, body }) {
    return answerOf(
      await rejectMail(db, {
        id,
        alike: body.alike ?? false,
        reason: body.reason ?? null,
        at: clock.now(),
        actor: ACTOR,
      }),
    );
  },
});

export const release = endpoint({
  method: 'POST',
  path: '/mails/:id/release',
  tag: 'Acts',
  summary: 'Release held mail as ordinary mail that is not from AWS',
  description:
    'It is decided again as the mail of somebody else: by the same rules, unproven, joining no ticket. Can be taken back for ten minutes.',
  params: idParams,
  body: released,
  answer: mailsDone,
  errors: [decided],
  async handle({ db, bell, clock }, { params: { id }, body }) {
    const result = await releaseMail(db, {
      id,
      alike: body.alike ?? false,
      reason: body.reason ?? null,
      at: clock.now(),
      actor: ACTOR,
    });
    if (result?.result === 'done') await bell.ring('decide');
    return answerOf(result);
  },
});

export const confirm = endpoint({
  method: 'POST',
  path: '/mails/:id/confirm',
  tag: 'Acts',
  summary: 'Make held mail a ticket of the team, not proven, confirmed by a name',
  description:
    'It is decided again as the mail of somebody else: unproven, joining no ticket, links dead, secrets sealed. Can be taken back for ten minutes.',
  params: idParams,
  body: confirmation,
  answer: mailsDone,
  errors: [decided],
  async handle({ db, bell, clock }, { params: { id }, body }) {
    const result = await confirmMail(db, { id, ...body, at: clock.now(), actor: ACTOR });
    if (result?.result === 'done') await bell.ring('decide');
    return answerOf(result);
  },
});

export const retry = endpoint({
  method: 'POST',
  path: '/mails/:id/retry',
  tag: 'Acts',
  summary: 'Try a parked mail again',
  params: idParams,
  body: alike,
  answer: mailsDone,
  errors: [decided],
  async handle({ db, bell, clock }, { params: { id }, body }) {
    const result = await retryParkedMail(db, { id, alike: body.alike ?? false, at: clock.now(), actor: ACTOR });
    if (result !== null) {
      await bell.ring('decide');
      return { body: result };
    }
    const row = await readMail(db, id);
    if (!row) throw new NotFound();
    return conflictOf('It is not parked, or it is tried again already.', { outcome: row.outcome });
  },
});

export const retryEffect = endpoint({
  method: 'POST',
  path: '/effects/:id/retry',
  tag: 'Acts',
  summary: 'Try a parked effect again',
  params: idParams,
  answer: effectDone,
  errors: [decided],
  async handle({ db, bell, clock }, { params: { id } }) {
    const result = await retryParkedEffect(db, { id, at: clock.now(), actor: ACTOR });
    if (result !== null) {
      await bell.ring('act');
      return { body: result };
    }
    const row = await db.selectFrom('effects').select('state').where('id', '=', id).executeTakeFirst();
    if (!row) throw new NotFound();
    return conflictOf('It is not parked.', { state: row.state });
  },
});

export const listActs = endpoint({
  method: 'GET',
  path: '/acts',
  tag: 'Acts',
  summary: 'The last 20 acts, newest first',
  answer: z.strictObject({ items: z.array(act) }),
  async handle({ db, clock }) {
    const rows = await readActs(db, clock.now());
    return {
      body: {
        items: rows.map(({ ticketId, mailId, ...row }) => ({
          ...row,
          ticket: ticketId,
          mail: mailId,
          at: row.at.toISOString(),
          undoneAt: row.undoneAt?.toISOString() ?? null,
        })),
      },
    };
  },
});

export const undo = endpoint({
  method: 'POST',
  path: '/acts/:id/undo',
  tag: 'Acts',
  summary: 'Take an act back',
  description:
    'One of the last 20, and a decision about held mail within ten minutes. What happened since stays: where the same thing was changed again, it is refused.',
  params: idParams,
  answer: undone,
  errors: [{ status: 409, description: 'It can no longer be taken back.', schema: conflict }],
  async handle({ db, bell, clock }, { params: { id } }) {
    const result = await undoAct(db, { id, at: clock.now(), actor: ACTOR });
    if (result === null) throw new NotFound();
    if (result.result !== 'done') return conflictOf(UNDO_PROBLEMS[result.result], {}, `undo_${result.result}`);
    if (result.decideAgain) await bell.ring('decide');
    return { body: { ticket: result.ticketId, mail: result.mailId } };
  },
});

const UNDO_PROBLEMS = {
  late: 'Its time is over.',
  changed: 'What it changed is meanwhile something else, and stays so.',
  gone: 'It was taken back before, or is no act that can be.',
};

function answerOf(result: ReviewResult): Answer {
  if (result === null) throw new NotFound();
  if (result.result === 'done') return { body: { act: result.act, mails: result.mails } };
  const { outcome, review } = result;
  return conflictOf('It is not held, or somebody has decided about it.', { outcome, review });
}

function conflictOf(message: string, now: object, code = 'conflict'): Answer {
  return { status: 409, body: { error: { code, message, ...now } } };
}
