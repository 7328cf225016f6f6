import { type Kysely, sql } from 'kysely';
import type { CustomerRecord } from './acts/recordAct.ts';
import type { Tables } from './schema.ts';

/** A ticket that stands in no list any more: it was opened by mails that were released by mistake and are held again. */
export type WithdrawnTicket = { id: number; at: Date; mails: number[] };

/** null: there is no such ticket, or it stands. */
export async function readWithdrawnTicket(db: Kysely<Tables>, id: number): Promise<WithdrawnTicket | null> {
  const { rows } = await sql<WithdrawnTicket>`
    select t.id, t.withdrawn_at as at,
           coalesce((select json_agg(distinct e.mail_id) from entries e where e.ticket_id = t.id and e.type = 'mail'), '[]')
             as mails
      from tickets t where t.id = ${id} and t.withdrawn_at is not null`.execute(db);
  return rows[0] ?? null;
}

/**
 * Takes mails off the tickets that hold nothing but them, in the caller's transaction, which holds the mails. Such a
 * ticket leaves every list, no key leads to it, nothing that is still due for it is done; its number stays, with the
 * mails it was made of. One that other mails are on is left as it is. Answers with records for the customers' logs.
 */
export async function withdrawTickets(
  tx: Kysely<Tables>,
  mailIds: readonly number[],
  at: Date,
): Promise<{ tickets: number[]; audit: CustomerRecord[] }> {
  const { rows } = await sql<{ id: number; customerId: number }>`
    select t.id, t.customer_id as "customerId" from tickets t
     where t.id in (select ticket_id from mails where id = any(${mailIds}::bigint[]))
       and not exists (select from mails o where o.ticket_id = t.id and o.id <> all(${mailIds}::bigint[]))
     order by t.id for update`.execute(tx);
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0) {
    const those = sql`any(${ids}::bigint[])`;
    await sql`update mails set ticket_id = null where ticket_id = ${those}`.execute(tx);
    await sql`update tickets set withdrawn_at = ${at}, snoozed_until = null, mails = 0, version = version + 1,
      updated_at = greatest(updated_at, ${at}) where id = ${those}`.execute(tx);
    await sql`delete from thread_keys where ticket_id = ${those}`.execute(tx);
    await sql`delete from thread_mentions where ticket_id = ${those}`.execute(tx);
    await sql`delete from ticket_search where ticket_id = ${those}`.execute(tx);
    await sql`update effects set state = 'done', settled_at = ${at}, result = '{"withdrawn":true}'
      where ticket_id = ${those} and state in ('due', 'parked')`.execute(tx);
  }
  const audit = rows.map(({ id, customerId }) => ({ customerId, action: 'ticket.withdrawn', detail: { ticket: id } }));
  return { tickets: ids, audit };
}
