import { type Kysely, sql } from 'kysely';
import type { MemberState } from '../core/memberState.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { rootAddress } from '../lib/rootAddress.ts';
import { appendAudit } from './audit.ts';
import type { Tables } from './schema.ts';

export type ListState = 'draft' | 'live' | 'released';

/** A list as it is shown: who it belongs to and how its copies are doing. */
export type ListRow = {
  id: number;
  address: string;
  slug: string;
  account: string | null;
  state: ListState;
  createdAt: Date;
  /** Members who get copies (confirmed or bouncing). */
  receiving: number;
  /** Members that are not removed. */
  members: number;
  lastMailAt: Date | null;
};

export type ListMember = { address: string; state: MemberState; wrapped: boolean; changedAt: Date };

/** Copies of a list by what became of them. */
export type ListDeliveries = { state: string; count: number };

export type CreateList = {
  slug: string;
  account: string;
  domain: string;
  random: Uint8Array;
  actor: string;
  at: Date;
};

/**
 * Gives out a new root address for a management account of a customer, in state draft. Throws RootdeskError when customer or
 * account is not known, the account is no management account of this customer, or has an address already.
 */
export async function createList(db: Kysely<Tables>, wanted: CreateList): Promise<{ id: number; address: string }> {
  const { slug, account, domain, random, actor, at } = wanted;
  return db.transaction().execute(async (tx) => {
    // Two at once for one account: the second one finds the first one's list.
    const { rows: customers } = await sql<{ id: number }>`
      select id from customers where slug = ${slug} for update`.execute(tx);
    const customer = customers[0];
    if (!customer) throw refuse('list.customer', `there is no customer ${slug}`, 'rootdesk customers list shows them');
    const owner = await tx
      .selectFrom('accounts')
      .select(['customer_id', 'management'])
      .where('account', '=', account)
      .executeTakeFirst();
    if (owner?.customer_id !== customer.id || !owner.management) {
      const hint = 'name it in managementAccounts of the customers file and import that first';
      throw refuse('list.account', `${account} is not a management account of ${slug}`, hint);
    }
    const other = await tx
      .selectFrom('lists')
      .select('address')
      .where('account', '=', account)
      .where('state', '<>', 'released')
      .executeTakeFirst();
    if (other) {
      const hint = `rootdesk lists show ${other.address}`;
      // The message goes onto pages, where no root address is whole; the hint is for the command line.
      throw refuse('list.exists', `account ${account} has a root address already`, hint);
    }
    const address = rootAddress(slug, random, domain);
    const { id } = await tx
      .insertInto('lists')
      .values({ customer_id: customer.id, address, account, state: 'draft' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await appendAudit(tx, [
      { customerId: customer.id, at, actor, action: 'list.created', detail: { address, account } },
    ]);
    await tx.insertInto('member_changes').values({ list_id: id, at, actor, change: 'list.created' }).execute();
    return { id, address };
  });
}

/** Notes in the customer's log that somebody saw a root address whole. Null: there is no such list. */
export async function showAddress(
  db: Kysely<Tables>,
  shown: { listId: number; actor: string; at: Date },
): Promise<string | null> {
  const { listId, actor, at } = shown;
  return db.transaction().execute(async (tx) => {
    const list = await tx
      .selectFrom('lists')
      .select(['address', 'customer_id'])
      .where('id', '=', listId)
      .executeTakeFirst();
    if (!list) return null;
    const detail = { list: listId };
    await appendAudit(tx, [{ customerId: list.customer_id, at, actor, action: 'list.address_shown', detail }]);
    return list.address;
  });
}

/** Lists by customer and address, of one customer or of all. */
export async function listLists(db: Kysely<Tables>, slug: string | null): Promise<ListRow[]> {
  const { rows } = await sql<ListRow>`${SELECT}
    where ${slug}::text is null or c.slug = ${slug} order by c.slug, l.address`.execute(db);
  return rows;
}

/** One list with its members and the state of its copies; throws RootdeskError when the address is none of ours. */
export async function showList(
  db: Kysely<Tables>,
  address: string,
): Promise<{ list: ListRow; members: ListMember[]; deliveries: ListDeliveries[] }> {
  const { rows } = await sql<ListRow>`${SELECT} where l.address = ${address.toLowerCase()}`.execute(db);
  const list = rows[0];
  if (!list) throw noList(address);
  const { rows: members } = await sql<ListMember>`
    select address, state, wrapped, changed_at as "changedAt" from members
     where list_id = ${list.id} and state <> 'removed' order by address`.execute(db);
  const { rows: deliveries } = await sql<ListDeliveries>`
    select d.state, count(*)::int as count from deliveries d join members m on m.id = d.member_id
     where m.list_id = ${list.id} group by d.state order by d.state`.execute(db);
  return { list, members, deliveries };
}

const SELECT = sql`
  select l.id, l.address, c.slug, l.account, list_state(l) as state, l.created_at as "createdAt",
         (select count(*)::int from members m where m.list_id = l.id and m.state in ('confirmed', 'bouncing')) as receiving,
         (select count(*)::int from members m where m.list_id = l.id and m.state <> 'removed') as members,
         (select max(m.received_at) from mails m where m.list_id = l.id) as "lastMailAt"
    from lists l join customers c on c.id = l.customer_id`;

function noList(address: string): RootdeskError {
  return refuse('list.unknown', `${address} is not a root address of ours`, 'rootdesk lists list shows them');
}

function refuse(code: string, message: string, hint: string): RootdeskError {
  return new RootdeskError(code, message, hint, { exitCode: EXIT.data });
}
