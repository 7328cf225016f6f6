import { type Kysely, sql } from 'kysely';
import type { AuthResult, Deadline, Facts, Review, SecretLevel, SenderVerdict, Urgency } from '../core/values.ts';
import type { EffectAttempt, EffectState, Tables, TicketQueue, TicketState } from './schema.ts';

/** A ticket as lists and the API show it. */
export type TicketRow = {
  id: number;
  /** To be named by an act: one on an older version is refused. */
  version: number;
  customerId: number;
  customer: string;
  customerName: string;
  kind: string;
  subject: string;
  urgency: Urgency;
  actionRequired: boolean;
  deadline: Deadline | null;
  actAt: Date;
  state: TicketState;
  /** The list that it stands in. */
  queue: TicketQueue;
  snoozedUntil: Date | null;
  /** The incident over several customers that it is part of. */
  incident: { id: number; customers: number } | null;
  /** The ticket that has its mails now. */
  mergedInto: number | null;
  secretLevel: SecretLevel;
  mails: number;
  createdAt: Date;
  updatedAt: Date;
};

const COLUMNS = sql`t.id, t.version, t.customer_id as "customerId", c.slug as customer, c.name as "customerName", t.kind, t.subject,
  t.urgency, t.action_required as "actionRequired", t.deadline, t.act_at as "actAt", t.state, t.queue,
  t.snoozed_until as "snoozedUntil", t.merged_into as "mergedInto",
  (select json_build_object('id', i.id, 'customers', i.customers) from incidents i
    where i.id = t.incident_id and i.customers > 1) as incident,
  t.secret_level as "secretLevel", t.mails, t.created_at as "createdAt", t.updated_at as "updatedAt"`;

export async function readTicket(db: Kysely<Tables>, id: number): Promise<TicketRow | null> {
  const found = await sql<TicketRow>`select ${COLUMNS} from tickets t join customers c on c.id = t.customer_id
    where t.id = ${id} and t.withdrawn_at is null`.execute(db);
  return found.rows[0] ?? null;
}

/** A mail of a ticket with what was read out of it: redacted fields only. */
export type TicketMail = {
  id: number;
  sha256: string;
  messageId: string | null;
  mailTime: Date;
  receivedAt: Date;
  outcome: string | null;
  kind: string | null;
  lang: string | null;
  size: number;
  arrivals: number;
  auth: AuthResult;
  error: string | null;
  secretLevel: SecretLevel | null;
  review: Review | null;
  /** As the person wrote it. */
  reviewBy: string | null;
  reviewReason: string | null;
  subject: string | null;
  sender: string | null;
  senderName: string | null;
  recipients: unknown[] | null;
  text: string | null;
  attachments: { name: string; type: string; size: number }[] | null;
  facts: Facts | null;
  secrets: { count: number; kinds: string[]; level: SecretLevel } | null;
  senderVerdict: SenderVerdict | null;
  nextSteps: string[] | null;
  ticketBody: string | null;
};

/** Mails of a ticket in order of mail time: the last `limit` of them, or of those that are named. */
export async function readTicketMails(
  db: Kysely<Tables>,
  ticketId: number,
  of: { limit: number; ids?: readonly number[] },
): Promise<TicketMail[]> {
  const found = await sql<TicketMail>`select m.id, encode(m.sha256, 'hex') as sha256, m.message_id as "messageId",
    m.mail_time as "mailTime", m.received_at as "receivedAt", m.outcome, m.kind, m.lang, m.size, m.auth, m.error,
    m.secret_level as "secretLevel", m.review, m.review_by as "reviewBy", m.review_reason as "reviewReason",
    (select count(*)::int from arrivals a where a.mail_id = m.id) as arrivals,
    r.subject, r.sender, r.sender_name as "senderName", r.recipients, r.text, r.attachments, r.facts, r.secrets,
    r.sender_verdict as "senderVerdict", r.next_steps as "nextSteps", r.ticket_body as "ticketBody"
    from mails m left join readings r on r.mail_id = m.id
    where m.ticket_id = ${ticketId} ${of.ids === undefined ? sql`` : sql`and m.id = any(${of.ids}::bigint[])`}
    order by m.mail_time desc, m.id desc limit ${of.limit}`.execute(db);
  return found.rows.reverse();
}

/** What the mails of a ticket say together is made of this, a mail each. */
export type MailMatter = Pick<TicketMail, 'id' | 'kind' | 'facts' | 'nextSteps'> & {
  /** The beginning of its wording. */
  ticketBody: string | null;
};

/** What the last `limit` mails of a ticket say, without their texts, in order of mail time. */
export async function readMatter(db: Kysely<Tables>, ticketId: number, limit: number): Promise<MailMatter[]> {
  const found = await sql<MailMatter>`select m.id, m.kind, r.facts, r.next_steps as "nextSteps",
    left(r.ticket_body, 1000) as "ticketBody" from mails m left join readings r on r.mail_id = m.id
    where m.ticket_id = ${ticketId} order by m.mail_time desc, m.id desc limit ${limit}`.execute(db);
  return found.rows.reverse();
}

/** An effect with its attempts; `type` and `key` name it, its payload holds ids only and is not shown. */
export type EffectRow = {
  id: number;
  type: string;
  state: EffectState;
  dueAt: Date;
  attempts: EffectAttempt[];
  createdAt: Date;
  settledAt: Date | null;
};

export async function readEffects(
  db: Kysely<Tables>,
  of: { ticketId?: number; mailId?: number },
): Promise<EffectRow[]> {
  const found = await sql<EffectRow>`select id, type, state, due_at as "dueAt", attempts, created_at as "createdAt",
    settled_at as "settledAt" from effects where
    ${of.ticketId === undefined ? sql`mail_id = ${of.mailId ?? null}` : sql`ticket_id = ${of.ticketId}`}
    order by id limit 100`.execute(db);
  return found.rows;
}

export type ListMembers = { listId: number; address: string; account: string | null; members: Record<string, number> };

/** Root addresses that mails of this ticket came to, with their members by state. */
export async function readTicketLists(db: Kysely<Tables>, ticketId: number): Promise<ListMembers[]> {
  const found = await sql<ListMembers>`select l.id as "listId", l.address, l.account,
    coalesce((select jsonb_object_agg(s.state, s.n) from
      (select state, count(*)::int as n from members where list_id = l.id group by state) s), '{}') as members
    from lists l where l.id in (select distinct list_id from mails where ticket_id = ${ticketId}) order by l.id`.execute(
    db,
  );
  return found.rows;
}
