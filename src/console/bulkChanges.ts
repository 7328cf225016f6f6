import { z } from 'zod';
import { deadlineInstant } from '../core/ticket.ts';
import type { Deadline } from '../core/values.ts';
import { BULK_TICKETS, type BulkChange, changeTickets } from '../store/acts/changeTickets.ts';
import { findTickets } from '../store/findTickets.ts';
import { ACTOR, type ChangeHandler } from './changes.ts';
import type { ConsoleDeps } from './deps.ts';
import { Conflict } from './errors.ts';
import { FILTER_CHARS, parseFilter } from './filterText.ts';
import { withKept } from './keptRows.ts';
import { pageAddressSchema, withDone, withoutDone } from './pageAddress.ts';
import { emptyIsAbsent, idSchema, parse, several, stateSchema, wrongInput } from './queries.ts';
import { SNOOZE_CHOICES, type SnoozeChoice, snoozeUntil } from './snoozeChoice.ts';
import { textsFor } from './words/texts.ts';

/** A ticked row: the number of a ticket and the version that was seen. */
const pick = z
  .string()
  .regex(/^[1-9][0-9]{0,14}\.[1-9][0-9]{0,8}$/, 'is no row of the queue')
  .transform((text) => {
    const [id, version] = text.split('.').map(Number) as [number, number];
    return { id, version };
  });
const bulkForm = z.object({
  t: several(pick, BULK_TICKETS),
  /** Everything that the filter finds, but for rows that were shown and are not ticked. */
  all: emptyIsAbsent(z.literal('1')),
  shown: several(idSchema, BULK_TICKETS),
  q: emptyIsAbsent(z.string().max(FILTER_CHARS)),
  asOf: emptyIsAbsent(z.iso.datetime()),
  to: emptyIsAbsent(stateSchema),
  until: emptyIsAbsent(z.enum([...SNOOZE_CHOICES, 'day'])),
  day: emptyIsAbsent(z.iso.date()),
  back: emptyIsAbsent(pageAddressSchema),
});
type BulkForm = z.output<typeof bulkForm>;

/** One act on the selected rows of the queue. What was not done is named on the page, and stays selected. */
export const changeSelected: ChangeHandler = async (deps, request, reply) => {
  const form = parse(bulkForm, request.body);
  const back = withoutDone(form.back ?? '/');
  const tickets = form.all ? await allOf(deps, form) : form.t;
  if (tickets.length === 0) return reply.redirect(back, 303);
  const at = deps.clock.now();
  const change = changeOf(form, at);
  if (change === null) throw new Conflict(textsFor(request).acts.noSuchTime, back);
  const { act, notDone } = await changeTickets(deps.db, { tickets, change, at, actor: ACTOR });
  const kept = notDone.length > 0 ? withKept(back, notDone) : back;
  return reply.redirect(act === null ? kept : withDone(kept, act), 303);
};

/** A filter that cannot be read whole finds more than was meant: then nothing is done. */
async function allOf({ db }: ConsoleDeps, form: BulkForm): Promise<BulkForm['t']> {
  const { filter, problems } = parseFilter(form.q ?? '');
  if (problems.length > 0) throw wrongInput('q', 'is no filter that can be read');
  if (form.asOf === undefined) throw wrongInput('asOf', 'is missing');
  filter.incidents = 'none';
  const found = await findTickets(db, filter, new Date(form.asOf), BULK_TICKETS);
  const ticked = new Set(form.t.map(({ id }) => id));
  const unticked = new Set(form.shown.filter((id) => !ticked.has(id)));
  return found.filter(({ id }) => !unticked.has(id));
}

/** null: a day that is over, too far away, or was not named. */
function changeOf({ to, until, day }: BulkForm, now: Date): BulkChange | null {
  if (to !== undefined) return { to };
  if (until === undefined) throw wrongInput('to', 'no act was named');
  const choice = until === 'day' ? day : until;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const untilOf = (deadline: Deadline | null) => {
    const instant = deadline === null ? Number.NaN : deadlineInstant(deadline);
    const at = Number.isNaN(instant) ? null : new Date(instant);
    return snoozeUntil(choice as SnoozeChoice, { now, zone, deadline: at });
  };
  if (choice === undefined || (until === 'day' && untilOf(null) === null)) return null;
  return { untilOf };
}
