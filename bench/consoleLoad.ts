import type pg from 'pg';
import { openDatabase } from '../src/store/database.ts';
import { indexSearch } from '../src/store/indexSearch.ts';

/** How many rows the console is measured over. */
export type Scale = { tickets: number; entries: number; customers: number };

/**
 * Fills a migrated database as years of mail would: tickets mostly solved, a few thousand open, customers of very
 * different size, texts in English and Japanese with ids of their own, some quarantine, effects and a mailbox. Made by
 * the server from a fixed seed, in a minute or two. Resolves with ids that are worth asking for.
 */
export async function loadConsole(pool: pg.Pool, { tickets, entries, customers }: Scale): Promise<Chosen> {
  const client = await pool.connect();
  const step = async (what: string, text: string, values: unknown[] = []) => {
    const began = performance.now();
    await client.query(text, values);
    process.stderr.write(`  ${what} ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
  };
  try {
    await client.query(`set statement_timeout = 0; set synchronous_commit = off; set maintenance_work_mem = '256MB';
      set session_replication_role = replica; select setseed(0.42)`);
    const { rows: indexes } = await client.query<{ name: string; definition: string }>(
      `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
        where indrelid in ('mails'::regclass, 'tickets'::regclass, 'entries'::regclass, 'readings'::regclass,
                           'ticket_search'::regclass)
          and not indisprimary`,
    );
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    await step('customers', CUSTOMERS, [customers]);
    await step('tickets', TICKETS, [tickets, customers]);
    await step('incidents', INCIDENTS);
    await step('mails', MAILS, [tickets]);
    await step('readings', READINGS);
    await step('entries of mails', MAIL_ENTRIES);
    await step('other entries', OTHER_ENTRIES, [entries, tickets]);
    await step('effects', EFFECTS);
    // The search reads through them, and its own is made of all texts at once.
    let began = performance.now();
    for (const { definition } of indexes) if (!definition.includes('gin')) await client.query(definition);
    process.stderr.write(`  indexes ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    await client.query('analyze mails, tickets, readings');
    began = performance.now();
    const db = openDatabase(pool);
    for (let since: Date | null = new Date(0), full = true; full; ) ({ since, full } = await indexSearch(db, since));
    process.stderr.write(`  search ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    began = performance.now();
    for (const { definition } of indexes) if (definition.includes('gin')) await client.query(definition);
    process.stderr.write(`  index of the search ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    await client.query(`set session_replication_role = origin`);
    for (const table of [
      'mails',
      'tickets',
      'entries',
      'readings',
      'ticket_search',
      'effects',
      'incidents',
      'lists',
      'members',
      'counters',
    ]) {
      await client.query(`vacuum analyze ${table}`);
    }
    const { rows } = await client.query<Chosen>(CHOSEN);
    return rows[0] as Chosen;
  } finally {
    client.release(true);
  }
}

export type Chosen = {
  ticket: number;
  busiest: number;
  deep: number;
  solved: number;
  mail: number;
  held: number;
  parked: number;
  sha256: string;
  messageId: string;
  large: string;
  small: string;
  list: number;
  member: number;
  incident: number;
  oldMail: number;
  entries: number;
  open: number;
};

const CUSTOMERS = `
  with made as (
    insert into customers (slug, name, language)
    select 'customer-' || n, 'Customer ' || lpad(n::text, 4, '0') || case when n % 4 = 0 then ' 株式会社' else ' Ltd' end,
           case when n % 4 = 0 then 'ja' else 'en' end
      from generate_series(1, $1::int) n returning id),
  listed as (
    insert into lists (customer_id, address, account)
    select id, 'customer-' || id || '-' || substr(md5(id::text), 1, 14) || '@root.example.net', (100000000000 + id)::text
      from made returning id),
  owned as (
    insert into accounts (account, customer_id, management) select (100000000000 + id)::text, id, true from made),
  boxed as (
    insert into mailboxes (name, uid_validity, state, last_success_at) values ('archive', 7, 'idle', now()))
  insert into members (list_id, address, state)
  select id, 'member' || n || '@customer-' || id || '.example', case n when 3 then 'bouncing' else 'confirmed' end
    from listed, generate_series(1, 3) n`;

/** Of each ten, nine are solved; customers follow a square: the largest has a tenth of everything. */
const TICKETS = `
  insert into tickets (customer_id, kind, subject, urgency, action_required, deadline, act_at, state, thread_key, mails,
                       secret_level, created_at, updated_at, snoozed_until)
  select 1 + floor($2::int * power(r.customer, 2))::int,
         (array['support.case_reply', 'health.scheduled_change', 'billing.past_due', 'billing.budget_alert',
                'security.abuse', 'security.compromise', 'health.lifecycle', 'auth.signin_otp', 'billing.invoice',
                'account.service_notice'])[1 + floor(10 * r.kind)::int],
         'Re: [CASE ' || (176000000000 + n) || '] ' || (array['Instance retirement scheduled', 'Your AWS Account is past due',
           'Suspicious activity in your account', '請求に関する重要なお知らせ', 'インスタンスの廃止予定'])[1 + n % 5],
         (array['low', 'normal', 'normal', 'high', 'high', 'critical'])[1 + floor(6 * r.urgency)::int], true,
         case when r.deadline < 0.5 then jsonb_build_object('date', to_char(w.act_at, 'YYYY-MM-DD'), 'at', null, 'sort', 'respond') end,
         w.act_at,
         case when r.state < 0.08 then 'open' when r.state < 0.12 then 'waiting' else 'solved' end, 'case:' || n, 3,
         case when n % 40 = 0 then 'sealed' else 'none' end, w.made, w.made + interval '3 days' * r.changed,
         case when r.state between 0.07 and 0.08 then now() + interval '3 days' end
    from generate_series(1, $1::int) n
    cross join lateral (select random() + n * 0 as customer, random() + n * 0 as kind, random() + n * 0 as urgency,
      random() + n * 0 as deadline, random() + n * 0 as state, random() + n * 0 as at, random() + n * 0 as changed) r
    cross join lateral (select now() + interval '40 days' * (r.at - 0.2) as act_at,
      now() - interval '700 days' + interval '699 days' * (n::float / $1::int) as made) w`;

/** One ticket in five belongs to an event that 20 customers got mail about. */
const INCIDENTS = `
  with made as (
    insert into incidents (key, kind, first_at, last_at, customers)
    select sha256(('bench' || n)::bytea), 'health.issue', now(), now(), 20
      from generate_series(1, (select count(*) / 100 from tickets)) n returning id)
  update tickets t set incident_id = i.id from (select id, row_number() over (order by id) as n from made) i
   where t.id % 5 = 0 and t.id / 100 + 1 = i.n`;

/** Three a ticket, and as many a tenth that are on none: held, parked, dropped. */
const MAILS = `
  insert into mails (customer_id, list_id, identity, sha256, size, message_id, received_at, mail_time, auth, decided_at,
                     outcome, kind, lang, urgency, secret_level, content_hash, thread_key, ticket_subject, ticket_id, error)
  select t.customer_id, t.customer_id, sha256(('i' || n)::bytea), sha256(('s' || n)::bytea), 20000,
         '<' || n || '@amazon.example>', at, at,
         '{"state":"final","by":"us","authservId":null,"signatures":[],"spf":null,"dmarc":null,"ignored":[]}', at,
         case when n <= $1::int * 3 then case n % 3 when 0 then 'open' else 'append' end
              when n % 10 = 0 then 'quarantine' when n % 50 = 1 then 'parked' else 'drop' end,
         t.kind, 'en', t.urgency, case when n % 120 = 0 then 'sealed' else 'none' end,
         case when n > $1::int * 3 and n % 10 = 0 then sha256(('c' || n % 400)::bytea) else sha256(('c' || n)::bytea) end,
         t.thread_key, t.subject, case when n <= $1::int * 3 then t.id end,
         case when n > $1::int * 3 and n % 50 = 1 then 'It took too long.' end
    from generate_series(1, ($1::int * 3.3)::int) n join tickets t on t.id = 1 + (n - 1) / 3 % $1::int
    cross join lateral (select t.created_at + interval '1 hour' * (n % 3) as at) w`;

const READINGS = `
  insert into readings (mail_id, customer_id, subject, sender, recipients, text, headers, attachments, facts, secrets,
                        sender_verdict, reasons)
  select m.id, m.customer_id, coalesce(m.ticket_subject, ''),
         (array['no-reply-aws@amazon.example', 'aws-billing@amazon.example', 'health@aws.example'])[1 + m.id % 3], '[]',
         'Dear customer, case ' || m.id || '. ' || repeat((array[
           'Your instance i-' || substr(md5(m.id::text), 1, 17) || ' is scheduled for retirement in eu-central-1. ',
           'Your account ' || (100000000000 + m.customer_id)::text || ' has an unpaid balance of USD ' || m.id % 9999 || '.00. ',
           'お客様のアカウント ' || (100000000000 + m.customer_id)::text || ' の請求書番号 ' || m.id || ' をご確認ください。'])[1 + m.id % 3], 6),
         '[{"name":"Subject","value":"x"},{"name":"From","value":"y"}]', '[]',
         jsonb_build_object('accountIds', jsonb_build_array(jsonb_build_object('value', (100000000000 + m.customer_id)::text, 'where', 'body 1')),
           'resources', jsonb_build_array(jsonb_build_object('value', 'i-' || substr(md5(m.id::text), 1, 17), 'where', 'body 1')),
           'regions', '[]'::jsonb, 'links', '[]'::jsonb),
         case when m.secret_level = 'sealed' then '{"count":1,"kinds":["code"],"level":"sealed"}' else '{"count":0,"kinds":[],"level":"none"}' end::jsonb,
         '{"class":"aws","authentic":true,"address":"no-reply-aws@amazon.example","displayName":null,"secretBySender":false,"reasons":[]}',
         '[{"code":"thread.new","text":"No ticket has its key."}]'
    from mails m`;

const MAIL_ENTRIES = `
  insert into entries (ticket_id, customer_id, mail_id, type, at, actor, body)
  select ticket_id, customer_id, id, 'mail', mail_time, 'rootdesk',
         jsonb_build_object('outcome', outcome, 'subject', ticket_subject, 'seenBefore', null, 'collision', false)
    from mails where ticket_id is not null`;

/** Up to the wanted number; the first ticket has a thousand of them. */
const OTHER_ENTRIES = `
  insert into entries (ticket_id, customer_id, type, at, actor, body)
  select t.id, t.customer_id, 'change', t.created_at + interval '1 minute' * (n % 5000), 'unknown',
         '{"changes":[{"field":"state","from":"open","to":"waiting"}]}'
    from generate_series(1, greatest($1::int - (select count(*)::int from entries), 0)) n
    join tickets t on t.id = case when n <= 1000 then 1 else 1 + n % $2::int end`;

const EFFECTS = `
  insert into effects (type, key, customer_id, ticket_id, order_key, payload, state, due_at, settled_at)
  select 'notify.mail', 'notify.mail:ticket:' || id, customer_id, id, 'notify.mail:ticket:' || id,
         jsonb_build_object('ticketId', id), case when id % 5000 = 0 then 'parked' else 'done' end, created_at, created_at
    from tickets where urgency = 'critical'`;

const CHOSEN = `
  select (select id from tickets where queue = 'open' order by act_at limit 1)::int as ticket, 1 as busiest,
         (select id from tickets where queue = 'open' order by act_at desc limit 1)::int as deep,
         (select id from tickets where queue = 'solved' order by id desc limit 1)::int as solved,
         (select max(id) from mails where ticket_id is not null)::int as mail,
         (select max(id) from mails where outcome = 'quarantine')::int as held,
         (select max(id) from mails where outcome = 'parked')::int as parked,
         (select encode(sha256, 'hex') from mails where id = 4711) as sha256,
         (select message_id from mails where id = 4711) as "messageId",
         (select c.slug from customers c join tickets t on t.customer_id = c.id group by 1 order by count(*) desc limit 1) as large,
         (select c.slug from customers c join tickets t on t.customer_id = c.id group by 1 order by count(*) limit 1) as small,
         (select min(id) from lists) as list, (select min(id) from members) as member,
         (select max(id) from incidents where customers > 1)::int as incident,
         (select min(mail_id) from entries where ticket_id = 1 and type = 'mail')::int as "oldMail", (select count(*)::int from entries) as entries,
         (select count(*)::int from tickets where queue = 'open') as open`;
