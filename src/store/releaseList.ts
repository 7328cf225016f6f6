import { type Kysely, sql } from 'kysely';
import type { ListState } from '../core/memberState.ts';
import { appendAudit } from './audit.ts';
import { mailEffect } from './links.ts';
import { CUSTOMER_LOCK } from './loadSituation.ts';
import type { Tables } from './schema.ts';

/**
 * Releases a root address, for good: its members are told and get no more copies, additions under way end, and it is never
 * given out again (the database refuses to forget it). Mail that still comes for it is kept and becomes tickets of its
 * customer as before. `false`: it was released before; null: there is no such list. Ring 'act' after it.
 */
export async function releaseList(
  db: Kysely<Tables>,
  released: { listId: number; actor: string; at: Date },
): Promise<boolean | null> {
  const { listId, actor, at } = released;
  return db.transaction().execute(async (tx) => {
    const { rows: owners } = await sql<{ id: number }>`
      select customer_id as id from lists where id = ${listId}`.execute(tx);
    const owner = owners[0];
    if (!owner) return null;
    // As whoever changes members: nobody is added while the list goes.
    await sql`select pg_advisory_xact_lock(${CUSTOMER_LOCK}::int, ${owner.id}::int)`.execute(tx);
    const { rows } = await sql<{ address: string; account: string | null; state: ListState }>`
      select address, account, list_state(l) as state from lists l where id = ${listId} for update`.execute(tx);
    const { address, account, state } = rows[0]!;
    if (state === 'released') return false;
    await tx.updateTable('lists').set({ state: 'released', released_at: at }).where('id', '=', listId).execute();
    await sql`
      update proposals p set state = 'closed', closed_at = ${at} from members m
       where m.id = p.member_id and m.list_id = ${listId} and p.state = 'open'`.execute(tx);
    await tellMembers(tx, released);
    const detail = { address, account, from: state };
    await appendAudit(tx, [{ customerId: owner.id, at, actor, action: 'list.released', detail }]);
    return true;
  });
}

/** Everybody who is or was to be on it; whom nobody has approved yet knows nothing of the list. */
async function tellMembers(tx: Kysely<Tables>, { listId, actor, at }: { listId: number; actor: string; at: Date }) {
  const { id: changeId } = await tx
    .insertInto('member_changes')
    .values({ list_id: listId, at, actor, change: 'list.released' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { rows } = await sql<{ id: number }>`
    select m.id from members m where m.list_id = ${listId} and (m.state in ('confirmed', 'bouncing', 'suspended')
       or m.state = 'invited' and exists (select from links k where k.member_id = m.id and k.purpose = 'confirm'))
     order by m.id`.execute(tx);
  for (const { id: toMember } of rows) {
    await mailEffect(tx, toMember, `change:${changeId}:${toMember}`, { mail: 'change', changeId, toMember }, at);
  }
}

/** Lists that AWS is proved to have written to after their release, by customer. */
export async function stillWrittenLists(
  db: Kysely<Tables>,
): Promise<{ customer: string; account: string | null; lastMailAt: Date }[]> {
  const { rows } = await sql<{ customer: string; account: string | null; lastMailAt: Date }>`
    select c.slug as customer, l.account, max(m.received_at) as "lastMailAt"
      from lists l join customers c on c.id = l.customer_id join mails m on m.list_id = l.id and m.received_at > l.released_at
     where l.state = 'released' and m.outcome in ('open', 'append', 'duplicate', 'drop')
     group by c.slug, l.id order by c.slug, l.id`.execute(db);
  return rows;
}
