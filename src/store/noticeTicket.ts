import { type Kysely, sql } from 'kysely';
import type { Deadline, Facts, SecretLevel, Urgency } from '../core/values.ts';
import type { Tables, TicketState } from './schema.ts';

/** What a notice may say of a ticket: redacted values only, as the pages show them. */
export type NoticeTicket = {
  id: number;
  subject: string;
  kind: string;
  urgency: Urgency;
  actionRequired: boolean;
  deadline: Deadline | null;
  state: TicketState;
  secretLevel: SecretLevel;
  customer: string;
  slug: string;
  language: string;
  /** The incident over several customers that it is part of, as it is now. */
  incident: { id: number; customers: number } | null;
  /** Of the newest mail that was understood; null when none was. */
  facts: Facts | null;
};

/** The ticket with its customer and the facts of its newest mail; null when there is no such ticket. */
export async function readNoticeTicket(db: Kysely<Tables>, ticketId: number): Promise<NoticeTicket | null> {
  const { rows } = await sql<NoticeTicket>`
    select t.id, t.subject, t.kind, t.urgency, t.action_required as "actionRequired", t.deadline, t.state,
      t.secret_level as "secretLevel", c.name as customer, c.slug, c.language,
      (select json_build_object('id', i.id, 'customers', i.customers) from incidents i
        where i.id = t.incident_id and i.customers > 1) as incident,
      (select r.facts from mails m join readings r on r.mail_id = m.id
        where m.ticket_id = t.id order by m.mail_time desc, m.sha256 desc limit 1) as facts
    from tickets t join customers c on c.id = t.customer_id
    where t.id = ${ticketId}`.execute(db);
  return rows[0] ?? null;
}

/** Those of the addresses that are lists of ours: a notice to one would come back as mail. */
export async function ownListAddresses(db: Kysely<Tables>, addresses: string[]): Promise<string[]> {
  const lower = addresses.map((address) => address.toLowerCase());
  const rows = await db.selectFrom('lists').select('address').where('address', 'in', lower).execute();
  return rows.map((row) => row.address);
}

/**
 * The key under which this installation marks what it sends (Message-ID, loop marker, webhook id). Drawn at the first use and
 * kept in the database: a restored database still knows its own mail.
 */
export async function noticeKey(db: Kysely<Tables>): Promise<Buffer> {
  const { rows } = await sql<{ value: string }>`
    with drawn as (
      insert into instance (name, value)
      values ('noticeKey', to_jsonb(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')))
      on conflict (name) do nothing returning value)
    select value from drawn union all select value from instance where name = 'noticeKey' limit 1`.execute(db);
  const found = rows[0];
  // Another process drew it in this moment: its row is visible to the next statement.
  return found ? Buffer.from(found.value, 'hex') : await noticeKey(db);
}
