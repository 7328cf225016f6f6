import type { ClientBase } from 'pg';

const SLUG = 'rootdesk';

/** The customer under whom matters of this installation itself stand; made when there is the first. */
export async function houseCustomer(client: ClientBase): Promise<number> {
  const find = async () => (await client.query<{ id: number }>('select id from customers where house')).rows[0]?.id;
  const known = await find();
  if (known !== undefined) return known;
  // The slug may be a real customer's.
  for (const slug of [SLUG, `${SLUG}-house`]) {
    await client.query(
      `insert into customers (slug, name, house) values ($1, 'Rootdesk', true) on conflict do nothing`,
      [slug],
    );
    const made = await find();
    if (made !== undefined) return made;
  }
  throw new Error('the customer for matters of this installation could not be made');
}
