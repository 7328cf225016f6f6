import { type Kysely, sql } from 'kysely';
import { searchText } from '../core/searchText.ts';
import type { Tables } from './schema.ts';

/** Tickets of one call. */
const BATCH = 100;
/** Mails of a ticket whose text is looked through: the first, which says what it is about, and the newest. */
const MAILS = 8;
/** Characters of one mail, and of one ticket, that are looked through. */
const MAIL_CHARS = 4000;
const TICKET_CHARS = 8000;
/** Changes that a process begins with, before the newest that is in the search (ms). */
const OVERLAP_MS = 10 * 60_000;

type Stale = { id: number; at: Date; subject: string; said: string[] | null };

/**
 * Brings the search up to date, from `since` on (null: from where it stood before): up to BATCH tickets, oldest change
 * first. Behind the road and not on it, so that deciding a mail does not pay for it and a burst is read once. `full`:
 * there may be more; go on from `since`.
 */
export async function indexSearch(db: Kysely<Tables>, since: Date | null): Promise<{ full: boolean; since: Date }> {
  const from = since ?? (await lastIndexed(db));
  const { rows } = await sql<Stale>`
    with stale as materialized (
      select t.id, t.subject, t.updated_at from tickets t left join ticket_search s on s.ticket_id = t.id
       where t.updated_at >= ${from.toISOString()}::timestamptz and (s.ticket_id is null or s.as_of < t.updated_at)
       order by t.updated_at, t.id limit ${BATCH})
    select stale.id, stale.updated_at as at, stale.subject, (
        select json_agg(one.said) from (
          select distinct on (m.content_hash, m.lone) concat_ws(' ', r.subject, r.sender, (
                   select string_agg(distinct fact #>> '{}', ' ')
                     from jsonb_path_query(r.facts, '$.*[*].value ? (@.type() == "string")') fact),
                   left(r.text, ${MAIL_CHARS})) as said
            from ((select id, content_hash, case when content_hash is null then id end as lone from mails
                    where ticket_id = stale.id order by mail_time, id limit 1)
                  union (select id, content_hash, case when content_hash is null then id end from mails
                          where ticket_id = stale.id order by mail_time desc, id desc limit ${MAILS - 1})) m
            join readings r on r.mail_id = m.id) one) as said
      from stale order by stale.updated_at, stale.id`.execute(db);
  if (rows.length === 0) return { full: false, since: from };
  const texts = rows.map(({ id, subject, said }) =>
    searchText([String(id), subject, ...(said ?? [])].join(' ').slice(0, TICKET_CHARS)),
  );
  await sql`
    insert into ticket_search (ticket_id, as_of, text)
    select t.id, n.at, n.text
      from unnest(${rows.map((row) => row.id)}::bigint[], ${rows.map((row) => row.at.toISOString())}::timestamptz[],
                  ${texts}::text[]) as n (id, at, text)
      join tickets t on t.id = n.id for key share of t
    on conflict (ticket_id) do update set as_of = excluded.as_of, text = excluded.text
      where ticket_search.as_of < excluded.as_of`.execute(db);
  return { full: rows.length === BATCH, since: rows.at(-1)!.at };
}

/** Whether mail waits to be decided now. */
export async function mailWaits(db: Kysely<Tables>, now: Date): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`
    select exists (select from mails where decide_due <= ${now.toISOString()}::timestamptz) as waits`.execute(db);
  return rows[0]?.waits ?? false;
}

/** Where a process goes on that has just begun. */
async function lastIndexed(db: Kysely<Tables>): Promise<Date> {
  const { rows } = await sql<{ at: Date | null }>`select max(as_of) as at from ticket_search`.execute(db);
  return new Date(Math.max(0, (rows[0]?.at?.getTime() ?? 0) - OVERLAP_MS));
}
