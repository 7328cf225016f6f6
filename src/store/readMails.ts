import { type Kysely, type RawBuilder, sql } from 'kysely';
import type {
  AuthResult,
  Deadline,
  Facts,
  Outcome,
  Reason,
  Review,
  SecretLevel,
  SenderVerdict,
  Urgency,
} from '../core/values.ts';
import type { Tables } from './schema.ts';

/** A mail as lists and the API show it: hashes, outcome, and what the redacted reading says. */
export type MailRow = {
  id: number;
  customer: string | null;
  customerName: string | null;
  sha256: string;
  messageId: string | null;
  size: number;
  receivedAt: Date;
  mailTime: Date;
  decidedAt: Date | null;
  outcome: Outcome | null;
  kind: string | null;
  rule: string | null;
  lang: string | null;
  urgency: Urgency | null;
  deadline: Deadline | null;
  secretLevel: SecretLevel | null;
  ticketId: number | null;
  error: string | null;
  subject: string | null;
  sender: string | null;
  /** The reason that decided, for one line in a list; of a held mail, what first spoke against it. */
  why: Reason | null;
  secretKinds: string[];
  /** What a person said about it while it was held; null: nobody did. */
  review: Review | null;
  reviewedAt: Date | null;
  /** As the person wrote it. */
  reviewBy: string | null;
  reviewReason: string | null;
  /** Only of quarantined mails that wait: others of this customer with the same text and sender, which an act can take along. */
  alike: number;
  /** When it is decided next; null: it waits for a person, or for nothing. */
  decideDue: Date | null;
};

/** `pending`: kept, not decided yet. `sha256` is hex, `messageId` with or without angle brackets. */
export type MailFilter = {
  outcome?: Outcome | 'pending';
  /** `waiting`: nobody has looked at it; `decided`: somebody rejected or released it, whatever it is now. */
  review?: 'waiting' | 'decided';
  customer?: string;
  sha256?: string;
  messageId?: string;
  ticket?: number;
  kind?: string;
};

/** What waiting mails can be filtered by: the first 1000 are looked into. */
export type WaitingGroups = {
  kinds: { kind: string; count: number }[];
  customers: { slug: string; name: string; count: number }[];
};

const COLUMNS = sql`m.id, c.slug as customer, c.name as "customerName", encode(m.sha256, 'hex') as sha256,
  m.message_id as "messageId", m.size, m.received_at as "receivedAt", m.mail_time as "mailTime",
  m.decided_at as "decidedAt", m.outcome, m.kind, m.rule, m.lang, m.urgency, m.deadline,
  m.secret_level as "secretLevel", m.ticket_id as "ticketId", m.error, m.review,
  m.decide_due as "decideDue", m.reviewed_at as "reviewedAt", m.review_by as "reviewBy", m.review_reason as "reviewReason", r.subject, r.sender, coalesce((select e.reason from json_array_elements(r.reasons) with ordinality as e (reason, n)
     where m.outcome = 'quarantine' and (e.reason ->> 'code' like 'claim.%'
       or e.reason ->> 'code' like 'auth.%' and e.reason ->> 'code' <> 'auth.dkim_aligned')
     order by n limit 1), r.reasons -> -1) as why,
  coalesce(r.secrets -> 'kinds', '[]') as "secretKinds"`;

/** As alikeMails finds them, counted up to 200. */
const ALIKE = sql`(select count(*)::int from (
  (select from mails x join readings y on y.mail_id = x.id
    where m.outcome in ('quarantine', 'parked') and m.review is null and x.customer_id = m.customer_id
      and x.content_hash = m.content_hash and x.outcome = m.outcome and x.review is null and x.id <> m.id
      and y.sender is not distinct from r.sender limit 200)
  union all
  (select from mails x join readings y on y.mail_id = x.id
    where m.outcome = 'parked' and m.review is null and m.content_hash is null and x.customer_id = m.customer_id
      and x.error = m.error and x.outcome = 'parked' and x.content_hash is null and x.review is null and x.id <> m.id
      and y.sender is not distinct from r.sender and y.subject = r.subject limit 200)
  limit 200) a)`;

/** Goes by customer, as the index does; a Message-ID may be stored with or without its angle brackets. */
function byMessageId(id: string): RawBuilder<unknown> {
  const named = sql`in (${id}, ${`<${id}>`})`;
  return sql`select x.id from customers y join mails x on x.customer_id = y.id and x.message_id ${named}
    union all select id from mails where customer_id is null and message_id ${named}`;
}

