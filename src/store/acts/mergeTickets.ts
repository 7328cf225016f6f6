import { type Kysely, sql } from 'kysely';
import type { Links } from '../../core/correlate.ts';
import { type FoldedTicket, foldTicket, type TicketMail } from '../../core/ticket.ts';
import { CUSTOMER_LOCK, TICKET_MAIL } from '../loadSituation.ts';
import type { Tables, TicketState } from '../schema.ts';
import { storableJson } from '../storableJson.ts';
import { type LockedTicket, lockTicket, staleOf, type TicketActResult } from './changeState.ts';
import { type ActBy, recordAct, touched } from './recordAct.ts';

/** Why two tickets cannot be made one. `customer`: two customers never meet. `merged`: one of them was merged before. */
export type MergeProblem = 'same' | 'none' | 'customer' | 'merged' | 'noMail';
export type MergeResult = TicketActResult | { result: 'cannot'; why: MergeProblem };

/** What undo needs: ids and states. */
export type MergeDetail = {
  into: number;
  mails: number[];
  /** Tickets that had been merged into this one before. */
  before: number[];
  state: TicketState;
  snooze: string | null;
  kept: [from: TicketState, to: TicketState];
  keptSnooze: [from: string | null, to: string | null];
};

/**
 * Merges a ticket into another of the same customer: its mails, their lines in the timeline and its keys go there, so that
 * later mail of either thread lands in the kept one, which is summed up anew over all mails. The merged ticket keeps its
 * history and points to the other. One transaction, under the lock that deciding takes.
 */
export async function mergeTickets(
  db: Kysely<Tables>,
  act: ActBy & { id: number; version: number; into: number; reason: string },
): Promise<MergeResult> {
  const { id, version, into, reason, at, actor } = act;
  if (id === into) return { result: 'cannot', why: 'same' };
  return db.transaction().execute(async (tx) => {
    const locked = await lockBoth(tx, id, into);
    if (locked === null) return null;
    const { own, kept } = locked;
    if (kept === null) return { result: 'cannot', why: 'none' };
    if (own.customerId !== kept.customerId) return { result: 'cannot', why: 'customer' };
    if (own.mergedInto !== null || kept.mergedInto !== null) return { result: 'cannot', why: 'merged' };
    if (own.version !== version) return staleOf(own, version);
    const mails = await mailsOf(tx, [id]);
    const all = await mailsOf(tx, [id, into]);
    if (mails.length === 0 || all.length === mails.length) return { result: 'cannot', why: 'noMail' };
    const state: TicketState = kept.state !== 'solved' ? kept.state : own.state;
    // What one of them has in the queue stays in it.
    const aside = own.state !== 'solved' && own.snoozedUntil === null ? null : (kept.snoozedUntil ?? null);
    const snooze = state === 'solved' ? null : aside;
    const { rows: before } = await sql<{ id: number }>`update tickets set merged_into = ${into}
      where merged_into = ${id} returning id`.execute(tx);
    await moveMails(
      tx,
      id,
      into,
      mails.map((mail) => mail.id),
    );
    await sql`insert into thread_keys (customer_id, key, ticket_id) select customer_id, key, ${into} from thread_keys
      where ticket_id = ${id} on conflict do nothing`.execute(tx);
    await sql`insert into thread_mentions (customer_id, key, ticket_id) select customer_id, key, ${into}
      from thread_mentions where ticket_id = ${id} on conflict do nothing`.execute(tx);
    await sql`delete from thread_keys where ticket_id = ${id}`.execute(tx);
    await sql`delete from thread_mentions where ticket_id = ${id}`.execute(tx);
    await writeFolded(tx, into, foldTicket(all), { state, snooze, at });
    await tx
      .updateTable('tickets')
      .set({ state: 'solved', solved_at: at, snoozed_until: null, merged_into: into, mails: 0, ...touched(at) })
      .where('id', '=', id)
      .execute();
    const { customerId } = own;
    await tell(tx, id, customerId, act, { into, reason });
    await tell(tx, into, customerId, act, { from: id, reason });
    const detail: MergeDetail = {
      into,
      mails: mails.map((mail) => mail.id),
      before: before.map((one) => one.id),
      state: own.state,
      snooze: own.snoozedUntil?.toISOString() ?? null,
      kept: [kept.state, state],
      keptSnooze: [kept.snoozedUntil?.toISOString() ?? null, snooze?.toISOString() ?? null],
    };
    const number = await recordAct(tx, {
      type: 'ticket.merged',
      customerId,
      ticketId: id,
      mailId: null,
      at,
      actor,
      detail,
      undoUntil: null,
      tickets: [id, into],
    });
    return { result: 'done', act: number, version: version + 1 };
  });
}

/**
 * Takes a merge back: mails that are still where it put them, and the keys that they have by themselves, return. Mail that
 * came meanwhile stays on the kept ticket. null: one of the two was merged elsewhere since.
 */
