import { type Kysely, sql } from 'kysely';
import { countIn } from '../counters.ts';
import { tellNews } from '../news.ts';
import type { Tables } from '../schema.ts';
import { lockTicket, staleOf, type TicketActResult } from './changeState.ts';
import { type ActBy, auditAct, recordAct, tellChange, touched } from './recordAct.ts';

/**
 * Takes a ticket out of the queue until an instant, or until something new happens to it; null brings it back now. Its
 * state stays. A solved ticket has nothing to be snoozed: `same`. One transaction.
 */
export async function snoozeTicket(
  db: Kysely<Tables>,
  snooze: ActBy & { id: number; version: number; until: Date | null },
): Promise<TicketActResult> {
  const { id, version, until, at, actor } = snooze;
  return db.transaction().execute(async (tx) => {
    const ticket = await lockTicket(tx, id);
    if (!ticket) return null;
    if (ticket.mergedInto !== null || ticket.version !== version) return staleOf(ticket, version);
    const from = ticket.snoozedUntil;
    if (ticket.state === 'solved' || from?.getTime() === until?.getTime()) return { result: 'same', version };
    await tx
      .updateTable('tickets')
      .set({ snoozed_until: until, ...touched(at) })
      .where('id', '=', id)
      .execute();
    const said = { from: from?.toISOString() ?? null, to: until?.toISOString() ?? null };
    const changes = [{ field: 'snooze', ...said }];
    await tellChange(tx, { ticketId: id, customerId: ticket.customerId, changes, at, actor });
    const act = await recordAct(tx, {
      type: 'ticket.snoozed',
      customerId: ticket.customerId,
      ticketId: id,
      mailId: null,
      at,
      actor,
      detail: said,
      undoUntil: null,
    });
    return { result: 'done', act, version: version + 1 };
  });
}

/** Tickets that come back in one transaction. */
const BATCH = 100;

/**
 * Brings back the tickets whose time has come, up to BATCH of them, each with a line in its timeline. Rows that somebody
 * holds are left for the next look. Returns how many; call again while it is BATCH.
 */
export async function returnSnoozed(db: Kysely<Tables>, now: Date): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const due = await tx
      .selectFrom('tickets')
      .select(['id', 'customer_id', 'snoozed_until'])
      .where('snoozed_until', '<=', now)
      .orderBy('id')
      .limit(BATCH)
      .forUpdate()
      .skipLocked()
      .execute();
    if (due.length === 0) return 0;
    const ids = due.map((ticket) => ticket.id);
    await tx
      .updateTable('tickets')
      .set({ snoozed_until: null, ...touched(now) })
      .where('id', '=', sql<number>`any(${ids}::bigint[])`)
      .execute();
    for (const { id, customer_id: customerId, snoozed_until: until } of due) {
      const changes = [{ field: 'snooze', from: until?.toISOString() ?? null, to: null }];
      await tellChange(tx, { ticketId: id, customerId, changes, at: now, actor: 'rootdesk' });
    }
    const records = due.map((ticket) => ({
      customerId: ticket.customer_id,
      action: 'ticket.returned',
      detail: { ticket: ticket.id },
    }));
    await auditAct(tx, null, { at: now, actor: 'rootdesk' }, records);
    await countIn(tx, { 'tickets.returned': due.length });
    await tellNews(tx, { tickets: ids });
    return due.length;
  });
}
