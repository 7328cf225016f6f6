import { type Kysely, sql } from 'kysely';
import type { MemberChange } from '../core/membership.ts';
import type { Tables } from './schema.ts';

/**
 * Writes changes of members into the history of their lists, and tells everybody who gets mail of the list, the member too:
 * changes that nobody was asked about. In the caller's transaction. Ring 'act' after it.
 */
export async function recordChanges(
  tx: Kysely<Tables>,
  by: { actor: string; at: Date },
  changes: readonly { listId: number; memberId: number; change: MemberChange }[],
): Promise<void> {
  if (changes.length === 0) return;
  const { rows } = await sql<{ id: number }>`
    insert into member_changes (list_id, member_id, at, actor, change)
    select list_id, member_id, ${by.at}, ${by.actor}, change
      from unnest(${changes.map(({ listId }) => listId)}::int[], ${changes.map(({ memberId }) => memberId)}::int[],
                  ${changes.map(({ change }) => change)}::text[]) as c (list_id, member_id, change)
    returning id`.execute(tx);
  await sql`select tell_members(id, ${by.at}) from unnest(${rows.map(({ id }) => id)}::bigint[]) as id`.execute(tx);
}
