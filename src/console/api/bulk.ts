import { z } from 'zod';
import { deadlineInstant } from '../../core/ticket.ts';
import type { Deadline } from '../../core/values.ts';
import { BULK_TICKETS, type BulkChange, changeTickets } from '../../store/acts/changeTickets.ts';
import { stateSchema } from '../queries.ts';
import { endpoint } from './endpoint.ts';
import { ticketsDone } from './shapes.ts';
import { instantMeant, untilInput, zoneInput, zoneOf } from './snoozeInput.ts';
import { ACTOR } from './tickets.ts';

const ticket = z.strictObject({
  id: z.int().positive(),
  version: z.int().positive().max(2_147_483_647).describe('The version that the actor saw.'),
});
const tickets = z.array(ticket).min(1).max(BULK_TICKETS);

export const changeMany = endpoint({
  method: 'POST',
  path: '/tickets/bulk',
  tag: 'Acts',
  summary: `Move up to ${BULK_TICKETS} tickets to another state, or snooze them`,
  description:
    'Exactly one of `state` and `until`. What can be done is done, the others are named with the reason: `changed` since the version that was seen, the `same` already, `solved` (nothing to snooze), `noTime` (three days before a deadline that is nearer or unknown), `gone`. One act: undo takes it back as a whole.',
  body: z
    .strictObject({ tickets, state: stateSchema.optional(), until: untilInput.optional(), zone: zoneInput })
    .refine(({ state, until }) => (state === undefined) !== (until === undefined), 'name either state or until'),
  answer: ticketsDone,
  async handle({ db, clock }, { body }) {
    const at = clock.now();
    const result = await changeTickets(db, { tickets: body.tickets, change: changeOf(body, at), at, actor: ACTOR });
    const notDone = result.notDone.map(({ id, why }) => ({ ticket: id, why }));
    return { body: { ...result, notDone } };
  },
});

type Body = {
  state?: 'open' | 'waiting' | 'solved' | undefined;
  until?: string | undefined;
  zone?: string | undefined;
};

function changeOf({ state, until, zone }: Body, now: Date): BulkChange {
  if (state !== undefined) return { to: state };
  return {
    untilOf: (deadline: Deadline | null) => {
      const instant = deadline === null ? Number.NaN : deadlineInstant(deadline);
      const at = Number.isNaN(instant) ? null : new Date(instant);
      return instantMeant(until as string, { now, zone: zoneOf(zone), deadline: at });
    },
  };
}
