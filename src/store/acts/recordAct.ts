import { type Kysely, sql } from 'kysely';
import { appendAudit } from '../audit.ts';
import { countIn } from '../counters.ts';
import { tellNews } from '../news.ts';
import type { ActType, Tables } from '../schema.ts';

/** Whoever acts, and when: every act takes it. `actor` is the person as known, or `unknown`. */
export type ActBy = { actor: string; at: Date };

export type ActRecord = ActBy & {
  type: ActType;
  customerId: number | null;
  ticketId: number | null;
  mailId: number | null;
  /** What changed and what it was: ids and states, what undo needs. Never text of a mail. */
  detail: Record<string, string | number | boolean | null | number[]>;
  /** null: as long as it is one of the last acts. */
  undoUntil: Date | null;
  /** Further ids whose pages change. */
  mails?: number[];
};

/**
 * Ends an act in the caller's transaction: the row that undo reads, the audit record, counter and news, in the order of
 * locks that all writers follow (rows, audit, counters). Answers with the number of the act.
 */
export async function recordAct(tx: Kysely<Tables>, act: ActRecord): Promise<number> {
  const { type, customerId, ticketId, mailId, at, actor, detail } = act;
  const { id } = await tx
    .insertInto('acts')
    .values({
      type,
      customer_id: customerId,
      ticket_id: ticketId,
      mail_id: mailId,
      at,
      actor,
      detail: JSON.stringify(detail),
      undo_until: act.undoUntil,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await auditAct(tx, {
    customerId,
    at,
    actor,
    action: type,
    detail: { act: id, ticket: ticketId, mail: mailId, ...detail },
  });
  await countIn(tx, { [`acts.${type}`]: 1 });
  await tellNews(tx, {
    tickets: ticketId === null ? [] : [ticketId],
    mails: [...(mailId === null ? [] : [mailId]), ...(act.mails ?? [])],
  });
  return id;
}

export async function auditAct(
  tx: Kysely<Tables>,
  record: { customerId: number | null; at: Date; actor: string; action: string; detail: Record<string, unknown> },
): Promise<void> {
  const told = Object.entries(record.detail).filter(([, value]) => value !== null && value !== undefined);
  await appendAudit(tx, [{ ...record, detail: Object.fromEntries(told) as ActRecord['detail'] }]);
}

/** Writes a line of changes into the timeline of a ticket, by a person. */
export async function tellChange(
  tx: Kysely<Tables>,
  entry: ActBy & { ticketId: number; customerId: number; changes: { field: string; from: unknown; to: unknown }[] },
): Promise<void> {
  await tx
    .insertInto('entries')
    .values({
      ticket_id: entry.ticketId,
      customer_id: entry.customerId,
      mail_id: null,
      type: 'change',
      at: entry.at,
      actor: entry.actor,
      body: JSON.stringify({ changes: entry.changes }),
    })
    .execute();
}

/** What a change of the row by a person adds to it: a version, and a time that never goes back. */
export const touched = (at: Date) => ({
  version: sql<number>`version + 1`,
  updated_at: sql<Date>`greatest(updated_at, ${at.toISOString()}::timestamptz)`,
});
