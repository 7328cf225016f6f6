import { type Kysely, type RawBuilder, sql } from 'kysely';
import { HELD } from './hold.ts';
import { NEWS_CHANNEL } from './news.ts';
import type { EffectAttempt, Tables } from './schema.ts';

/**
 * The rows of what must happen outside. Order: of one `order_key` only the oldest unsettled effect may run, never two at
 * once (the index `effects_running` holds it against every race). One that waits for its next try holds the later ones
 * back; one that is parked does so for PARKED_HOLD_MS, in which a person may mend it without disorder, and then steps
 * aside.
 */

/** Longest that a parked effect holds back later ones of its order_key (ms). */
export const PARKED_HOLD_MS = 15 * 60_000;
/** Attempts kept in a row; `attempt_count` counts all. */
const ATTEMPTS_KEPT = 25;

export type ClaimedEffect = {
  id: number;
  type: string;
  key: string;
  orderKey: string;
  payload: Record<string, unknown>;
  customerId: number | null;
  ticketId: number | null;
  mailId: number | null;
  attempts: EffectAttempt[];
  attemptCount: number;
  /** What an earlier, partly successful try left behind. */
  result: unknown;
};

/**
 * Leases up to `limit` due effects of the given types to `owner`, which is drawn anew for every claim: a result counts only
 * under it. Another process that claims the same moment makes this claim empty, not wrong; claim again.
 */
export async function claimEffects(
  db: Kysely<Tables>,
  options: { owner: string; now: Date; leaseMs: number; limit: number; types: string[] },
): Promise<ClaimedEffect[]> {
  const { owner, now, leaseMs, limit, types } = options;
  const until = new Date(now.getTime() + leaseMs);
  const heldSince = new Date(now.getTime() - PARKED_HOLD_MS);
  try {
    const { rows } = await sql<ClaimedEffect>`
      with next as (
        select id from effects e
        where e.state = 'due' and e.due_at <= ${now} and e.type = any(${types}) and not ${sql.raw(HELD)}
          and not exists (
            select 1 from effects o
            where o.order_key = e.order_key and o.id <> e.id and (
              o.state = 'leased'
              or (o.id < e.id and (o.state = 'due' or (o.state = 'parked' and o.settled_at > ${heldSince})))))
        order by e.due_at, e.id
        limit ${limit}
        for update skip locked
      )
      update effects set state = 'leased', lease_owner = ${owner}, lease_until = ${until}
      from next where effects.id = next.id
      returning effects.id, type, key, order_key as "orderKey", payload, customer_id as "customerId",
        ticket_id as "ticketId", mail_id as "mailId", attempts, attempt_count as "attemptCount", result`.execute(db);
    return rows.sort((a, b) => a.id - b.id);
  } catch (error) {
    if ((error as { code?: string }).code === '23505') return [];
    throw error;
  }
}

export type Settlement =
  | { state: 'done'; result: unknown }
  /** Tried again at `dueAt`; `result` keeps what was achieved, null leaves it. */
  | { state: 'due'; dueAt: Date; result: unknown | null }
  | { state: 'parked'; result: unknown | null };

/**
 * Records an attempt and what follows from it. False when the lease was lost meanwhile: then another process is in charge
 * of the effect, and nothing is written.
 */
export async function settleEffect(
  db: Kysely<Tables>,
  effect: { id: number; owner: string },
  attempt: EffectAttempt,
  settlement: Settlement,
  now: Date,
): Promise<boolean> {
  const result = settlement.result == null ? null : JSON.stringify(settlement.result);
  const settled = settlement.state === 'due' ? null : now;
  const { rows } = await sql`
    with settled as (update effects set
      state = ${settlement.state},
      due_at = coalesce(${settlement.state === 'due' ? settlement.dueAt : null}, due_at),
      lease_owner = null, lease_until = null,
      attempts = ${appended(attempt)}, attempt_count = attempt_count + 1,
      result = coalesce(${result}::jsonb, result),
      settled_at = ${settled}
    where id = ${effect.id} and state = 'leased' and lease_owner = ${effect.owner} returning id, type),
    ${counted(sql`settled`, sql`${settlement.state}::text`)}
    ${told(sql`settled`)}`.execute(db);
  return rows.length === 1;
}

