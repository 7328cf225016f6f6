import { type Kysely, sql } from 'kysely';
import type { Deadline, Urgency } from '../core/values.ts';
import type { Tables } from './schema.ts';

/** A ticket that waits to be told of by mail. */
export type GatheredNotice = {
  effectId: number;
  ticketId: number;
  subject: string;
  urgency: Urgency;
  deadline: Deadline | null;
  customer: string;
  language: string;
  /** The incident over several customers that it is part of. */
  incident: number | null;
};

/** Notices by mail that were not sent and are in no other mail that names several; the most urgent first. */
export async function gatheredNotices(db: Kysely<Tables>, limit: number): Promise<GatheredNotice[]> {
  const { rows } = await sql<GatheredNotice>`
    select e.id as "effectId", t.id as "ticketId", t.subject, t.urgency, t.deadline, c.name as customer, c.language,
      (select i.id from incidents i where i.id = t.incident_id and i.customers > 1) as incident
    from effects e join tickets t on t.id = e.ticket_id join customers c on c.id = t.customer_id
    where e.type = 'notify.mail' and e.state in ('due', 'leased') and e.result -> 'namedIn' is null
    order by t.urgency = 'critical' desc, e.id limit ${limit}`.execute(db);
  return rows;
}

/** Whether a mail that names several has told of this one meanwhile. */
export async function isNamed(db: Kysely<Tables>, effectId: number): Promise<boolean> {
  const { rows } = await sql`select 1 from effects where id = ${effectId} and result -> 'namedIn' is not null`.execute(
    db,
  );
  return rows.length > 0;
}

/** Remembers in which mail these were named, and lets them settle now. */
export async function markNamed(db: Kysely<Tables>, effectIds: number[], messageId: string, now: Date): Promise<void> {
  await sql`
    update effects set due_at = least(due_at, ${now}),
      result = coalesce(result, '{}') || jsonb_build_object('namedIn', ${messageId}::text)
    where id = any(${effectIds}::bigint[]) and state in ('due', 'leased')`.execute(db);
}
