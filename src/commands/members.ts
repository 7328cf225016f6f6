import { memberName } from '../core/memberName.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { print } from '../lib/output.ts';
import type { Settings } from '../settings.ts';
import { type MembershipResult, proposeMembers, takeOffMember } from '../store/membership.ts';
import { type MemberRow, readMembers } from '../store/readMembers.ts';
import { listsOf, type MemberCommand, withMembers, wrong } from './memberCommand.ts';
import { verdictText } from './memberWords.ts';

/** `rootdesk members add`: proposes; a second person approves by mail, and the member confirms. Nothing here can do that. */
export async function add(
  settings: Settings,
  slug: string,
  addresses: string[],
  options: { list?: string; name?: string },
): Promise<void> {
  const name = options.name === undefined ? null : nameOf(options.name, addresses);
  await withMembers(settings, async ({ deps, by, ring }) => {
    const lists = await listsOf(deps, slug, options.list ?? null);
    const additions = addresses.flatMap((address) => lists.map((list) => ({ listId: list.listId, address, name })));
    const { applied, results } = await proposeMembers(deps, { additions, by, dryRun: false });
    const names = addresses.flatMap((address) => lists.map((list) => `${address}  ${list.address}`));
    say(results.map((result, n) => `${names[n]}  ${verdictText(result)}`));
    if (applied) await ring();
    else refuse('nothing was proposed');
  });
}

/** Throws RootdeskError (exit 64) for a name that is none, or that is for several persons. */
function nameOf(text: string, addresses: readonly string[]): string {
  const name = addresses.length === 1 ? memberName(text) : null;
  if (name !== null) return name;
  const what = addresses.length === 1 ? 'the name is none' : 'one name is given for several addresses';
  const hint = 'one address at a time; one line of at most 100 characters, without = + - @ or | in front';
  throw new RootdeskError('members.name', what, hint, { exitCode: EXIT.usage });
}

/** `rootdesk members remove`: at once, by one person; the last-member rule holds. */
export async function remove(
  settings: Settings,
  slug: string,
  address: string,
  options: { list?: string; suspend?: boolean },
): Promise<void> {
  const how = options.suspend ? 'suspend' : 'remove';
  await withMembers(settings, async (command) => {
    const rows = await membershipsOf(command, slug, address, options.list ?? null);
    const results: MembershipResult[] = [];
    for (const { listId, memberId } of rows) {
      results.push(await takeOffMember(command.deps, { listId, memberId, how, by: command.by }));
    }
    say(results.map((result, n) => `${rows[n]!.address}  ${rows[n]!.list}  ${verdictText(result)}`));
    if (results.some(({ ok }) => ok)) await command.ring();
    if (results.some(({ ok }) => !ok)) refuse('not everything was done');
  });
}

async function membershipsOf(
  { deps }: MemberCommand,
  slug: string,
  address: string,
  list: string | null,
): Promise<MemberRow[]> {
  const lists = new Set((await listsOf(deps, slug, list)).map(({ listId }) => listId));
  const wanted = address.trim().toLowerCase();
  const rows = (await readMembers(deps.db, slug)).filter((row) => lists.has(row.listId) && row.address === wanted);
  if (rows.length > 0) return rows;
  throw wrong('members.unknown', `${address} is on no list of ${slug}`, `rootdesk members list ${slug} shows who is`);
}

/** `rootdesk members list`. */
export async function list(settings: Settings, slug: string | null, options: { json?: boolean }): Promise<void> {
  await withMembers(settings, async ({ deps }) => {
    if (slug !== null) await listsOf(deps, slug, null);
    const rows = await readMembers(deps.db, slug);
    if (options.json) say(rows.map((row) => JSON.stringify(jsonOf(row))));
    else if (rows.length === 0) say(['There are no members yet: rootdesk members add proposes one.']);
    else say(textOf(rows, deps.now));
  });
}

function jsonOf({ listId: _, memberId: __, ...row }: MemberRow) {
  return row;
}

function textOf(rows: readonly MemberRow[], now: Date): string[] {
  const lines: string[] = [];
  let shown: number | null = null;
  for (const row of rows) {
    if (row.listId !== shown) {
      lines.push(
        ...(shown === null ? [] : ['']),
        `${row.customer}  ${row.list}${row.account ? `  ${row.account}` : ''}`,
      );
    }
    shown = row.listId;
    lines.push(
      `  ${row.state.padEnd(10)} ${day(row.since)}  ${row.side.padEnd(8)}  ${row.address}${row.name === null ? '' : `  ${row.name}`}  ${noteOf(row, now)}`.trimEnd(),
    );
  }
  return lines;
}

function noteOf(row: MemberRow, now: Date): string {
  if (row.state === 'invited') {
    if (row.proposer === null) return '(nobody has proposed it: rootdesk members add does)';
    if (row.proposalExpiresAt !== null && row.proposalExpiresAt <= now) return '(the proposal has expired)';
    const waits = row.approvals === 0 ? 'waits for a second person' : `${row.approvals} approved, waits for the member`;
    return `(proposed by ${row.proposer}; ${waits})`;
  }
  return row.acknowledgedAt === null ? '(never said that mail arrives)' : `(mail arrived ${day(row.acknowledgedAt)})`;
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

export function say(lines: readonly string[]): void {
  if (lines.length > 0) print(`${lines.join('\n')}\n`);
}

/** Ends non-zero with a word on stderr; the reasons stand above it. */
export function refuse(what: string): void {
  process.stderr.write(`rootdesk: ${what}; the lines above say why\n`);
  process.exitCode = EXIT.data;
}
