import { describe, expect, it } from 'vitest';
import { readMemberTable, writeMemberTable } from '../../src/lib/memberTable.ts';

const LISTS = [{ listId: 1, address: 'acme-7f3k@root.test' }];
const read = (table: string | Buffer) => readMemberTable(Buffer.from(table), 'acme', LISTS);

describe('a table of members', () => {
  it('names the line at which a record begins, whatever its cells and line ends hold', () => {
    const lines = read(
      '\ufeffAddress,Name\r\n"a@x.test","two\r\nlines"\r\n\r\n"b@x.test\r\n",Bee\rc@x.test,"C ""Q"" Cee"\n',
    );
    expect(lines.map(({ line, address, name }) => [line, address, name])).toEqual([
      [2, 'a@x.test', 'two\nlines'],
      [5, 'b@x.test\n', 'Bee'],
      [7, 'c@x.test', 'C "Q" Cee'],
    ]);
  });

  it('in another character set is refused with what to do, as what is no table is with its line', () => {
    // 山田 in Shift_JIS, as Excel writes it.
    const shiftJis = Buffer.concat([
      Buffer.from('address,name\r\na@x.test,'),
      Buffer.from([0x8e, 0x52, 0x93, 0x63, 0x0d, 0x0a]),
    ]);
    expect(() => read(shiftJis)).toThrow('save it as "CSV UTF-8"');
    expect(() => read(Buffer.from('address\r\na@x.test', 'utf16le'))).toThrow();
    expect(() => read('address\na@x.test\n=HYPERLINK("x")@x.test\n')).toThrow('invalid opening quote in line 3');
    expect(() => read(`address\n${'a@x.test\n'.repeat(10_001)}`)).toThrow('more than 10000 lines');
    expect(read(`address\n${'a@x.test\n'.repeat(10_000)}`)).toHaveLength(10_000);
  });

  it('that was written is read again, and no cell of it begins like a formula', () => {
    const row = { customer: 'acme', list: 'acme-7f3k@root.test', account: null, side: 'customer', state: 'confirmed' };
    const times = { since: new Date(0), confirmedAt: null, acknowledgedAt: null };
    const written = writeMemberTable([
      { ...row, ...times, address: '=1+1@x.test', name: 'Ann, "the" Boss' },
      { ...row, ...times, address: '@cmd|x@x.test', name: null },
    ]);
    expect(written).not.toMatch(/(^|,)"?[=+\-@]/m);
    expect(read(written).map(({ address, name }) => [address, name])).toEqual([
      ['=1+1@x.test', 'Ann, "the" Boss'],
      ['@cmd|x@x.test', ''],
    ]);
  });
});
