import type { PoolClient } from 'pg';
import type { Links } from '../core/correlate.ts';
import type { EffectDraft } from '../core/effect.ts';
import type { EntryDraft, Relation } from '../core/entry.ts';
import type { TicketState } from '../core/situation.ts';
import type { TicketFace } from '../core/ticket.ts';
import type { Deadline, Facts, Outcome, Reason, SecretLevel, SenderVerdict, Urgency } from '../core/values.ts';
import type { AuditRecord } from './audit.ts';
import { joinIncidents } from './joinIncidents.ts';
import { recordDecisions } from './recordDecisions.ts';
import { storableJson } from './storableJson.ts';

/** What becomes of one mail row. Hashes are hex. */
export type DecidedMail = {
  id: number;
  outcome: Outcome;
  kind: string | null;
  rule: string | null;
  lang: string | null;
  urgency: Urgency | null;
  actionRequired: boolean | null;
  deadline: Deadline | null;
  secretLevel: SecretLevel | null;
  resolves: boolean;
  listCopyOf: string[] | null;
  contentHash: string | null;
  dedupingId: string | null;
  messageId: string | null;
  mailTime: string | null;
  threadKey: string | null;
  ticketSubject: string | null;
  ticketId: number | null;
  error: string | null;
};

/** What was read out of a mail, redacted. */
export type MailReading = {
  mailId: number;
  customerId: number | null;
  subject: string;
  sender: string | null;
  senderName: string | null;
  recipients: string[];
  text: string;
  headers: { name: string; value: string }[];
  attachments: { name: string; type: string; size: number }[];
  facts: Facts;
  secrets: { count: number; kinds: string[]; level: SecretLevel };
  senderVerdict: SenderVerdict;
  nextSteps: string[];
  ticketBody: string;
  reasons: Reason[];
  /** How many of them are of the mail by itself; those of deciding it follow. */
  readReasons: number;
  /** Keys by which it was put on its ticket; null: it was put on none by keys. */
  links: Links | null;
  steps: { step: string; at: string }[];
};

export type TicketWrite = {
  id: number;
  customerId: number;
  state: TicketState;
  /** ISO 8601. */
  solvedAt: string | null;
  /** ISO 8601. */
  snoozedUntil: string | null;
  face: TicketFace;
};
/** `told`: those of the two tickets whose timeline says it. */
export type LinkWrite = {
  customerId: number;
  ticketId: number;
  otherId: number;
  how: Relation;
  mailId: number;
  told: number[];
};
export type EntryWrite = EntryDraft & { ticketId: number; customerId: number; mailId: number };

/** `at`: mail time (ISO 8601). */
export type EventWrite = { ticketId: number; kind: string; key: string; days: number | null; at: string };

/** Everything that one deciding transaction changes. Ticket numbers are true ones. */
export type Decisions = {
  now: Date;
  opened: TicketWrite[];
  changed: TicketWrite[];
  keys: { customerId: number; key: string; ticketId: number }[];
  mentions: { customerId: number; key: string; ticketId: number }[];
  /** `ticketId` is the smaller number. Those that are known are left as they are. */
  links: LinkWrite[];
  mails: DecidedMail[];
  readings: MailReading[];
  entries: EntryWrite[];
  /** Entries of mails that repeat another one, or no longer do. */
  remarks: { ticketId: number; mailId: number; seenBefore: number | null }[];
  effects: (EffectDraft & { customerId: number; ticketId: number; mailId: number })[];
  /** Events that mails of tickets are about, which other customers may share. */
  events: EventWrite[];
  /** Data keys that are wrapped by the long-lived mail key from now on. */
  rewrapped: { mailId: number; wrappedKey: Buffer; keyId: string }[];
  /** Held mails that must be decided again. */
  again: number[];
  audit: AuditRecord[];
  /** `mails.<outcome>` and the like. */
  counters: Record<string, number>;
};

/** Changes nothing. */
export function emptyDecisions(now: Date): Decisions {
  return {
    now,
    opened: [],
    changed: [],
    keys: [],
    mentions: [],
    links: [],
    mails: [],
    readings: [],
    entries: [],
    remarks: [],
    effects: [],
    events: [],
    rewrapped: [],
    again: [],
    audit: [],
    counters: {},
  };
}

/** Draws numbers for new tickets, in order. */
export async function drawTicketIds(client: PoolClient, count: number): Promise<number[]> {
  if (count === 0) return [];
  const { rows } = await client.query<{ id: number }>({
    name: 'draw_ticket_ids',
    text: `select nextval('tickets_id_seq') as id from generate_series(1, $1)`,
    values: [count],
  });
  return rows.map((row) => row.id).sort((a, b) => a - b);
}

