import { type RawBuilder, sql } from 'kysely';
import type { Urgency } from '../core/values.ts';

/**
 * The team queue. In order "next to act" it has four bands, relative to one instant (`asOf`) that a paging key carries
 * along, so that a page boundary never moves while somebody reads. The other sorts have no bands.
 */
export type Band = 'now' | 'today' | 'week' | 'later';
export const BANDS: readonly Band[] = ['now', 'today', 'week', 'later'];

const HOUR_MS = 3_600_000;
export const hoursAfter = (asOf: Date, hours: number) => new Date(asOf.getTime() + hours * HOUR_MS).toISOString();

/** Part 0: within 4 hours; 1: critical, later; 2: the others, later. The order walks one after another. */
export function inPart(part: number, asOf: Date): RawBuilder<boolean> {
  const soon = hoursAfter(asOf, 4);
  if (part === 0) return sql<boolean>`t.act_at <= ${soon}::timestamptz`;
  return part === 1
    ? sql<boolean>`t.urgency = 'critical' and t.act_at > ${soon}::timestamptz`
    : sql<boolean>`t.urgency <> 'critical' and t.act_at > ${soon}::timestamptz`;
}

/** Critical tickets are `now` whatever their deadline; the others by the time left: 4 hours, a day, a week. */
export function bandOf(row: { urgency: Urgency; actAt: Date }, asOf: Date): Band {
  if (row.urgency === 'critical') return 'now';
  const left = row.actAt.getTime() - asOf.getTime();
  if (left <= 4 * HOUR_MS) return 'now';
  return left <= 24 * HOUR_MS ? 'today' : left <= 168 * HOUR_MS ? 'week' : 'later';
}
