import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCustomers } from '../../src/readCustomers.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { importCustomers } from '../../src/store/customers.ts';
import { createDirectory } from '../../src/store/directory.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase();
});
afterEach(() => fresh.drop());

const FILE = `
customers:
  - slug: acme
    name: Acme GmbH
    language: en
    managementAccount: "111122223333"
    memberAccounts: ["012345678901"]
    rootAddresses:
      - acme-k3j9x2m4q7w8@roots.example
      - {address: Acme-Two@roots.example, account: "444455556666"}
    members: [ops@acme.example, Sec@Acme.example]
  - slug: tanaka
    name: 田中商事
    language: ja
    managementAccounts: ["777788889999", "777788880000"]
    rootAddresses: [tanaka-p9@roots.example]
`;

function parsed(text: string) {
  const source = parseCustomers(text);
  expect(source.problems).toEqual([]);
  return source.file!;
}

async function count(table: string): Promise<number> {
  return (await fresh.pool.query(`select count(*) as n from ${table}`)).rows[0].n;
}

describe('importing customers', () => {
  it('creates everything once, invites members, and changes nothing the second time', async () => {
    const first = await importCustomers(fresh.db, parsed(FILE), 'tester');
    expect(first).toMatchObject({
      applied: true,
      problems: [],
      created: { customers: 2, accounts: 5, lists: 3, members: 4 },
      changed: { customers: 0, accounts: 0, lists: 0, members: 0 },
    });
    const { rows } = await fresh.pool.query('select distinct state, address from members order by address');
    expect(rows).toEqual([
      { state: 'invited', address: 'ops@acme.example' },
      { state: 'invited', address: 'sec@acme.example' },
    ]);
    const records = await count('audit');
    const second = await importCustomers(fresh.db, parsed(FILE), 'tester');
    expect(second).toMatchObject({
      applied: true,
      created: { customers: 0, accounts: 0, lists: 0, members: 0 },
      changed: { customers: 0, accounts: 0, lists: 0, members: 0 },
      unchanged: { customers: 2, accounts: 5, lists: 3, members: 4 },
    });
    expect(await count('audit')).toBe(records);
  });

  it('names customers whose members wait for a root address, and invites them once there is one', async () => {
    const text =
      'customers:\n  - slug: late\n    name: Late\n    managementAccount: "909090909090"\n    members: [ops@late.example]\n';
    expect(await importCustomers(fresh.db, parsed(text), 'tester')).toMatchObject({ withoutList: ['late'] });
    await fresh.pool.query(
      `insert into lists (customer_id, address) select id, 'late-1@root.example' from customers where slug = 'late'`,
    );
    const report = await importCustomers(fresh.db, parsed(text), 'tester');
    expect(report).toMatchObject({ withoutList: [], created: { members: 1 } });
  });

  it('tells everybody who gets mail of a list when a name on it changes', async () => {
    const named = (name: string) =>
      parsed(`customers:
  - slug: named
    name: Named
    managementAccount: "919191919191"
    rootAddresses: [named-1@root.example]
    members: [{address: ops@named.example, name: "${name}"}, {address: it@named.example, name: It}]
`);
    await importCustomers(fresh.db, named('Ops'), 'os:tester');
    await fresh.pool.query(`update members set state = 'confirmed' where address like '%@named.example'`);
    await importCustomers(fresh.db, named('Operations'), 'os:tester');
    const { rows } = await fresh.pool.query(
      `select h.change, h.actor, about.address as about, m.address as told from member_changes h
         join members about on about.id = h.member_id join effects e on e.key like 'member.mail:change:' || h.id || ':%'
         join members m on m.id = (e.payload ->> 'toMember')::int order by m.address`,
    );
    const change = { change: 'member.named', actor: 'os:tester', about: 'ops@named.example' };
    expect(rows).toEqual([
      { ...change, told: 'it@named.example' },
      { ...change, told: 'ops@named.example' },
    ]);
  });

  it('audits every change under its actor, for the customer it concerns, in a chain that verifies', async () => {
    await importCustomers(fresh.db, parsed(FILE), 'tester');
    const renamed = FILE.replace('Acme GmbH', 'Acme SE').replace(
      '["012345678901"]',
      '["012345678901", "222233334444"]',
    );
    expect(await importCustomers(fresh.db, parsed(renamed), 'other')).toMatchObject({
      created: { accounts: 1 },
      changed: { customers: 1 },
    });
    const acme = (await fresh.pool.query(`select id from customers where slug = 'acme'`)).rows[0].id;
    const { rows } = await fresh.pool.query('select bytes from audit where customer_id = $1 order by number', [acme]);
    const records = rows.map((row) => JSON.parse(row.bytes.toString()));
    expect(records.at(-2)).toMatchObject({
      actor: 'other',
      action: 'customer.changed',
      detail: { from: { name: 'Acme GmbH' }, to: { name: 'Acme SE' } },
    });
    expect(records.filter((record) => record.action === 'member.invited')).toHaveLength(4);
    expect(JSON.stringify(records)).not.toContain('tanaka');
    expect(await verifyAudit(fresh.db, acme)).toEqual({ ok: true, records: records.length });
  });

  it('keeps the state of members and lists, and what the file no longer names', async () => {
    await importCustomers(fresh.db, parsed(FILE), 'tester');
    await fresh.pool.query(`update members set state = 'confirmed' where address = 'ops@acme.example'`);
    await fresh.pool.query(`update members set state = 'removed' where address = 'sec@acme.example'`);
    await importCustomers(fresh.db, parsed(FILE.replace(', "777788880000"', '')), 'tester');
    const { rows } = await fresh.pool.query('select distinct address, state from members order by address');
    expect(rows.map((row) => row.state)).toEqual(['confirmed', 'removed']);
    expect(await count('accounts')).toBe(5);
  });

  it('refuses an account or address of another customer whole, naming the place, and moves nothing', async () => {
    await importCustomers(fresh.db, parsed(FILE), 'tester');
    const before = (await fresh.pool.query('select * from accounts order by account')).rows;
    const source = parseCustomers(`customers:
- slug: newcomer
  name: Newcomer
  managementAccount: "999988887777"
  memberAccounts:
  - "111122223333"
  rootAddresses:
  - new-1@roots.example
  - acme-two@roots.example
  members: [tanaka-p9@roots.example]
`);
    const report = await importCustomers(fresh.db, source.file!, 'tester');
    expect(report.applied).toBe(false);
    expect(report.problems.map(({ path, message, keys }) => [path, message, source.lineOf(keys)])).toEqual([
      ['customers[0].memberAccounts[0]', 'account 111122223333 belongs to customer acme; it is not moved', 6],
      ['customers[0].rootAddresses[1]', 'address acme-two@roots.example belongs to customer acme; it is not moved', 9],
      ['customers[0].members[0]', 'tanaka-p9@roots.example is a root address of tanaka: mail would go round', 10],
    ]);
    expect(await count('customers')).toBe(2);
    expect((await fresh.pool.query('select * from accounts order by account')).rows).toEqual(before);
  });

  it('never gives a released address out again', async () => {
    await importCustomers(fresh.db, parsed(FILE), 'tester');
    await fresh.pool.query(`update lists set state = 'released' where address = 'acme-two@roots.example'`);
    const report = await importCustomers(fresh.db, parsed(FILE), 'tester');
    expect(report).toMatchObject({ applied: false, problems: [{ path: 'customers[0].rootAddresses[1]' }] });
  });

  it('gives one result when the same file is imported twice at once', async () => {
    const file = parsed(FILE);
    const reports = await Promise.all([1, 2, 3].map(() => importCustomers(fresh.db, file, 'tester')));
    expect(reports.map((report) => report.created.customers).sort()).toEqual([0, 0, 2]);
    expect(await count('members')).toBe(4);
  });
});

describe('the directory', () => {
  it('finds lists in any letter case, sees new ones at once, and does not know others', async () => {
    const directory = createDirectory(fresh.db);
    expect(await directory.find('acme-two@roots.example')).toBeNull();
    await importCustomers(fresh.db, parsed(FILE), 'tester');
    expect(await directory.find('ACME-Two@roots.example')).toMatchObject({
      slug: 'acme',
      account: '444455556666',
      state: 'live',
    });
    expect(await directory.find('acme@roots.example')).toBeNull();
    expect(await directory.find('acme-two@roots.example\0')).toBeNull();
    expect(await directory.find(`${'a'.repeat(300)}@roots.example`)).toBeNull();
  });

  it('goes on finding known lists when the database is away, and never denies one that it cannot look up', async () => {
    await importCustomers(fresh.db, parsed(FILE), 'tester');
    const directory = createDirectory(fresh.db);
    await directory.refresh();
    await fresh.drop();
    expect(await directory.find('tanaka-p9@roots.example')).toMatchObject({ slug: 'tanaka' });
    await expect(directory.find('unknown@roots.example')).rejects.toThrow();
  });
});
