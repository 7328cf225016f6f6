import { type Kysely, sql } from 'kysely';
import { appendAudit } from './audit.ts';
import type { Tables, TicketState } from './schema.ts';

export type StateChange = { id: number; from: TicketState; to: TicketState; actor: string; at: Date };

/**
 * Moves a ticket from the state that its reader saw to another: ticket, timeline and audit in one transaction.
 * `changed: false` tells the state that it is meanwhile in; nothing was written. null: no such ticket.
 */
export async function changeTicketState(
  db: Kysely<Tables>,
  change: StateChange,
): Promise<{ changed: boolean; state: TicketState } | null> {
  return db.transaction().execute(async (tx) => {
    const ticket = await tx
      .selectFrom('tickets')
      .select(['customer_id', 'state'])
      .where('id', '=', change.id)
      .forUpdate()
      .executeTakeFirst();
    if (!ticket) return null;
    if (ticket.state !== change.from || change.from === change.to) return { changed: false, state: ticket.state };
    await tx
      .updateTable('tickets')
      .set({ state: change.to, updated_at: sql`greatest(updated_at, ${change.at.toISOString()}::timestamptz)` })
      .where('id', '=', change.id)
      .execute();
    await tx
      .insertInto('entries')
      .values({
        ticket_id: change.id,
        customer_id: ticket.customer_id,
        mail_id: null,
        type: 'change',
        at: change.at,
        actor: change.actor,
        body: JSON.stringify({ changes: [{ field: 'state', from: change.from, to: change.to }] }),
      })
      .execute();
    await appendAudit(tx, [
      {
        customerId: ticket.customer_id,
        at: change.at,
        actor: change.actor,
        action: 'ticket.state',
        detail: { ticket: change.id, from: change.from, to: change.to },
      },
    ]);
    return { changed: true, state: change.to };
  });
}
