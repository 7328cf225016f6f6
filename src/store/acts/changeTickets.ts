import { type Kysely, sql } from 'kysely';
import type { Deadline } from '../../core/values.ts';
import type { Tables, TicketState } from '../schema.ts';
import { type ActBy, recordAct, tellChanges, touched } from './recordAct.ts';

/** Tickets that one act changes at most: it is one transaction, and nobody looks through more at once. */
export const BULK_TICKETS = 500;

/** What shall become of each: another state, or a snooze (null: no such time for a ticket with this deadline). */
export type BulkChange = { to: TicketState } | { untilOf: (deadline: Deadline | null) => Date | null };

/**
 * Why one was left as it is. `changed`: it is no longer at the version that the actor saw. `same`: it is so already.
 * `solved`: nothing to be snoozed. `noTime`: the snooze means no time for it. `gone`: no such ticket.
 */
export type NotDone = { id: number; why: 'changed' | 'same' | 'solved' | 'noTime' | 'gone' };

/** `act`: null when nothing was done. */
export type BulkResult = { act: number | null; done: number[]; notDone: NotDone[] };

/** What one ticket was and is, in the row that undo reads; instants in ISO 8601. */
export type TicketMove = {
  id: number;
  state: [from: TicketState, to: TicketState];
  snooze: [from: string | null, to: string | null];
};

/**
 * Changes many tickets, of any customers, in one transaction: what can be done is done, and each of the others is named
 * with its reason. One act, which undo takes back as a whole; a record in the log of each customer.
 */
export async function changeTickets(
  db: Kysely<Tables>,
  act: ActBy & { tickets: readonly { id: number; version: number }[]; change: BulkChange },
): Promise<BulkResult> {
  const { change, at, actor } = act;
  const seen = new Map(act.tickets.slice(0, BULK_TICKETS).map(({ id, version }) => [id, version]));
  return db.transaction().execute(async (tx) => {
    const rows = await lockTickets(tx, [...seen.keys()]);
    const notDone: NotDone[] = [];
    const moves: (TicketMove & { customerId: number })[] = [];
    for (const id of seen.keys()) {
      const row = rows.get(id);
      const planned = row === undefined ? 'gone' : row.version !== seen.get(id) ? 'changed' : moveOf(row, change);
      if (typeof planned === 'string') notDone.push({ id, why: planned });
      else moves.push(planned);
    }
    if (moves.length === 0) return { act: null, done: [], notDone };
    await moveTickets(tx, moves, { at, actor });
    const customers = [...new Set(moves.map(({ customerId }) => customerId))];
    const number = await recordAct(tx, {
      type: 'tickets.changed',
      customerId: customers.length === 1 ? (customers[0] as number) : null,
      ticketId: null,
      mailId: null,
      at,
      actor,
      detail: { moves: moves.map(({ customerId: _, ...move }) => move) },
      undoUntil: null,
      tickets: moves.map(({ id }) => id),
      audit: auditOf(moves, 'ticket.changed'),
    });
    return { act: number, done: moves.map(({ id }) => id), notDone };
  });
}

type Row = {
  id: number;
  customerId: number;
  version: number;
  state: TicketState;
  snoozedUntil: Date | null;
  deadline: Deadline | null;
};

/** Held in the order of their numbers, as mails that are being decided hold them. */
async function lockTickets(tx: Kysely<Tables>, ids: readonly number[]): Promise<Map<number, Row>> {
  const { rows } = await sql<Row>`
    select id, customer_id as "customerId", version, state, snoozed_until as "snoozedUntil", deadline from tickets
     where id = any(${ids}::bigint[]) and withdrawn_at is null and merged_into is null order by id for update`.execute(
    tx,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

function moveOf(row: Row, change: BulkChange): (TicketMove & { customerId: number }) | NotDone['why'] {
  const { id, customerId, state } = row;
  const snooze = row.snoozedUntil?.toISOString() ?? null;
  if ('to' in change) {
    if (state === change.to && snooze === null) return 'same';
    return { id, customerId, state: [state, change.to], snooze: [snooze, null] };
  }
  if (state === 'solved') return 'solved';
  const until = change.untilOf(row.deadline)?.toISOString() ?? null;
  if (until === null) return 'noTime';
  return until === snooze ? 'same' : { id, customerId, state: [state, state], snooze: [snooze, until] };
}

/** Writes moves: rows and a line in each timeline. The rows must be held. */
async function moveTickets(
  tx: Kysely<Tables>,
  moves: readonly (TicketMove & { customerId: number })[],
  by: ActBy,
): Promise<void> {
  const { version, updated_at } = touched(by.at);
  await sql`
    update tickets t set state = m.state, snoozed_until = m.snooze, version = ${version}, updated_at = ${updated_at},
           solved_at = case when m.state <> 'solved' then null when t.state = 'solved' then t.solved_at else ${by.at} end
      from json_to_recordset(${JSON.stringify(
        moves.map(({ id, state, snooze }) => ({ id, state: state[1], snooze: snooze[1] })),
      )}::json) as m (id bigint, state text, snooze timestamptz)
     where t.id = m.id`.execute(tx);
  await tellChanges(
    tx,
    moves.map(({ id, customerId, state, snooze }) => ({
      ticketId: id,
      customerId,
      changes: [
        ...(state[0] === state[1] ? [] : [{ field: 'state', from: state[0], to: state[1] }]),
        ...(snooze[0] === snooze[1] ? [] : [{ field: 'snooze', from: snooze[0], to: snooze[1] }]),
      ],
      ...by,
    })),
  );
}

function auditOf(moves: readonly (TicketMove & { customerId: number })[], action: string) {
  return moves.map(({ id, customerId, state, snooze }) => ({
    customerId,
    action,
    detail: { ticket: id, from: state[0], to: state[1], fromSnooze: snooze[0], toSnooze: snooze[1] },
  }));
}

/**
 * Takes moves back in the caller's transaction: those whose ticket is still as the act left it. What a mail or a person
 * changed since in the same respect stays. Answers with the tickets, and records for the logs of their customers.
 */
export async function moveBack(tx: Kysely<Tables>, moves: readonly TicketMove[], by: ActBy) {
  const rows = await lockTickets(
    tx,
    moves.map(({ id }) => id),
  );
  const back = moves.flatMap(({ id, state, snooze }) => {
    const row = rows.get(id);
    const now = row?.snoozedUntil?.toISOString() ?? null;
    if (row === undefined || row.state !== state[1] || now !== snooze[1]) return [];
    // A time that is over would bring it back at once.
    const until = snooze[0] !== null && Date.parse(snooze[0]) > by.at.getTime() ? snooze[0] : null;
    const move: TicketMove = { id, state: [row.state, state[0]], snooze: [now, until] };
    return [{ ...move, customerId: row.customerId }];
  });
  if (back.length > 0) await moveTickets(tx, back, by);
  return { tickets: back.map(({ id }) => id), audit: auditOf(back, 'ticket.changed.undone') };
}
