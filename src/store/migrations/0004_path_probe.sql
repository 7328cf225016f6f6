-- Probes of the way to root addresses: a mail of ours that must come back to us.
create table probes (
  id bigint generated always as identity primary key,
  list_id int not null references lists,
  state text not null default 'due' check (state in ('due', 'sent', 'arrived', 'lost', 'unsent')),
  made_at timestamptz not null,
  sent_at timestamptz,                             -- when it was written; stands in the mail
  handed_at timestamptz,                           -- taken by the smarthost
  arrived_at timestamptz,
  transport text,                                  -- by which way it came in
  hops smallint,                                   -- Received fields that it bore
  told text check (told in ('late', 'lost', 'unsent')), -- what people were told of it
  code text,                                       -- how the last try to hand it over went
  text text
);
create index probes_list on probes (list_id, id desc);
create index probes_open on probes (made_at) where state in ('due', 'sent');
create index probes_made on probes (made_at);

alter table lists
  add column next_probe_at timestamptz,            -- null: at once
  -- What the probes say of the way to this address.
  add column path_state text not null default 'unknown' check (path_state in ('unknown', 'heard', 'late', 'lost', 'unsent'));
create index lists_next_probe on lists (next_probe_at nulls first, id) where state <> 'released';
create index lists_silent on lists (id) where path_state in ('late', 'lost', 'unsent') and state <> 'released';
