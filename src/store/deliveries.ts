import type { Pool } from 'pg';
import type { WrapReason } from '../core/copyForm.ts';
import type { Form } from '../core/deliveryAttempt.ts';
import type { MemberState } from '../core/memberState.ts';
import type { AuthResult } from '../core/values.ts';
import { HELD } from './hold.ts';

/** The rows of copies to members: leased, sent, settled. The row is the truth; a lease that ends makes it due again. */

/** A copy to send, with all that is needed but the mail itself. */
export type ClaimedDelivery = {
  id: number;
  mailId: number;
  attempts: number;
  priority: number;
  memberId: number;
  member: string;
  memberState: MemberState;
  wrapped: boolean;
  listId: number;
  list: string;
  listState: 'draft' | 'live' | 'released';
  customerId: number;
  language: string;
  size: number;
  receivedAt: Date;
  auth: AuthResult;
  envelopeFrom: string | null;
};

export type ClaimOptions = { owner: string; now: Date; leaseMs: number; limit: number; priorities: readonly number[] };

/** Leases up to `limit` due copies of these priorities to `owner`, the most pressing first. */
export async function claimDeliveries(pool: Pool, options: ClaimOptions): Promise<ClaimedDelivery[]> {
  const { owner, now, leaseMs, limit, priorities } = options;
  const until = new Date(now.getTime() + leaseMs);
  const { rows } = await pool.query<ClaimedDelivery>({
    name: 'claim_deliveries',
    text: `
      with picked as materialized (
        select id from deliveries where state = 'due' and due_at <= $1 and priority = any ($2::smallint[]) and not ${HELD}
         order by priority, due_at, id limit $3 for update skip locked),
      claimed as (
        update deliveries d set state = 'leased', lease_owner = $4, lease_until = $5,
               attempts = least(d.attempts + 1, 30000)
          from picked where d.id = picked.id
        returning d.id, d.mail_id, d.member_id, d.priority, d.attempts)
      select d.id, d.mail_id as "mailId", d.attempts, d.priority, m.id as "memberId", m.address as member,
             m.state as "memberState", m.wrapped, l.id as "listId", l.address as list, l.state as "listState",
             c.id as "customerId", c.language, mails.size, mails.received_at as "receivedAt", mails.auth,
             a.envelope_from as "envelopeFrom"
        from claimed d
        join members m on m.id = d.member_id
        join lists l on l.id = m.list_id
        join customers c on c.id = l.customer_id
        join mails on mails.id = d.mail_id
        left join lateral (select envelope_from from arrivals where mail_id = d.mail_id order by id limit 1) a on true
       order by d.priority, d.mail_id, d.id`,
    values: [now, priorities, limit, owner, until],
  });
  return rows;
}

/** How one claimed copy ended, or when it is tried again. */
export type DeliverySettlement = {
  id: number;
  owner: string;
  state: 'due' | 'accepted' | 'skipped';
  form: Form | null;
  /** Why it was wrapped; null where it was not, or not sent. */
  wrappedFor: WrapReason | null;
  dueAt: Date | null;
  acceptedAt: Date | null;
  code: string;
  text: string;
  /** The try is written to the log of the copy; one that was accepted at once is not worth a line. */
  isLogged: boolean;
};

/** Settles copies in one statement. Returns the ids that were settled: a lost lease is not among them. */
export async function settleDeliveries(
  pool: Pick<Pool, 'query'>,
  settled: readonly DeliverySettlement[],
  now: Date,
): Promise<Set<number>> {
  const { rows } = await pool.query<{ id: number }>({
    name: 'settle_deliveries',
    text: `
      with given as materialized (
        select * from json_to_recordset($1::json) as s (id bigint, owner text, state text, form text, "wrappedFor" text,
          "dueAt" timestamptz, "acceptedAt" timestamptz, code text, text text, "isLogged" boolean)),
      settled as (
        update deliveries d set state = g.state, form = coalesce(g.form, d.form),
               wrapped_for = case when g.form is null then d.wrapped_for else g."wrappedFor" end, due_at = coalesce(g."dueAt", d.due_at),
               accepted_at = g."acceptedAt", code = g.code, text = g.text, lease_owner = null, lease_until = null
          from given g where d.id = g.id and d.state = 'leased' and d.lease_owner = g.owner
        returning d.id),
      told as (
        insert into delivery_events (delivery_id, at, event, code, text)
        select g.id, $2, 'try', g.code, g.text from given g join settled using (id) where g."isLogged")
      select id from settled`,
    values: [JSON.stringify(settled), now],
  });
  return new Set(rows.map(({ id }) => id));
}

