import { type Kysely, sql } from 'kysely';
import type { ActType, Tables } from '../schema.ts';

/** Acts that can be taken back, counted from the last one. */
export const UNDO_ACTS = 20;

export type ActRow = {
  id: number;
  type: ActType;
  customer: string | null;
  ticketId: number | null;
  mailId: number | null;
  at: Date;
  actor: string;
  /** ticket.state: {from, to}; ticket.snoozed: {from, to} (ISO or null); tickets.changed: {moves}; mail.*: {mails: ids}; effect.retried: {effect}. */
  detail: Record<string, unknown>;
  undoneAt: Date | null;
  /** It can be taken back now, unless what it changed is meanwhile something else. */
  canUndo: boolean;
};

const REVERSIBLE = sql`a.type in ('ticket.state', 'ticket.snoozed', 'tickets.changed', 'ticket.merged', 'mail.rejected',
  'mail.released', 'mail.confirmed')`;

/** The last UNDO_ACTS acts, newest first. */
export async function readActs(db: Kysely<Tables>, now: Date): Promise<ActRow[]> {
  const { rows } = await sql<ActRow>`${select(now)} order by a.id desc limit ${UNDO_ACTS}`.execute(db);
  return rows;
}

/** One act, or null. `canUndo` does not ask how many followed. */
export async function readAct(db: Kysely<Tables>, id: number, now: Date): Promise<ActRow | null> {
  const { rows } = await sql<ActRow>`${select(now)} where a.id = ${id}`.execute(db);
  return rows[0] ?? null;
}

const select = (now: Date) => sql`select a.id, a.type, c.slug as customer, a.ticket_id as "ticketId",
  a.mail_id as "mailId", a.at, a.actor, a.detail, a.undone_at as "undoneAt",
  (a.undone_at is null and ${REVERSIBLE} and coalesce(a.undo_until >= ${now.toISOString()}::timestamptz, true)) as "canUndo"
  from acts a left join customers c on c.id = a.customer_id`;