export async function unmergeTickets(
  tx: Kysely<Tables>,
  { ticketId: id, detail, at, actor }: ActBy & { ticketId: number; detail: MergeDetail },
): Promise<{ mails: number[]; tickets: number[]; decideAgain: false } | null> {
  const { into } = detail;
  const locked = await lockBoth(tx, id, into);
  if (!locked?.kept || locked.own.mergedInto !== into || locked.kept.mergedInto !== null) return null;
  const { kept, own } = locked;
  const mails = (await mailsOf(tx, [into])).filter((mail) => detail.mails.includes(mail.id));
  const ids = mails.map((mail) => mail.id);
  const rest = (await mailsOf(tx, [into])).filter((mail) => !ids.includes(mail.id));
  if (mails.length === 0 || rest.length === 0) return null;
  await moveMails(tx, into, id, ids);
  const [ownLinks, restLinks] = [
    await linksOf(tx, ids),
    await linksOf(
      tx,
      rest.map((mail) => mail.id),
    ),
  ];
  for (const table of ['thread_keys', 'thread_mentions'] as const) {
    const keysOf = (links: Links[]) => links.flatMap((one) => (table === 'thread_keys' ? one.keys : one.mentions));
    const back = [...new Set(keysOf(ownLinks))];
    const stays = new Set(keysOf(restLinks));
    const gone = back.filter((key) => !stays.has(key));
    const name = sql.table(table);
    await sql`insert into ${name} (customer_id, key, ticket_id) select ${own.customerId}::int, key, ${id}::bigint
      from unnest(${back}::text[]) as key on conflict do nothing`.execute(tx);
    await sql`delete from ${name} where ticket_id = ${into} and key = any(${gone}::text[])`.execute(tx);
  }
  await sql`update tickets set merged_into = ${id} where id = any(${detail.before}::bigint[]) and merged_into = ${into}`.execute(
    tx,
  );
  await tx.updateTable('tickets').set({ merged_into: null }).where('id', '=', id).execute();
  const later = (time: string | null) => (time !== null && Date.parse(time) > at.getTime() ? new Date(time) : null);
  await writeFolded(tx, id, foldTicket(mails), { state: detail.state, snooze: later(detail.snooze), at });
  const asLeft = kept.state === detail.kept[1];
  const sameSnooze = (kept.snoozedUntil?.toISOString() ?? null) === detail.keptSnooze[1];
  await writeFolded(tx, into, foldTicket(rest), {
    state: asLeft ? detail.kept[0] : kept.state,
    snooze: sameSnooze ? later(detail.keptSnooze[0]) : kept.snoozedUntil,
    at,
  });
  await tell(tx, id, own.customerId, { at, actor }, { into, undone: true });
  await tell(tx, into, own.customerId, { at, actor }, { from: id, undone: true });
  return { mails: ids, tickets: [id, into], decideAgain: false };
}

/** In the order of all who write: mails, the customer, tickets by number. `kept` null: there is no such ticket. */
async function lockBoth(
  tx: Kysely<Tables>,
  id: number,
  into: number,
): Promise<{ own: LockedTicket; kept: LockedTicket | null } | null> {
  await sql`select id from mails where ticket_id = any(${[id, into]}::bigint[]) order by id for no key update`.execute(
    tx,
  );
  await sql`select pg_advisory_xact_lock(${CUSTOMER_LOCK}, customer_id) from (
    select distinct customer_id from tickets where id = any(${[id, into]}::bigint[]) order by 1) c`.execute(tx);
  const rows = new Map<number, LockedTicket | undefined>();
  for (const one of [id, into].toSorted((a, b) => a - b)) rows.set(one, await lockTicket(tx, one));
  const own = rows.get(id);
  return own === undefined ? null : { own, kept: rows.get(into) ?? null };
}

async function mailsOf(tx: Kysely<Tables>, ticketIds: number[]): Promise<TicketMail[]> {
  const { rows } = await sql<{ mail: TicketMail }>`select ${sql.raw(TICKET_MAIL)} as mail from mails m
    where m.ticket_id = any(${ticketIds}::bigint[])`.execute(tx);
  return rows.map(({ mail }) => ({ ...mail, mailTime: new Date(mail.mailTime).toISOString() }));
}

async function linksOf(tx: Kysely<Tables>, mailIds: number[]): Promise<Links[]> {
  const { rows } = await sql<{ links: Links | null }>`select links from readings
    where mail_id = any(${mailIds}::bigint[])`.execute(tx);
  return rows.map(({ links }) => links).filter((links) => links !== null);
}

async function moveMails(tx: Kysely<Tables>, from: number, to: number, mailIds: number[]): Promise<void> {
  await sql`update mails set ticket_id = ${to} where id = any(${mailIds}::bigint[])`.execute(tx);
  await sql`update entries set ticket_id = ${to} where ticket_id = ${from} and type = 'mail'
    and mail_id = any(${mailIds}::bigint[])`.execute(tx);
}

async function writeFolded(
  tx: Kysely<Tables>,
  id: number,
  { face, seenBefore, endedAt }: FoldedTicket,
  { state, snooze, at }: { state: TicketState; snooze: Date | null; at: Date },
): Promise<void> {
  await tx
    .updateTable('tickets')
    .set({
      kind: face.kind,
      subject: face.subject,
      urgency: face.urgency,
      action_required: face.actionRequired,
      deadline: face.deadline === null ? null : storableJson(face.deadline),
      act_at: face.actAt,
      thread_key: face.threadKey,
      mails: face.mails,
      secret_level: face.secretLevel,
      state,
      solved_at: state === 'solved' ? (endedAt ?? at) : null,
      snoozed_until: snooze,
      ...touched(at),
    })
    .where('id', '=', id)
    .execute();
  const repeats = [...seenBefore];
  await sql`update entries e set body = jsonb_set(e.body, '{seenBefore}', coalesce((
      select to_jsonb(first) from unnest(${repeats.map(([mail]) => mail)}::bigint[],
        ${repeats.map(([, first]) => first)}::bigint[]) as r (mail, first) where r.mail = e.mail_id), 'null'))
    where e.ticket_id = ${id} and e.type = 'mail'`.execute(tx);
}

async function tell(
  tx: Kysely<Tables>,
  ticketId: number,
  customerId: number,
  { at, actor }: ActBy,
  body: Record<string, string | number | boolean>,
): Promise<void> {
  await tx
    .insertInto('entries')
    .values({
      ticket_id: ticketId,
      customer_id: customerId,
      mail_id: null,
      type: 'merged',
      at,
      actor,
      body: storableJson(body),
    })
    .execute();
}
