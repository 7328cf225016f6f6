import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/** How the copies of one mail to list members went. `accepted` by the smarthost, `failed` for good, the others on their way. */
export type Copies = { all: number; accepted: number; failed: number; lastAt: Date | null };

export async function readCopies(db: Kysely<Tables>, mailId: number): Promise<Copies> {
  const { rows } = await sql<Copies>`select count(*)::int as "all",
      count(*) filter (where state = 'accepted')::int as accepted,
      count(*) filter (where state = 'failed')::int as failed, max(accepted_at) as "lastAt"
    from deliveries where mail_id = ${mailId} and state <> 'skipped'`.execute(db);
  return rows[0] as Copies;
}
