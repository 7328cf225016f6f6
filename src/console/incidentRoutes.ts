import { z } from 'zod';
import { readIncident, readIncidents, readIncidentTickets } from '../store/readIncidents.ts';
import { readPlace } from '../store/readPlace.ts';
import { NotFound } from './errors.ts';
import type { PageHandler } from './pageHandler.ts';
import { incidentPage, incidentsPage } from './pages/incidentPage.ts';
import { emptyIsAbsent, idParams, idSchema, parse } from './queries.ts';
import { viewOf } from './requestView.ts';

const PAGE = 50;
/** Tickets of one incident that a page shows. */
const TICKETS = 500;

export const showIncidents: PageHandler = async (deps, request) => {
  const { before } = parse(z.object({ before: emptyIsAbsent(idSchema) }), request.query);
  const [view, rows] = await Promise.all([viewOf(deps, request), readIncidents(deps.db, before ?? null, PAGE + 1)]);
  const shown = rows.slice(0, PAGE);
  return incidentsPage(view, shown, rows.length > PAGE ? (shown.at(-1)?.id ?? null) : null);
};

export const showIncident: PageHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const incident = await readIncident(deps.db, id);
  if (incident === null) throw new NotFound();
  const [view, tickets] = await Promise.all([
    viewOf(deps, request),
    readIncidentTickets(deps.db, id, deps.clock.now(), TICKETS),
  ]);
  const first = tickets.find(({ queue }) => queue === 'open');
  const place = first === undefined ? null : await readPlace(deps.db, first.id, deps.clock.now());
  return incidentPage(view, incident, tickets, place);
};
