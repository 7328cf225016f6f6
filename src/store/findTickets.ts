import { type Kysely, type RawBuilder, sql } from 'kysely';
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
  const found = await where(db, filter, asOf);
  if (found === null) return [];
  const { rows } = await sql<{ id: number; version: number }>`
    select t.id, t.version ${found} order by t.act_at, t.rank, t.id limit ${limit}`.execute(db);
  return rows;
}

/** How many `findTickets` finds, counted up to `limit`. */
export async function countTickets(
  db: Kysely<Tables>,
  filter: TicketFilter,
  asOf: Date,
  limit: number,
): Promise<number> {
  const found = await where(db, filter, asOf);
  if (found === null) return 0;
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from (
    select ${found} limit ${limit}) counted`.execute(db);
  return rows[0]?.count ?? 0;
}

async function where(db: Kysely<Tables>, filter: TicketFilter, asOf: Date): Promise<RawBuilder<unknown> | null> {
  const resolved = await resolveFilter(db, filter, asOf);
  if (resolved === null) return null;
  return sql`from tickets t
     where t.queue = any(${resolved.queues}::text[]) and t.updated_at <= ${asOf.toISOString()}::timestamptz
       and ${resolved.condition} and ${resolved.dear ?? sql`true`}`;
}
