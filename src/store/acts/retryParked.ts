import { type Kysely, sql } from 'kysely';
import type { Tables } from '../schema.ts';
import { alikeMails } from './alikeMails.ts';
import { type ActBy, recordAct } from './recordAct.ts';

export type Retry = ActBy & { id: number };

/**
 * Puts a parked mail back in line to be decided, with `alike` those like it too; they stay parked, and visible as such,
 * until they are. The caller rings 'decide'. null: it is not parked, or already in line; nothing was written.
 */
export async function retryParkedMail(
  db: Kysely<Tables>,
  { id, at, actor, alike = false }: Retry & { alike?: boolean },
): Promise<{ act: number; mails: number[] } | null> {
  return db.transaction().execute(async (tx) => {
    const found = alike ? await alikeMails(tx, id) : [];
    const { rows } = await sql<{ id: number; customerId: number | null; waits: boolean }>`
      select id, customer_id as "customerId", outcome = 'parked' and decide_due is null as waits from mails
       where id = any(${[id, ...found]}::bigint[]) order by id for no key update`.execute(tx);
    const own = rows.find((row) => row.id === id);
    if (!own?.waits) return null;
    const mails = rows.filter((row) => row.waits).map((row) => row.id);
    await sql`update mails set decide_due = ${at}, decide_attempts = 0 where id = any(${mails}::bigint[])`.execute(tx);
    const { customerId } = own;
    const act = await recordAct(tx, {
      type: 'mail.retried',
      customerId,
      ticketId: null,
      mailId: id,
      at,
      actor,
      detail: { mails },
      undoUntil: at,
      mails,
    });
    return { act, mails };
  });
}

/** Puts a parked effect back in line, its attempts kept. The caller rings 'act'. null: it is not parked. */
export async function retryParkedEffect(db: Kysely<Tables>, { id, at, actor }: Retry): Promise<{ act: number } | null> {
  return db.transaction().execute(async (tx) => {
    const effect = await tx
      .updateTable('effects')
      .set({ state: 'due', due_at: at, attempt_count: 0, settled_at: null, lease_until: null, lease_owner: null })
      .where('id', '=', id)
      .where('state', '=', 'parked')
      .returning(['customer_id', 'ticket_id', 'type'])
      .executeTakeFirst();
    if (!effect) return null;
    const act = await recordAct(tx, {
      type: 'effect.retried',
      customerId: effect.customer_id,
      ticketId: effect.ticket_id,
      mailId: null,
      at,
      actor,
      detail: { effect: id, type: effect.type },
      undoUntil: at,
    });
    return { act };
  });
}
