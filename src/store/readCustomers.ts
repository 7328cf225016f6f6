import { type Kysely, sql } from 'kysely';
import type { MemberState } from '../core/memberState.ts';
import type { Tables } from './schema.ts';

export type CustomerRow = {
  id: number;
  slug: string;
  name: string;
  language: string;
  accounts: number;
  lists: number;
  members: number;
  open: number;
  lastMailAt: Date | null;
};

const COLUMNS = sql`c.id, c.slug, c.name, c.language,
  (select count(*)::int from accounts a where a.customer_id = c.id) as accounts,
  (select count(*)::int from lists l where l.customer_id = c.id and l.state <> 'released') as lists,
  (select count(distinct m.address)::int from members m join lists l on l.id = m.list_id
    where l.customer_id = c.id and m.state <> 'removed') as members,
  (select count(*)::int from (select from tickets t where t.customer_id = c.id and t.queue = 'open' limit 1000) o) as open,
  (select m.received_at from mails m where m.customer_id = c.id order by m.id desc limit 1) as "lastMailAt"`;

/** Customers by name, after `after` (name and id of the last one seen), at most `limit`. */
export async function listCustomers(
  db: Kysely<Tables>,
  after: { name: string; id: number } | null,
  limit: number,
): Promise<CustomerRow[]> {
  const found = await sql<CustomerRow>`select ${COLUMNS} from customers c
    ${after === null ? sql`` : sql`where (c.name, c.id) > (${after.name}, ${after.id}::int)`}
    order by c.name, c.id limit ${limit}`.execute(db);
  return found.rows;
}

export type Member = {
  id: number;
  listId: number;
  address: string;
  name: string | null;
  state: MemberState;
  changedAt: Date;
};
export type CustomerPage = CustomerRow & {
  accountNumbers: { account: string; management: boolean }[];
  memberRows: Member[];
};

/** One customer with accounts and members (those that need somebody first), or null. */
export async function readCustomer(db: Kysely<Tables>, slug: string): Promise<CustomerPage | null> {
  const found = await sql<CustomerRow>`select ${COLUMNS} from customers c where c.slug = ${slug}`.execute(db);
  const customer = found.rows[0];
  if (!customer) return null;
  const accounts = await sql<{ account: string; management: boolean }>`select account, management from accounts
    where customer_id = ${customer.id} order by management desc, account limit 500`.execute(db);
  const members =
    await sql<Member>`select m.id, m.list_id as "listId", m.address, m.name, m.state, m.changed_at as "changedAt"
    from members m join lists l on l.id = m.list_id where l.customer_id = ${customer.id} and m.state <> 'removed'
    order by array_position(array['bouncing', 'suspended', 'invited', 'confirmed'], m.state), m.address limit 500`.execute(
      db,
    );
  return { ...customer, accountNumbers: accounts.rows, memberRows: members.rows };
}

/** Every root address in lower case, to be masked wherever it stands in a text. `customerId` null: all of them. */
export async function readAddressesToMask(db: Kysely<Tables>, customerId: number | null): Promise<string[]> {
  const found = await sql<{ address: string }>`select address from lists
    ${customerId === null ? sql`` : sql`where customer_id = ${customerId}`} order by id limit 5000`.execute(db);
  return found.rows.map((row) => row.address);
}
