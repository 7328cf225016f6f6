import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';
import { resolveFilter, type TicketFilter } from './ticketFilter.ts';

/**
 * Tickets of a filter as they were at an instant, next to act first: one that came or changed after it is not among them,
 * since nobody saw it so.
 */
export async function findTickets(
  db: Kysely<Tables>,
  filter: TicketFilter,
  asOf: Date,
  limit: number,
): Promise<{ id: number; version: number }[]> {
  const resolved = await resolveFilter(db, filter, asOf);
  if (resolved === null) return [];
  const { rows } = await sql<{ id: number; version: number }>`
    select t.id, t.version from tickets t
     where t.queue = any(${resolved.queues}::text[]) and t.updated_at <= ${asOf.toISOString()}::timestamptz
       and ${resolved.condition} and ${resolved.dear ?? sql`true`}
     order by t.act_at, t.rank, t.id limit ${limit}`.execute(db);
  return rows;
}
