import { type Kysely, sql } from 'kysely';
import type { Tables } from '../schema.ts';

/** Mails that one act takes along at most. */
export const ALIKE_LIMIT = 200;

/**
 * Held or parked mails of the same customer that are like this one: same sender and same text; where no text could be
 * read, same sender, subject and error. Only those that still wait for a person, oldest first, this one not among them.
 */
export async function alikeMails(db: Kysely<Tables>, mailId: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select x.id from mails m join readings r on r.mail_id = m.id
      join mails x on x.customer_id = m.customer_id and x.outcome = m.outcome and x.review is null and x.id <> m.id
        and x.content_hash = m.content_hash
      join readings y on y.mail_id = x.id and y.sender is not distinct from r.sender
     where m.id = ${mailId} and m.content_hash is not null and m.outcome in ('quarantine', 'parked')
    union all
    select x.id from mails m join readings r on r.mail_id = m.id
      join mails x on x.customer_id = m.customer_id and x.outcome = 'parked' and x.review is null and x.id <> m.id
        and x.content_hash is null and x.error = m.error
      join readings y on y.mail_id = x.id and y.sender is not distinct from r.sender and y.subject = r.subject
     where m.id = ${mailId} and m.content_hash is null and m.outcome = 'parked'
    order by id limit ${ALIKE_LIMIT}`.execute(db);
  return rows.map((row) => row.id);
}
