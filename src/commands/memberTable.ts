import { readFileSync } from 'node:fs';
import { messageOf } from '../lib/errors.ts';
import { readMemberTable, type TableLine, type TableList, writeMemberTable } from '../lib/memberTable.ts';
import { print } from '../lib/output.ts';
import type { Settings } from '../settings.ts';
import { noteExport } from '../store/forgetPerson.ts';
import { type LineVerdict, proposeTable } from '../store/proposeTable.ts';
import { readMembers } from '../store/readMembers.ts';
import { actor } from './customers.ts';
import { listsOf, withMembers, wrong } from './memberCommand.ts';
import { refuse, say } from './members.ts';
import { verdictText } from './memberWords.ts';

/**
 * `rootdesk members import`: proposes every line of a CSV table (columns address and, if there, list, customer and name; without a
 * list, all of the customer). All lines or none; each gets its verdict. Every addition still takes its second person and
 * its member's own confirmation.
 */
export async function importTable(
  settings: Settings,
  slug: string,
  path: string,
  options: { dryRun?: boolean },
): Promise<void> {
  const bytes = readBytes(path);
  await withMembers(settings, async ({ deps, by, ring }) => {
    const lines = linesOf(bytes, path, slug, await listsOf(deps, slug, null));
    const dryRun = options.dryRun === true;
    const { applied, isSound, verdicts } = await proposeTable(deps, { lines, by, dryRun });
    say(verdicts.map((verdict) => textOf(verdict, slug)));
    if (applied) await ring();
    else if (dryRun && isSound) say(['Nothing was written: this was a dry run.']);
    else refuse('nothing was proposed');
  });
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw wrong('members.file', `${path} cannot be read: ${messageOf(error)}`, 'check the path');
  }
}

function linesOf(bytes: Buffer, path: string, slug: string, lists: TableList[]): TableLine[] {
  try {
    return readMemberTable(bytes, slug, lists);
  } catch (error) {
    const hint = 'the first line names the columns: address, and list where a customer has several';
    throw wrong('members.file', `${path} is no table of members: ${messageOf(error)}`, hint);
  }
}

function textOf({ line, address, list, result }: LineVerdict, slug: string): string {
  const head = `line ${line}  ${JSON.stringify(address).slice(1, -1)}`;
  if (result.ok) return `${head}  ${list}  ${verdictText(result)}`;
  if (result.code === 'other_customer') return `${head}  belongs to another customer than ${slug}`;
  if (result.code === 'bad_name') return `${head}  has a name that is none: one line without = + - @ or | in front`;
  if (result.code === 'no_such_list') return `${head}  its list is no root address of ${slug}`;
  return `${head}  ${list}  ${verdictText({ ok: false, code: result.code })}`;
}

/** `rootdesk members export`: a CSV table that spreadsheets open without running any of it, and that can be imported. */
export async function exportTable(settings: Settings, slug: string | null): Promise<void> {
  await withMembers(settings, async ({ deps }) => {
    if (slug !== null) await listsOf(deps, slug, null);
    const rows = await readMembers(deps.db, slug);
    const lists = [...new Set(rows.map(({ listId }) => listId))];
    await noteExport(deps.db, { lists, actor: actor(), at: deps.now });
    print(writeMemberTable(rows));
  });
}
