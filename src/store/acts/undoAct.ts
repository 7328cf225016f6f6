import { type Kysely, sql } from 'kysely';
import type { Review } from '../../core/values.ts';
import { countIn } from '../counters.ts';
import { tellNews } from '../news.ts';
import type { ActType, Tables, TicketState } from '../schema.ts';
import { withdrawTickets } from '../withdrawnTickets.ts';
import { lockTicket } from './changeState.ts';
import { moveBack, type TicketMove } from './changeTickets.ts';
import { auditOf } from './manyMails.ts';
import { type MergeDetail, unmergeTickets } from './mergeTickets.ts';
import { UNDO_ACTS } from './readActs.ts';
import { type ActBy, auditAct, type CustomerRecord, tellChange, touched } from './recordAct.ts';
import { ACT } from './reviewMail.ts';

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
    const own = {
      customerId: act.customer_id,
      action: `${act.type}.undone`,
      detail: { ticket: act.ticket_id, mail: act.mail_id },
    };
    await auditAct(tx, id, { at, actor }, [own, ...(undone.audit ?? [])]);
    await countIn(tx, { 'acts.undone': 1 });
    await tellNews(tx, { tickets: undone.tickets, mails: undone.mails });
    return { result: 'done', ...named, decideAgain: undone.decideAgain };
  });
}

type Undo = ActBy & { ticketId: number | null; mailId: number | null; detail: Record<string, unknown> };
/** `audit`: further records, a line for each thing that is not the act's own. */
type Undone = { mails: number[]; tickets: number[]; decideAgain: boolean; audit?: CustomerRecord[] } | null;

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
  'tickets.changed': async (tx: Kysely<Tables>, { detail, at, actor }: Undo): Promise<Undone> => {
    const { tickets, audit } = await moveBack(tx, (detail as { moves: TicketMove[] }).moves, { at, actor });
    return tickets.length === 0 ? null : { mails: [], tickets, decideAgain: false, audit };
  },
  'ticket.merged': (tx: Kysely<Tables>, { ticketId, detail, at, actor }: Undo): Promise<Undone> =>
    unmergeTickets(tx, { ticketId: ticketId as number, detail: detail as MergeDetail, at, actor }),
  'mail.rejected': (tx: Kysely<Tables>, undo: Undo) => holdAgain(tx, undo, 'rejected'),
  'mail.released': (tx: Kysely<Tables>, undo: Undo) => holdAgain(tx, undo, 'not_aws'),
  'mail.confirmed': (tx: Kysely<Tables>, undo: Undo) => holdAgain(tx, undo, 'internal'),
};

type Respect = { state: TicketState; snooze: string | null };

async function restore(
  tx: Kysely<Tables>,
  undo: Omit<Undo, 'detail'>,
  wasOf: (ticket: Respect) => Respect | null,
): Promise<Undone> {
  const ticketId = undo.ticketId as number;
  const ticket = await lockTicket(tx, ticketId);
  if (!ticket || ticket.mergedInto !== null) return null;
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
  return { mails: [], tickets: [ticketId], decideAgain: false };
}

/**
 * Mails that are still as the act left them wait again. Those that were released are decided again, and held; a ticket
 * that they alone had opened is withdrawn.
 */
async function holdAgain(tx: Kysely<Tables>, { mailId, detail, at }: Undo, said: Review): Promise<Undone> {
  const wanted = (detail as { mails: number[] }).mails;
  const released = said !== 'rejected';
  const { rows } = await sql<{ id: number; customerId: number | null }>`
    with held as materialized (
      select id from mails where id = any(${wanted}::bigint[]) order by id for no key update)
    update mails m set review = null, reviewed_at = null, review_by = null, review_reason = null,
           decide_due = case when ${released} then ${at} else m.decide_due end, decide_attempts = 0
      from held where m.id = held.id and m.review = ${said}
    returning m.id, m.customer_id as "customerId"`.execute(tx);
  if (rows.length === 0) return null;
  const mails = rows.map((row) => row.id);
  const withdrawn = released ? await withdrawTickets(tx, mails, at) : { tickets: [], audit: [] };
  // An act on mails of several customers names none of them; each has its own record.
  const customers = new Set(rows.map((row) => row.customerId));
  const told = mailId === null && customers.size > 1 ? auditOf(`${ACT[said]}.undone`, rows) : [];
  return { mails, tickets: withdrawn.tickets, decideAgain: released, audit: [...told, ...withdrawn.audit] };
}
