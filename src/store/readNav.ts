import { type Kysely, sql } from 'kysely';
import { HELD } from './hold.ts';
import type { Tables, TicketQueue } from './schema.ts';
import { INCIDENT_ONCE } from './ticketFilter.ts';

/** What stands beside the links of every page: open work only, counted up to `NAV_LIMIT`. */
export type NavCounts = {
  open: number;
  waiting: number;
  snoozed: number;
  quarantine: number;
  parked: number;
  unrouted: number;
  parkedEffects: number;
  /** Members whom copies do not reach. */
  bouncing: number;
  /** Root addresses whose probes are late, lost or do not leave. */
  silent: number;
  /** Nothing leaves until `rootdesk resume`. */
  held: boolean;
  /** Oldest mail that waits to be decided. */
  oldestUndecided: Date | null;
  oldestEffect: Date | null;
};

/** Beyond it the pages say "999+". */
export const NAV_LIMIT = 1000;

export async function readNav(db: Kysely<Tables>): Promise<NavCounts> {
  // The literal names the partial index of what waits for a person.
  const mails = (outcome: 'quarantine' | 'parked' | 'unrouted') =>
    sql`(select count(*)::int from (select 1 from mails where outcome = ${sql.lit(outcome)} and review is null limit ${NAV_LIMIT}) x)`;
  const tickets = (queue: TicketQueue) =>
    sql`(select count(*)::int from (select 1 from tickets t where t.queue = ${queue} and ${INCIDENT_ONCE}
       limit ${NAV_LIMIT}) x)`;
  const found = await sql<NavCounts>`select ${tickets('open')} as open, ${tickets('waiting')} as waiting,
    ${tickets('snoozed')} as snoozed,
    ${mails('quarantine')} as quarantine, ${mails('parked')} as parked, ${mails('unrouted')} as unrouted,
    (select count(*)::int from (select 1 from effects where state = 'parked' limit ${NAV_LIMIT}) x) as "parkedEffects",
    (select count(*)::int from (select 1 from members where state = 'bouncing' limit ${NAV_LIMIT}) x) as bouncing,
    (select count(*)::int from (select 1 from lists where path_state in ('late', 'lost', 'unsent') and state <> 'released'
      limit ${NAV_LIMIT}) x) as silent,
    ${sql.raw(HELD)} as held,
    (select case when outcome is null then received_at else decide_due end from mails
      where decide_due is not null order by decide_due limit 1) as "oldestUndecided",
    (select min(due_at) from effects where state in ('due', 'leased')) as "oldestEffect"`.execute(db);
  return found.rows[0] as NavCounts;
}
