import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Urgency } from '../core/values.ts';
import { hoursAfter, inPart } from './queueOrder.ts';
import type { Tables } from './schema.ts';
import { INCIDENT_ONCE } from './ticketFilter.ts';

/** Positions are counted up to this many. */
export const PLACE_LIMIT = 1000;

/** A row of the queue: a ticket, or an incident over several customers under the ticket that stands for it. */
export type QueueStep = { ticket: number; incident: number | null };

export type QueuePlace = {
  /** From 1; PLACE_LIMIT + 1: further down than is counted. */
  position: number;
  previous: QueueStep | null;
  next: QueueStep | null;
};

/**
 * Where a ticket stands in the open queue as people see it ("next to act", unfiltered), and its neighbours. A ticket of an
 * incident over several customers stands where the incident does. null when it is not in it.
 */
export async function readPlace(db: Kysely<Tables>, id: number, asOf: Date): Promise<QueuePlace | null> {
  // The time as text: a Date would cut its microseconds off, and the ticket would stand behind itself.
  const { rows: found } = await sql<{ id: number; at: string; soon: boolean; rank: number; urgency: Urgency }>`
    select r.id, r.act_at::text as at, r.act_at <= ${hoursAfter(asOf, 4)}::timestamptz as soon, r.rank, r.urgency from tickets t
      left join incidents i on i.id = t.incident_id and i.customers > 1
      cross join lateral (select o.id, o.act_at, o.rank, o.urgency from tickets o
        where o.queue = 'open' and case when i.id is null then o.id = t.id else o.incident_id = i.id end
        order by o.rank > 0, o.act_at, o.rank, o.id limit 1) r
     where t.id = ${id} and t.queue = 'open'`.execute(db);
  const own = found[0];
  if (!own) return null;
  const part = own.soon ? 0 : own.urgency === 'critical' ? 1 : 2;
  const here = sql`(${own.at}::timestamptz, ${own.rank}::smallint, ${own.id}::bigint)`;
  const earlier = [0, 1, 2].slice(0, part).map(
    (one) => sql`(select 1 from tickets t where t.queue = 'open'
    and ${inPart(one, asOf)} and ${INCIDENT_ONCE} limit ${PLACE_LIMIT})`,
  );
  const inOwn = sql`select 1 from tickets t where t.queue = 'open' and ${inPart(part, asOf)}
    and (t.act_at, t.rank, t.id) < ${here} and ${INCIDENT_ONCE} limit ${PLACE_LIMIT}`;
  const before = sql.join([...earlier, sql`(${inOwn})`], sql` union all `);
  const neighbour = (parts: number[], own: RawBuilder<unknown>, order: RawBuilder<unknown>) =>
    sql`coalesce((select ${STEP} from tickets t where t.queue = 'open' and ${inPart(part, asOf)} and ${own}
         and ${INCIDENT_ONCE} order by ${order} limit 1)${sql.join(
           parts.map(
             (one) => sql`, (select ${STEP} from tickets t where t.queue = 'open' and ${inPart(one, asOf)}
               and ${INCIDENT_ONCE} order by ${order} limit 1)`,
           ),
           sql``,
         )})`;
  const up = sql`t.act_at desc, t.rank desc, t.id desc`;
  const down = sql`t.act_at, t.rank, t.id`;
  const { rows } = await sql<QueuePlace>`select
    (select count(*)::int + 1 from (select 1 from (${before}) b limit ${PLACE_LIMIT}) counted) as position,
    ${neighbour([0, 1, 2].slice(0, part).reverse(), sql`(t.act_at, t.rank, t.id) < ${here}`, up)} as previous,
    ${neighbour([0, 1, 2].slice(part + 1), sql`(t.act_at, t.rank, t.id) > ${here}`, down)} as next`.execute(db);
  return rows[0] as QueuePlace;
}

const STEP = sql`json_build_object('ticket', t.id, 'incident',
  (select i.id from incidents i where i.id = t.incident_id and i.customers > 1))`;
