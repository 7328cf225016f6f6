import { z } from 'zod';
import { deadlineInstant } from '../../core/ticket.ts';
import { changeTicketState, type TicketActResult } from '../../store/acts/changeState.ts';
import { snoozeTicket } from '../../store/acts/snoozeTicket.ts';
import { QUEUE_SORTS, type QueueRow, type QueueSort, readQueue } from '../../store/readQueue.ts';
import { readEffects, readTicketMails, type TicketRow } from '../../store/readTickets.ts';
import { readEntries, type TicketEntry } from '../../store/readTimeline.ts';
import type { TicketQueue } from '../../store/schema.ts';
import { filterOf, QUEUES } from '../../store/ticketFilter.ts';
import { NotFound } from '../errors.ts';
import { FILTER_CHARS, parseFilter } from '../filterText.ts';
import { findTicket } from '../findTicket.ts';
import { idKeySchema, packKey, queueKeySchema } from '../pagingKey.ts';
import { idParams, kindSchema, slugSchema, stateSchema, wrongInput } from '../queries.ts';
import { mergeFacts } from '../ticketFacts.ts';
import { effectOf } from './effects.ts';
import { type Answer, endpoint, PAGE, pageOf, paging } from './endpoint.ts';
import { conflict, ticket, ticketDone, ticketItem, timelineEntry } from './shapes.ts';
import { instantMeant, untilInput, zoneInput, zoneOf } from './snoozeInput.ts';

/** Until sign-in exists nobody knows who sits at this machine, and the log says so. */
export const ACTOR = 'unknown';

export const listTickets = endpoint({
  method: 'GET',
  path: '/tickets',
  tag: 'Tickets',
  summary: 'Tickets, by number or in another order',
  description:
    'Newest number first unless `sort` says otherwise: `act` is the order of the team queue. `q` is the typed filter of the pages (`state:open customer:kumo -kind:budget due:<7d words`); without `state:` in it, it means open tickets. The other fields add to it. A page may hold fewer rows than were asked for: `next` says whether there are more.',
  query: z.strictObject({
    q: z
      .string()
      .max(FILTER_CHARS)
      .regex(/^\P{Cc}*$/u, 'has control characters')
      .optional(),
    state: z
      .enum(QUEUES as [TicketQueue, ...TicketQueue[]])
      .optional()
      .describe('The list that it stands in; a ticket that is put aside is `snoozed`, whatever its state.'),
    customer: slugSchema.optional(),
    kind: kindSchema.optional(),
    sort: z.enum(QUEUE_SORTS as [QueueSort, ...QueueSort[]]).optional(),
    ...paging(queueKeySchema),
  }),
  answer: pageOf(ticketItem),
  async handle({ db, clock }, { query }) {
    const { q, state, customer, kind, sort = 'number', limit = PAGE, after } = query;
    if (after && after.sort !== sort) throw wrongInput('after', 'is the key of another sort');
    const read = q === undefined ? null : parseFilter(q);
    const problem = read?.problems[0];
    if (problem) throw wrongInput('q', `${problem.token}: ${PROBLEMS[problem.problem]}`);
    const filter = read?.filter ?? filterOf([...QUEUES]);
    if (state !== undefined) filter.queues = [state];
    if (customer !== undefined) filter.customers = [customer];
    if (kind !== undefined) filter.kinds = [kind];
    const asOf = after ? new Date(after.asOf) : clock.now();
    const page = await readQueue(db, { filter, sort, after: after ?? null, asOf, limit });
    return { body: { items: page.rows.map(itemOf), next: page.next === null ? null : packKey(page.next) } };
  },
});

const PROBLEMS = {
  value: 'is not a value of this field',
  short: 'has less than two letters or digits',
  many: 'is more than a filter may hold',
};

/** A ticket as lists answer it. */
export function itemOf(row: QueueRow | TicketRow) {
  return {
    id: row.id,
    customer: row.customer,
    subject: row.subject,
    kind: row.kind,
    urgency: row.urgency,
    deadline: row.deadline?.date ?? null,
    state: row.state,
    mails: row.mails,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    version: row.version,
    snoozedUntil: row.snoozedUntil?.toISOString() ?? null,
    actAt: row.actAt.toISOString(),
  };
}

const entryOf = (entry: TicketEntry) => ({
  id: entry.id,
  at: entry.at.toISOString(),
  type: entry.type,
  actor: entry.actor,
  mail: entry.mailId,
  body: entry.body,
});

export const getTimeline = endpoint({
  method: 'GET',
  path: '/tickets/:id/timeline',
  tag: 'Tickets',
  summary: 'The whole timeline of a ticket, newest first',
  params: idParams,
  query: z.strictObject(paging(idKeySchema)),
  answer: pageOf(timelineEntry),
  async handle({ db }, { params: { id }, query: { limit = PAGE, after } }) {
    await findTicket(db, id);
    const entries = (await readEntries(db, id, limit + 1, after?.id ?? null)).reverse();
    const last = entries[limit - 1];
    const next = entries.length > limit && last ? packKey({ id: last.id }) : null;
    return { body: { items: entries.slice(0, limit).map(entryOf), next } };
  },
});

