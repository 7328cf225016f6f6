import { type Kysely, sql } from 'kysely';
import type { JsonValue } from '../../lib/canonicalJson.ts';
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
  /** What changed and what it was: ids and states, what undo needs, what a person wrote. Never text of a mail. */
  detail: Record<string, JsonValue>;
  /** null: as long as it is one of the last acts. */
  undoUntil: Date | null;
  /** Further ids whose pages change. */
  mails?: number[];
  tickets?: number[];
  /** For the logs of several customers, in place of `detail`. */
  audit?: CustomerRecord[];
};

/** What the log of a customer (null: of the installation) says of an act. */
export type CustomerRecord = { customerId: number | null; action: string; detail: Record<string, JsonValue> };

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
  const own: Record<string, JsonValue> = act.audit
    ? { ...(act.tickets && { tickets: act.tickets.length }), ...(act.mails && { mails: act.mails.length }) }
    : { ticket: ticketId, mail: mailId, ...detail };
  await auditAct(tx, id, { at, actor }, [{ customerId, action: type, detail: own }, ...(act.audit ?? [])]);
  await countIn(tx, { [`acts.${type}`]: 1 });
  await tellNews(tx, {
    tickets: [...(ticketId === null ? [] : [ticketId]), ...(act.tickets ?? [])],
    mails: [...(mailId === null ? [] : [mailId]), ...(act.mails ?? [])],
  });
  return id;
}

/** Writes what an act did into the logs of those whom it concerns, each record under the number of the act. */
export async function auditAct(
  tx: Kysely<Tables>,
  act: number | null,
  { at, actor }: ActBy,
  records: readonly CustomerRecord[],
): Promise<void> {
  await appendAudit(
    tx,
    records.map((record) => ({ ...record, at, actor, detail: toldOf({ act, ...record.detail }) })),
  );
}

function toldOf(detail: Record<string, unknown>): Record<string, JsonValue> {
  const told = Object.entries(detail).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(told) as Record<string, JsonValue>;
}

export type ChangeTold = ActBy & {
  ticketId: number;
  customerId: number;
  changes: { field: string; from: unknown; to: unknown }[];
};

/** Writes a line of changes into the timeline of a ticket, by a person. */
export async function tellChange(tx: Kysely<Tables>, entry: ChangeTold): Promise<void> {
  await tellChanges(tx, [entry]);
}

/** The same for several tickets. */
export async function tellChanges(tx: Kysely<Tables>, entries: readonly ChangeTold[]): Promise<void> {
  const rows = entries.map((entry) => ({
    ticket_id: entry.ticketId,
    customer_id: entry.customerId,
    mail_id: null,
    type: 'change' as const,
    at: entry.at,
    actor: entry.actor,
    body: JSON.stringify({ changes: entry.changes }),
  }));
  await tx.insertInto('entries').values(rows).execute();
}

/** What a change of the row by a person adds to it: a version, and a time that never goes back. */
export const touched = (at: Date) => ({
  version: sql<number>`version + 1`,
  updated_at: sql<Date>`greatest(updated_at, ${at.toISOString()}::timestamptz)`,
});
