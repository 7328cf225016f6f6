import type { Kysely } from 'kysely';
import { appendAudit } from './audit.ts';
import type { Tables } from './schema.ts';

export type Retry = { id: number; actor: string; at: Date };

/**
 * Puts a parked mail back in line to be decided; it stays parked, and visible as such, until it is. The caller rings
 * 'decide'. false: it is not parked, or already in line; nothing was written.
 */
export async function retryParkedMail(db: Kysely<Tables>, { id, actor, at }: Retry): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const mail = await tx
      .updateTable('mails')
      .set({ decide_due: at, decide_attempts: 0 })
      .where('id', '=', id)
      .where('outcome', '=', 'parked')
      .where('decide_due', 'is', null)
      .returning('customer_id')
      .executeTakeFirst();
    if (!mail) return false;
    await appendAudit(tx, [{ customerId: mail.customer_id, at, actor, action: 'mail.retried', detail: { mail: id } }]);
    return true;
  });
}

/** Puts a parked effect back in line, its attempts kept. The caller rings 'act'. false: it is not parked. */
export async function retryParkedEffect(db: Kysely<Tables>, { id, actor, at }: Retry): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const effect = await tx
      .updateTable('effects')
      .set({ state: 'due', due_at: at, attempt_count: 0, settled_at: null, lease_until: null, lease_owner: null })
      .where('id', '=', id)
      .where('state', '=', 'parked')
      .returning(['customer_id', 'type'])
      .executeTakeFirst();
    if (!effect) return false;
    await appendAudit(tx, [
      {
        customerId: effect.customer_id,
        at,
        actor,
        action: 'effect.retried',
        detail: { effect: id, type: effect.type },
      },
    ]);
    return true;
  });
}
