import { type Kysely, sql } from 'kysely';
import { appendAudit } from './audit.ts';
import { mailLink } from './links.ts';
import type { Tables } from './schema.ts';

/** Mails of one addition to one person, the first included: an invitation is repeated twice, then people look. */
const MAILS = 3;
/** Pause before an unanswered link is mailed again (ms). */
const PAUSE_MS = 3 * 24 * 3_600_000;

type Unanswered = {
  purpose: 'approve' | 'confirm';
  memberId: number;
  proposalId: number;
  address: string;
  customerId: number;
  list: string;
};

/**
 * Mails links of open additions again that nobody has used for some days: to the approvers while one of them is missing, to
 * the member once it is their turn. At most `limit` in one transaction. Returns how many.
 */
export async function remind(db: Kysely<Tables>, { now, limit }: { now: Date; limit: number }): Promise<number> {
  const before = new Date(now.getTime() - PAUSE_MS);
  return db.transaction().execute(async (tx) => {
    const { rows: open } = await sql<{ id: number }>`
      select p.id from proposals p join members m on m.id = p.member_id join lists l on l.id = m.list_id
       where p.state = 'open' and p.expires_at > ${now} and m.state = 'invited' and l.state <> 'released'
         and p.created_at < ${before}
       order by p.id limit ${limit} for update of p skip locked`.execute(tx);
    const { rows } = await sql<Unanswered>`
      select k.purpose, k.member_id as "memberId", k.proposal_id as "proposalId", k.address,
             l.customer_id as "customerId", l.address as list
        from links k join members m on m.id = k.member_id join lists l on l.id = m.list_id
       where k.proposal_id = any(${open.map(({ id }) => id)}::bigint[]) and k.purpose in ('approve', 'confirm')
       group by k.purpose, k.member_id, k.proposal_id, k.address, l.customer_id, l.address
      having count(*) < ${MAILS} and max(k.created_at) < ${before} and bool_and(k.used_at is null)
         -- Once the member was asked, the approvers have nothing left to do.
         and (k.purpose = 'confirm' or not exists (
               select from links o where o.proposal_id = k.proposal_id and o.purpose = 'confirm'))
       order by k.proposal_id, k.address`.execute(tx);
    for (const { customerId: _, list: __, ...link } of rows) await mailLink(tx, link, now, now);
    await appendAudit(
      tx,
      rows.map(({ customerId, list, memberId, purpose }) => ({
        customerId,
        at: now,
        actor: 'rootdesk',
        action: 'member.reminded',
        detail: { list, member: memberId, of: purpose },
      })),
    );
    return rows.length;
  });
}