/** The newest that an answer holds. */
const ENTRIES = 1000;
const MAILS = 200;

export const getTicket = endpoint({
  method: 'GET',
  path: '/tickets/:id',
  tag: 'Tickets',
  summary: 'One ticket with facts, timeline and mails',
  description: `The last ${ENTRIES} entries and ${MAILS} mails, oldest first. All of them are in /tickets/{id}/timeline and /mails?ticket={id}, a page at a time.`,
  params: idParams,
  answer: ticket,
  async handle({ db }, { params: { id } }) {
    const row = await findTicket(db, id);
    const [entries, mails, effects] = await Promise.all([
      readEntries(db, id, ENTRIES),
      readTicketMails(db, id, { limit: MAILS }),
      readEffects(db, { ticketId: id }),
    ]);
    return {
      body: {
        ...itemOf(row),
        incident: row.incident?.id ?? null,
        mergedInto: row.mergedInto,
        actionRequired: row.actionRequired,
        deadlineAt: row.deadline?.at ?? null,
        deadlineSort: row.deadline?.sort ?? null,
        secretLevel: row.secretLevel,
        facts: mergeFacts(mails.flatMap((mail) => (mail.facts ? [mail.facts] : []))),
        nextSteps: mails.findLast((mail) => mail.nextSteps && mail.nextSteps.length > 0)?.nextSteps ?? [],
        effects: effects.map(effectOf),
        timeline: entries.map(entryOf),
        mails: mails.map((mail) => ({
          id: mail.id,
          sha256: mail.sha256,
          messageId: mail.messageId,
          outcome: mail.outcome,
          kind: mail.kind,
          lang: mail.lang,
          mailTime: mail.mailTime.toISOString(),
          receivedAt: mail.receivedAt.toISOString(),
          arrivals: mail.arrivals,
          from: mail.sender,
          subject: mail.subject,
          text: mail.text,
          secrets: mail.secrets,
          attachments: mail.attachments ?? [],
        })),
      },
    };
  },
});

export const version = z.int().positive().max(2_147_483_647).describe('The version that the actor saw.');
export const stale = {
  status: 409,
  description: 'It is no longer at this version; nothing was changed.',
  schema: conflict,
};

export const setState = endpoint({
  method: 'POST',
  path: '/tickets/:id/state',
  tag: 'Acts',
  summary: 'Move a ticket to another state',
  description: 'A snoozed one comes back with it. Undo by the number that is answered.',
  params: idParams,
  body: z.strictObject({ version, state: stateSchema }),
  answer: ticketDone,
  errors: [stale],
  async handle({ db, clock }, { params: { id }, body }) {
    const by = { at: clock.now(), actor: ACTOR };
    const result = await changeTicketState(db, { id, version: body.version, to: body.state, ...by });
    if (result === null) throw new NotFound();
    return answerOf(result);
  },
});

export const setSnooze = endpoint({
  method: 'POST',
  path: '/tickets/:id/snooze',
  tag: 'Acts',
  summary: 'Put a ticket aside until a time, or until something new happens; or bring it back',
  description:
    '`until`: an instant, null for now, or a choice: an hour, tomorrow or Monday 9:00, three days before the deadline, a day (9:00), in `zone` or that of the server.',
  params: idParams,
  body: z.strictObject({
    version,
    until: untilInput.nullable(),
    zone: zoneInput,
  }),
  answer: ticketDone,
  errors: [stale],
  async handle({ db, clock }, { params: { id }, body }) {
    const now = clock.now();
    const row = await findTicket(db, id);
    const deadline = row.deadline === null ? null : new Date(deadlineInstant(row.deadline));
    const until = body.until === null ? null : instantMeant(body.until, { now, zone: zoneOf(body.zone), deadline });
    if (body.until !== null && until === null)
      throw wrongInput('until', 'means no time between now and a year from now');
    const result = await snoozeTicket(db, { id, version: body.version, until, at: now, actor: ACTOR });
    if (result === null) throw new NotFound();
    return answerOf(result);
  },
});

/** What an act on a ticket answers. */
export function answerOf(result: NonNullable<TicketActResult>): Answer {
  if (result.result === 'stale') {
    const { seen, version: now, state, snoozedUntil } = result;
    const message = `The act named version ${seen}; the ticket is at version ${now} and ${state}. Nothing was changed.`;
    const error = {
      code: 'stale',
      message,
      seen,
      version: now,
      state,
      snoozedUntil: snoozedUntil?.toISOString() ?? null,
    };
    return { status: 409, body: { error } };
  }
  return { body: { act: result.result === 'done' ? result.act : null, version: result.version } };
}
