import type { MembershipRules } from '../../src/core/membershipRules.ts';
import type { MembershipDeps } from '../../src/store/membership.ts';
import type { FreshDatabase } from '../servers/postgres.ts';

export const NOW = new Date('2026-11-24T10:00:00Z');
export const DAY_MS = 24 * 3_600_000;

/** The reseller: alice proposes, bob approves first members; dora is of the customer and no user of this system. */
export const RULES: MembershipRules = {
  resellerDomains: ['msp.example'],
  approvers: [
    { address: 'bob@msp.example', user: 'bob' },
    { address: 'dora@acme.example', user: null },
  ],
  ownDomains: ['bounce.example'],
  ownAddresses: ['desk@msp.example'],
};

export function depsOf(fresh: FreshDatabase, more: Partial<MembershipDeps> = {}): MembershipDeps {
  return { db: fresh.db, rules: RULES, now: NOW, ...more };
}

/** A customer with people at acme.example and one list. */
export async function addList(
  fresh: FreshDatabase,
  given: { slug?: string; language?: string; state?: string; address?: string } = {},
): Promise<{ customerId: number; listId: number; address: string }> {
  const { slug = 'acme', language = 'en', state = 'live' } = given;
  const address = given.address ?? `${slug}-k3j9x2m4q7w8@roots.example`;
  const { rows: customers } = await fresh.pool.query(
    `insert into customers (slug, name, language, member_domains) values ($1, $2, $3, '{acme.example}')
     on conflict (slug) do update set name = excluded.name returning id`,
    [slug, slug.toUpperCase(), language],
  );
  const { rows: lists } = await fresh.pool.query(
    `insert into lists (customer_id, address, account, state) values ($1, $2, '111122223333', $3) returning id`,
    [customers[0].id, address, state],
  );
  return { customerId: customers[0].id, listId: lists[0].id, address };
}

/** A member as if the whole way had been gone. */
export async function addMember(
  fresh: FreshDatabase,
  listId: number,
  address: string,
  state = 'confirmed',
): Promise<number> {
  const { rows } = await fresh.pool.query(
    `insert into members (list_id, address, side, state, confirmed_at, created_at)
     values ($1, $2, $3, $4, $5, $5) returning id`,
    [listId, address, address.endsWith('@msp.example') ? 'reseller' : 'customer', state, NOW],
  );
  return rows[0].id;
}

/** The newest link of a purpose to an address. */
export async function linkTo(fresh: FreshDatabase, purpose: string, address: string): Promise<number> {
  const { rows } = await fresh.pool.query(
    'select id from links where purpose = $1 and address = $2 order by id desc limit 1',
    [purpose, address],
  );
  if (rows.length === 0) throw new Error(`there is no link ${purpose} to ${address}`);
  return rows[0].id;
}

export async function stateOf(fresh: FreshDatabase, address: string): Promise<string> {
  const { rows } = await fresh.pool.query('select state from members where address = $1', [address]);
  return rows[0]?.state ?? 'unknown';
}

/** Whom the effects of one sort would mail to. */
export async function mailedTo(fresh: FreshDatabase, mail: 'link' | 'change'): Promise<string[]> {
  const { rows } = await fresh.pool.query(
    `select coalesce(k.address, m.address) as address from effects e
       left join links k on k.id = (e.payload ->> 'linkId')::int
       left join members m on m.id = (e.payload ->> 'toMember')::int
      where e.type = 'member.mail' and e.payload ->> 'mail' = $1 order by e.id`,
    [mail],
  );
  return rows.map(({ address }) => address);
}
