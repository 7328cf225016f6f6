import type { Kysely } from 'kysely';
import type { Tables, TicketState } from '../schema.ts';
import { type ActBy, recordAct, tellChange, touched } from './recordAct.ts';

/**
 * What became of an act on a ticket. `stale`: the ticket is no longer at the version that the actor saw; nothing was
 * written, and both versions are named with what the ticket is now. `same`: it is so already. null: no such
 * ticket.
 */
export type TicketActResult =
  | { result: 'done'; act: number; version: number }
  | { result: 'same'; version: number }
  | { result: 'stale'; seen: number; version: number; state: TicketState; snoozedUntil: Date | null }
  | null;

/** Moves a ticket to another state; one that is snoozed comes back with it. One transaction. A ticket
 * that was merged into another is never at the version that an actor saw. */
export async function changeTicketState(
  db: Kysely<Tables>,
  change: ActBy & { id: number; version: number; to: TicketState },
): Promise<TicketActResult> {
  const { id, version, to, at, actor } = change;
  return db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, id);
    if (!ticket) return null;
    if (ticket.mergedInto !== null || ticket.version !== version) return staleOf(ticket, version);
    if (ticket.state === to && ticket.snoozedUntil === null) return { result: 'same', version };
    await tx
      .updateTable('tickets')
      .set({ state: to, solved_at: to === 'solved' ? at : null, snoozed_until: null, ...touched(at) })
      .where('id', '=', id)
      .execute();
    const changes: { field: string; from: unknown; to: unknown }[] = [];
    if (ticket.state !== to) changes.push({ field: 'state', from: ticket.state, to });
    if (ticket.snoozedUntil !== null)
      changes.push({ field: 'snooze', from: ticket.snoozedUntil.toISOString(), to: null });
    await tellChange(tx, { ticketId: id, customerId: ticket.customerId, changes, at, actor });
    const act = await recordAct(tx, {
      type: 'ticket.state',
      customerId: ticket.customerId,
      ticketId: id,
      mailId: null,
      at,
      actor,
      detail: { from: ticket.state, to, fromSnooze: ticket.snoozedUntil?.toISOString() ?? null },
      undoUntil: null,
    });
    return { result: 'done', act, version: version + 1 };
  });
}

export type LockedTicket = {
  customerId: number;
  version: number;
  state: TicketState;
  snoozedUntil: Date | null;
  mergedInto: number | null;
};

/** The row of a ticket, held until the transaction ends: a mail that is being decided onto it is waited for. */
export async function lockTicket(tx: Kysely<Tables>, id: number): Promise<LockedTicket | undefined> {
  return tx
    .selectFrom('tickets')
    .select([
      'customer_id as customerId',
      'version',
      'state',
      'snoozed_until as snoozedUntil',
      'merged_into as mergedInto',
    ])
    .where('id', '=', id)
    .where('withdrawn_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
}

export function staleOf(ticket: LockedTicket, seen: number): TicketActResult {
  const { version, state, snoozedUntil } = ticket;
  return { result: 'stale', seen, version, state, snoozedUntil };
}
