import { type Kysely, sql } from 'kysely';
import { searchParts } from '../core/searchText.ts';
import type { Tables } from './schema.ts';

/** Tickets, mails and characters of one call. */
const TICKETS = 100;
const MAILS = 500;
const CHARS = 2_000_000;
/** Changes that a process begins with, before the newest that is in the search (ms). */
const OVERLAP_MS = 10 * 60_000;

type Stale = { id: number; at: Date; said: string };
type Unread = { ticketId: number; mailId: number; at: Date; chars: number };
type SearchRow = { ticketId: number; mailId: number; part: number; at: string; text: string };

/**
 * Brings the search up to date, from `since` on (null: from where it stood before), oldest change first: every mail of
 * a ticket whole, each read once. Behind the road and not on it, so that deciding a mail does not pay for it and a burst
 * is read once. `full`: there may be more; go on from `since`.
 */
export async function indexSearch(db: Kysely<Tables>, since: Date | null): Promise<{ full: boolean; since: Date }> {
  const from = since ?? (await lastIndexed(db));
  const tickets = await staleTickets(db, from);
  if (tickets.length === 0) return { full: false, since: from };
  const unread = await unreadMails(
    db,
    tickets.map(({ id }) => id),
  );
  const mails = fitting(unread);
  // A ticket whose mails did not all fit stays stale.
  const rest = new Set(
    [...unread.slice(mails.length), ...(unread.length > MAILS ? unread.slice(-1) : [])].map((one) => one.ticketId),
  );
  const cut = tickets.findIndex(({ id }) => rest.has(id));
  const whole = cut < 0 ? tickets : tickets.slice(0, cut);
  const rows = whole.flatMap(({ id, at, said }) => rowsOf({ ticketId: id, mailId: 0, at }, `${id} ${said}`));
  const said = await saidIn(
    db,
    mails.map(({ mailId }) => mailId),
  );
  for (const mail of mails) rows.push(...rowsOf(mail, said.get(mail.mailId) ?? ''));
  await write(
    db,
    tickets.map(({ id }) => id),
    rows,
  );
  return { full: tickets.length === TICKETS || whole.length < tickets.length, since: (whole.at(-1) ?? tickets[0]!).at };
}

/** Tickets that changed since they were read, with their subject and what people noted. */
async function staleTickets(db: Kysely<Tables>, from: Date): Promise<Stale[]> {
  const { rows } = await sql<Stale>`
    select t.id, t.updated_at as at, concat_ws(' ', t.subject, (
             select string_agg(e.body ->> 'text', ' ' order by e.at, e.id) from entries e
              where e.ticket_id = t.id and e.type = 'note')) as said
      from tickets t left join ticket_search s on s.ticket_id = t.id and s.mail_id = 0 and s.part = 0
     where t.updated_at >= ${from.toISOString()}::timestamptz and t.withdrawn_at is null
       and (s.ticket_id is null or s.as_of < t.updated_at)
     order by t.updated_at, t.id limit ${TICKETS}`.execute(db);
  return rows;
}

/** Mails of these tickets that are not in the search as they were decided last, in the order of the tickets. */
async function unreadMails(db: Kysely<Tables>, tickets: readonly number[]): Promise<Unread[]> {
  const { rows } = await sql<Unread>`
    select m.ticket_id as "ticketId", m.id as "mailId", m.decided_at as at, length(r.text) as chars
      from unnest(${tickets}::bigint[]) with ordinality as t (id, n)
      join mails m on m.ticket_id = t.id join readings r on r.mail_id = m.id
      left join ticket_search s on s.ticket_id = m.ticket_id and s.mail_id = m.id and s.part = 0
     where s.ticket_id is null or s.as_of < m.decided_at
     order by t.n, m.id limit ${MAILS + 1}`.execute(db);
  return rows;
}