/** Writes decisions in the caller's transaction. Audit and counters come last: others wait for their rows. */
export async function writeDecisions(client: PoolClient, decisions: Decisions): Promise<void> {
  const { now, rewrapped, audit, counters } = decisions;
  const wrapped = rewrapped.map((one) => ({ ...one, wrappedKey: one.wrappedKey.toString('hex') }));
  const rows = [decisions.opened, decisions.changed, decisions.keys, decisions.mails, decisions.readings];
  const more = [decisions.entries, decisions.remarks, decisions.effects, wrapped, decisions.mentions, decisions.links];
  await client.query({
    name: 'write_decisions',
    text: WRITE,
    values: [now, ...[...rows, ...more].map(storableJson)],
  });
  if (decisions.again.length > 0) {
    await client.query({ name: 'decide_again', text: AGAIN, values: [now, decisions.again] });
  }
  await joinIncidents(client, decisions.events);
  const news = {
    tickets: [...decisions.opened, ...decisions.changed].map(({ id }) => id),
    mails: decisions.mails.map(({ id }) => id),
  };
  await recordDecisions(client, { audit, counters, news });
}

/** A person may have said what they are meanwhile: then they stay so. */
const AGAIN = `update mails set decide_due = $1
  where id = any($2::bigint[]) and outcome = 'quarantine' and review is null and auth_due is null`;

/** Puts a mail off that could not be decided now: after `attempts` tries it is due again at `due`. */
export async function postponeMail(client: PoolClient, id: number, attempts: number, due: Date): Promise<void> {
  await client.query({
    name: 'postpone_mail',
    text: 'update mails set decide_attempts = $2, decide_due = $3 where id = $1',
    values: [id, attempts, due],
  });
}

/**
 * One statement, one round trip: its parts touch different rows, and foreign keys are checked when it ends. `$1` is the
 * time, the others are rows as JSON: a parameter a table, for each use of a JSON value reads all of it.
 */
