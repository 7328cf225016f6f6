-- SES inbound: mail that a receipt rule puts into a bucket, told of by a queue.
alter table arrivals
  add column verdicts jsonb,                       -- core HopVerdicts: what SES said of the mail when it took it
  drop constraint arrivals_transport_check,
  add constraint arrivals_transport_check check (transport in ('smtp', 'lmtp', 'imap', 'file', 'ses')),
  -- On any other way in, whatever a mail says of itself was written by its sender.
  add constraint arrivals_verdicts check (verdicts is null or transport = 'ses');
-- An object of a queue is one arrival a list however often it is told of.
create unique index arrivals_ses on arrivals (mail_id, source, coalesce(list_id, 0)) where transport = 'ses';

-- Queues of the settings. Any process may read them, at once: the service shares the messages out.
create table ses_queues (
  name text primary key,
  state text not null default 'new',
  last_success_at timestamptz,                     -- when the queue answered last
  last_error text,
  error_class text,
  failures int not null default 0,                 -- in a row, of the process that said so last
  next_try_at timestamptz,
  waiting int,                                     -- messages in the queue, as it says itself (approximate)
  alerted_at timestamptz,                          -- people were told that nobody reads it
  created_at timestamptz not null,
  changed_at timestamptz not null
);

-- Messages whose mail could not be kept: they stay in the queue and are tried again, and are seen here meanwhile.
create table ses_troubles (
  id bigint generated always as identity primary key,
  queue text not null references ses_queues,
  message_id text not null,
  object text,                                     -- bucket/key; null: the message names none that can be read
  class text not null,                             -- receive/sesFailure.ts
  error text not null,
  attempts int not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  next_try_at timestamptz not null,
  alerted_at timestamptz,
  unique (queue, message_id)
);
create index ses_troubles_first on ses_troubles (first_at);

-- As in 0002, with what SES said of the mail.
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
                        trusted_authserv_ids, trusted_received, source, uid_validity, uid, addressee_reason, verdicts)
  select v_id, (list ->> 'id')::int, v_arrival ->> 'transport', (v_arrival ->> 'arrivedAt')::timestamptz,
         v_arrival ->> 'envelopeFrom', list ->> 'address', (v_arrival ->> 'clientIp')::inet, v_arrival ->> 'helo',
         (v_arrival ->> 'tls')::boolean, v_arrival -> 'trustedAuthservIds', (v_arrival ->> 'trustedReceived')::smallint,
         v_arrival ->> 'source', (v_arrival ->> 'uidValidity')::bigint, (v_arrival ->> 'uid')::bigint, list -> 'reason',
         v_arrival -> 'verdicts'
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
