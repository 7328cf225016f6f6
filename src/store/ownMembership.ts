import { type Kysely, sql } from 'kysely';
import { canonicalAddress } from '../core/mailAddress.ts';
import { appendAudit } from './audit.ts';
import { LINK_MS, lockUsableLink, mailLink, useLink } from './links.ts';
import { recoverMember } from './memberRecovery.ts';
import type { Tables } from './schema.ts';

/** What members do about their own membership besides leaving. */

/** Links that one member may ask for: one in ten minutes, five a day. */
const ASK_PAUSE_MS = 10 * 60_000;
const ASKS_A_DAY = 5;

/**
 * Mails a member a link to their own page when they ask for it. Whether the address is on the list, or asked too often, is
 * told to nobody: the answer goes to the mailbox or nowhere.
 */
export async function requestManageLink(
  db: Kysely<Tables>,
  asked: { listId: number; address: string; now: Date },
): Promise<void> {
  const { listId, now } = asked;
  const address = canonicalAddress(asked.address);
  if (address === null) return;
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: number }>`
      select id from members where list_id = ${listId} and address = ${address}
         and state in ('confirmed', 'bouncing', 'suspended') for update`.execute(tx);
    const member = rows[0];
    if (!member) return;
    const { rows: recent } = await sql<{ last: Date | null; count: number }>`
      select max(created_at) as last, count(*)::int as count from links
       where member_id = ${member.id} and purpose = 'manage' and created_at > ${new Date(now.getTime() - 24 * 3_600_000)}`.execute(
      tx,
    );
    const { last, count } = recent[0]!;
    if (count >= ASKS_A_DAY || (last !== null && now.getTime() - last.getTime() < ASK_PAUSE_MS)) return;
    const since = new Date(now.getTime() - LINK_MS.manage);
    await mailLink(tx, { purpose: 'manage', memberId: member.id, proposalId: null, address }, now, since);
  });
}

/** Notes that a heartbeat mail arrived; who was bouncing is confirmed again. False: the link was used or is too old. */
export async function acknowledgeHeartbeat(db: Kysely<Tables>, what: { linkId: number; now: Date }): Promise<boolean> {
  const { linkId, now } = what;
  return db.transaction().execute(async (tx) => {
    const link = await lockUsableLink(tx, linkId, now);
    if (link?.purpose !== 'acknowledge') return false;
    await useLink(tx, linkId, now);
    // Before the member's row is locked: customers are locked first everywhere.
    await recoverMember(tx, { memberId: link.memberId, by: 'acknowledged', now });
    const { rows } = await sql<{ customerId: number; listId: number; list: string }>`
      update members m set acknowledged_at = ${now} from lists l
       where m.id = ${link.memberId} and l.id = m.list_id
      returning l.customer_id as "customerId", l.id as "listId", l.address as list`.execute(tx);
    const { customerId, listId, list } = rows[0]!;
    const detail = { list, member: link.memberId };
    const actor = `member:${link.memberId}`;
    await appendAudit(tx, [{ customerId, at: now, actor, action: 'member.acknowledged', detail }]);
    await tx
      .insertInto('member_changes')
      .values({ list_id: listId, member_id: link.memberId, at: now, actor, change: 'member.acknowledged' })
      .execute();
    return true;
  });
}

/**
 * Asks members whether mail arrives who were not asked for `days` days, by a mail with a link to click: at most `limit` of
 * them. Returns how many.
 */
export async function sendHeartbeats(
  db: Kysely<Tables>,
  { now, days, limit }: { now: Date; days: number; limit: number },
): Promise<number> {
  const before = new Date(now.getTime() - days * 24 * 3_600_000);
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: number; address: string; customerId: number; list: string }>`
      select m.id, m.address, l.customer_id as "customerId", l.address as list
        from members m join lists l on l.id = m.list_id
       where m.state in ('confirmed', 'bouncing') and l.state <> 'released'
         and greatest(m.heartbeat_at, m.confirmed_at, m.created_at) < ${before}
       order by m.id limit ${limit} for no key update of m skip locked`.execute(tx);
    for (const { id, address } of rows) {
      await mailLink(tx, { purpose: 'acknowledge', memberId: id, proposalId: null, address }, now, now);
      await tx.updateTable('members').set({ heartbeat_at: now }).where('id', '=', id).execute();
    }
    const record = { at: now, actor: 'rootdesk', action: 'member.asked' };
    await appendAudit(
      tx,
      rows.map(({ id, customerId, list }) => ({ ...record, customerId, detail: { list, member: id } })),
    );
    return rows.length;
  });
}
