import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createList, listLists, showList } from '../../src/store/lists.ts';
import { readRootAddresses } from '../../src/store/readHealth.ts';
import { readListPage } from '../../src/store/readListPage.ts';
import { readLists } from '../../src/store/readLists.ts';
import { releaseList, stillWrittenLists } from '../../src/store/releaseList.ts';
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
    const released = { listId: list!.id, actor: 'os:test', at };
    await database.pool.query(
      `with m as (
         insert into members (list_id, address, state) values ($1, 'ops@acme.example', 'confirmed'),
           ($1, 'off@acme.example', 'suspended'), ($1, 'out@acme.example', 'removed'), ($1, 'new@acme.example', 'invited')
         returning id, state)
       insert into proposals (member_id, proposer, side, created_at, expires_at)
       select id, 'alice', 'reseller', $2, $2::timestamptz + interval '1 day' from m where state = 'invited'`,
      [list!.id, at],
    );
    expect(await releaseList(database.db, released)).toBe(true);
    expect(await releaseList(database.db, released)).toBe(false);
    expect(await releaseList(database.db, { ...released, listId: 999 })).toBeNull();
    expect((await showList(database.db, address)).list.state).toBe('released');
    // Those who are on it are told, additions end, and the history says who did it.
    const { rows: told } = await database.pool.query(
      `select m.address, e.payload ->> 'mail' as mail from effects e join members m on m.id = (e.payload ->> 'toMember')::int
        order by m.address`,
    );
    expect(told).toEqual([
      { address: 'off@acme.example', mail: 'change' },
      { address: 'ops@acme.example', mail: 'change' },
    ]);
    expect((await database.pool.query('select state from proposals')).rows).toEqual([{ state: 'closed' }]);
    const page = await readListPage(database.db, { listId: list!.id, now: at });
    expect(page?.history.map(({ change, actor }) => [change, actor])).toEqual([
      ['list.released', 'test'],
      ['list.created', 'test'],
    ]);
    const refused = (statement: string) => expect(database.pool.query(statement, [address])).rejects.toThrow();
    await refused('delete from lists where address = $1');
    await refused(`update lists set state = 'live' where address = $1`);
    await refused(`update lists set customer_id = 2 where address = $1`);
    await refused(`update lists set address = 'x' || address where address = $1`);
    // What AWS sends afterwards says that the account still has the address.
    expect(await stillWrittenLists(database.db)).toEqual([]);
    const later = new Date(at.getTime() + 60_000);
    await database.pool.query(
      `insert into mails (customer_id, list_id, identity, sha256, size, received_at, mail_time, auth, outcome)
       select customer_id, id, 'late', '', 1, $2, $2, '{}', 'append' from lists where id = $1`,
      [list!.id, later],
    );
    expect(await stillWrittenLists(database.db)).toEqual([
      { customer: 'acme', account: '111122223333', lastMailAt: later },
    ]);
    // The account may have another one now.
    expect(await create('acme', '111122223333')).not.toBe(address);
  });
});
