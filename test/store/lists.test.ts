import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createList, listLists, releaseList, showList } from '../../src/store/lists.ts';
import { readRootAddresses } from '../../src/store/readHealth.ts';
import { readLists } from '../../src/store/readLists.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

describe('root addresses', () => {
  let database: FreshDatabase;
  let serial = 0;
  const at = new Date('2026-11-24T10:00:00Z');
  const create = (slug: string, account: string) =>
    createList(database.db, {
      slug,
      account,
      domain: 'root.example',
      random: Buffer.alloc(10, ++serial),
      actor: 'os:test',
      at,
    });

  beforeAll(async () => {
    database = await freshDatabase();
    await database.pool.query(`
      insert into customers (slug, name) values ('acme', 'Acme'), ('globex', 'Globex');
      insert into accounts (account, customer_id, management) values
        ('111122223333', 1, true), ('111122224444', 1, false), ('555566667777', 2, true)`);
  });
  afterAll(() => database?.drop());

  it('are given out for a management account of the customer, once, and audited', async () => {
    const { address } = await create('acme', '111122223333');
    expect(address).toMatch(/^acme-[a-z2-7]{16}@root\.example$/);
    await expect(create('acme', '111122223333')).rejects.toMatchObject({
      message: expect.not.stringContaining(address),
      hint: expect.stringContaining(address),
    });
    await expect(create('acme', '111122224444')).rejects.toThrow('is not a management account of acme');
    await expect(create('acme', '555566667777')).rejects.toThrow('is not a management account of acme');
    await expect(create('nobody', '111122223333')).rejects.toThrow('there is no customer nobody');
    const { rows } = await database.pool.query(`select convert_from(bytes, 'utf8')::jsonb as said from audit`);
    expect(rows.map(({ said }) => said)).toEqual([
      { action: 'list.created', actor: 'os:test', at: at.toISOString(), detail: { account: '111122223333', address } },
    ]);
    expect(await listLists(database.db, 'acme')).toMatchObject([{ address, state: 'draft', receiving: 0 }]);
  });

  it('are live from the first mail that proves to be from AWS, wherever they are read', async () => {
    const [list] = await listLists(database.db, 'acme');
    const states = async () => [
      (await showList(database.db, list!.address)).list.state,
      (await readLists(database.db, { id: list!.id }, null, 1))[0]?.state,
      (await readRootAddresses(database.db, { customer: 'acme', now: new Date() }, 1)).rows[0]?.state,
    ];
    const mail = (outcome: string) =>
      database.pool.query(
        `insert into mails (customer_id, list_id, identity, sha256, size, received_at, mail_time, auth, outcome)
         select customer_id, id, sha256($2::text::bytea), '', 1, $3, $3, '{}', $2 from lists where id = $1`,
        [list!.id, outcome, at],
      );
    await mail('quarantine');
    expect(await states()).toEqual(['draft', 'draft', 'draft']);
    await mail('open');
    expect(await states()).toEqual(['live', 'live', 'live']);
  });

  it('two at once for one account give out one', async () => {
    const results = await Promise.allSettled([create('globex', '555566667777'), create('globex', '555566667777')]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('are tombstones once released: nothing forgets, moves or revives them', async () => {
    const [list] = await listLists(database.db, 'acme');
    const address = list!.address;
    const released = { address: address.toUpperCase(), actor: 'os:test', at };
    expect(await releaseList(database.db, released)).toBe(true);
    expect(await releaseList(database.db, released)).toBe(false);
    expect((await showList(database.db, address)).list.state).toBe('released');
    const refused = (statement: string) => expect(database.pool.query(statement, [address])).rejects.toThrow();
    await refused('delete from lists where address = $1');
    await refused(`update lists set state = 'live' where address = $1`);
    await refused(`update lists set customer_id = 2 where address = $1`);
    await refused(`update lists set address = 'x' || address where address = $1`);
    // The account may have another one now.
    expect(await create('acme', '111122223333')).not.toBe(address);
  });
});