/** As many from the start as are read in one call, one at least. */
function fitting(unread: readonly Unread[]): Unread[] {
  let chars = 0;
  const over = unread.findIndex((one, index) => {
    chars += one.chars;
    return index > 0 && (index >= MAILS || chars > CHARS);
  });
  return over < 0 ? unread.slice(0, MAILS) : unread.slice(0, over);
}

/** All redacted words of each mail: subject, sender, text, names of attachments, facts. */
async function saidIn(db: Kysely<Tables>, mailIds: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await sql<{ id: number; said: string }>`
    select r.mail_id as id, concat_ws(' ', r.subject, r.sender, r.sender_name, r.text,
             (select string_agg(a ->> 'name', ' ') from jsonb_array_elements(r.attachments::jsonb) a),
             (select string_agg(distinct fact #>> '{}', ' ')
                from jsonb_path_query(r.facts::jsonb, '$.*[*].value ? (@.type() == "string")') fact)) as said
      from readings r where r.mail_id = any(${mailIds}::bigint[])`.execute(db);
  return new Map(rows.map(({ id, said }) => [id, said]));
}

function rowsOf({ ticketId, mailId, at }: { ticketId: number; mailId: number; at: Date }, said: string): SearchRow[] {
  const when = at.toISOString();
  return searchParts(said).map((text, part) => ({ ticketId, mailId, part, at: when, text }));
}

/** Puts rows in the place of those before, and drops what no longer belongs to these tickets. */
async function write(db: Kysely<Tables>, tickets: readonly number[], rows: readonly SearchRow[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    // Whoever takes a ticket away waits for us, and we for them.
    await sql`select from tickets where id = any(${tickets}::bigint[]) order by id for key share`.execute(tx);
    await sql`
      delete from ticket_search s using unnest(${tickets}::bigint[]) as t (id)
       where s.ticket_id = t.id and s.mail_id <> 0
         and not exists (select from mails m where m.id = s.mail_id and m.ticket_id = s.ticket_id)`.execute(tx);
    await sql`
      delete from ticket_search s
       using (select ticket_id, mail_id, max(part) as last
                from unnest(${rows.map((row) => row.ticketId)}::bigint[], ${rows.map((row) => row.mailId)}::bigint[],
                            ${rows.map((row) => row.part)}::int[]) as n (ticket_id, mail_id, part) group by 1, 2) n
       where s.ticket_id = n.ticket_id and s.mail_id = n.mail_id and s.part > n.last`.execute(tx);
    await sql`
      insert into ticket_search (ticket_id, mail_id, part, as_of, text)
      select n.ticket_id, n.mail_id, n.part, n.at, n.text
        from unnest(${rows.map((row) => row.ticketId)}::bigint[], ${rows.map((row) => row.mailId)}::bigint[],
                    ${rows.map((row) => row.part)}::int[], ${rows.map((row) => row.at)}::timestamptz[],
                    ${rows.map((row) => row.text)}::text[]) as n (ticket_id, mail_id, part, at, text)
        join tickets t on t.id = n.ticket_id and t.withdrawn_at is null
      on conflict (ticket_id, mail_id, part) do update set as_of = excluded.as_of, text = excluded.text
        where ticket_search.as_of <= excluded.as_of`.execute(tx);
  });
}

/** Whether mail waits to be decided that was due at `since`. */
export async function mailWaits(db: Kysely<Tables>, since: Date): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`
    select exists (select from mails where decide_due <= ${since.toISOString()}::timestamptz) as waits`.execute(db);
  return rows[0]?.waits ?? false;
}

/** Where a process goes on that has just begun. */
async function lastIndexed(db: Kysely<Tables>): Promise<Date> {
  const { rows } = await sql<{ at: Date | null }>`select max(as_of) as at from ticket_search where mail_id = 0`.execute(
    db,
  );
  return new Date(Math.max(0, (rows[0]?.at?.getTime() ?? 0) - OVERLAP_MS));
}