/**
 * Makes copies due again whose process died or hangs: leases that ran out, and those of `gone` owners. Whether they were
 * sent is not known. Returns their number.
 */
export async function releaseExpiredDeliveries(pool: Pool, now: Date, gone: readonly string[] = []): Promise<number> {
  const { rowCount } = await pool.query(
    `with expired as (
       update deliveries set state = 'due', due_at = $1, lease_owner = null, lease_until = null,
              code = 'deliver.lease_expired'
        where state = 'leased' and (lease_until < $1 or lease_owner = any($2::text[])) returning id)
     insert into delivery_events (delivery_id, at, event, code, text)
     select id, $1, 'try', 'deliver.lease_expired', 'The process that sent it ended before it said how it went.'
       from expired`,
    [now, gone],
  );
  return rowCount ?? 0;
}

/**
 * When the next copy falls due after `now`, a lease ends, or a copy is late (`lateMs`: after how long, with codes and
 * without); null when nothing waits for a time.
 */
export async function nextDeliveryAt(
  pool: Pool,
  now: Date,
  lateMs: { urgent: number; usual: number },
): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date | null }>(
    `select least((select min(due_at) from deliveries where state = 'due' and due_at > $1),
                  (select min(lease_until) from deliveries where state = 'leased'),
                  (select min(created_at + make_interval(secs => case when priority = 1 then $2::float8 else $3::float8 end / 1000))
                     from deliveries where accepted_at is null and alerted_at is null and state in ('due', 'leased'))) as at`,
    [now, lateMs.urgent, lateMs.usual],
  );
  return rows[0]?.at ?? null;
}

/** Those of the lists that got more than `most` mails since `since`. */
export async function stormyLists(
  pool: Pool,
  listIds: readonly number[],
  most: number,
  since: Date,
): Promise<Set<number>> {
  const { rows } = await pool.query<{ id: number }>({
    name: 'stormy_lists',
    text: `select l.id from unnest($1::int[]) as l (id)
            where (select received_at from mails where list_id = l.id order by id desc offset $2 limit 1) > $3`,
    values: [listIds, most, since],
  });
  return new Set(rows.map(({ id }) => id));
}

export type LateDelivery = {
  id: number;
  customerId: number;
  mailId: number;
  list: string;
  priority: number;
  code: string | null;
};

/**
 * Copies that the smarthost has not taken yet: with codes since `urgentBefore`, others since `usualBefore`. Each is told once.
 */
export async function takeLateDeliveries(
  pool: Pick<Pool, 'query'>,
  late: { urgentBefore: Date; usualBefore: Date; now: Date },
): Promise<LateDelivery[]> {
  const { rows } = await pool.query<LateDelivery>(
    `with late as (
       update deliveries set alerted_at = $3
        where id in (select id from deliveries
                      where accepted_at is null and alerted_at is null and state in ('due', 'leased')
                        and created_at < case when priority = 1 then $1::timestamptz else $2::timestamptz end
                      order by created_at limit 200 for update skip locked)
       returning id, mail_id, member_id, priority, code)
     select late.id, l.customer_id as "customerId", late.mail_id as "mailId", l.address as list, late.priority, late.code
       from late join members m on m.id = late.member_id join lists l on l.id = m.list_id order by late.id`,
    [late.urgentBefore, late.usualBefore, late.now],
  );
  return rows;
}
