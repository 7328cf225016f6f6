import type { PoolClient } from 'pg';
import { type KnownPeople, type People, peopleOf } from '../core/people.ts';
import {
  addKey,
  addMail,
  addMention,
  addNotice,
  addTicket,
  emptySituation,
  type Known,
  type Situation,
  type TicketState,
} from '../core/situation.ts';
import type { TicketMail } from '../core/ticket.ts';
import type { Outcome } from '../core/values.ts';

/** What the mails of a batch may be related to. */
export type SituationQuery = {
  /** Thread keys and Message-IDs, each with its customer. */
  keys: { customerId: number; key: string }[];
  messageIds: { customerId: number; messageId: string }[];
  /** Notices of ours that mails answer, with the ticket that each proves; another customer's ticket is not given. */
  notices: { customerId: number; messageId: string; ticketId: number }[];
  /** Tickets that mails of the batch are on already. */
  tickets: number[];
};

type Loaded = {
  keys: [customerId: number, key: string, ticketId: number][] | null;
  mails:
    | [
        customerId: number,
        messageId: string,
        id: number,
        hash: string | null,
        ticketId: number | null,
        alone: boolean,
        outcome: Outcome,
        provenBy: string | null,
        listCopyOf: string[] | null,
        reviewed: boolean,
      ][]
    | null;
  mentions: [customerId: number, key: string, ticketId: number][] | null;
  notices: [customerId: number, messageId: string, ticketId: number][] | null;
  tickets:
    | [id: number, customerId: number, state: TicketState, solvedAt: string | null, snoozedUntil: string | null][]
    | null;
  ticketMails: (TicketMail & { ticketId: number })[] | null;
};

/** First number of the two-part advisory locks that stand for a customer. */
export const CUSTOMER_LOCK = 0x524b;
/** Mails with one Message-ID that are looked at: more than a true one ever has. */
const MAX_SAME_ID = 50;

/**
 * Locks the customers of a batch until the transaction ends, in sorted order. Everything that is read and written when
 * a mail is decided belongs to its customer, so this lock covers every thread key of it: no key needs a lock of its
 * own, and sorted customers cannot deadlock where keys in mail order do.
 */
export async function lockCustomers(client: PoolClient, customerIds: readonly number[]): Promise<void> {
  const sorted = [...new Set(customerIds)].sort((a, b) => a - b);
  if (sorted.length === 0) return;
  await client.query({
    name: 'lock_customers',
    text: 'select pg_advisory_xact_lock($1, customer) from unnest($2::int[]) as customer',
    values: [CUSTOMER_LOCK, sorted],
  });
}

/** Which customer an account belongs to, for those accounts that are known. */
export async function loadAccounts(client: PoolClient, accounts: readonly string[]): Promise<Map<string, number>> {
  if (accounts.length === 0) return new Map();
  const { rows } = await client.query<{ account: string; customerId: number }>({
    name: 'load_accounts',
    text: 'select account, customer_id as "customerId" from accounts where account = any($1::text[])',
    values: [accounts],
  });
  return new Map(rows.map((row) => [row.account, row.customerId]));
}

/** The people of customers: domains, and members among `addresses` (lower case). Removed members are no longer theirs. */
export async function loadPeople(
  client: PoolClient,
  customerIds: readonly number[],
  addresses: readonly string[],
): Promise<Map<number, People>> {
  if (customerIds.length === 0) return new Map();
  const { rows } = await client.query<KnownPeople & { customerId: number }>({
    name: 'load_people',
    text: `select c.id as "customerId", c.member_domains as "memberDomains",
      array(select distinct split_part(l.address, '@', 2) from lists l
             where l.customer_id = c.id and not exists (
               select 1 from lists o where split_part(o.address, '@', 2) = split_part(l.address, '@', 2)
                                       and o.customer_id <> c.id)) as "rootDomains",
      array(select distinct m.address from members m join lists l on l.id = m.list_id
             where l.customer_id = c.id and m.state <> 'removed' and m.address = any($2::text[])) as members
      from customers c where c.id = any($1::int[])`,
    values: [customerIds, addresses],
  });
  return new Map(rows.map(({ customerId, ...known }) => [customerId, peopleOf(known)]));
}

/**
 * Reads what `decide` must know, in one round trip, and locks the tickets. The customers must be locked. `lock` false:
 * only looks, for a run that changes nothing.
 */
