import type { Kysely } from 'kysely';
import { appendAudit } from './audit.ts';
import type { Tables } from './schema.ts';

/**
 * Lets a parked mail be decided again: it is due at once and stays parked, with its error, until then. Recorded with who
 * asked for it. Returns false when there is no such mail, it is not parked, or it waits already. The caller rings
 * `decide`.
 */
export async function retryMail(db: Kysely<Tables>, id: number, actor: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const now = new Date();
    const mail = await tx
      .updateTable('mails')
      .set({ decide_due: now, decide_attempts: 0 })
      .where('id', '=', id)
      .where('outcome', '=', 'parked')
      .where('decide_due', 'is', null)
      .returning('customer_id')
      .executeTakeFirst();
    if (mail === undefined) return false;
    const customerId = mail.customer_id;
    await appendAudit(tx, [{ customerId, at: now, actor, action: 'mail.retried', detail: { mail: id } }]);
    return true;
  });
}
