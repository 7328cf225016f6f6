import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool, PoolClient } from 'pg';
import type { WrapReason } from '../core/copyForm.ts';
import type { Form } from '../core/deliveryAttempt.ts';
import type { NotifyRules } from '../core/effect.ts';
import { type BounceVerdict, judgeBounce } from '../core/memberHealth.ts';
import type { MemberState } from '../core/memberState.ts';
import type { Clock } from '../lib/clock.ts';
import { type AuditRecord, appendAuditOn } from './audit.ts';
import { MAX_EVENTS } from './deliveryEvents.ts';
import { inTransaction } from './inTransaction.ts';
import { lockCustomers } from './loadSituation.ts';
import { type OwnMatter, openOwnTicket } from './ownTickets.ts';

/** What is known of a copy that did not arrive, from our smarthost or by a report that came back. */
export type CopyBounce = {
  deliveryId: number;
  action: 'failed' | 'delayed';
  /** RFC 3463. */
  status: string;
  /** One line for people: what the other server said. */
  text: string;
  /** How it was sent. */
  form: Form;
  /** While the copy is being sent: whose lease it is, and why it was wrapped. Null: a report that came back. */
  lease: { owner: string; wrappedFor: WrapReason | null } | null;
};

/** Records a bounce with all that follows, in one transaction; null: there is no such delivery. */
export type BounceRecorder = (bounce: CopyBounce) => Promise<BounceVerdict | null>;

export type BounceDeps = { pool: Pool; clock: Clock; notify: NotifyRules; ring: () => void };

/** Days that hard bounces count. */
const HARD_DAYS = 30;

const NOTHING: BounceVerdict = { copy: 'none', member: null, ticket: null };

type Row = {
  customerId: number;
  mailId: number;
  form: Form | null;
  wrappedFor: WrapReason | null;
  state: string;
  memberId: number;
  address: string;
  memberState: MemberState;
  wrapped: boolean;
  listId: number;
  list: string;
};

/** A report may come back before our own note that the copy was taken: waited for, then the reporter is asked to come again. */
const SETTLING_MS = 10_000;
const SETTLING_LOOK_MS = 100;

/** Makes the recorder. `ring` is called after a commit that left something to do. */
export function createBounceRecorder(deps: BounceDeps): BounceRecorder {
  return async (bounce) => {
    const until = performance.now() + SETTLING_MS;
    let verdict = await inTransaction(deps.pool, (client) => record(client, bounce, deps));
    while (verdict === 'being_sent') {
      if (performance.now() > until) throw new Error('the copy that a report is about is still being sent');
      await sleep(SETTLING_LOOK_MS);
      verdict = await inTransaction(deps.pool, (client) => record(client, bounce, deps));
    }
    if (verdict && verdict.copy !== 'none') deps.ring();
    return verdict;
  };
}

async function record(
  client: PoolClient,
  bounce: CopyBounce,
  deps: BounceDeps,
): Promise<BounceVerdict | 'being_sent' | null> {
  const now = deps.clock.now();
  const found = await find(client, bounce.deliveryId);
  if (!found) return null;
  await lockCustomers(client, [found.customerId]);
  const row = (await find(client, bounce.deliveryId, true)) as Row;
  if (row.state === 'leased' && bounce.lease === null) return 'being_sent';
  // The same is not told twice: a mailbox may be read again from its start.
  if (bounce.lease === null && (row.state === 'failed' || isSentAnew(row, bounce.form))) return NOTHING;
  const { rowCount } = await client.query(
    `insert into delivery_events (delivery_id, at, event, code, text)
     select $1, $2, $3, $4, $5 where (select count(*) from delivery_events where delivery_id = $1) < $6`,
    [bounce.deliveryId, now, bounce.action, bounce.status, bounce.text, MAX_EVENTS],
  );
  // A log that is full is no work of mail servers any more.
  if (bounce.lease === null && rowCount === 0) return NOTHING;
  const { action, status, form } = bounce;
  const wrappedFor = bounce.lease === null ? row.wrappedFor : bounce.lease.wrappedFor;
  const member = await healthOf(client, row, now);
  const verdict = judgeBounce({ action, status, form, wrappedFor }, member);
  if (verdict.copy === 'none') return verdict;
  await settleCopy(client, bounce, verdict, now);
  const audit: AuditRecord[] = [];
  const note = (action: string, detail: AuditRecord['detail']) =>
    audit.push({
      customerId: row.customerId,
      at: now,
      actor: 'rootdesk',
      action,
      // By number: an address may have to be erased one day, and the log cannot forget.
      detail: { list: row.list, member: row.memberId, ...detail },
    });
  if (verdict.copy === 'wrap' && !row.wrapped) {
    await client.query('update members set wrapped = true, changed_at = $2 where id = $1', [row.memberId, now]);
    note('member.wrapped', { status: bounce.status });
    const { rows } = await client.query<{ id: number }>(
      `insert into member_changes (list_id, member_id, at, actor, change, code)
       values ($1, $2, $3, 'rootdesk', 'member.wrapped', $4) returning id`,
      [row.listId, row.memberId, now, bounce.status],
    );
    await client.query('select tell_members($1, $2)', [rows[0]!.id, now]);
  }
  if (verdict.member !== null) {
    await client.query('update members set state = $2, changed_at = $3 where id = $1', [
      row.memberId,
      verdict.member,
      now,
    ]);
    note(`member.${verdict.member}`, { from: row.memberState, status: bounce.status });
    await client.query(
      `insert into member_changes (list_id, member_id, at, actor, change, code) values ($1, $2, $3, 'rootdesk', $4, $5)`,
      [row.listId, row.memberId, now, `member.${verdict.member}`, bounce.status],
    );
    await tellOthers(client, row, verdict.member, now);
  }
  if (verdict.ticket !== null)
    await openOwnTicket(client, matterOf(row, bounce, verdict, verdict.ticket, now), deps.notify, now);
  await appendAuditOn(client, audit);
  return verdict;
}

