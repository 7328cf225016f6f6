import type { ClientBase } from 'pg';
import type { Links } from '../core/correlate.ts';
import type { StoredFace } from '../core/replayTickets.ts';
import type { Review } from '../core/values.ts';
import type { DecidedMail, MailReading } from './writeDecisions.ts';

type Db = Pick<ClientBase, 'query'>;

/** A decided mail as it stands in the tables. */
export type StoredMail = {
  decided: DecidedMail;
  reading: MailReading;
  /** Changes with every decision: a mail that was read at one and is written at another is read again. */
  decidedAt: string;
  review: Review | null;
};

type Row = Omit<DecidedMail, 'id' | 'mailTime'> &
  Omit<MailReading, 'mailId'> & {
    id: number;
    mailTime: Date;
    decidedAt: string;
    review: Review | null;
  };

/** What was decided and read of these mails, by id. Those that were never read are not in it. */
export async function loadStored(db: Db, ids: readonly number[]): Promise<Map<number, StoredMail>> {
  const { rows } = await db.query<Row>({
    name: 'load_stored',
    text: `select m.id, m.outcome, m.kind, m.rule, m.lang, m.urgency, m.action_required as "actionRequired", m.deadline,
             m.secret_level as "secretLevel", m.resolves, m.list_copy_of as "listCopyOf", encode(m.content_hash, 'hex') as "contentHash",
             m.deduping_id as "dedupingId", m.message_id as "messageId", m.mail_time as "mailTime",
             m.thread_key as "threadKey", m.ticket_subject as "ticketSubject", m.ticket_id as "ticketId", m.error,
             m.decided_at::text as "decidedAt", m.review, m.customer_id as "customerId", r.subject, r.sender,
             r.sender_name as "senderName", r.recipients, r.text, r.headers, r.attachments, r.facts, r.secrets,
             r.sender_verdict as "senderVerdict", r.next_steps as "nextSteps", r.ticket_body as "ticketBody", r.reasons,
             r.read_reasons as "readReasons", r.links, r.steps
        from mails m join readings r on r.mail_id = m.id where m.id = any($1::bigint[])`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, storedOf(row)]));
}

function storedOf(row: Row): StoredMail {
  const { id, outcome, kind, rule, lang, urgency, actionRequired, deadline, secretLevel, resolves } = row;
  const { listCopyOf, contentHash, dedupingId, messageId, threadKey, ticketSubject, ticketId, error } = row;
  const { customerId, subject, sender, senderName, recipients, text, headers, attachments, facts, secrets } = row;
  const { senderVerdict, nextSteps, ticketBody, reasons, readReasons, links, steps, decidedAt, review } = row;
  const mail = {
    id,
    outcome,
    kind,
    rule,
    lang,
    urgency,
    actionRequired,
    deadline,
    secretLevel,
    resolves,
    listCopyOf,
    contentHash,
  };
  const mailTime = row.mailTime.toISOString();
  const said = { subject, sender, senderName, recipients, text, headers, attachments, facts, secrets, senderVerdict };
  return {
    decided: { ...mail, dedupingId, messageId, mailTime, threadKey, ticketSubject, ticketId, error },
    reading: { mailId: id, customerId, ...said, nextSteps, ticketBody, reasons, readReasons, links, steps },
    decidedAt,
    review,
  };
}

/** The keys by which the mails of these tickets were put on them. */
export async function loadLinks(
  db: Db,
  ticketIds: readonly number[],
): Promise<[mailId: number, links: Links | null][]> {
  const { rows } = await db.query<{ id: number; links: Links | null }>({
    name: 'load_links',
    text: `select m.id, r.links from mails m join readings r on r.mail_id = m.id where m.ticket_id = any($1::bigint[])`,
    values: [ticketIds],
  });
  return rows.map(({ id, links }) => [id, links]);
}

/** What these tickets show, as it was written. */
export async function loadFaces(db: Db, ticketIds: readonly number[]): Promise<Map<number, StoredFace>> {
  const { rows } = await db.query<StoredFace & { id: number; actAt: Date | string }>({
    name: 'load_faces',
    text: `select id, kind, subject, thread_key as "threadKey", urgency, action_required as "actionRequired", deadline,
             act_at as "actAt", secret_level as "secretLevel", mails
        from tickets where id = any($1::bigint[])`,
    values: [ticketIds],
  });
  return new Map(rows.map(({ id, ...face }) => [id, { ...face, actAt: new Date(face.actAt).toISOString() }]));
}

/** What people did to these tickets: those whose state a person set last, and those that a person merged another into. */
export async function loadPersonsActs(
  db: Db,
  ticketIds: readonly number[],
): Promise<{ byPerson: Set<number>; joined: Set<number> }> {
  const { rows } = await db.query<{ id: number; byPerson: boolean; joined: boolean }>({
    name: 'load_persons_acts',
    text: `select t.id,
             exists(select from entries e where e.ticket_id = t.id and e.type = 'merged' and e.actor <> 'rootdesk')
               as joined,
             coalesce((select e.actor <> 'rootdesk' from entries e
                where e.ticket_id = t.id and e.type = 'change' and e.body -> 'changes' @> '[{"field": "state"}]'
                order by e.id desc limit 1), false) as "byPerson"
        from tickets t where t.id = any($1::bigint[])`,
    values: [ticketIds],
  });
  const idsOf = (which: 'byPerson' | 'joined') => new Set(rows.filter((row) => row[which]).map((row) => row.id));
  return { byPerson: idsOf('byPerson'), joined: idsOf('joined') };
}

/** Those of these effect keys that exist: what they stand for happened, or will. */
export async function loadEffectKeys(db: Db, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const { rows } = await db.query<{ key: string }>('select key from effects where key = any($1::text[])', [keys]);
  return new Set(rows.map(({ key }) => key));
}