export async function loadSituation(
  client: PoolClient,
  query: SituationQuery,
  known: Known,
  { lock = true }: { lock?: boolean } = {},
): Promise<Situation> {
  const situation = emptySituation(known);
  const { keys, messageIds, notices, tickets } = query;
  if (keys.length === 0 && messageIds.length === 0 && tickets.length === 0) return situation;
  const { rows } = await client.query<{ loaded: Loaded }>({
    name: lock ? 'load_situation' : 'look_at_situation',
    text: situationText(lock),
    values: [
      keys.map((one) => one.customerId),
      keys.map((one) => one.key),
      messageIds.map((one) => one.customerId),
      messageIds.map((one) => one.messageId),
      tickets,
      notices.map((one) => one.customerId),
      notices.map((one) => one.messageId),
      notices.map((one) => one.ticketId),
    ],
  });
  const { loaded } = rows[0]!;
  for (const [customerId, key, ticketId] of loaded.keys ?? []) addKey(situation, customerId, key, ticketId);
  for (const [customerId, key, ticketId] of loaded.mentions ?? []) addMention(situation, customerId, key, ticketId);
  for (const [customerId, messageId, ticketId] of loaded.notices ?? []) {
    addNotice(situation, customerId, messageId, ticketId);
  }
  for (const [customerId, messageId, id, contentHash, ticketId, alone, ...rest] of loaded.mails ?? []) {
    const [outcome, provenBy, listCopyOf, reviewed] = rest;
    const mail = { id, contentHash, ticketId, alone, outcome, provenBy, listCopyOf, reviewed };
    addMail(situation, customerId, messageId, mail);
  }
  const mails = Map.groupBy(loaded.ticketMails ?? [], (mail) => mail.ticketId);
  for (const [id, customerId, state, solved, until] of loaded.tickets ?? []) {
    const own = mails.get(id);
    if (!own) continue;
    const solvedAt = solved === null ? null : new Date(solved).toISOString();
    const snoozedUntil = until === null ? null : new Date(until).toISOString();
    addTicket(situation, { id, customerId, state, solvedAt, snoozedUntil, mails: own.map(ticketMailOf) });
  }
  return situation;
}

/** A `TicketMail` of the row `mails m`, with its ticket. */
export const TICKET_MAIL = `json_build_object(
        'ticketId', m.ticket_id, 'id', m.id, 'sha256', encode(m.sha256, 'hex'), 'mailTime', m.mail_time,
        'messageId', m.message_id, 'dedupingId', m.deduping_id, 'threadKey', m.thread_key,
        'contentHash', encode(m.content_hash, 'hex'), 'kind', m.kind, 'subject', m.ticket_subject,
        'urgency', m.urgency, 'actionRequired', m.action_required, 'deadline', m.deadline,
        'secretLevel', m.secret_level, 'resolves', m.resolves, 'listCopy', m.list_copy_of is not null, 'history', m.history)`;

const situationText = (lock: boolean) => `
  with keys as materialized (
    select k.customer_id, k.key, k.ticket_id
      from unnest($1::int[], $2::text[]) as q (customer_id, key) join thread_keys k using (customer_id, key)),
  mentions as materialized (
    select k.customer_id, k.key, k.ticket_id
      from unnest($1::int[], $2::text[]) as q (customer_id, key) join thread_mentions k using (customer_id, key)),
  answered as materialized (
    select q.customer_id, q.message_id, coalesce(t.merged_into, t.id) as ticket_id
      from unnest($6::int[], $7::text[], $8::bigint[]) as q (customer_id, message_id, ticket_id)
      join tickets t on t.id = q.ticket_id and t.customer_id = q.customer_id),
  same as materialized (
    select m.customer_id, m.message_id, m.id, m.content_hash, m.ticket_id,
           coalesce(m.thread_key like 'alone:%', true) as alone, m.outcome, m.list_copy_of, m.review is not null as reviewed,
           case when (r.sender_verdict ->> 'authentic')::boolean then lower(r.sender_verdict ->> 'address') end as proven_by
      from (select distinct * from unnest($3::int[], $4::text[]) as q (customer_id, message_id)) q
      cross join lateral (
        select * from mails m
         where m.customer_id = q.customer_id and m.message_id = q.message_id and m.decided_at is not null
         order by (m.ticket_id is null), m.id limit ${MAX_SAME_ID}) m
      left join readings r on r.mail_id = m.id),
  found as materialized (
    select id, customer_id, state, solved_at, snoozed_until from tickets
     where id = any($5::bigint[])
        or id in (select ticket_id from keys union select ticket_id from mentions union select ticket_id from same
                  union select ticket_id from answered)
     order by id${lock ? ' for no key update' : ''})
  select json_build_object(
    'keys', (select json_agg(json_build_array(customer_id, key, ticket_id)) from keys),
    'mails', (select json_agg(json_build_array(customer_id, message_id, id, encode(content_hash, 'hex'), ticket_id, alone,
                                                     outcome, proven_by, list_copy_of, reviewed))
                from same),
    'mentions', (select json_agg(json_build_array(customer_id, key, ticket_id)) from mentions),
    'notices', (select json_agg(json_build_array(customer_id, message_id, ticket_id)) from answered),
    'tickets', (select json_agg(json_build_array(id, customer_id, state, solved_at, snoozed_until)) from found),
    'ticketMails', (select json_agg(${TICKET_MAIL})
      from mails m where m.ticket_id in (select id from found))) as loaded`;

function ticketMailOf({ ticketId: _, ...mail }: TicketMail & { ticketId: number }): TicketMail {
  return { ...mail, mailTime: new Date(mail.mailTime).toISOString() };
}
