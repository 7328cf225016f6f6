import { type Kysely, sql } from 'kysely';
import { canonicalAddress } from '../core/mailAddress.ts';
import { appendAudit } from './audit.ts';
import type { Tables } from './schema.ts';

/** What is known about one person by their address: to hand out, and to erase. */

/** Everything that is kept about an address on lists, as plain values. */
export async function readPerson(db: Kysely<Tables>, text: string): Promise<Record<string, unknown> | null> {
  const address = canonicalAddress(text);
  if (address === null) return null;
  const { rows: memberships } = await sql<{ member: number }>`
    select m.id as member, c.slug as customer, l.address as list, l.account, m.name, m.side, m.state, m.created_at as "createdAt",
           m.changed_at as "changedAt", m.confirmed_at as "confirmedAt", m.heartbeat_at as "askedAt",
           m.acknowledged_at as "acknowledgedAt"
      from members m join lists l on l.id = m.list_id join customers c on c.id = l.customer_id
     where m.address = ${address} order by m.id`.execute(db);
  const ids = memberships.map(({ member }) => member);
  const actors = [...ids.map((id) => `member:${id}`), `approver:${address}`];
  const rowsOf = async (query: ReturnType<typeof sql>) => (await query.execute(db)).rows;
  return {
    address,
    memberships,
    proposals: await rowsOf(sql`
      select id, member_id as member, proposer, state, created_at as "createdAt", closed_at as "closedAt"
        from proposals where member_id = any(${ids}::int[]) order by id`),
    approvals: await rowsOf(sql`
      select proposal_id as proposal, basis, at from approvals where address = ${address} order by at`),
    changes: await rowsOf(sql`
      select member_id as member, change, actor, at from member_changes
       where member_id = any(${ids}::int[]) or actor = any(${actors}::text[]) order by id`),
    links: await rowsOf(sql`
      select purpose, member_id as member, created_at as "createdAt", used_at as "usedAt" from links
       where address = ${address} order by id`),
    deliveries: await rowsOf(sql`
      select id, mail_id as mail, member_id as member, state, created_at as "createdAt" from deliveries
       where member_id = any(${ids}::int[]) order by id`),
  };
}

/** Behind this domain stand no mailboxes (RFC 2606 §2): erased addresses end in it. */
export const ERASED_DOMAIN = 'erased.invalid';

/**
 * Erases an address from everything about lists: members, approvals, links, and what mail servers answered about copies and mails. Numbers stay, so
 * that the audit log, which names members by number, still verifies. Nothing is erased while a membership lasts. In the
 * caller's transaction; returns the number of memberships.
 */
export async function erasePersonIn(
  tx: Kysely<Tables>,
  what: { address: string; actor: string; now: Date },
): Promise<number> {
  const address = canonicalAddress(what.address);
  if (address === null) return 0;
  const { rows } = await sql<{ id: number; customerId: number; list: string }>`
    update members m set address = 'erased-' || m.id || '@' || ${ERASED_DOMAIN}::text, name = null
      from lists l where l.id = m.list_id and m.address = ${address} and m.state = 'removed'
       and not exists (select from members o where o.address = ${address} and o.state <> 'removed')
    returning m.id, l.customer_id as "customerId", l.address as list`.execute(tx);
  if (rows.length === 0) return 0;
  const erased = `erased-${rows[0]!.id}@${ERASED_DOMAIN}`;
  await sql`
    update effects set attempts = '[]', result = null
     where type = 'member.mail' and state in ('done', 'parked') and (
       (payload ->> 'linkId')::bigint in (select id from links where address = ${address})
       or (payload ->> 'toMember')::int = any(${rows.map(({ id }) => id)}::int[]))`.execute(tx);
  const ids = rows.map(({ id }) => id);
  await sql`
    update delivery_events set text = 'Erased.'
     where delivery_id in (select id from deliveries where member_id = any(${ids}::int[]))`.execute(tx);
  await sql`update deliveries set text = null where member_id = any(${ids}::int[])`.execute(tx);
  await sql`
    update effects set result = jsonb_set(result, '{delivered}', (result -> 'delivered') - ${address}::text)
     where type = 'list.member_bounced' and result -> 'delivered' ? ${address}::text`.execute(tx);
  await sql`update links set address = ${erased} where address = ${address}`.execute(tx);
  await sql`update approvals set address = ${erased} where address = ${address}`.execute(tx);
  await sql`update member_changes set actor = ${`approver:${erased}`} where actor = ${`approver:${address}`}`.execute(
    tx,
  );
  await appendAudit(
    tx,
    rows.map(({ id, customerId, list }) => ({
      customerId,
      at: what.now,
      actor: what.actor,
      action: 'member.erased',
      detail: { list, member: id },
    })),
  );
  return rows.length;
}