/** Gives a leased effect back untried; nothing is written when the lease was lost meanwhile. One that somebody made due stays due. */
export async function postponeEffect(
  db: Kysely<Tables>,
  effect: { id: number; owner: string },
  dueAt: Date,
): Promise<void> {
  await sql`
    update effects set state = 'due', lease_owner = null, lease_until = null,
      due_at = case when result -> 'namedIn' is null then ${dueAt} else due_at end
    where id = ${effect.id} and state = 'leased' and lease_owner = ${effect.owner}`.execute(db);
}

/**
 * Gives back what was leased by processes that died or hang: leases that ran out, and those of `gone` owners. Whether the effect happened is not known, so the attempt is
 * recorded as unclear; after `attempts` of them the effect is parked instead of ending one process after another.
 * Returns the number of rows.
 */
export async function releaseLeases(
  db: Kysely<Tables>,
  now: Date,
  attempts: number,
  gone: readonly string[] = [],
): Promise<number> {
  const attempt: EffectAttempt = {
    at: now.toISOString(),
    ok: false,
    code: 'act.lease_expired',
    text: 'The process that ran it ended or hung before it said how it went.',
    unclear: true,
  };
  const { rows } = await sql`
    with settled as (update effects set
      state = case when attempt_count + 1 >= ${attempts}::int then 'parked' else 'due' end,
      settled_at = case when attempt_count + 1 >= ${attempts}::int then ${now}::timestamptz end,
      due_at = ${now}, lease_owner = null, lease_until = null,
      attempts = ${appended(attempt)}, attempt_count = attempt_count + 1
    where state = 'leased' and (lease_until < ${now} or lease_owner = any(${gone}::text[]))
    returning id, type, state),
    ${counted(sql`settled`, sql`settled.state`)}
    ${told(sql`settled`)}`.execute(db);
  return rows.length;
}

/** Counts attempts by type and result in the statement that records them: `effects.notify.mail.done`. */
function counted(settled: RawBuilder<unknown>, result: RawBuilder<unknown>) {
  return sql`counted as (
      insert into counters (name, slot, value)
      select 'effects.' || type || '.' || ${result}, pg_backend_pid() % 16, count(*) from ${settled} group by 1 order by 1
      on conflict (name, slot) do update set value = counters.value + excluded.value)`;
}

/** One row an effect, and whoever shows it hears of it. */
function told(settled: RawBuilder<unknown>) {
  return sql`select pg_notify(${NEWS_CHANNEL}, json_build_object('e', json_build_array(id))::text) from ${settled}`;
}

/** When the next effect falls due after `now` or the next lease ends; null when nothing waits for a time. */
export async function nextEffectAt(db: Kysely<Tables>, now: Date): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    select least(
      (select min(due_at) from effects where state = 'due' and due_at > ${now}),
      (select min(lease_until) from effects where state = 'leased')) as at`.execute(db);
  return rows[0]?.at ?? null;
}

export type DueWork = { decide: boolean; authenticate: boolean; act: boolean; deliver: boolean };

/** Rows that wait since `before` although nobody seems to work on them. Index probes. */
export async function findDueWork(db: Kysely<Tables>, before: Date): Promise<DueWork> {
  const { rows } = await sql<DueWork>`
    select exists(select 1 from mails where decide_due is not null and decide_due <= ${before}) as decide,
           exists(select 1 from mails where auth_due is not null and auth_due <= ${before}) as authenticate,
           exists(select 1 from effects where state = 'due' and due_at <= ${before}) as act,
           exists(select 1 from deliveries where state = 'due' and priority in (1, 5) and due_at <= ${before})
             or exists(select 1 from deliveries where state = 'leased' and lease_until <= ${before}) as deliver`.execute(
    db,
  );
  return rows[0]!;
}

/** `attempts` with one more, the oldest dropped beyond what is kept. */
function appended(attempt: EffectAttempt) {
  return sql`(case when jsonb_array_length(attempts) >= ${ATTEMPTS_KEPT} then attempts - 0 else attempts end)
    || ${JSON.stringify([attempt])}::jsonb`;
}
