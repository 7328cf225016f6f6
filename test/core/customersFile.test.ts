import { describe, expect, it } from 'vitest';
import { parseCustomersFile } from '../../src/core/customersFile.ts';
import { parseCustomers } from '../../src/readCustomers.ts';

const acme = { slug: 'acme', name: 'Acme', managementAccount: '111122223333', rootAddresses: ['acme-1@roots.example'] };

function problemsOf(...customers: unknown[]) {
  return parseCustomersFile({ customers }).problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('a customers file', () => {
  it('is taken in both spellings of accounts and addresses', () => {
    const { file, problems } = parseCustomersFile({
      customers: [
        acme,
        {
          slug: 'b-2',
          name: ' B2 ',
          language: 'pt-BR',
          managementAccounts: ['1234-5678-9012', 222233334444],
          rootAddresses: [{ address: 'B@Roots.Example', account: '012345678901' }, { address: 'c@roots.example' }],
          members: ['X@b.example', { address: 'y@b.example', name: ' Yui Y. ' }],
        },
      ],
    });
    expect(problems).toEqual([]);
    expect(file?.customers[0]).toEqual({
      slug: 'acme',
      name: 'Acme',
      language: 'en',
      managementAccounts: ['111122223333'],
      single: true,
      memberAccounts: [],
      rootAddresses: [{ address: 'acme-1@roots.example', account: null }],
      members: [],
    });
    expect(file?.customers[1]).toMatchObject({
      name: 'B2',
      managementAccounts: ['123456789012', '222233334444'],
      rootAddresses: [
        { address: 'b@roots.example', account: '012345678901' },
        { address: 'c@roots.example', account: null },
      ],
      members: [
        { address: 'x@b.example', name: null },
        { address: 'y@b.example', name: 'Yui Y.' },
      ],
    });
  });

  it('of another shape is told so in plain words', () => {
    const words = (text: string) => parseCustomers(text).problems.map(({ path, message }) => `${path}: ${message}`);
    expect(words('')).toEqual(['the file: must be a map, and is empty']);
    expect(words('customers: no')).toEqual(['customers: must be a list, and is a text']);
    expect(words('customers: [{slug: 5, name: x}]')).toEqual(['customers[0].slug: must be a text, and is number']);
    expect(words('customers: [{slug: a}]')).toEqual(['customers[0].name: must be given (a text)']);
  });

  it.each([
    [{ slug: 'Acme' }, 'customers[0].slug'],
    [{ slug: '-acme' }, 'customers[0].slug'],
    [{ name: '' }, 'customers[0].name'],
    [{ name: '=HYPERLINK("http://x")' }, 'customers[0].name'],
    [{ name: ' @SUM(A1)' }, 'customers[0].name'],
    [{ name: '＝1+1' }, 'customers[0].name'],
    [{ name: 'Acme\r\nBcc: x@y.example' }, 'customers[0].name'],
    [{ name: 'Acme\u202eGmbH' }, 'customers[0].name'],
    [{ name: 'Acme\0' }, 'customers[0].name'],
    [{ name: 'Acme\ud800' }, 'customers[0].name'],
    [{ language: 'english please' }, 'customers[0].language'],
    [{ managementAccount: '12345678901' }, 'customers[0].managementAccount'],
    [{ managementAccount: 12345678901 }, 'customers[0].managementAccount'],
    [{ managementAccounts: ['222233334444'] }, 'customers[0].managementAccounts'],
    [{ memberAccounts: ['22223333444x'] }, 'customers[0].memberAccounts[0]'],
    [{ rootAddresses: ['not an address'] }, 'customers[0].rootAddresses[0]'],
    [{ rootAddresses: ['+acme@roots.example'] }, 'customers[0].rootAddresses[0]'],
    [{ rootAddresses: ['a@b@roots.example'] }, 'customers[0].rootAddresses[0]'],
    [{ rootAddresses: [{ address: 'x@roots.example', account: '1' }] }, 'customers[0].rootAddresses[0].account'],
    [{ rootAddresses: [{ address: 'x@roots.example', owner: 'y' }] }, 'customers[0].rootAddresses[0]'],
    [{ members: ['a@localhost'] }, 'customers[0].members[0]'],
    [{ members: ['a@b.example\n'] }, 'customers[0].members[0]'],
    [{ members: [null] }, 'customers[0].members[0]'],
    [{ members: [{ address: 'a@b.example', name: '=1+1' }] }, 'customers[0].members[0].name'],
    [{ members: [{ address: 'a@b.example', name: 'a\u202eb' }] }, 'customers[0].members[0].name'],
    [{ members: Array.from({ length: 51 }, (_, n) => `m${n}@b.example`) }, 'customers[0].members'],
    [{ nam: 'x' }, 'customers[0]'],
  ])('refuses %j and names the place', (wrong, path) => {
    const problems = parseCustomersFile({ customers: [{ ...acme, ...wrong }] });
    expect(problems.file).toBeNull();
    expect(problems.problems.map((problem) => problem.path)).toContain(path);
  });

  it('refuses what two places say differently', () => {
    expect(
      problemsOf(
        acme,
        { slug: 'acme', name: 'Again' },
        { slug: 'other', name: 'Other', memberAccounts: ['111122223333', '222233334444', '222233334444'] },
        { slug: 'third', name: 'Third', rootAddresses: [{ address: 'ACME-1@roots.example', account: '111122223333' }] },
        { slug: 'loop', name: 'Loop', members: ['acme-1@roots.example', 'x@y.example', 'x@y.example'] },
      ),
    ).toEqual([
      'customers[1].slug: slug acme is already in customers[0].slug (acme)',
      'customers[2].memberAccounts[0]: account 111122223333 is already in customers[0].managementAccount (acme)',
      'customers[2].memberAccounts[2]: account 222233334444 is already in customers[2].memberAccounts[1] (other)',
      'customers[3].rootAddresses[0]: address acme-1@roots.example is already in customers[0].rootAddresses[0] (acme)',
      'customers[3].rootAddresses[0].account: account 111122223333 is in customers[0].managementAccount (acme)',
      'customers[4].members[0]: acme-1@roots.example is a root address (customers[0].rootAddresses[0]): mail would go round',
      'customers[4].members[2]: x@y.example is in this list twice',
    ]);
  });

  it.each([null, [], 'text', 7, {}, { customers: null }, { customers: {} }, { customers: [], more: 1 }])(
    'refuses %j as a whole',
    (data) => {
      const { file, problems } = parseCustomersFile(data);
      expect(file).toBeNull();
      expect(problems.length).toBeGreaterThan(0);
    },
  );

  it('names the line of a problem, of broken YAML, and reads JSON', () => {
    const { problems } = parseCustomers(
      'customers:\n- slug: acme\n  name: Acme\n  members:\n  - a@b.example\n  - nobody\n',
    );
    expect(problems).toMatchObject([{ path: 'customers[0].members[1]', line: 6 }]);
    expect(parseCustomers('customers:\n- slug: acme\n  slug: twice\n').problems).toMatchObject([{ line: 3 }]);
    expect(parseCustomers('customers: [').file).toBeNull();
    expect(parseCustomers(JSON.stringify({ customers: [acme] })).file?.customers).toHaveLength(1);
    expect(parseCustomers('').file).toBeNull();
  });

  it('does not blow up aliases', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 9; n += 1)
      lines.push(
        `a${n}: &a${n} [${Array(10)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );
    expect(parseCustomers(`${lines.join('\n')}\ncustomers: *a8\n`).file).toBeNull();
  });
});
