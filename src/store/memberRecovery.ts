import { type Kysely, sql } from 'kysely';
import { isQuietAgain } from '../core/memberHealth.ts';
import { type MemberState, nextState } from '../core/memberState.ts';
import { appendAudit } from './audit.ts';
import { mailEffect } from './links.ts';
import { CUSTOMER_LOCK } from './loadSituation.ts';
import type { Tables } from './schema.ts';

/** The way back of a bouncing member: mail reaches them again. */

/** How it is known. */
export type RecoveredBy = 'acknowledged' | 'report' | 'silence';

const REASONS: Record<RecoveredBy, string> = {
  acknowledged: 'they said so',
  report: 'their mail server reported a copy as delivered',
  silence: 'a week has gone since the last failure, and nothing came back of a later copy',
};

type Bouncing = { listId: number; list: string; customerId: number; address: string; state: MemberState };

/**
 * Makes a bouncing member confirmed again, in the caller's transaction: row, history, audit, word to everybody on the list,
 * and a note on the ticket that it had opened. False: the member is not bouncing. Ring 'act' after the commit.
 */
export async function recoverMember(
  tx: Kysely<Tables>,
  { memberId, by, now }: { memberId: number; by: RecoveredBy; now: Date },
): Promise<boolean> {
  const { rows: owners } = await sql<{ customerId: number }>`
    select l.customer_id as "customerId" from members m join lists l on l.id = m.list_id
     where m.id = ${memberId} and m.state = 'bouncing' and l.state <> 'released'`.execute(tx);
  const owner = owners[0];
  if (!owner) return false;
  await sql`select pg_advisory_xact_lock(${CUSTOMER_LOCK}::int, ${owner.customerId}::int)`.execute(tx);
  const { rows } = await sql<Bouncing>`
    select l.id as "listId", l.address as list, l.customer_id as "customerId", m.address, m.state
      from members m join lists l on l.id = m.list_id where m.id = ${memberId} for update of m`.execute(tx);
  const member = rows[0]!;
  const state = nextState(member.state, 'recover');
  if (state === null || state === member.state) return false;
  await sql`update members set state = ${state}, changed_at = ${now} where id = ${memberId}`.execute(tx);
  const { id: changeId } = await tx
    .insertInto('member_changes')
    .values({ list_id: member.listId, member_id: memberId, at: now, actor: 'rootdesk', change: 'member.recovered' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { rows: told } = await sql<{ id: number }>`
    select id from members where list_id = ${member.listId} and state in ('confirmed', 'bouncing') order by id`.execute(
    tx,
  );
  for (const { id } of told) {
    await mailEffect(tx, memberId, `change:${changeId}:${id}`, { mail: 'change', changeId, toMember: id }, now);
  }
  await noteOnTicket(tx, member, memberId, `Mail reaches ${member.address} again: ${REASONS[by]}.`, now);
  const { customerId, list } = member;
  const detail = { list, member: memberId, from: member.state, to: state, by };
  await appendAudit(tx, [{ customerId, at: now, actor: 'rootdesk', action: 'member.recovered', detail }]);
  return true;
}

/** The ticket stays as it is: whether the matter is over is for whoever has it. */
async function noteOnTicket(tx: Kysely<Tables>, member: Bouncing, memberId: number, text: string, now: Date) {
  await sql`
    with ticket as (
      update tickets t set updated_at = ${now}, version = version + 1
        from thread_keys k
       where k.customer_id = ${member.customerId} and k.key = ${`own:list.member_bouncing:${memberId}`}
         and t.id = k.ticket_id and t.state <> 'solved'
      returning t.id)
    insert into entries (ticket_id, customer_id, type, at, actor, body)
    select id, ${member.customerId}, 'note', ${now}, 'rootdesk', ${JSON.stringify({ text })}::jsonb from ticket`.execute(
    tx,
  );
}

/** Notes that a mail server reported a copy as delivered. Returns whether its member recovered by that. */
export async function recoverByReport(db: Kysely<Tables>, deliveryId: number, now: Date): Promise<boolean> {
  const delivery = await db
    .selectFrom('deliveries')
    .select('member_id')
    .where('id', '=', deliveryId)
    .executeTakeFirst();
  if (!delivery) return false;
  return db.transaction().execute((tx) => recoverMember(tx, { memberId: delivery.member_id, by: 'report', now }));
}

/** Looks for bouncing members of whom nothing came back any more, and makes them confirmed. Returns their number. */
export async function recoverQuietMembers(db: Kysely<Tables>, now: Date): Promise<number> {
  const { rows } = await sql<{ memberId: number; failedAt: Date; quietSince: Date | null }>`
    select m.id as "memberId", f.at as "failedAt",
           (select min(d.accepted_at) from deliveries d
             where d.member_id = m.id and d.state = 'accepted' and d.accepted_at > f.at) as "quietSince"
      from members m
      cross join lateral (
        select coalesce(max(e.at), m.changed_at) as at from delivery_events e join deliveries d on d.id = e.delivery_id
         where d.member_id = m.id and e.event = 'failed') f
     where m.state = 'bouncing'`.execute(db);
  let recovered = 0;
  for (const { memberId, ...since } of rows) {
    if (!isQuietAgain(since, now)) continue;
    const done = await db.transaction().execute((tx) => recoverMember(tx, { memberId, by: 'silence', now }));
    if (done) recovered += 1;
  }
  return recovered;
}
