import { z } from 'zod';
import { ALIKE_LIMIT } from '../../store/acts/alikeMails.ts';
import { changeMails } from '../changeMails.ts';
import { writtenReason } from '../writtenWords.ts';
import { endpoint } from './endpoint.ts';
import { manyMailsDone } from './shapes.ts';
import { ACTOR } from './tickets.ts';

export const changeManyMails = endpoint({
  method: 'POST',
  path: '/mails/bulk',
  tag: 'Acts',
  summary: `Reject or release up to ${ALIKE_LIMIT} held mails, or try parked ones again`,
  description:
    'What can be done is done, the others are named with the reason: `decided` (it no longer waits for this), `gone`. One act: undo takes a decision back as a whole, for ten minutes.',
  body: z.strictObject({
    mails: z.array(z.int().positive()).min(1).max(ALIKE_LIMIT),
    act: z.enum(['reject', 'release', 'retry']),
    reason: writtenReason.optional().describe('Why; goes into the customers’ logs. Not for `retry`.'),
  }),
  answer: manyMailsDone,
  async handle({ db, bell, clock }, { body: { mails, act, reason } }) {
    const result = await changeMails(db, { act, ids: mails, reason, at: clock.now(), actor: ACTOR });
    if (result.act !== null && act !== 'reject') await bell.ring('decide');
    return { body: { ...result, notDone: result.notDone.map(({ id, why }) => ({ mail: id, why })) } };
  },
});