/** Mails, newest first unless it says otherwise, behind the mail `after` in that order (null: from its start), at most `limit`. Every mail that was kept is found here. */
export async function listMails(
  db: Kysely<Tables>,
  filter: MailFilter,
  after: number | null,
  limit: number,
  order: 'newest' | 'oldest' = 'newest',
): Promise<MailRow[]> {
  const isNewest = order === 'newest';
  const id = filter.messageId?.trim().replace(/^<|>$/g, '');
  const found = await sql<MailRow>`select ${COLUMNS},
    ${filter.outcome === 'quarantine' || filter.outcome === 'parked' ? ALIKE : sql`0`} as alike
    from mails m left join customers c on c.id = m.customer_id left join readings r on r.mail_id = m.id where true
    ${
      filter.outcome === undefined
        ? sql``
        : filter.outcome === 'pending'
          ? // Found by the small indexes of what is due.
            sql`and m.outcome is null and (m.decide_due is not null or m.auth_due is not null)`
          : sql`and m.outcome = ${filter.outcome}`
    }
    ${filter.review === undefined ? sql`` : filter.review === 'waiting' ? sql`and m.review is null` : sql`and m.review is not null`}
    ${filter.customer === undefined ? sql`` : sql`and m.customer_id = (select id from customers where slug = ${filter.customer})`}
    ${filter.kind === undefined ? sql`` : sql`and m.kind = ${filter.kind}`}
    ${filter.sha256 === undefined ? sql`` : sql`and m.sha256 = ${Buffer.from(filter.sha256, 'hex')}`}
${id === undefined ? sql`` : sql`and m.id in (${byMessageId(id)})`}
    ${filter.ticket === undefined ? sql`` : sql`and m.id in (select x.id from mails x where x.ticket_id = ${filter.ticket} offset 0)`}
    ${after === null ? sql`` : isNewest ? sql`and m.id < ${after}` : sql`and m.id > ${after}`}
    order by m.id ${isNewest ? sql`desc` : sql`asc`} limit ${limit}`.execute(db);
  return found.rows;
}

export type MailArrival = {
  transport: string;
  arrivedAt: Date;
  envelopeFrom: string | null;
  envelopeTo: string | null;
  clientIp: string | null;
  helo: string | null;
  tls: boolean;
  source: string | null;
  uidValidity: number | null;
  uid: number | null;
  addresseeReason: Reason;
};

/** One mail with everything that the story of it needs. Nothing here was not redacted before it was stored. */
export type MailStory = MailRow & {
  customerId: number | null;
  auth: AuthResult;
  authDue: Date | null;
  authAttempts: number;
  threadKey: string | null;
  listAddress: string | null;
  senderName: string | null;
  recipients: unknown[] | null;
  text: string | null;
  headers: { name: string; value: string }[] | null;
  attachments: { name: string; type: string; size: number }[] | null;
  facts: Facts | null;
  secrets: { count: number; kinds: string[]; level: SecretLevel } | null;
  senderVerdict: SenderVerdict | null;
  reasons: Reason[] | null;
  steps: { step: string; at: string }[] | null;
  arrivals: MailArrival[];
};

export async function readMail(db: Kysely<Tables>, id: number): Promise<MailStory | null> {
  const found = await sql<Omit<MailStory, 'arrivals'>>`select ${COLUMNS}, m.customer_id as "customerId", m.auth,
    m.auth_due as "authDue", m.auth_attempts as "authAttempts", m.thread_key as "threadKey",
    l.address as "listAddress", r.sender_name as "senderName", r.recipients, r.text, r.headers, r.attachments, r.facts,
    r.secrets, r.sender_verdict as "senderVerdict", r.reasons, r.steps,
    ${ALIKE} as alike
    from mails m left join customers c on c.id = m.customer_id left join readings r on r.mail_id = m.id
    left join lists l on l.id = m.list_id where m.id = ${id}`.execute(db);
  const mail = found.rows[0];
  if (!mail) return null;
  const arrivals = await sql<MailArrival>`select transport, arrived_at as "arrivedAt", envelope_from as "envelopeFrom",
    envelope_to as "envelopeTo", host(client_ip) as "clientIp", helo, tls, source, uid_validity as "uidValidity", uid,
    addressee_reason as "addresseeReason" from arrivals where mail_id = ${id} order by arrived_at, id limit 200`.execute(
    db,
  );
  return { ...mail, arrivals: arrivals.rows };
}

/** Kinds and customers of mails that wait for a person, the most frequent first, at most 30 each. */
export async function groupWaiting(db: Kysely<Tables>, outcome: 'quarantine' | 'parked'): Promise<WaitingGroups> {
  // The literal names the partial index of what waits for a person.
  const waiting = sql`waiting as materialized (select kind, customer_id from mails
    where outcome = ${sql.lit(outcome)} and review is null limit 1000)`;
  const [{ rows: kinds }, { rows: customers }] = await Promise.all([
    sql<{ kind: string; count: number }>`with ${waiting} select kind, count(*)::int as count from waiting
      where kind is not null group by kind order by 2 desc, 1 limit 30`.execute(db),
    sql<{ slug: string; name: string; count: number }>`with ${waiting} select c.slug, c.name, w.count from
      (select customer_id, count(*)::int as count from waiting group by 1 order by 2 desc, 1 limit 30) w
      join customers c on c.id = w.customer_id order by w.count desc, c.name`.execute(db),
  ]);
  return { kinds, customers };
}
