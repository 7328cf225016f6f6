import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

/** What the database says about whose an account or address is. */
export type KnownCustomers = {
  /** By slug. */
  customers: Map<string, { id: number; name: string; language: string; memberDomains: string[] }>;
  /** By account; `slug` is its customer. */
  accounts: Map<string, { slug: string; management: boolean }>;
  /** By address; `slug` is its customer. */
  lists: Map<string, { slug: string; account: string | null; state: string }>;
  /** Every address that is on some list. */
  memberAddresses: Set<string>;
};

export async function readKnownCustomers(db: Kysely<Tables>): Promise<KnownCustomers> {
  const customers = await db
    .selectFrom('customers')
    .select(['id', 'slug', 'name', 'language', 'member_domains as memberDomains'])
    .execute();
  const accounts = await db
    .selectFrom('accounts')
    .innerJoin('customers', 'customers.id', 'accounts.customer_id')
    .select(['accounts.account', 'accounts.management', 'customers.slug'])
    .execute();
  const lists = await db
    .selectFrom('lists')
    .innerJoin('customers', 'customers.id', 'lists.customer_id')
    .select(['lists.address', 'lists.account', 'lists.state', 'customers.slug'])
    .execute();
  const members = await db.selectFrom('members').select('address').distinct().where('state', '<>', 'removed').execute();
  return {
    customers: new Map(customers.map(({ slug, ...rest }) => [slug, rest])),
    accounts: new Map(accounts.map(({ account, ...rest }) => [account, rest])),
    lists: new Map(lists.map(({ address, ...rest }) => [address, rest])),
    memberAddresses: new Set(members.map(({ address }) => address)),
  };
}
