import { z } from 'zod';
import { type IncidentRow, readIncident, readIncidents, readIncidentTickets } from '../../store/readIncidents.ts';
import { NotFound } from '../errors.ts';
import { idKeySchema, packKey } from '../pagingKey.ts';
import { idParams } from '../queries.ts';
import { endpoint, PAGE, pageOf, paging } from './endpoint.ts';
import { incident, incidentItem } from './shapes.ts';
import { itemOf } from './tickets.ts';

/** Tickets of one incident that an answer holds. */
const TICKETS = 1000;

export const getIncidents = endpoint({
  method: 'GET',
  path: '/incidents',
  tag: 'Tickets',
  summary: 'Events of AWS in the mail of several customers, newest first',
  description: 'For the team: an incident names customers beside each other. Answers about one customer never do.',
  query: z.strictObject(paging(idKeySchema)),
  answer: pageOf(incidentItem),
  async handle({ db }, { query: { limit = PAGE, after } }) {
    const rows = await readIncidents(db, after?.id ?? null, limit + 1);
    const last = rows[limit - 1];
    const next = rows.length > limit && last ? packKey({ id: last.id }) : null;
    return { body: { items: rows.slice(0, limit).map(incidentOf), next } };
  },
});

export const getIncident = endpoint({
  method: 'GET',
  path: '/incidents/:id',
  tag: 'Tickets',
  summary: 'One incident with the tickets of its customers, next to act first',
  params: idParams,
  answer: incident,
  async handle({ db, clock }, { params: { id } }) {
    const row = await readIncident(db, id);
    if (row === null) throw new NotFound();
    const tickets = await readIncidentTickets(db, id, clock.now(), TICKETS);
    return { body: { ...incidentOf(row), tickets: tickets.map(itemOf) } };
  },
});

function incidentOf({ firstAt, lastAt, ...row }: IncidentRow) {
  return { ...row, firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString() };
}
