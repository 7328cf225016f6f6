import { z } from 'zod';
import { type MergeProblem, mergeTickets } from '../../store/acts/mergeTickets.ts';
import { NotFound } from '../errors.ts';
import { idParams } from '../queries.ts';
import { writtenReason } from '../writtenWords.ts';
import { endpoint } from './endpoint.ts';
import { conflict, ticketDone } from './shapes.ts';
import { ACTOR, answerOf, stale, version } from './tickets.ts';

export const mergeTicket = endpoint({
  method: 'POST',
  path: '/tickets/:id/merge',
  tag: 'Acts',
  summary: 'Merge a ticket into another one of its customer',
  description:
    'Its mails, and later mail of either thread, are on the kept ticket from then on; both timelines show the reason. Undo by the number that is answered: the mails return, mail that came meanwhile stays.',
  params: idParams,
  body: z.strictObject({
    version,
    into: z.int().positive().describe('The ticket that is kept.'),
    reason: writtenReason,
  }),
  answer: ticketDone,
  errors: [{ ...stale, description: `${stale.description} Or the two cannot be made one.`, schema: conflict }],
  async handle({ db, clock }, { params: { id }, body }) {
    const result = await mergeTickets(db, { id, ...body, at: clock.now(), actor: ACTOR });
    if (result === null) throw new NotFound();
    if (result.result !== 'cannot') return answerOf(result);
    return { status: 409, body: { error: { code: 'conflict', message: PROBLEMS[result.why] } } };
  },
});

const PROBLEMS: Record<MergeProblem, string> = {
  same: 'A ticket cannot be merged into itself.',
  none: 'There is no ticket to merge it into.',
  customer: 'Tickets of two customers are never merged.',
  merged: 'One of the two was merged before.',
  noMail: 'A ticket without mail of its own cannot be merged.',
};
