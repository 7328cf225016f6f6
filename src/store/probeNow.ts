import { type Kysely, sql } from 'kysely';
import { appendAudit } from './audit.ts';
import type { Tables } from './schema.ts';

/** A probe that was made this long ago is still on its way (ms): pressed often, it is asked for once. */
const RECENT_MS = 60_000;

/** `under_way`: one was made a moment ago, or has not left yet; `not_probed`: released, or another program keeps the list. */
export type ProbeAsked = 'asked' | 'under_way' | 'not_probed';

/**
 * Makes the next probe of a root address due now, for a person who mended its way and would have to wait for it. Whoever
 * sends probes looks every 20 seconds. Null: there is no such list.
 */
export async function probeNow(
  db: Kysely<Tables>,
  { listId, actor, now }: { listId: number; actor: string; now: Date },
): Promise<ProbeAsked | null> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ customerId: number; account: string | null; isProbed: boolean; isUnderWay: boolean }>`
      select l.customer_id as "customerId", l.account, l.state <> 'released' and l.host = 'builtin' as "isProbed",
             l.next_probe_at <= ${now} or exists (select from probes p where p.list_id = l.id
               and (p.state = 'due' or p.made_at > ${new Date(now.getTime() - RECENT_MS)})) as "isUnderWay"
        from lists l where l.id = ${listId} for update`.execute(tx);
    const list = rows[0];
    if (list === undefined) return null;
    if (!list.isProbed) return 'not_probed';
    if (list.isUnderWay) return 'under_way';
    await sql`update lists set next_probe_at = ${now} where id = ${listId}`.execute(tx);
    const detail = { account: list.account };
    await appendAudit(tx, [{ customerId: list.customerId, at: now, actor, action: 'list.probe_asked', detail }]);
    return 'asked';
  });
}
