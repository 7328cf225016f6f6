-- Counts of what stands now, kept with the rows themselves, so that nobody who watches counts a table.
-- Told at the end of the transaction, when no other lock is still waited for: two at once never wait for each other.
create function count_path() returns trigger language plpgsql as $$
declare
  v_old text := case when tg_op = 'UPDATE' and old.state <> 'released' then old.path_state end;
  v_new text := case when new.state <> 'released' then new.path_state end;
begin
  if v_old is not distinct from v_new then
    return null;
  end if;
  perform pg_advisory_xact_lock(1919907701);
  insert into counters (name, value)
  select 'paths.' || name, change from (values (v_old, -1), (v_new, 1)) c (name, change) where name is not null order by 1
  on conflict (name, slot) do update set value = counters.value + excluded.value;
  return null;
end $$;
create constraint trigger lists_counted after insert or update of path_state, state on lists
  deferrable initially deferred for each row execute function count_path();
insert into counters (name, value)
select 'paths.' || path_state, count(*) from lists where state <> 'released' group by path_state;

-- Of effects only those that gave up, and those that are taken up again: no usual one pays for it.
create function count_parked() returns trigger language plpgsql as $$
declare
  v_change int := case when tg_op <> 'DELETE' and new.state = 'parked' then 1 else -1 end;
begin
  insert into counters (name, slot, value) values ('parked.effects', pg_backend_pid() % 16, v_change)
  on conflict (name, slot) do update set value = counters.value + excluded.value;
  return null;
end $$;
create constraint trigger effects_parked_new after insert on effects
  deferrable initially deferred for each row when (new.state = 'parked') execute function count_parked();
create constraint trigger effects_parked_change after update of state on effects
  deferrable initially deferred for each row when ((old.state = 'parked') <> (new.state = 'parked')) execute function count_parked();
create constraint trigger effects_parked_gone after delete on effects
  deferrable initially deferred for each row when (old.state = 'parked') execute function count_parked();
insert into counters (name, value) select 'parked.effects', count(*) from effects where state = 'parked';
