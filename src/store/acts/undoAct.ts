import { type Kysely, sql } from 'kysely';
import type { Review } from '../../core/values.ts';
import { countIn } from '../counters.ts';
import { tellNews } from '../news.ts';
import type { ActType, Tables, TicketState } from '../schema.ts';
import { lockTicket } from './changeState.ts';
import { UNDO_ACTS } from './readActs.ts';
import { type ActBy, auditAct, tellChange, touched } from './recordAct.ts';

/**
 * What became of taking an act back. `late`: its time is over, or too much was done since. `changed`: what it changed is
 * meanwhile something else, and stays so. `gone`: it was taken back before, or can never be. null: no such act.
 */
export type UndoResult =
  | { result: 'done'; type: ActType; ticketId: number | null; mailId: number | null; decideAgain: boolean }
  | { result: 'late' | 'changed' | 'gone'; type: ActType; ticketId: number | null; mailId: number | null }
  | null;

/**
 * Takes an act back: one of the last UNDO_ACTS, and a decision about held mail within its ten minutes. What happened
 * since stays: a ticket that a later mail changed in the same respect is left alone. The undo is in timeline and audit
 * log like the act. The caller rings 'decide' when `decideAgain`.
 */
export async function undoAct(db: Kysely<Tables>, { id, at, actor }: ActBy & { id: number }): Promise<UndoResult> {
  return db.transaction().execute(async (tx) => {
    const act = await tx.selectFrom('acts').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
    if (!act) return null;
    const named = { type: act.type, ticketId: act.ticket_id, mailId: act.mail_id };
    if (act.undone_at !== null || !(act.type in UNDO)) return { result: 'gone', ...named };
    if (act.undo_until !== null && act.undo_until < at) return { result: 'late', ...named };
    const { rows } = await sql<{ later: number }>`select count(*)::int as later from (
      select from acts where id > ${id} limit ${UNDO_ACTS}) l`.execute(tx);
    if ((rows[0]?.later ?? 0) >= UNDO_ACTS) return { result: 'late', ...named };
    const undone = await UNDO[act.type as keyof typeof UNDO](tx, { ...named, detail: act.detail, at, actor });
    if (undone === null) return { result: 'changed', ...named };
    await tx.updateTable('acts').set({ undone_at: at }).where('id', '=', id).execute();
    await auditAct(tx, {
      customerId: act.customer_id,
      at,
      actor,
      action: `${act.type}.undone`,
      detail: { act: id, ticket: act.ticket_id, mail: act.mail_id },
    });
    await countIn(tx, { 'acts.undone': 1 });
    await tellNews(tx, { tickets: act.ticket_id === null ? [] : [act.ticket_id], mails: undone.mails });
    return { result: 'done', ...named, decideAgain: undone.decideAgain };
  });
}

type Undo = ActBy & { ticketId: number | null; mailId: number | null; detail: Record<string, unknown> };
type Undone = { mails: number[]; decideAgain: boolean } | null;

const UNDO = {
  'ticket.state': (tx: Kysely<Tables>, { detail, ...undo }: Undo) => {
    const { from, to, fromSnooze } = detail as { from: TicketState; to: TicketState; fromSnooze: string | null };
    return restore(tx, undo, (ticket) => {
      if (ticket.state !== to) return null;
      // Somebody may have put it aside since: that stays.
      return { state: from, snooze: ticket.snooze ?? fromSnooze };
    });
  },
  'ticket.snoozed': (tx: Kysely<Tables>, { detail, ...undo }: Undo) => {
    const { from, to } = detail as { from: string | null; to: string | null };
    return restore(tx, undo, (ticket) => (ticket.snooze === to ? { state: ticket.state, snooze: from } : null));
  },
  'mail.rejected': (tx: Kysely<Tables>, undo: Undo) => holdAgain(tx, undo, 'rejected'),
  'mail.released': (tx: Kysely<Tables>, undo: Undo) => holdAgain(tx, undo, 'not_aws'),
};

type Respect = { state: TicketState; snooze: string | null };

async function restore(
  tx: Kysely<Tables>,
  undo: Omit<Undo, 'detail'>,
  wasOf: (ticket: Respect) => Respect | null,
): Promise<Undone> {
  const ticketId = undo.ticketId as number;
  const ticket = await lockTicket(tx, ticketId);
  if (!ticket) return null;
  const snooze = ticket.snoozedUntil?.toISOString() ?? null;
  const was = wasOf({ state: ticket.state, snooze });
  if (was === null) return null;
  const { state } = was;
  // A time that is over would bring it back at once.
  const until = was.snooze !== null && Date.parse(was.snooze) > undo.at.getTime() ? was.snooze : null;
  await tx
    .updateTable('tickets')
    .set({ state, solved_at: state === 'solved' ? undo.at : null, snoozed_until: until, ...touched(undo.at) })
    .where('id', '=', ticketId)
    .execute();
  const changes: { field: string; from: unknown; to: unknown }[] = [];
  if (state !== ticket.state) changes.push({ field: 'state', from: ticket.state, to: state });
  if (until !== snooze) changes.push({ field: 'snooze', from: snooze, to: until });
  if (changes.length > 0)
    await tellChange(tx, { ticketId, customerId: ticket.customerId, changes, at: undo.at, actor: undo.actor });
  return { mails: [], decideAgain: false };
}

/** Mails that are still as the act left them wait again; those that were released are decided again, and held. */
async function holdAgain(tx: Kysely<Tables>, { detail, at }: Undo, said: Review): Promise<Undone> {
  const wanted = (detail as { mails: number[] }).mails;
  const { rows } = await sql<{ id: number }>`
    with held as materialized (
      select id from mails where id = any(${wanted}::bigint[]) order by id for no key update)
    update mails m set review = null, reviewed_at = null,
           decide_due = case when ${said} = 'not_aws' then ${at} else m.decide_due end, decide_attempts = 0
      from held where m.id = held.id and m.review = ${said}
    returning m.id`.execute(tx);
  if (rows.length === 0) return null;
  return { mails: rows.map((row) => row.id), decideAgain: said === 'not_aws' };
}
