import type { Kysely } from 'kysely';
import { readMergedInto, readTicket, type TicketRow } from '../store/readTickets.ts';
import type { Tables } from '../store/schema.ts';
import { Moved, NotFound } from './errors.ts';

/** The ticket of this number. Throws Moved (with its address under `base`) when it was merged into another, or NotFound. */
export async function findTicket(db: Kysely<Tables>, id: number, base: string): Promise<TicketRow> {
  const ticket = await readTicket(db, id);
  if (ticket) return ticket;
  throw await goneTicket(db, id, base);
}

/** Why there is no ticket of this number: it was merged into another, or never was. */
export async function goneTicket(db: Kysely<Tables>, id: number, base: string): Promise<Moved | NotFound> {
  const into = await readMergedInto(db, id);
  return into === null ? new NotFound() : new Moved(`${base}/${into}`);
}
