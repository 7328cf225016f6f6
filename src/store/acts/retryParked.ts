import { type Kysely, sql } from 'kysely';
import type { Tables } from '../schema.ts';
import { ALIKE_LIMIT, alikeMails } from './alikeMails.ts';
import { type LockedMail, lockMails, type ManyMails, notDoneOf, recordMany } from './manyMails.ts';
import { type ActBy, recordAct } from './recordAct.ts';

export type Retry = ActBy & { id: number };

/**
 * Puts a parked mail back in line to be decided, with `alike` those like it too; they stay parked, and visible as such,
 * until they are. The caller rings 'decide'. null: it is not parked, or already in line; nothing was written.
 */
export async function retryParkedMail(
  db: Kysely<Tables>,
  { id, at, actor, alike = false }: Retry & { alike?: boolean },
): Promise<{ act: number; mails: number[] } | null> {
  return db.transaction().execute(async (tx) => {
    const found = alike ? await alikeMails(tx, id) : [];
    const rows = await lockMails(tx, [id, ...found]);
    const own = rows.find((row) => row.id === id);
    if (!own || !isParked(own)) return null;
    const mails = rows.filter(isParked).map((row) => row.id);
    await tryAgain(tx, mails, at);
    const { customerId } = own;
    const act = await recordAct(tx, {
      type: 'mail.retried',
      customerId,
      ticketId: null,
      mailId: id,
      at,
      actor,
      detail: { mails },
      undoUntil: at,
      mails,
    });
    return { act, mails };
  });
}

/** The same for many, of any customers: what can be tried is, each of the others is named. The caller rings 'decide'. */
export async function retryParkedMails(
  db: Kysely<Tables>,
  act: ActBy & { ids: readonly number[] },
): Promise<ManyMails> {
  const { at, actor } = act;
  const ids = [...new Set(act.ids)].slice(0, ALIKE_LIMIT);
  return db.transaction().execute(async (tx) => {
    const rows = await lockMails(tx, ids);
    const done = rows.filter(isParked);
    const notDone = notDoneOf(ids, rows, done);
    if (done.length === 0) return { act: null, done: [], notDone };
    const mails = done.map((row) => row.id);
    await tryAgain(tx, mails, at);
    const number = await recordMany(tx, done, { type: 'mail.retried', at, actor, more: {}, undoMs: 0 });
    return { act: number, done: mails, notDone };
  });
}

const isParked = (row: LockedMail) => row.outcome === 'parked' && !row.due;

async function tryAgain(tx: Kysely<Tables>, mails: readonly number[], at: Date): Promise<void> {
  await sql`update mails set decide_due = ${at}, decide_attempts = 0 where id = any(${mails}::bigint[])`.execute(tx);
}

/** Puts a parked effect back in line, its attempts kept. The caller rings 'act'. null: it is not parked. */
export async function retryParkedEffect(db: Kysely<Tables>, { id, at, actor }: Retry): Promise<{ act: number } | null> {
  return db.transaction().execute(async (tx) => {
    const effect = await tx
      .updateTable('effects')
      .set({ state: 'due', due_at: at, attempt_count: 0, settled_at: null, lease_until: null, lease_owner: null })
      .where('id', '=', id)
      .where('state', '=', 'parked')
      .returning(['customer_id', 'ticket_id', 'type'])
      .executeTakeFirst();
    if (!effect) return null;
    const act = await recordAct(tx, {
      type: 'effect.retried',
      customerId: effect.customer_id,
      ticketId: effect.ticket_id,
      mailId: null,
      at,
      actor,
      detail: { effect: id, type: effect.type },
      undoUntil: at,
    });
    return { act };
  });
}
