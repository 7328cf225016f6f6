-- As before; the customers of an incident are counted on when a ticket joins it, not anew with each of its mails, and an
-- incident that says the same afterwards is not written. A ticket stays in its first incident, and is its customer's for
-- ever, so nothing else changes their number.
create or replace function join_incident(p_ticket bigint, p_kind text, p_key text, p_days int, p_at timestamptz) returns void
language plpgsql as $$
declare
  v_key bytea := sha256(convert_to(p_key, 'UTF8'));
  v_span interval := make_interval(days => coalesce(p_days, 36500));
  v_customer int;
  v_incident bigint;
  v_more int := 0;
begin
  select customer_id, incident_id into v_customer, v_incident from tickets where id = p_ticket;
  perform pg_advisory_xact_lock(21070, hashtext(encode(v_key, 'hex')));
  if v_incident is null then
    select id into v_incident from incidents
     where key = v_key and p_at between first_at - v_span and last_at + v_span order by last_at desc, id limit 1;
    if v_incident is null then
      insert into incidents (key, kind, first_at, last_at) values (v_key, p_kind, p_at, p_at) returning id into v_incident;
    elsif not exists (select from tickets where incident_id = v_incident and customer_id = v_customer) then
      v_more := 1;
    end if;
    update tickets set incident_id = v_incident where id = p_ticket;
  end if;
  update incidents set first_at = least(first_at, p_at), last_at = greatest(last_at, p_at), customers = customers + v_more
   where id = v_incident and (key = v_key or customers < 2)
     and (v_more > 0 or p_at < first_at or p_at > last_at);
  delete from effects e where e.ticket_id = p_ticket and e.state = 'due' and e.type in ('notify.mail', 'notify.webhook')
     and e.xmin = pg_current_xact_id()::xid
     and exists (select from tickets o join effects told on told.ticket_id = o.id
                  where o.incident_id = v_incident and o.id <> p_ticket and o.state <> 'solved' and told.type = e.type
                    and told.state in ('due', 'leased', 'done'));
end $$;
