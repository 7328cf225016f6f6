import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { messageOf } from '../lib/errors.ts';
import { print } from '../lib/output.ts';
import type { Settings } from '../settings.ts';
import { type Addition, type MembershipResult, proposeMembers } from '../store/membership.ts';
import { type MemberList, type MemberRow, readMembers } from '../store/readMembers.ts';
import { listsOf, withMembers, wrong } from './memberCommand.ts';
import { refuse, say } from './members.ts';
import { verdictText } from './memberWords.ts';

/** Columns that are written; of them `address` is read, and `list` and `customer` where they are there. */
const COLUMNS = [
  'customer',
  'list',
  'account',
  'address',
  'side',
  'state',
  'since',
  'confirmed',
  'acknowledged',
] as const;

/** Largest table that is read (bytes) and most lines of it: 50 members on each of many lists. */
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_LINES = 10_000;

type Line = { number: number; address: string; lists: MemberList[]; problem: string | null };

/**
 * `rootdesk members import`: proposes every line of a CSV table (RFC 4180; columns address and, if there, list and
 * customer; without a list, all of the customer). All lines or none; each gets its verdict. Every addition still takes its
 * second person and its member's own confirmation.
 */
export async function importTable(
  settings: Settings,
  slug: string,
  path: string,
  options: { dryRun?: boolean },
): Promise<void> {
  const records = readTable(path);
  await withMembers(settings, async ({ deps, by, ring }) => {
    const known = await listsOf(deps, slug, null);
    const lines = records.map(({ number, record }) => lineOf(number, record, slug, known));
    const sound = lines.every(({ problem }) => problem === null);
    const additions = lines.flatMap(({ address, lists, problem }): Addition[] =>
      problem === null ? lists.map(({ listId }) => ({ listId, address })) : [],
    );
    const dryRun = options.dryRun === true || !sound;
    const { applied, results } = await proposeMembers(deps, { additions, by, dryRun });
    say(verdicts(lines, results));
    if (applied) await ring();
    else if (options.dryRun && sound && !results.some(isBad)) say(['Nothing was written: this was a dry run.']);
    else refuse('nothing was proposed');
  });
}

function isBad(result: MembershipResult): boolean {
  return !result.ok && result.code !== 'already_member';
}

function lineOf(number: number, record: Record<string, string>, slug: string, known: MemberList[]): Line {
  const { address = '', list = '', customer = '' } = record;
  const line = { number, address: unquoted(address), lists: known, problem: null };
  if (customer !== '' && unquoted(customer) !== slug) return { ...line, problem: `belongs to customer ${customer}` };
  if (list === '') return line;
  const lists = known.filter((one) => one.address === unquoted(list).toLowerCase());
  return lists.length > 0 ? { ...line, lists } : { ...line, problem: `${list} is no root address of ${slug}` };
}

function verdicts(lines: readonly Line[], results: readonly MembershipResult[]): string[] {
  let at = 0;
  return lines.flatMap(({ number, address, lists, problem }) => {
    const head = `line ${number}  ${JSON.stringify(address).slice(1, -1)}`;
    if (problem !== null) return [`${head}  ${problem}`];
    return lists.map((list) => `${head}  ${list.address}  ${verdictText(results[at++]!)}`);
  });
}

/** The records of a table by the names in its first line, with their line numbers. Throws RootdeskError (exit 65). */
function readTable(path: string): { number: number; record: Record<string, string> }[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw wrong('members.file', `${path} cannot be read: ${messageOf(error)}`, 'check the path');
  }
  const hint = 'the first line names the columns: address, and list where a customer has several';
  if (bytes.length > MOST_BYTES) throw wrong('members.file', `${path} is larger than ${MOST_BYTES} bytes`, 'split it');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const rows: { record: Record<string, string>; info: { lines: number } }[] = parse(text, {
      bom: true,
      columns: (names: string[]) => names.map((name) => name.trim().toLowerCase()),
      info: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 4096,
      to: MOST_LINES + 1,
    });
    if (rows.length > MOST_LINES) throw new RangeError(`it has more than ${MOST_LINES} lines`);
    if (rows.length === 0) throw new RangeError('it holds no line below the names of the columns');
    if (rows[0]!.record.address === undefined) throw new RangeError('it has no column address');
    return rows.map(({ record, info }) => ({ number: info.lines, record }));
  } catch (error) {
    const reason = error instanceof CsvError ? error.code.toLowerCase().replaceAll('_', ' ') : messageOf(error);
    throw wrong('members.file', `${path} is no table of members: ${reason}`, hint);
  }
}

/** `rootdesk members export`: a CSV table that spreadsheets open without running any of it, and that can be imported. */
export async function exportTable(settings: Settings, slug: string | null): Promise<void> {
  await withMembers(settings, async ({ deps }) => {
    if (slug !== null) await listsOf(deps, slug, null);
    const rows = await readMembers(deps.db, slug);
    const lines = [COLUMNS.join(','), ...rows.map((row) => cellsOf(row).map(cell).join(','))];
    print(`${lines.join('\r\n')}\r\n`);
  });
}

function cellsOf(row: MemberRow): string[] {
  const times = [row.since, row.confirmedAt, row.acknowledgedAt].map((at) => at?.toISOString() ?? '');
  return [row.customer, row.list, row.account ?? '', row.address, row.side, row.state, ...times];
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
