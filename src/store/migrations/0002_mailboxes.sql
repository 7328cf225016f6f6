-- Watching mailboxes over months: state by UIDVALIDITY, what passed unseen, events, who watches which, backfills.

-- Matters of this installation itself (a mailbox that refuses our password) need a customer to stand under: made at the
-- first of them, never in a customers file.
alter table customers add column house boolean not null default false;
create unique index customers_house on customers (house) where house;

-- Mail that lay in a mailbox before it was watched: it tells nobody. 'closed': so old that its matter arrives solved.
alter table mails add column history text check (history in ('open', 'closed'));

-- One row a process that takes mail. Its life is seen_at, so that a process renews all its leases by one row.
create table receivers (
  id text primary key,                             -- number of its advisory lock, and a random part
  host text not null,
  pid int not null,
  mailboxes text[] not null,                       -- those that its settings name
  started_at timestamptz not null,
  seen_at timestamptz not null
);

alter table mailboxes
  add column customer_id int references customers, -- whose root address it serves; null: several, or not known
  add column created_at timestamptz not null default now(),
  add column began_at timestamptz,                 -- first opened: what the server received before is history
  add column error_class text,                     -- receive/mailboxFailure.ts
  add column failures int not null default 0,      -- in a row
  add column next_try_at timestamptz,
  add column paused_at timestamptz,                -- its login was refused: only a person or another secret resumes it
  add column paused_mark text,                     -- keyed hash of the secret that was refused
  add column alerted_at timestamptz,               -- people were told that it is silent; null again when it answers
  add column receiver text,                        -- lease: the process that watches it
  add column fence bigint not null default 0;      -- grows with every lease; what has an older one moves no cursor
create index mailboxes_receiver on mailboxes (receiver);

-- One row a mailbox and UIDVALIDITY: UIDs mean something within it only (RFC 9051 §2.3.1.1).
create table mailbox_epochs (
  mailbox text not null references mailboxes (name),
  uid_validity bigint not null,
  first_uid bigint not null default 1,             -- below it is history that was left to a backfill
  uid_next bigint not null default 1,              -- cursor: all from first_uid below it is durable, or in mailbox_spans
  began_uid_next bigint not null,                  -- UIDNEXT of the server when we first saw this UIDVALIDITY
  server_uid_next bigint not null,                 -- as the server said last
  server_messages int not null default 0,
  modseq numeric(20),                              -- HIGHESTMODSEQ (RFC 7162); null: the server keeps none
  after_mode text not null default 'leave',        -- what is done with kept mail, from after_uid on
  after_uid bigint not null default 1,             -- it is done for all below
  after_error text,                                -- why it is not done; null: it is
  audit_at timestamptz,                            -- last comparison of all UIDs with what we have
  audit_messages int not null default 0,           -- UIDs of the server that were compared
  audit_fetched int not null default 0,            -- that were missing then and were fetched
  audit_missing int not null default 0,            -- that are missing still
  audit_modseq numeric(20),
  audit_uid_next bigint,
  started_at timestamptz not null,
  ended_at timestamptz,
  primary key (mailbox, uid_validity)
);
insert into mailbox_epochs (mailbox, uid_validity, uid_next, began_uid_next, server_uid_next, started_at)
  select name, uid_validity, uid_next, uid_next, uid_next, changed_at from mailboxes where uid_validity is not null;
update mailboxes set began_at = changed_at where uid_validity is not null;
alter table mailboxes drop column uid_next;

-- UIDs below the cursor that are no mail of ours, and why: 'before' and 'passed': deleted by others or never used, before
-- we came or while we watched; 'vanished': listed and gone before it could be read; 'report': a report on a copy.
create table mailbox_spans (
  mailbox text not null,
  uid_validity bigint not null,
  first_uid bigint not null,
  last_uid bigint not null check (last_uid >= first_uid),
  why text not null check (why in ('before', 'passed', 'vanished', 'report')),
  found_at timestamptz not null,
  primary key (mailbox, uid_validity, first_uid),
  foreign key (mailbox, uid_validity) references mailbox_epochs
);

-- What people should know of a mailbox: other UIDs, mail that was missing, a pause, who took it over.
create table mailbox_events (
  id bigint generated always as identity primary key,
  mailbox text not null references mailboxes (name),
  at timestamptz not null,
  event text not null,
  detail jsonb not null default '{}'               -- numbers and codes; never text of a mail
);
create index mailbox_events_mailbox on mailbox_events (mailbox, id desc);

-- Walks over the mail that a mailbox held before: how far each is, so that one that was killed goes on.
create table backfills (
  id bigint generated always as identity primary key,
  mailbox text not null references mailboxes (name),
  uid_validity bigint not null,
  newest_first boolean not null,
  below_uid bigint not null,                       -- walks the UIDs below
  position bigint,                                 -- UID that was done last; null: none yet
  total int not null,                              -- messages that there were when it began
  done int not null default 0,
  kept int not null default 0,                     -- not known before
  too_large int not null default 0,
  state text not null default 'running' check (state in ('running', 'done', 'stopped')),
  owner text not null,                             -- process that walks, by its advisory lock
  started_at timestamptz not null,
  changed_at timestamptz not null,
  finished_at timestamptz
);
create unique index backfills_running on backfills (mailbox) where state = 'running';

