import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/** A member whom copies do not reach, and who hears of it. */
export type BouncedMember = { address: string; list: string; language: string; others: string[] };

/** Null: there is no such member any more, or the list was released. `others`: confirmed members, by address. */
export async function readBouncedMember(db: Kysely<Tables>, memberId: number): Promise<BouncedMember | null> {
  const { rows } = await sql<BouncedMember>`
    select m.address, l.address as list, c.language,
           coalesce((select array_agg(o.address order by o.address) from members o
                      where o.list_id = l.id and o.id <> m.id and o.state = 'confirmed'), '{}') as others
      from members m join lists l on l.id = m.list_id join customers c on c.id = l.customer_id
     where m.id = ${memberId} and m.state <> 'removed' and l.state <> 'released'`.execute(db);
  return rows[0] ?? null;
}
