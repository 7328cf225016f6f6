import { type Kysely, sql } from 'kysely';
import type { Urgency } from '../core/values.ts';
import { type QueueRow, queueRowsWhere } from './readQueue.ts';
import type { Tables } from './schema.ts';

/** One event of AWS in the mail of several customers. For the team alone: it names customers beside each other. */
export type IncidentRow = {
  id: number;
  kind: string;
  /** Of its first ticket. */
  subject: string;
  urgency: Urgency;
  /** Mail times of its first and last mail. */
  firstAt: Date;
  lastAt: Date;
  customers: number;
  /** Tickets of it that are not solved. */
  open: number;
};

const COLUMNS = sql`i.id, i.kind, i.first_at as "firstAt", i.last_at as "lastAt", i.customers, t.subject, t.urgency,
  (select count(*)::int from tickets o where o.incident_id = i.id and o.state <> 'solved') as open`;
/** The ticket that stands for the incident: the first to act upon of those that are not solved. */
const FIRST = sql`cross join lateral (select subject, urgency from tickets where incident_id = i.id
  order by state = 'solved', rank > 0, act_at, rank, id limit 1) t`;

/** Incidents over several customers, those with the newest mail first; `before`: the id that the page before ended with. */
export async function readIncidents(db: Kysely<Tables>, before: number | null, limit: number): Promise<IncidentRow[]> {
  const behind = before === null ? sql`` : sql`and i.id < ${before}`;
  const { rows } = await sql<IncidentRow>`select ${COLUMNS} from incidents i ${FIRST}
    where i.customers > 1 ${behind} order by i.id desc limit ${limit}`.execute(db);
  return rows;
}

/** One incident over several customers, or null. */
export async function readIncident(db: Kysely<Tables>, id: number): Promise<IncidentRow | null> {
  const { rows } = await sql<IncidentRow>`select ${COLUMNS} from incidents i ${FIRST}
    where i.id = ${id} and i.customers > 1`.execute(db);
  return rows[0] ?? null;
}

/** Its tickets, next to act first, solved ones last. */
export async function readIncidentTickets(
  db: Kysely<Tables>,
  id: number,
  asOf: Date,
  limit: number,
): Promise<QueueRow[]> {
  return queueRowsWhere(
    db,
    sql<boolean>`t.incident_id = ${id}`,
    sql`t.state = 'solved', t.rank > 0, t.act_at, t.rank, t.id`,
    asOf,
    limit,
  );
}
