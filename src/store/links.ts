import { type Kysely, sql } from 'kysely';
import type { LinkPurpose, Tables } from './schema.ts';

/** How long a link of each purpose can be used (ms). */
export const LINK_MS: Record<LinkPurpose, number> = {
  approve: 7 * 24 * 3_600_000,
  confirm: 7 * 24 * 3_600_000,
  acknowledge: 30 * 24 * 3_600_000,
  manage: 3_600_000,
};

export type NewLink = {
  purpose: LinkPurpose;
  memberId: number;
  proposalId: number | null;
  /** Whom it is mailed to. */
  address: string;
};

/** Links of one purpose about one member that are mailed to one address in a day, whoever asks. */
const MOST_A_DAY = 5;

/**
 * Makes a link and the effect that mails it, unless one that can still be used was made after `since` (null: at any
 * time), or the address had its share of the day: asking twice in a row writes one mail. Returns whether it was made.
 */
export async function mailLink(tx: Kysely<Tables>, link: NewLink, now: Date, since: Date | null): Promise<boolean> {
  const { purpose, memberId, proposalId, address } = link;
  const { rows } = await sql<{ id: number }>`
    insert into links (purpose, member_id, proposal_id, address, created_at, expires_at)
    select ${purpose}, ${memberId}, ${proposalId}::bigint, ${address}, ${now}, ${new Date(now.getTime() + LINK_MS[purpose])}
     where not exists (
       select from links where purpose = ${purpose} and member_id = ${memberId} and address = ${address}
          and proposal_id is not distinct from ${proposalId}::bigint and used_at is null and expires_at > ${now}
          and (${since}::timestamptz is null or created_at > ${since}))
       and (select count(*) from links where purpose = ${purpose} and member_id = ${memberId} and address = ${address}
               and created_at > ${new Date(now.getTime() - 24 * 3_600_000)}) < ${MOST_A_DAY}
    returning id`.execute(tx);
  const made = rows[0];
  if (!made) return false;
  await mailEffect(tx, memberId, `link:${made.id}`, { mail: 'link', linkId: made.id }, now);
  return true;
}

/** The effect of one mail to or about a member. Payload: numbers only, no address, no token. */
export async function mailEffect(
  tx: Kysely<Tables>,
  memberId: number,
  what: string,
  payload: { mail: 'link'; linkId: number } | { mail: 'change'; changeId: number; toMember: number },
  now: Date,
): Promise<void> {
  const key = `member.mail:${what}`;
  await sql`
    insert into effects (type, key, customer_id, order_key, payload, due_at)
    select 'member.mail', ${key}, l.customer_id, ${key}, ${JSON.stringify(payload)}::jsonb, ${now}
      from members m join lists l on l.id = m.list_id where m.id = ${memberId}
    on conflict (key) do nothing`.execute(tx);
}

/** Locks a link for its one use: null when it was used, has expired, or does not exist. */
export async function lockUsableLink(
  tx: Kysely<Tables>,
  linkId: number,
  now: Date,
): Promise<{ purpose: LinkPurpose; memberId: number; proposalId: number | null; address: string } | null> {
  const { rows } = await sql<{ purpose: LinkPurpose; memberId: number; proposalId: number | null; address: string }>`
    select purpose, member_id as "memberId", proposal_id as "proposalId", address from links
     where id = ${linkId} and used_at is null and expires_at > ${now} for update`.execute(tx);
  return rows[0] ?? null;
}

export async function useLink(tx: Kysely<Tables>, linkId: number, now: Date): Promise<void> {
  await tx.updateTable('links').set({ used_at: now }).where('id', '=', linkId).execute();
}