async function find(client: PoolClient, deliveryId: number, lock = false): Promise<Row | undefined> {
  const { rows } = await client.query<Row>(
    `select l.customer_id as "customerId", d.mail_id as "mailId", d.form, d.wrapped_for as "wrappedFor", d.state, m.id as "memberId", m.address,
            m.state as "memberState", m.wrapped, l.id as "listId", l.address as list
       from deliveries d join members m on m.id = d.member_id join lists l on l.id = m.list_id
      where d.id = $1 ${lock ? 'for update of d, m' : ''}`,
    [deliveryId],
  );
  return rows[0];
}

async function healthOf(client: PoolClient, row: Row, now: Date) {
  const { rows } = await client.query<{ others: number; days: number }>(
    `select (select count(*)::int from members where list_id = $1 and id <> $2 and side = 'customer' and state = 'confirmed') as others,
            (select count(distinct (e.at at time zone 'UTC')::date)::int
               from delivery_events e join deliveries d on d.id = e.delivery_id
              where d.member_id = $2 and e.event = 'failed' and e.code like '5.%' and e.code not like '5.7.%' and e.at > $3) as days`,
    [row.listId, row.memberId, new Date(now.getTime() - HARD_DAYS * 24 * 3_600_000)],
  );
  const { others, days } = rows[0]!;
  return { state: row.memberState, wrapped: row.wrapped, othersConfirmed: others, hardDays: days };
}

/** A copy that is being sent is settled under its lease; one that was accepted before is taken back. */
async function settleCopy(client: PoolClient, bounce: CopyBounce, verdict: BounceVerdict, now: Date): Promise<void> {
  const state = verdict.copy === 'wrap' ? 'due' : 'failed';
  await client.query(
    `update deliveries set state = $2, form = $3, code = $4, text = $5, due_at = case when $2 = 'due' then $6 else due_at end,
            attempts = case when $2 = 'due' then 0 else attempts end, lease_owner = null, lease_until = null,
            accepted_at = case when $2 = 'due' then null else accepted_at end
      where id = $1 and (case when $7::text is null then state in ('accepted', 'due') else lease_owner = $7 end)`,
    [bounce.deliveryId, state, bounce.form, bounce.status, bounce.text, now, bounce.lease?.owner ?? null],
  );
}

/** The other members hear of it, one effect a member and state change; who they are is looked up when it is sent. */
async function tellOthers(client: PoolClient, row: Row, state: string, now: Date): Promise<void> {
  const key = `list.member_bounced:${row.memberId}:${state}:${now.toISOString()}`;
  await client.query(
    `insert into effects (type, key, customer_id, order_key, payload, due_at)
     values ('list.member_bounced', $1, $2, $1, $3, $4) on conflict (key) do nothing`,
    [key, row.customerId, JSON.stringify({ memberId: row.memberId, state }), now],
  );
}

/** Whether the copy that a report is about was refused as it is, and the wrapped one is on its way or there. */
function isSentAnew(row: Row, form: Form): boolean {
  return form === 'raw' && (row.form === 'wrapped' || (row.wrapped && row.state === 'due'));
}

type Ticket = NonNullable<BounceVerdict['ticket']>;

const KINDS: Record<Ticket['about'], string> = {
  member: 'list.member_bouncing',
  last_member: 'list.last_member_bouncing',
  refused: 'list.mail_refused',
};
const ACT_WITHIN_MS: Record<Ticket['about'], number> = {
  last_member: 3_600_000,
  member: 24 * 3_600_000,
  refused: 14 * 24 * 3_600_000,
};

function matterOf(row: Row, bounce: CopyBounce, verdict: BounceVerdict, ticket: Ticket, now: Date): OwnMatter {
  const { about, urgency } = ticket;
  const isRefused = about === 'refused';
  return {
    customerId: row.customerId,
    kind: KINDS[about],
    key: `${isRefused ? 'list.mail_refused' : 'list.member_bouncing'}:${row.memberId}`,
    subject: isRefused ? `${row.address} refuses unproven mail` : `Copies do not reach ${row.address}`,
    note: `Mail ${row.mailId} did not reach ${row.address} (${row.list}): ${bounce.status} ${bounce.text}\n${thenOf(about, verdict)}`,
    urgency,
    actAt: new Date(now.getTime() + ACT_WITHIN_MS[about]),
  };
}

function thenOf(about: Ticket['about'], { member }: BounceVerdict): string {
  if (about === 'refused') {
    return 'Nobody vouches for this mail, and the filter of the member took it for harmful. Look at it; the member is reached otherwise.';
  }
  if (member === 'suspended') {
    return 'They failed on several days: the member is suspended and gets no more copies. Ask the customer for another address.';
  }
  return about === 'last_member'
    ? 'Nobody else of this list is confirmed: the customer receives no root mail. Reach them another way now.'
    : 'Every mail is still tried. Ask the customer to mend the mailbox or to name another address.';
}
