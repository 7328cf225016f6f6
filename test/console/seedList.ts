import type { Pool } from 'pg';

/**
 * What happened on a list of the scene: who was proposed and waits, who bounced, how the copies of its last mails went.
 * Returns the list and its bouncing member.
 */
export async function seedList(pool: Pool, slug: string, now: Date): Promise<{ list: number; member: number }> {
  const { rows: lists } = await pool.query(
    `select l.id from lists l join customers c on c.id = l.customer_id where c.slug = $1`,
    [slug],
  );
  const list: number = lists[0].id;
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
  await pool.query(`update customers set member_domains = $2 where slug = $1`, [slug, [`${slug}.example`]]);
  await pool.query('update members set changed_at = $2, created_at = $2 where list_id = $1', [list, ago(210)]);
  await pool.query(`update members set acknowledged_at = $2 where list_id = $1 and address like 'ops@%'`, [
    list,
    ago(9000),
  ]);
  const { rows: added } = await pool.query(
    `insert into members (list_id, address, side, state, changed_at, created_at) values
       ($1, 'night-ops@' || $2 || '.example', 'customer', 'invited', $3, $3),
       ($1, 'fde-emea@msp.example', 'reseller', 'confirmed', $3, $3) returning id`,
    [list, slug, ago(51)],
  );
  const { rows: proposals } = await pool.query(
    `insert into proposals (member_id, proposer, side, created_at, expires_at) values ($1, 'dana', 'reseller', $2, $3) returning id`,
    [added[0].id, ago(51), new Date(now.getTime() + 2 * 24 * 3_600_000)],
  );
  await pool.query(
    `insert into links (purpose, member_id, proposal_id, address, created_at, expires_at)
     select 'approve', $1, $2, 'ops@' || $3 || '.example', $4::timestamptz, $4::timestamptz + interval '7 days'`,
    [added[0].id, proposals[0].id, slug, ago(51)],
  );
  const { rows: bouncing } = await pool.query(`select id from members where list_id = $1 and state = 'bouncing'`, [
    list,
  ]);
  const member: number = bouncing[0].id;
  await pool.query(
    `insert into member_changes (list_id, member_id, at, actor, change) values
       ($1, $2, $4, 'os:ines', 'member.confirmed'), ($1, $3, $5, 'rootdesk', 'member.bouncing'),
       ($1, $2, $6, 'os:dana', 'member.invited')`,
    [list, added[0].id, member, ago(60_000), ago(210), ago(51)],
  );
  await pool.query(
    `insert into deliveries (mail_id, member_id, state, form, priority, accepted_at, created_at)
     select m.id, r.id, case r.state when 'bouncing' then 'failed' else 'accepted' end, 'raw',
            case when m.secret_level = 'sealed' then 1 else 5 end, m.received_at, m.received_at
       from mails m join members r on r.list_id = m.list_id and r.state in ('confirmed', 'bouncing')
      where m.list_id = $1`,
    [list],
  );
  await pool.query(
    `insert into delivery_events (delivery_id, at, event, code, text)
     select id, $2, 'failed', '5.1.1', 'no such user' from deliveries where member_id = $1`,
    [member, ago(210)],
  );
  return { list, member };
}
