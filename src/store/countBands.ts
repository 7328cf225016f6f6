import { type Kysely, type RawBuilder, sql } from 'kysely';
import { BANDS, type Band, hoursAfter, inPart } from './queueOrder.ts';
import type { Tables } from './schema.ts';
import { type ResolvedFilter, resolveFilter, type TicketFilter } from './ticketFilter.ts';

/** Bands are counted up to this many each: beyond it nobody acts differently. */
const BAND_LIMIT = 1000;

/** So many of so many that are looked into, where a filter has words that most tickets have. */
const DEAR_LIMIT = 50;
const DEAR_LOOKED = 100;

/** `limit`: each band is counted up to it; 0 where counting stopped before, so that each number is a least one. */
export type BandCounts = Record<Band | 'all' | 'limit', number>;

/** Whether there may be more than was counted: in a band, or in all of them. */
export function isLeast(bands: BandCounts, band: Band | 'all'): boolean {
  if (band !== 'all') return bands[band] >= bands.limit;
  return (
    BANDS.some((one) => bands[one] >= bands.limit) ||
    (bands.all >= bands.limit && BANDS.every((one) => bands[one] === 0))
  );
}

/** How many tickets of the filter stand in each band, and in all of them; `banded` false: in all of them only. */
export async function countBands(
  db: Kysely<Tables>,
  filter: TicketFilter,
  asOf: Date,
  banded = true,
): Promise<BandCounts> {
  const resolved = await resolveFilter(db, filter, asOf);
  if (resolved === null) return { now: 0, today: 0, week: 0, later: 0, all: 0, limit: BAND_LIMIT };
  const { dear } = resolved;
  const limit = dear === null ? BAND_LIMIT : DEAR_LIMIT;
  const among = (band: RawBuilder<boolean>, most: number) =>
    sql.join(
      resolved.queues.map(
        (queue) => sql`(select * from tickets t where t.queue = ${queue} and ${band} and ${resolved.condition}
          ${dear === null ? sql`` : sql`order by t.act_at, t.rank, t.id`} limit ${most})`,
      ),
      sql` union all `,
    );
  const count = (band: RawBuilder<boolean>) =>
    dear === null
      ? sql`(select count(*)::int from (${among(band, limit)}) counted)`
      : sql`(select count(*)::int from (select from (${among(band, DEAR_LOOKED)}) t where ${dear} limit ${limit}) counted)`;
  if (!banded && dear === null) {
    const { rows } = await sql<{ all: number }>`select ${count(sql<boolean>`true`)} as "all"`.execute(db);
    return { now: 0, today: 0, week: 0, later: 0, all: rows[0]?.all ?? 0, limit };
  }
  const between = (from: number, to: number | null) =>
    sql<boolean>`t.urgency <> 'critical' and t.act_at > ${hoursAfter(asOf, from)}::timestamptz${
      to === null ? sql`` : sql` and t.act_at <= ${hoursAfter(asOf, to)}::timestamptz`
    }`;
  const { rows } = await sql<{ soon: number; critical: number; today: number; week: number; later: number }>`
    select ${count(inPart(0, asOf))} as soon, ${count(inPart(1, asOf))} as critical, ${count(between(4, 24))} as today,
           ${count(between(24, 168))} as week, ${count(between(168, null))} as later`.execute(db);
  const { soon, critical, today, week, later } = rows[0] as (typeof rows)[number];
  const bands = { now: soon + critical, today, week, later };
  const all = bands.now + today + week + later;
  return { ...bands, all, limit: dear !== null && all < limit && (await isLonger(db, resolved)) ? 0 : limit };
}

/** Whether a list has more tickets than were looked into in one of its bands. */
async function isLonger(db: Kysely<Tables>, { queues, condition }: ResolvedFilter): Promise<boolean> {
  const { rows } = await sql<{ longer: boolean }>`select exists (
    select from tickets t where t.queue = any(${queues}::text[]) and ${condition} offset ${DEAR_LOOKED}) as longer`.execute(
    db,
  );
  return rows[0]?.longer ?? false;
}
