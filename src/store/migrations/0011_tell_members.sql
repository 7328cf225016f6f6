-- Everybody who gets mail of a list hears of a change of it, in the transaction that makes the change.
create function tell_members(p_change bigint, p_at timestamptz) returns void language sql as $$
  insert into effects (type, key, customer_id, order_key, payload, due_at)
  select 'member.mail', key, customer_id, key, jsonb_build_object('mail', 'change', 'changeId', p_change, 'toMember', member), p_at
    from (select 'member.mail:change:' || p_change || ':' || m.id as key, l.customer_id, m.id as member
            from member_changes h join lists l on l.id = h.list_id join members m on m.list_id = l.id
           where h.id = p_change and m.state in ('confirmed', 'bouncing') order by m.id) told
  on conflict (key) do nothing
$$;
