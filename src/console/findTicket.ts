import type { Kysely } from 'kysely';
import { readTicket, type TicketRow } from '../store/readTickets.ts';
import type { Tables } from '../store/schema.ts';
import { NotFound } from './errors.ts';

/** The ticket of this number. Throws NotFound. */
export async function findTicket(db: Kysely<Tables>, id: number): Promise<TicketRow> {
  const ticket = await readTicket(db, id);
  if (ticket === null) throw new NotFound();
  return ticket;
}
