import { CsvError, parse } from 'csv-parse/sync';
import { messageOf } from './errors.ts';

/** Tables of members as CSV (RFC 4180): read with a line number for every record, written so that spreadsheets run none of it. */

/** Columns that are written; of them `address` is read, and `list`, `customer` and `name` where they are there. */
const COLUMNS = [
  'customer',
  'list',
  'account',
  'address',
  'name',
  'side',
  'state',
  'since',
  'confirmed',
  'acknowledged',
] as const;

/** Largest table that is read (bytes) and most lines of it: 50 members on each of many lists. */
export const MOST_TABLE_BYTES = 2 * 1024 * 1024;
const MOST_LINES = 10_000;

/** One list that lines of a table may be for. */
export type TableList = { listId: number; address: string };

/** One line: whom it proposes and to which lists, or what is wrong with it. `name`: as it was written, empty for none. */
export type TableLine = {
  line: number;
  address: string;
  name: string;
  lists: TableList[];
  problem: TableProblem | null;
};

export type TableProblem = 'other_customer' | 'no_such_list';

/**
 * The lines of a table for a customer. A line without a list is for all of `lists`. Throws an Error that says why it is no
 * table of members.
 */
export function readMemberTable(bytes: Uint8Array, slug: string, lists: TableList[]): TableLine[] {
  return recordsOf(bytes).map(({ record, at }) => {
    const { address = '', list = '', customer = '', name = '' } = record;
    const line = { line: at, address: unquoted(address), name: unquoted(name), lists, problem: null };
    if (customer !== '' && unquoted(customer) !== slug) return { ...line, problem: 'other_customer' };
    if (list === '') return line;
    const named = lists.filter((one) => one.address === unquoted(list).toLowerCase());
    return named.length > 0 ? { ...line, lists: named } : { ...line, problem: 'no_such_list' };
  });
}

type Row = { record: Record<string, string>; raw: string; info: { lines: number } };

/** Records with the line at which each begins: a cell in quotes may hold line breaks. */
function recordsOf(bytes: Uint8Array): { record: Record<string, string>; at: number }[] {
  if (bytes.length > MOST_TABLE_BYTES) throw new Error(`it is larger than ${MOST_TABLE_BYTES} bytes`);
  try {
    const rows: Row[] = parse(textOf(bytes), {
      bom: true,
      columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
      info: true,
      raw: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 4096,
      to: MOST_LINES + 1,
    });
    if (rows.length > MOST_LINES) throw new RangeError(`it has more than ${MOST_LINES} lines`);
    if (rows.length === 0) throw new RangeError('it holds no line below the names of the columns');
    if (rows[0]!.record.address === undefined) throw new RangeError('it has no column address');
    return rows.map(({ record, raw, info }) => ({ record, at: info.lines - raw.trim().split('\n').length + 1 }));
  } catch (error) {
    throw new Error(error instanceof CsvError ? wordsOf(error) : messageOf(error));
  }
}

/** One sort of line end, by which lines are counted. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n');
  } catch {
    throw new RangeError('it is no UTF-8 text: save it as "CSV UTF-8" (Excel) or with UTF-8 as its character set');
  }
}

function wordsOf(error: CsvError): string {
  const { code, lines } = error as CsvError & { lines?: number };
  const words = code.toLowerCase().replaceAll('_', ' ');
  return lines === undefined ? words : `${words} in line ${lines}`;
}

export type TableMember = {
  customer: string;
  list: string;
  account: string | null;
  address: string;
  name: string | null;
  side: string;
  state: string;
  since: Date;
  confirmedAt: Date | null;
  acknowledgedAt: Date | null;
};

/** The whole table, which can be imported again. */
export function writeMemberTable(rows: readonly TableMember[]): string {
  const lines = [COLUMNS.join(','), ...rows.map((row) => cellsOf(row).map(cell).join(','))];
  return `${lines.join('\r\n')}\r\n`;
}

function cellsOf(row: TableMember): string[] {
  const times = [row.since, row.confirmedAt, row.acknowledgedAt].map((at) => at?.toISOString() ?? '');
  return [row.customer, row.list, row.account ?? '', row.address, row.name ?? '', row.side, row.state, ...times];
}

/** A cell that begins like a formula gets an apostrophe, which spreadsheets hide; `unquoted` takes it off again. */
const FORMULA = /^[=+\-@|\t\r]/;

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function unquoted(text: string): string {
  return text.startsWith("'") && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
}
