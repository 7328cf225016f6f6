import { type Kysely, sql } from 'kysely';
import { canonicalAddress } from '../core/mailAddress.ts';
import type { MembershipRefusal } from '../core/membership.ts';
import { appendAudit } from './audit.ts';
import { actorOf, type MembershipDeps, type Operator, takeOffIn } from './membership.ts';
import { erasePersonIn, readPerson } from './person.ts';
import type { Tables } from './schema.ts';

/** What an operator does with everything that is known about one person on lists. */

export type Forgotten =
  | { ok: true /** Memberships that were erased; 0: the address is on no list. */; count: number }
  | { ok: false /** The list that they cannot leave. */; list: string; code: MembershipRefusal };

/** Ends every membership of an address and erases it, all or nothing: the last-member rule may stand against it. */
export async function forgetPerson(deps: MembershipDeps, what: { address: string; by: Operator }): Promise<Forgotten> {
  const address = canonicalAddress(what.address);
  if (address === null) return { ok: true, count: 0 };
  try {
    return await deps.db.transaction().execute(async (tx) => {
      // In the order in which all writers lock customers.
      const { rows } = await sql<{ memberId: number; listId: number; list: string; isEnded: boolean }>`
        select m.id as "memberId", l.id as "listId", l.address as list, m.state = 'removed' as "isEnded"
          from members m join lists l on l.id = m.list_id where m.address = ${address} order by l.customer_id, m.id`.execute(
        tx,
      );
      for (const { memberId, listId, list, isEnded } of rows) {
        if (isEnded) continue;
        const result = await takeOffIn(tx, deps, { listId, memberId, how: 'remove', by: what.by });
        if (!result.ok) throw new Held({ ok: false, list, code: result.code as MembershipRefusal });
      }
      const count = await erasePersonIn(tx, { address, actor: actorOf(what.by), now: deps.now });
      return { ok: true, count };
    });
  } catch (error) {
    if (error instanceof Held) return error.refusal;
    throw error;
  }
}

class Held extends Error {
  readonly refusal: Extract<Forgotten, { ok: false }>;

  constructor(refusal: Extract<Forgotten, { ok: false }>) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** Everything that is kept about an address on lists; the logs of its customers say who took it. Null: it is no address. */
export async function exportPerson(
  db: Kysely<Tables>,
  what: { address: string; actor: string; at: Date },
): Promise<Record<string, unknown> | null> {
  const person = await readPerson(db, what.address);
  if (person === null) return null;
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ customerId: number; list: string; member: number }>`
      select l.customer_id as "customerId", l.address as list, m.id as member from members m join lists l on l.id = m.list_id
       where m.address = ${person.address as string} order by l.customer_id, m.id`.execute(tx);
    const record = { at: what.at, actor: what.actor, action: 'member.exported' };
    await appendAudit(
      tx,
      rows.map(({ customerId, list, member }) => ({ ...record, customerId, detail: { list, member } })),
    );
  });
  return person;
}

/** Notes in the log of each customer that somebody took tables of its members. */
export async function noteExport(
  db: Kysely<Tables>,
  what: { lists: readonly number[]; actor: string; at: Date },
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ customerId: number; list: string }>`
      select customer_id as "customerId", address as list from lists where id = any(${[...what.lists]}::int[])
       order by customer_id, id`.execute(tx);
    const record = { at: what.at, actor: what.actor, action: 'list.members_exported' };
    await appendAudit(
      tx,
      rows.map(({ customerId, list }) => ({ ...record, customerId, detail: { list } })),
    );
  });
}
