import { type Kysely, sql } from 'kysely';
import type { Outcome, Review } from '../../core/values.ts';
import type { JsonValue } from '../../lib/canonicalJson.ts';
import type { ActType, Tables } from '../schema.ts';
import { type ActBy, type CustomerRecord, recordAct } from './recordAct.ts';

/**
 * Why a mail was left as it is. `decided`: it no longer waits for this, because of somebody else or by itself. `gone`: no
 * such mail.
 */
export type MailNotDone = { id: number; why: 'decided' | 'gone' };

/** `act`: null when nothing was done. */
export type ManyMails = { act: number | null; done: number[]; notDone: MailNotDone[] };

export type LockedMail = {
  id: number;
  customerId: number | null;
  outcome: Outcome | null;
  review: Review | null;
  /** It is in line to be decided. */
  due: boolean;
};

/** Held in order of their numbers; a mail that is being decided is waited for. */
export async function lockMails(tx: Kysely<Tables>, ids: readonly number[]): Promise<LockedMail[]> {
  const { rows } = await sql<LockedMail>`select id, customer_id as "customerId", outcome, review,
    decide_due is not null as due from mails where id = any(${ids}::bigint[]) order by id for no key update`.execute(
    tx,
  );
  return rows;
}

/** Those of `ids` that nothing was done with. */
export function notDoneOf(
  ids: readonly number[],
  rows: readonly LockedMail[],
  done: readonly LockedMail[],
): MailNotDone[] {
  const found = new Set(rows.map((row) => row.id));
  const did = new Set(done.map((row) => row.id));
  return ids.filter((id) => !did.has(id)).map((id) => ({ id, why: found.has(id) ? 'decided' : 'gone' }));
}

/** Records one act on mails, of one customer or of many: then with a record in the log of each. */
export async function recordMany(
  tx: Kysely<Tables>,
  done: readonly LockedMail[],
  act: ActBy & { type: ActType; more: Record<string, JsonValue>; undoMs: number },
): Promise<number> {
  const { type, at, actor, more } = act;
  const mails = done.map((row) => row.id);
  const audit = auditOf(type, done, more);
  return recordAct(tx, {
    type,
    customerId: audit.length === 1 ? (done[0] as LockedMail).customerId : null,
    ticketId: null,
    mailId: mails.length === 1 ? (mails[0] as number) : null,
    at,
    actor,
    detail: { mails, ...more },
    undoUntil: new Date(at.getTime() + act.undoMs),
    mails,
    ...(audit.length > 1 && { audit }),
  });
}

/** What the log of each customer says of an act on several mails. */
export function auditOf(
  action: string,
  mails: readonly { id: number; customerId: number | null }[],
  more: Record<string, JsonValue> = {},
): CustomerRecord[] {
  return [...Map.groupBy(mails, (mail) => mail.customerId)].map(([customerId, own]) => ({
    customerId,
    action,
    detail: { mails: own.map((mail) => mail.id), ...more },
  }));
}
