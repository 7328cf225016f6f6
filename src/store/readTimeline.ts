import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { EntriesTable, Tables } from './schema.ts';

export type TicketEntry = {
  id: number;
  mailId: number | null;
  type: EntriesTable['type'];
  at: Date;
  actor: string;
  body: Record<string, unknown>;
};

const COLUMNS = sql`e.id, e.mail_id as "mailId", e.type, e.at, e.actor, e.body`;

/** The timeline, oldest first: the last `limit` entries, of those below the entry `before` when it is named. */
export async function readEntries(
  db: Kysely<Tables>,
  ticketId: number,
  limit: number,
  before: number | null = null,
): Promise<TicketEntry[]> {
  const found = await sql<TicketEntry>`select ${COLUMNS} from entries e where e.ticket_id = ${ticketId}
    ${before === null ? sql`` : sql`and (e.at, e.id) < ${placeOf(ticketId, before)}`}
    order by e.at desc, e.id desc limit ${limit}`.execute(db);
  return found.rows.reverse();
}

/** Entries above and below are counted up to this many. */
export const TIMELINE_LIMIT = 10_000;

/** A piece of the timeline: the newest, up to an entry, from an entry on, or up to the entry of a mail. */
export type TimelinePiece = { upTo?: number | undefined; from?: number | undefined; mail?: number | undefined };

export type Timeline = {
  /** The first of all, where the piece begins behind it. */
  first: TicketEntry | null;
  /** Oldest first. */
  entries: TicketEntry[];
  /** Entries between `first` and the piece, counted up to TIMELINE_LIMIT, and the last of them. */
  earlier: { count: number; id: number } | null;
  /** Entries behind the piece, counted likewise, and the next of them. */
  later: { count: number; id: number } | null;
};

/**
 * At most `limit` entries of a ticket and what there is around them. An entry that is not (or no more) in this timeline
 * gives the newest piece.
 */
export async function readTimeline(
  db: Kysely<Tables>,
  ticketId: number,
  { upTo, from, mail }: TimelinePiece,
  limit: number,
): Promise<Timeline> {
  const anchor = await anchorOf(db, ticketId, { upTo, from, mail });
  const place = anchor === null ? null : placeOf(ticketId, anchor);
  const forward = place !== null && from !== undefined;
  const bound =
    place === null ? sql`` : forward ? sql`and (e.at, e.id) >= ${place}` : sql`and (e.at, e.id) <= ${place}`;
  const order = forward ? sql`e.at, e.id` : sql`e.at desc, e.id desc`;
  const found = await sql<TicketEntry>`select ${COLUMNS} from entries e where e.ticket_id = ${ticketId} ${bound}
    order by ${order} limit ${limit}`.execute(db);
  const entries = forward ? found.rows : found.rows.reverse();
  const [top, end] = [entries[0], entries.at(-1)];
  if (top === undefined || end === undefined) return { first: null, entries, earlier: null, later: null };
  const side = (condition: RawBuilder<unknown>, by: RawBuilder<unknown>) => sql`
    (select count(*)::int from (select from entries e where e.ticket_id = ${ticketId} and ${condition}
       limit ${TIMELINE_LIMIT}) counted) as count,
    (select e.id from entries e where e.ticket_id = ${ticketId} and ${condition} order by ${by} limit 1) as id`;
  const [{ rows: before }, { rows: behind }, { rows: start }] = await Promise.all([
    sql<Side>`select ${side(sql`(e.at, e.id) < ${placeOf(ticketId, top.id)}`, sql`e.at desc, e.id desc`)}`.execute(db),
    place === null
      ? { rows: [] }
      : sql<Side>`select ${side(sql`(e.at, e.id) > ${placeOf(ticketId, end.id)}`, sql`e.at, e.id`)}`.execute(db),
    sql<TicketEntry>`select ${COLUMNS} from entries e where e.ticket_id = ${ticketId} order by e.at, e.id limit 1`.execute(
      db,
    ),
  ]);
  const first = start[0] && start[0].id !== top.id ? start[0] : null;
  // The first one stands above by itself.
  const between = before[0] && before[0].count > 1 ? { ...before[0], count: before[0].count - 1 } : null;
  return {
    first,
    entries,
    earlier: between as Timeline['earlier'],
    later: behind[0]?.id ? (behind[0] as Timeline['later']) : null,
  };
}

type Side = { count: number; id: number | null };

/** The entry that a piece ends or begins with; null: the newest. */
async function anchorOf(
  db: Kysely<Tables>,
  ticketId: number,
  { upTo, from, mail }: TimelinePiece,
): Promise<number | null> {
  const entry = upTo ?? from;
  if (entry === undefined && mail === undefined) return null;
  const { rows } = await sql<{ id: number }>`select id from entries where ticket_id = ${ticketId}
    and ${entry === undefined ? sql`type = 'mail' and mail_id = ${mail}` : sql`id = ${entry}`} limit 1`.execute(db);
  return rows[0]?.id ?? null;
}

/** Where an entry stands: its time, and its number among those of that time. */
function placeOf(ticketId: number, id: number): RawBuilder<unknown> {
  return sql`((select p.at from entries p where p.ticket_id = ${ticketId} and p.id = ${id}), ${id}::bigint)`;
}