const WRITE = `
  with opened as (
    insert into tickets (id, customer_id, kind, subject, urgency, action_required, deadline, act_at, state, thread_key,
                         mails, secret_level, solved_at, created_at, updated_at)
    overriding system value
    select t.id, t."customerId", f.kind, f.subject, f.urgency, f."actionRequired", f.deadline, f."actAt", t.state,
           f."threadKey", f.mails, f."secretLevel", t."solvedAt", $1, $1
      from json_to_recordset($2::json) as t (id bigint, "customerId" int, state text, "solvedAt" timestamptz, face json),
           json_to_record(t.face) as f (kind text, subject text, urgency text, "actionRequired" boolean, deadline jsonb,
             "actAt" timestamptz, "threadKey" text, mails int, "secretLevel" text)),
  changed as (
    update tickets set kind = f.kind, subject = f.subject, urgency = f.urgency, action_required = f."actionRequired",
           deadline = f.deadline, act_at = f."actAt", state = t.state, thread_key = f."threadKey", mails = f.mails,
           secret_level = f."secretLevel", solved_at = t."solvedAt", updated_at = $1, version = version + 1,
           snoozed_until = t."snoozedUntil"
      from json_to_recordset($3::json) as t (id bigint, "customerId" int, state text, "solvedAt" timestamptz,
             "snoozedUntil" timestamptz, face json),
           json_to_record(t.face) as f (kind text, subject text, urgency text, "actionRequired" boolean, deadline jsonb,
             "actAt" timestamptz, "threadKey" text, mails int, "secretLevel" text)
     where tickets.id = t.id),
  keyed as (
    insert into thread_keys (customer_id, key, ticket_id)
    select k."customerId", k.key, k."ticketId"
      from json_to_recordset($4::json) as k ("customerId" int, key text, "ticketId" bigint)
    on conflict do nothing),
  mentioned as (
    insert into thread_mentions (customer_id, key, ticket_id)
    select k."customerId", k.key, k."ticketId"
      from json_to_recordset($11::json) as k ("customerId" int, key text, "ticketId" bigint)
    on conflict do nothing),
  linked as (
    insert into ticket_links (ticket_id, other_id, customer_id, how, mail_id, linked_at)
    select l."ticketId", l."otherId", l."customerId", l.how, l."mailId", $1
      from json_to_recordset($12::json) as l ("customerId" int, "ticketId" bigint, "otherId" bigint, how text,
             "mailId" bigint)
    on conflict do nothing returning *),
  -- A link is told once on each ticket that it is told on.
  related as (
    insert into entries (ticket_id, customer_id, mail_id, type, at, actor, body)
    select side.own, l.customer_id, l.mail_id, 'related', $1, 'rootdesk',
           jsonb_build_object('related', side.other, 'how', l.how, 'mailId', l.mail_id)
      from linked l
      join json_to_recordset($12::json) as w ("ticketId" bigint, "otherId" bigint, told bigint[])
        on w."ticketId" = l.ticket_id and w."otherId" = l.other_id,
           lateral (values (l.ticket_id, l.other_id), (l.other_id, l.ticket_id)) as side (own, other)
     where side.own = any(w.told)),
  decided as (
    update mails set decided_at = $1, decide_due = null, decide_attempts = 0, outcome = m.outcome, kind = m.kind,
           rule = m.rule, lang = m.lang, urgency = m.urgency, action_required = m."actionRequired",
           deadline = m.deadline, secret_level = m."secretLevel", resolves = m.resolves,
           list_copy_of = m."listCopyOf",
           content_hash = decode(m."contentHash", 'hex'), deduping_id = m."dedupingId",
           message_id = coalesce(m."messageId", mails.message_id), mail_time = coalesce(m."mailTime", mails.mail_time),
           thread_key = m."threadKey", ticket_subject = m."ticketSubject", ticket_id = m."ticketId", error = m.error
      from json_to_recordset($5::json) as m (id bigint, outcome text, kind text, rule text, lang text,
             urgency text, "actionRequired" boolean, deadline jsonb, "secretLevel" text, resolves boolean,
             "listCopyOf" text[], "contentHash" text, "dedupingId" text, "messageId" text, "mailTime" timestamptz, "threadKey" text,
             "ticketSubject" text, "ticketId" bigint, error text)
     where mails.id = m.id),
  read as (
    insert into readings (mail_id, customer_id, subject, sender, sender_name, recipients, text, headers, attachments,
                          facts, secrets, sender_verdict, next_steps, ticket_body, reasons, read_reasons, links, steps)
    select r."mailId", r."customerId", r.subject, r.sender, r."senderName", r.recipients, r.text, r.headers,
           r.attachments, r.facts, r.secrets, r."senderVerdict", r."nextSteps", r."ticketBody", r.reasons,
           r."readReasons", r.links, r.steps
      from json_to_recordset($6::json) as r ("mailId" bigint, "customerId" int, subject text, sender text,
             "senderName" text, recipients json, text text, headers json, attachments json, facts jsonb,
             secrets json, "senderVerdict" json, "nextSteps" json, "ticketBody" text, reasons json,
             "readReasons" smallint, links json, steps json)
    on conflict (mail_id) do update set customer_id = excluded.customer_id, subject = excluded.subject,
           sender = excluded.sender, sender_name = excluded.sender_name, recipients = excluded.recipients,
           text = excluded.text, headers = excluded.headers, attachments = excluded.attachments,
           facts = excluded.facts, secrets = excluded.secrets, sender_verdict = excluded.sender_verdict,
           next_steps = excluded.next_steps, ticket_body = excluded.ticket_body, reasons = excluded.reasons,
           read_reasons = excluded.read_reasons, links = excluded.links, steps = excluded.steps),
  told as (
    insert into entries (ticket_id, customer_id, mail_id, type, at, actor, body)
    select e."ticketId", e."customerId", e."mailId", e.type, coalesce(e.at, $1), 'rootdesk', e.body
      from json_to_recordset($7::json) as e ("ticketId" bigint, "customerId" int, "mailId" bigint,
             type text, at timestamptz, body jsonb)
    on conflict (ticket_id, mail_id) where type = 'mail' do update set at = excluded.at, body = excluded.body),
  remarked as (
    update entries set body = jsonb_set(entries.body, '{seenBefore}', coalesce(to_jsonb(e."seenBefore"), 'null'))
      from json_to_recordset($8::json) as e ("ticketId" bigint, "mailId" bigint, "seenBefore" bigint)
     where entries.ticket_id = e."ticketId" and entries.mail_id = e."mailId" and entries.type = 'mail'),
  caused as (
    insert into effects (type, key, customer_id, ticket_id, mail_id, order_key, payload, due_at)
    select e.type, e.key, e."customerId", e."ticketId", e."mailId", e."orderKey", e.payload, $1
      from json_to_recordset($9::json) as e (type text, key text, "customerId" int, "ticketId" bigint,
             "mailId" bigint, "orderKey" text, payload jsonb)
    on conflict (key) do nothing)
  update raws set wrapped_key = decode(w."wrappedKey", 'hex'), key_id = w."keyId"
    from json_to_recordset($10::json) as w ("mailId" bigint, "wrappedKey" text, "keyId" text)
   where raws.mail_id = w."mailId"`;