-- Moves the cursor of a mailbox and notes the UIDs that it passes without a mail, for whoever has the lease with this fence;
-- false: somebody else has it now, nothing was done. A lease that is taken at this moment waits for us, or we see it.
create function mailbox_advance(
  p_mailbox text, p_fence bigint, p_validity bigint, p_uid_next bigint, p_spans jsonb, p_at timestamptz
) returns boolean
language plpgsql as $$
begin
  perform from mailboxes where name = p_mailbox and fence = p_fence and uid_validity = p_validity for share;
  if not found then return false; end if;
  insert into mailbox_spans (mailbox, uid_validity, first_uid, last_uid, why, found_at)
    select p_mailbox, p_validity, s.first, s.last, s.why, p_at
      from jsonb_to_recordset(p_spans) as s (first bigint, last bigint, why text)
  on conflict (mailbox, uid_validity, first_uid) do update
    set last_uid = greatest(excluded.last_uid, mailbox_spans.last_uid), why = excluded.why;
  update mailbox_epochs set uid_next = greatest(uid_next, p_uid_next)
   where mailbox = p_mailbox and uid_validity = p_validity;
  return true;
end $$;

-- Keeps one mail of one customer (null: unrouted) with its arrivals and deliveries. The same mail again is the same row. Row
-- locks only; callers append the audit behind all mails of the transaction, as the deciding one does.
create or replace function keep_mail(
  p_customer int, p_mail jsonb, p_identity bytea, p_sha256 bytea, p_raw bytea, p_wrapped_key bytea, p_key_id text
) returns table (mail_id bigint, is_new boolean, is_arrived boolean, copies int)
language plpgsql as $$
#variable_conflict use_column
declare
  v_lists int[];
  v_copies int := 0;
  v_id bigint;
  v_new boolean;
  v_arrived bigint;
  v_arrival jsonb := p_mail -> 'arrival';
  v_at timestamptz := (p_mail ->> 'keptAt')::timestamptz;
begin
  insert into mails (customer_id, list_id, identity, sha256, size, message_id, received_at, mail_time, auth, auth_due,
                     decide_due, decided_at, outcome, error, history)
  values (p_customer, (p_mail #>> '{lists,0,id}')::int, p_identity, p_sha256, (p_mail ->> 'size')::int,
          p_mail ->> 'messageId', v_at, (p_mail ->> 'mailTime')::timestamptz, p_mail -> 'auth',
          (p_mail ->> 'authDue')::timestamptz, (p_mail ->> 'decideDue')::timestamptz,
          case when p_mail ->> 'outcome' is not null then v_at end, p_mail ->> 'outcome', p_mail ->> 'error',
          v_arrival ->> 'history')
  on conflict (coalesce(customer_id, 0), identity) do nothing
  returning id into v_id;
  v_new := v_id is not null;
  if not v_new then
    select m.id into strict v_id from mails m
     where coalesce(m.customer_id, 0) = coalesce(p_customer, 0) and m.identity = p_identity;
  elsif p_raw is not null then
    insert into raws (mail_id, kept_at, bytes, wrapped_key, key_id) values (v_id, v_at, p_raw, p_wrapped_key, p_key_id);
  end if;

  -- Lists that this mail comes to for the first time: who joined a list since then gets no old mail by a repetition.
  select array_agg((list ->> 'id')::int) into v_lists from jsonb_array_elements(p_mail -> 'lists') as l (list)
   where v_new or not exists (select from arrivals a where a.mail_id = v_id and a.list_id = (list ->> 'id')::int);

  insert into arrivals (mail_id, list_id, transport, arrived_at, envelope_from, envelope_to, client_ip, helo, tls,
                        trusted_authserv_ids, trusted_received, source, uid_validity, uid, addressee_reason)
  select v_id, (list ->> 'id')::int, v_arrival ->> 'transport', (v_arrival ->> 'arrivedAt')::timestamptz,
         v_arrival ->> 'envelopeFrom', list ->> 'address', (v_arrival ->> 'clientIp')::inet, v_arrival ->> 'helo',
         (v_arrival ->> 'tls')::boolean, v_arrival -> 'trustedAuthservIds', (v_arrival ->> 'trustedReceived')::smallint,
         v_arrival ->> 'source', (v_arrival ->> 'uidValidity')::bigint, (v_arrival ->> 'uid')::bigint, list -> 'reason'
    from jsonb_array_elements(p_mail -> 'lists') with ordinality as l (list, n) order by n
  on conflict do nothing;
  get diagnostics v_arrived = row_count;

  if (p_mail ->> 'priority') is not null then
    -- One copy an address, also when it is on several lists that got this mail.
    -- Where DNS did not answer yet, the copy waits a minute for the proof that lets it go as it is.
    insert into deliveries (mail_id, member_id, priority, due_at, created_at)
    select distinct on (r.address) v_id, r.id, (p_mail ->> 'priority')::smallint,
           v_at + case when p_mail ->> 'authDue' is null then interval '0' else interval '60 seconds' end, v_at
      from members r join lists l on l.id = r.list_id
     where r.list_id = any (v_lists) and l.state <> 'released' and r.state in ('confirmed', 'bouncing')
       and not exists (select from deliveries d join members o on o.id = d.member_id
                        where d.mail_id = v_id and o.address = r.address)
     order by r.address, r.id
    on conflict (mail_id, member_id) do nothing;
    get diagnostics v_copies = row_count;
  end if;
  return query select v_id, v_new, v_arrived > 0, v_copies;
end $$;
