-- The main road: customers and lists, mails and raw bytes, tickets, effects, audit.
create extension if not exists pg_trgm;

-- Facts about this installation: key check, made by the demo or not, the Postgres major.
create table instance (
  name text primary key,
  value jsonb not null,
  changed_at timestamptz not null default now()
);

create table customers (
  id int generated always as identity primary key,
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null,
  language text not null default 'en',
  member_domains text[] not null default '{}',     -- domains of their people, who may be on their lists
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index customers_name on customers (name, id);

create table accounts (
  account char(12) primary key check (account ~ '^[0-9]{12}$'),
  customer_id int not null references customers,
  management boolean not null
);
create index accounts_customer on accounts (customer_id);

create table lists (
  id int generated always as identity primary key,
  customer_id int not null references customers,
  address text not null unique check (address = lower(address)),
  account char(12),
  host text not null default 'builtin',
  state text not null default 'live' check (state in ('draft', 'live', 'released')),
  created_at timestamptz not null default now()
);
create index lists_customer on lists (customer_id);

-- A root address is never given out twice: whoever has it next would get the mail of whoever had it before.
create function lists_tombstone() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'a root address is never forgotten';
  end if;
  if new.address <> old.address or new.customer_id <> old.customer_id then
    raise exception 'a root address stays what it is';
  end if;
  if old.state = 'released' and new.state <> 'released' then
    raise exception 'a released root address never comes back';
  end if;
  return new;
end $$;
create trigger lists_tombstone before update or delete on lists for each row execute function lists_tombstone();

create table members (
  id int generated always as identity primary key,
  list_id int not null references lists,
  address text not null check (address = lower(address)),
  side text not null default 'customer' check (side in ('customer', 'reseller')),
  state text not null default 'invited' check (state in ('invited', 'confirmed', 'bouncing', 'suspended', 'removed')),
  confirmed_at timestamptz,
  heartbeat_at timestamptz,                        -- when they were last asked whether mail arrives
  acknowledged_at timestamptz,                     -- when they last said so
  wrapped boolean not null default false,          -- their mail server refuses mail that AWS signed and we hand on
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  unique (list_id, address)
);

create index members_bouncing on members (list_id) where state = 'bouncing';

-- Additions to lists that are under way: who proposed, who approved. At most one open a member.
create table proposals (
  id bigint generated always as identity primary key,
  member_id int not null references members,
  proposer text not null,                          -- user of the operating system
  side text not null check (side in ('customer', 'reseller')),
  state text not null default 'open' check (state in ('open', 'done', 'closed', 'expired')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  closed_at timestamptz
);
create unique index proposals_open on proposals (member_id) where state = 'open';

create table approvals (
  proposal_id bigint not null references proposals,
  address text not null,
  basis text not null check (basis in ('other_side', 'first_member', 'third')),
  at timestamptz not null,
  primary key (proposal_id, address)
);

-- Single-use links. The token is made from the row by a keyed hash when the mail is sent; it stands nowhere.
create table links (
  id bigint generated always as identity primary key,
  purpose text not null check (purpose in ('approve', 'confirm', 'acknowledge', 'manage')),
  member_id int not null references members,       -- whom it is about
  proposal_id bigint references proposals,
  address text not null,                           -- whom it is mailed to
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index links_member on links (member_id, purpose, created_at);

-- What happened on a list, for its history and for the notices to its members.
create table member_changes (
  id bigint generated always as identity primary key,
  list_id int not null references lists,
  member_id int not null references members,
  at timestamptz not null,
  actor text not null,
  change text not null
);
create index member_changes_list on member_changes (list_id, id desc);

-- One row a customer and mail (DESIGN: identity is customer + SHA-256 below the trace fields of trusted hops).
create table mails (
  id bigint generated always as identity primary key,
  customer_id int references customers,           -- null: unrouted
  list_id int references lists,
  identity bytea not null,                         -- sha256 without the trusted hops' trace fields
  sha256 bytea not null,                           -- sha256 of every byte as it came
  size int not null,
  message_id text,
  received_at timestamptz not null,
  mail_time timestamptz not null,
  auth jsonb not null,
  auth_due timestamptz,                            -- not null: authentication is tried again then
  auth_attempts smallint not null default 0,
  decide_due timestamptz,                          -- not null: waiting to be decided
  decide_attempts smallint not null default 0,
  -- Below: written once by the deciding transaction (too_large: by keep).
  decided_at timestamptz,
  outcome text check (outcome in ('open', 'append', 'duplicate', 'drop', 'quarantine', 'unrouted', 'too_large', 'parked')),
  kind text,
  rule text,
  lang text,
  urgency text check (urgency in ('none', 'low', 'normal', 'high', 'critical')),
  action_required boolean,
  deadline jsonb,                                  -- core Deadline
  secret_level text check (secret_level in ('none', 'masked', 'sealed')),
  resolves boolean not null default false,
  -- Authors that a copy by our own list names; null: it came directly.
  list_copy_of text[],
  content_hash bytea,
  deduping_id text,                                -- X-SM-DEDUPING-ID
  thread_key text,
  ticket_subject text,                             -- what a ticket of this mail alone would be called
  ticket_id bigint,
  error text,                                      -- parked: why, redacted
  -- What a person said about a held mail; the rulebook decides a mail that is 'not_aws' or 'internal' as that of somebody
  -- else. Name and reason are what the person wrote: nobody is signed in.
  review text check (review in ('rejected', 'not_aws', 'internal')),
  reviewed_at timestamptz,
  review_by text,
  review_reason text,
  check (review is distinct from 'internal' or (review_by is not null and review_reason is not null))
);
create unique index mails_identity on mails (coalesce(customer_id, 0), identity);
create index mails_decide on mails (decide_due) where decide_due is not null;
create index mails_auth on mails (auth_due) where auth_due is not null;
create index mails_auth_oldest on mails (id) where auth_due is not null;
create index mails_message_id on mails (customer_id, message_id) where message_id is not null;
create index mails_sha256 on mails (sha256);
create index mails_ticket on mails (ticket_id, mail_time, id) where ticket_id is not null;
create index mails_outcome on mails (outcome, id desc) where outcome is not null;
create index mails_to_review on mails (outcome, id desc)
  where review is null and outcome in ('quarantine', 'parked', 'unrouted');
create index mails_parked on mails (customer_id, error) where outcome = 'parked';
create index mails_reviewed on mails (id desc) where review is not null;
create index mails_customer on mails (customer_id, id desc);
create index mails_list on mails (list_id, id desc) where list_id is not null;
create index mails_content on mails (customer_id, content_hash) where content_hash is not null;

-- A list that was given out is live from the first mail that AWS is proved to have sent to it: derived, so that nothing has
-- to notice the moment.
create function list_state(l lists) returns text language sql stable as $$
  select case when l.state = 'draft' and exists (
           select from mails where list_id = l.id and outcome in ('open', 'append', 'duplicate', 'drop'))
         then 'live' else l.state end
$$;

-- Raw bytes: zstd, then AES-256-GCM under a data key of their own. Own table, so that lists of mails stay narrow.
create table raws (
  mail_id bigint not null,
  kept_at timestamptz not null,
  bytes bytea not null,                            -- sealed
  wrapped_key bytea not null,
  key_id text not null,                            -- 'day:2026-11-24' or 'mail:1'
  primary key (mail_id, kept_at)
) partition by range (kept_at);
create table raws_default partition of raws default;
alter table raws alter column bytes set storage external;
alter table raws_default alter column bytes set storage external;

-- What the rulebook read out of a mail, redacted. One a decided mail.
create table readings (
  mail_id bigint primary key references mails,
  customer_id int references customers,
  subject text not null,
  sender text,                                     -- From address
  sender_name text,
  recipients json not null default '[]',
  text text not null,
  headers json not null,
  attachments json not null,
  facts jsonb not null,
  secrets json not null,
  sender_verdict json not null,
  next_steps json not null default '[]',
  ticket_body text not null default '',
  reasons json not null,
  read_reasons smallint not null default 0,        -- so many of them are of the mail by itself, the others of deciding it
  links json,                                      -- core Links: keys by which it was put on its ticket
  steps json not null default '[]'                -- [{step, at}] of the road, for the story
) with (toast_tuple_target = 8160);
-- Writing this row is most of what a decision costs in the database. What no search looks into is json, which is kept as it
-- came. PostgreSQL's own compression (pglz) was dearer still: a row stays whole in its page and only a long text moves out
-- of it, as it is, or by lz4 where the server has that.
alter table readings alter column text set storage external;
do $$ begin
  if 'lz4' = any (select unnest(enumvals) from pg_settings where name = 'default_toast_compression') then
    alter table readings alter column text set storage extended, alter column text set compression lz4;
  end if;
end $$;

create table arrivals (
  id bigint generated always as identity primary key,
  mail_id bigint not null references mails,
  list_id int references lists,
  transport text not null check (transport in ('smtp', 'lmtp', 'imap', 'file')),
  arrived_at timestamptz not null,
  envelope_from text,
  envelope_to text,
  client_ip inet,
  helo text,
  tls boolean not null default false,
  trusted_authserv_ids jsonb not null default '[]',
  trusted_received smallint not null default 0,
  source text,
  uid_validity bigint,
  uid bigint,
  addressee_reason jsonb not null                  -- core Reason: how the list was found
);
create index arrivals_mail on arrivals (mail_id);
-- The same message of a mailbox, or the same mail in the same file, is one arrival a list however often it is read.
create unique index arrivals_imap on arrivals (source, uid_validity, uid, mail_id, coalesce(list_id, 0))
  where transport = 'imap';
create unique index arrivals_file on arrivals (mail_id, source, coalesce(list_id, 0)) where transport = 'file';

-- One copy of one mail for one member: written when the mail is kept, sent by the role 'deliver'.
create table deliveries (
  id bigint generated always as identity primary key,
  mail_id bigint not null references mails,
  member_id int not null references members,
  priority smallint not null default 5 check (priority in (1, 5)), -- 1: secrets first, in a lane of their own
  state text not null default 'due' check (state in ('due', 'leased', 'accepted', 'failed', 'skipped')),
  form text check (form in ('raw', 'wrapped')),    -- as it was sent last
  wrapped_for text check (wrapped_for in ('unverified', 'unchecked', 'form', 'member')), -- why it was wrapped
  due_at timestamptz not null default now(),
  attempts smallint not null default 0,
  lease_until timestamptz,
  lease_owner text,
  code text,                                       -- how the last attempt went
  text text,
  accepted_at timestamptz,                         -- by the smarthost
  alerted_at timestamptz,                          -- people were told that it is late
  created_at timestamptz not null default now(),
  unique (mail_id, member_id)
);
create index deliveries_due on deliveries (priority, due_at, id) where state = 'due';
create index deliveries_leased on deliveries (lease_until) where state = 'leased';
create index deliveries_late on deliveries (created_at)
  where accepted_at is null and alerted_at is null and state in ('due', 'leased');
create index deliveries_member on deliveries (member_id, id desc);

-- What happened to a copy besides being accepted at once: tries that failed, bounces, automatic replies of the member.
create table delivery_events (
  id bigint generated always as identity primary key,
  delivery_id bigint not null references deliveries,
  at timestamptz not null,
  event text not null check (event in ('try', 'failed', 'delayed', 'auto_reply', 'other')),
  code text not null,                              -- smtp.451, or the status of a bounce: 5.1.1
  text text not null
);
create index delivery_events_delivery on delivery_events (delivery_id, id);

create table mailboxes (
  name text primary key,
  uid_validity bigint,
  uid_next bigint not null default 1,              -- everything below is durable
  state text not null default 'new',
  last_success_at timestamptz,
  last_error text,
  changed_at timestamptz not null default now()
);

-- An event of AWS that mails are about. The team sees it once when several customers have a part in it.
create table incidents (
  id bigint generated always as identity primary key,
  key bytea not null,                              -- sha256 of what tells the event (core/sameEvent.ts)
  kind text not null,
  first_at timestamptz not null,                   -- mail times
  last_at timestamptz not null,
  customers int not null default 1
);
create index incidents_key on incidents (key);
create index incidents_many on incidents (last_at desc, id desc) where customers > 1;

create table tickets (
  id bigint generated always as identity primary key,
  customer_id int not null references customers,
  kind text not null,
  subject text not null,
  urgency text not null,
  action_required boolean not null,
  deadline jsonb,
  act_at timestamptz not null,                     -- deadline, else arrival + allowance of the urgency
  state text not null default 'open' check (state in ('open', 'waiting', 'solved')),
  thread_key text not null,
  mails int not null default 0,
  secret_level text not null default 'none',
  solved_at timestamptz,                           -- while solved: time of the mail that ended it, or of the person's act
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version int not null default 1,                  -- grows with every change, by a mail or a person
  snoozed_until timestamptz,                       -- out of the queue until then, or until something new happens
  withdrawn_at timestamptz,                        -- its only mail was released by mistake and is held again
  incident_id bigint references incidents,         -- the event that other customers may have a part in
  merged_into bigint references tickets,           -- the ticket that has its mails now; nothing happens here any more
  rank smallint not null generated always as (
    case urgency when 'critical' then 0 when 'high' then 1 when 'normal' then 2 when 'low' then 3 else 4 end) stored,
  -- The list that it stands in.
  queue text not null generated always as (
    case when withdrawn_at is not null then 'withdrawn' when state = 'solved' then 'solved' when snoozed_until is not null then 'snoozed' else state end) stored
);
create index tickets_incident on tickets (incident_id, queue, act_at, rank, id) where incident_id is not null;
-- One index a sort of the queue; readQueue.ts walks them in order and stops at the end of the page.
create index tickets_act on tickets (queue, act_at, rank, id);
create index tickets_critical on tickets (queue, act_at, rank, id) where urgency = 'critical';
create index tickets_kind on tickets (queue, kind, act_at, rank, id);
create index tickets_changed on tickets (queue, updated_at desc, id desc);
create index tickets_number on tickets (queue, id desc);
create index tickets_customer_act on tickets (customer_id, queue, act_at, rank, id);
create index tickets_updated on tickets (updated_at desc, id desc);
create index tickets_customer on tickets (customer_id, id desc);
create index tickets_snoozed on tickets (snoozed_until) where snoozed_until is not null;

-- What a search looks through: redacted text only, folded (core/searchText.ts), written behind the road (indexSearch.ts).
-- A row a mail and one for the ticket itself (mail_id 0); long texts in parts that overlap.
create table ticket_search (
  ticket_id bigint not null references tickets on delete cascade,
  mail_id bigint not null,
  part smallint not null,
  as_of timestamptz not null,                      -- updated_at of the ticket, decided_at of the mail, as it was read
  text text not null,
  primary key (ticket_id, mail_id, part)
) with (toast_tuple_target = 8160);
-- Looked into row by row: never compressed.
alter table ticket_search alter column text set storage external;
create index ticket_search_text on ticket_search using gin (text gin_trgm_ops);
create index ticket_search_as_of on ticket_search (as_of desc) where mail_id = 0;

-- Keys that lead to a ticket; to several when a matter came up again long after its end.
create table thread_keys (
  customer_id int not null references customers,
  key text not null,
  ticket_id bigint not null references tickets,
  primary key (customer_id, key, ticket_id)
);
create index thread_keys_ticket on thread_keys (ticket_id);

-- Keys of other matters that mails of a ticket name.
create table thread_mentions (
  customer_id int not null references customers,
  key text not null,
  ticket_id bigint not null references tickets,
  primary key (customer_id, key, ticket_id)
);

-- Tickets of one customer that have to do with each other. Only people make one of them.
create table ticket_links (
  ticket_id bigint not null references tickets,
  other_id bigint not null references tickets check (other_id > ticket_id),
  customer_id int not null references customers,
  how text not null check (how in ('names', 'joins', 'followUp')),
  mail_id bigint not null references mails,        -- the mail that showed it
  linked_at timestamptz not null,
  primary key (ticket_id, other_id)
);

-- The ticket's timeline.
create table entries (
  id bigint generated always as identity primary key,
  ticket_id bigint not null references tickets,
  customer_id int not null references customers,
  mail_id bigint references mails,
  type text not null check (type in ('mail', 'change', 'note', 'related', 'moved', 'scrubbed', 'merged')),
  at timestamptz not null,
  actor text not null,                             -- 'rootdesk', or the person as known, or 'unknown'
  body jsonb not null,
  created_at timestamptz not null default now()
);
create index entries_ticket on entries (ticket_id, at, id);
create unique index entries_mail on entries (ticket_id, mail_id) where type = 'mail';

create table effects (
  id bigint generated always as identity primary key,
  type text not null,
  key text not null unique,
  customer_id int references customers,
  ticket_id bigint references tickets,
  mail_id bigint references mails,
  order_key text not null,                         -- effects of one key run one after another
  payload jsonb not null,                          -- ids and settings names only, never text of a mail
  state text not null default 'due' check (state in ('due', 'leased', 'done', 'parked')),
  due_at timestamptz not null,
  lease_until timestamptz,
  lease_owner text,
  attempts jsonb not null default '[]',            -- [{at, ok, code, text, unclear}]
  attempt_count smallint not null default 0,
  result jsonb,
  created_at timestamptz not null default now(),
  settled_at timestamptz
);
create index effects_due on effects (due_at, id) where state in ('due', 'leased');
create index effects_oldest on effects (id) where state in ('due', 'leased');
create index effects_parked on effects (id) where state = 'parked';
create index effects_order on effects (order_key, id) where state in ('due', 'leased', 'parked');
create unique index effects_running on effects (order_key) where state = 'leased'; -- never two at once
create index effects_ticket on effects (ticket_id) where ticket_id is not null;
create index effects_mail on effects (mail_id) where mail_id is not null;

-- What people did in the pages or over the API, with what takes it back. The audit log says the same for ever.
create table acts (
  id bigint generated always as identity primary key,
  type text not null,                              -- 'ticket.state', 'ticket.snoozed', 'mail.rejected', 'mail.released' …
  customer_id int references customers,
  ticket_id bigint,
  mail_id bigint,
  at timestamptz not null,
  actor text not null,
  detail jsonb not null,                           -- what changed and what it was: ids and states; name and reason that a person wrote
  undo_until timestamptz,                          -- null: as long as it is one of the last acts
  undone_at timestamptz
);

-- Per customer (0: the installation), gapless, chained by hash: canonical JSON bytes are kept as they were hashed.
create table audit_heads (
  customer_id int primary key,
  number bigint not null,
  hash bytea not null
);
create table audit (
  customer_id int not null,
  number bigint not null,
  at timestamptz not null,
  bytes bytea not null,
  previous bytea not null,
  hash bytea not null,
  primary key (customer_id, number)
);

-- Appends one record; the head row is the lock, so numbers have no gaps. Callers append sorted by customer.
create function audit_append(p_customer int, p_at timestamptz, p_bytes bytea) returns bigint
language plpgsql as $$
declare
  v_number bigint;
  v_previous bytea;
  v_hash bytea;
begin
  select number, hash into v_number, v_previous from audit_heads where customer_id = p_customer for update;
  if not found then
    insert into audit_heads (customer_id, number, hash) values (p_customer, 0, '\x')
      on conflict (customer_id) do nothing;
    select number, hash into strict v_number, v_previous from audit_heads where customer_id = p_customer for update;
  end if;
  v_hash := sha256(v_previous || p_bytes);
  insert into audit values (p_customer, v_number + 1, p_at, p_bytes, v_previous, v_hash);
  update audit_heads set number = v_number + 1, hash = v_hash where customer_id = p_customer;
  return v_number + 1;
end $$;

-- Keeps one mail of one customer (null: unrouted) with its arrivals, deliveries and mailbox cursor. The same mail again is
-- the same row. Row locks only; callers append the audit behind all mails of the transaction, as the deciding one does.
create function keep_mail(
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
                     decide_due, decided_at, outcome, error)
  values (p_customer, (p_mail #>> '{lists,0,id}')::int, p_identity, p_sha256, (p_mail ->> 'size')::int,
          p_mail ->> 'messageId', v_at, (p_mail ->> 'mailTime')::timestamptz, p_mail -> 'auth',
          (p_mail ->> 'authDue')::timestamptz, (p_mail ->> 'decideDue')::timestamptz,
          case when p_mail ->> 'outcome' is not null then v_at end, p_mail ->> 'outcome', p_mail ->> 'error')
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

  if p_mail ? 'cursor' then
    update mailboxes
       set uid_next = greatest(uid_next, (p_mail #>> '{cursor,uidNext}')::bigint), changed_at = v_at
     where name = p_mail #>> '{cursor,mailbox}' and uid_validity = (p_mail #>> '{cursor,uidValidity}')::bigint;
  end if;
  return query select v_id, v_new, v_arrived > 0, v_copies;
end $$;

-- Puts a ticket into the incident of an event, a new one where none is known (of the same words: within p_days). Whoever
-- does the same for another customer waits, so that there is one. A ticket stays in its first. Callers sort by key. The
-- team is not told once more of an incident: a notice of this transaction goes where it was told of another ticket of it.
create function join_incident(p_ticket bigint, p_kind text, p_key text, p_days int, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_key bytea := sha256(convert_to(p_key, 'UTF8'));
  v_span interval := make_interval(days => coalesce(p_days, 36500));
  v_incident bigint;
begin
  if exists (select from tickets where id = p_ticket and incident_id is not null) then
    select incident_id into v_incident from tickets where id = p_ticket;
    perform pg_advisory_xact_lock(21070, hashtext(encode(v_key, 'hex')));
  else
    perform pg_advisory_xact_lock(21070, hashtext(encode(v_key, 'hex')));
    select id into v_incident from incidents
     where key = v_key and p_at between first_at - v_span and last_at + v_span order by last_at desc, id limit 1;
    if v_incident is null then
      insert into incidents (key, kind, first_at, last_at) values (v_key, p_kind, p_at, p_at) returning id into v_incident;
    end if;
    update tickets set incident_id = v_incident where id = p_ticket;
  end if;
  update incidents set first_at = least(first_at, p_at), last_at = greatest(last_at, p_at),
         customers = (select count(distinct customer_id) from tickets where incident_id = v_incident)
   where id = v_incident and (key = v_key or customers < 2);
  delete from effects e where e.ticket_id = p_ticket and e.state = 'due' and e.type in ('notify.mail', 'notify.webhook')
     and e.xmin = pg_current_xact_id()::xid
     and exists (select from tickets o join effects told on told.ticket_id = o.id
                  where o.incident_id = v_incident and o.id <> p_ticket and o.state <> 'solved' and told.type = e.type
                    and told.state in ('due', 'leased', 'done'));
end $$;

-- Counters kept with the outcome, so that no page counts a table. Sharded by slot against contention; read as a sum.
create table counters (
  name text not null,
  slot smallint not null default 0,
  value bigint not null default 0,
  primary key (name, slot)
);

-- Replays of today's rules over stored mail: how far each is, so that one that was killed goes on.
create table replays (
  id bigint generated always as identity primary key,
  filter jsonb not null,                           -- what was asked for, canonical
  rules bytea not null,                            -- sha256 of the rules that it runs
  dry boolean not null,
  total int not null default 0,
  position int not null default 0,                 -- mails of the work list that are done
  report jsonb not null default '{}',              -- counts by code
  started_at timestamptz not null,
  finished_at timestamptz
);
create table replay_mails (
  replay_id bigint not null references replays on delete cascade,
  position int not null,
  mail_id bigint not null,
  ticket_id bigint,                                -- as it was then: mails of one ticket are replayed together
  customer_id int,
  size int not null,
  primary key (replay_id, position)
);
