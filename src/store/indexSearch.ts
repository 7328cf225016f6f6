import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/** Tickets of one statement. */
const BATCH = 100;
/** Mails of a ticket whose text is looked through: the first, which says what it is about, and the newest. */
const MAILS = 8;
/** Characters of one mail, and of one ticket. */
const MAIL_CHARS = 4000;
const TICKET_CHARS = 8000;
/** A transaction may commit later than one that began after it (ms): so far back is looked again. */
const OVERLAP_MS = 10 * 60_000;

/**
 * Brings the search up to date, from `since` on (null: from where it stood before): up to BATCH tickets, oldest change
 * first. Behind the road and not on it, so that deciding a mail does not pay for it and a burst is read once. Answers
 * with the number of tickets and where to go on; call again while it is BATCH.
 */
export async function indexSearch(
  db: Kysely<Tables>,
  since: Date | null,
): Promise<{ tickets: number; full: boolean; since: Date }> {
  const from = since ?? (await lastIndexed(db));
  const { rows } = await sql<{ at: Date }>`
    with stale as materialized (
      select t.id, t.subject, t.updated_at from tickets t left join ticket_search s on s.ticket_id = t.id
       where t.updated_at >= ${from.toISOString()}::timestamptz and (s.ticket_id is null or s.as_of < t.updated_at)
       order by t.updated_at, t.id limit ${BATCH}),
    said as (
      select stale.id, stale.updated_at, search_fold(left(concat_ws(' ', stale.id, stale.subject, (
        select string_agg(one.said, ' ' order by one.mail_time) from (
          select distinct on (coalesce(encode(m.content_hash, 'hex'), m.id::text)) m.mail_time,
                 concat_ws(' ', r.subject, r.sender, (
                   select string_agg(distinct fact #>> '{}', ' ')
                     from jsonb_path_query(r.facts, '$.*[*].value ? (@.type() == "string")') fact),
                   left(r.text, ${MAIL_CHARS})) as said
            from ((select id, mail_time, content_hash from mails where ticket_id = stale.id
                    order by mail_time, id limit 1)
                  union (select id, mail_time, content_hash from mails where ticket_id = stale.id
                          order by mail_time desc, id desc limit ${MAILS - 1})) m
            join readings r on r.mail_id = m.id
           order by coalesce(encode(m.content_hash, 'hex'), m.id::text), m.mail_time) one)), ${TICKET_CHARS})) as text
        from stale),
    written as (
      insert into ticket_search (ticket_id, as_of, text)
      select s.id, s.updated_at, s.text from said s join tickets t on t.id = s.id for key share of t
      on conflict (ticket_id) do update set as_of = excluded.as_of, text = excluded.text)
    select updated_at as at from stale`.execute(db);
  const last = rows.reduce((at, row) => Math.max(at, row.at.getTime()), from.getTime());
  return { tickets: rows.length, full: rows.length === BATCH, since: new Date(last) };
}

/** Where a process goes on that has just begun. */
async function lastIndexed(db: Kysely<Tables>): Promise<Date> {
  const { rows } = await sql<{ at: Date | null }>`select max(as_of) as at from ticket_search`.execute(db);
  return new Date(Math.max(0, (rows[0]?.at?.getTime() ?? 0) - OVERLAP_MS));
}
