import { userInfo } from 'node:os';
import type { CustomersFile, FileProblem } from '../core/customersFile.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { print } from '../lib/output.ts';
import { type CustomersSource, readCustomers } from '../readCustomers.ts';
import type { Settings } from '../settings.ts';
import { type CustomersReport, importCustomers } from '../store/customers.ts';
import { type CustomerRow, listCustomers } from '../store/readCustomers.ts';
import { proposeInvited } from './proposeInvited.ts';
import { withBase } from './withBase.ts';

/** Reads a customers file (YAML or JSON). Throws RootdeskError with every problem and its place in the file. */
export function loadCustomersFile(path: string): CustomersFile {
  return openFile(path).file;
}

function openFile(path: string): { file: CustomersFile; source: CustomersSource } {
  const source = readCustomers(path);
  if (source.file === null) throw wrongFile(path, source.problems, source);
  return { file: source.file, source };
}

/** The person at the command line as the system knows them; never invented. */
export function actor(): string {
  try {
    return `os:${userInfo().username}`;
  } catch {
    return 'unknown';
  }
}

/** `rootdesk customers import`: adds and changes; nothing is written when the file has a problem. */
export async function importFile(settings: Settings, path: string): Promise<void> {
  const { file, source } = openFile(path);
  await withBase(settings, async (base) => {
    const report = await importCustomers(base.db, file, actor(), base.clock);
    if (!report.applied) throw wrongFile(path, report.problems, source);
    print(`${describeReport(report)}\n`);
    for (const slug of report.withoutList) {
      print(
        `${slug}  has no root address yet, so its members are not invited: rootdesk lists create, then import again\n`,
      );
    }
    await proposeInvited(settings, base, { actor: actor(), slugs: file.customers.map(({ slug }) => slug) });
  });
}

export function describeReport(report: CustomersReport): string {
  const row = (word: string, counts: CustomersReport['created']) =>
    `${word.padEnd(10)} ${counts.customers} customers, ${counts.accounts} accounts, ${counts.lists} root addresses, ${counts.members} members`;
  return [row('created', report.created), row('changed', report.changed), row('unchanged', report.unchanged)].join(
    '\n',
  );
}

/** Customers read at a time. */
const PAGE = 200;

/** `rootdesk customers list`. */
export async function list(settings: Settings, options: { json?: boolean }): Promise<void> {
  await withBase(settings, async (base) => {
    let shown = 0;
    let after: { name: string; id: number } | null = null;
    for (;;) {
      const page = await listCustomers(base.db, after, PAGE);
      let isRead = true;
      for (const customer of page) {
        if (shown === 0 && !options.json) print(`${HEADING}\n`);
        isRead = print(`${options.json ? jsonLine(customer) : textLine(customer)}\n`);
        shown++;
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE || !isRead) break;
      after = { name: last.name, id: last.id };
    }
    if (shown === 0 && !options.json) {
      print('There are no customers yet: rootdesk customers import FILE adds them.\n');
    }
  });
}

const HEADING = `${'slug'.padEnd(24)} ${'accounts'.padStart(8)} ${'addresses'.padStart(9)} ${'members'.padStart(7)} ${'open'.padStart(5)}  ${'last mail'.padEnd(20)}  name`;

function textLine(customer: CustomerRow): string {
  const columns = [customer.slug.padEnd(24), String(customer.accounts).padStart(8), String(customer.lists).padStart(9)];
  columns.push(String(customer.members).padStart(7), String(customer.open).padStart(5));
  const lastMail = customer.lastMailAt?.toISOString().replace(/\.\d+/, '') ?? 'none yet';
  return `${columns.join(' ')}  ${lastMail.padEnd(20)}  ${customer.name}`;
}

function jsonLine({ slug, name, language, accounts, lists, members, open, lastMailAt }: CustomerRow): string {
  return JSON.stringify({
    slug,
    name,
    language,
    accounts,
    rootAddresses: lists,
    members,
    openTickets: open,
    lastMailAt,
  });
}

/** Problems of a file that are told at once. */
const MOST_PROBLEMS = 20;

function wrongFile(
  path: string,
  problems: (FileProblem & { line?: number | null })[],
  source: CustomersSource,
): RootdeskError {
  const lines = problems.slice(0, MOST_PROBLEMS).map(({ path: place, keys, message, line = source.lineOf(keys) }) => {
    return `${line === null ? '' : `line ${line}, `}${place}: ${message}`;
  });
  if (problems.length > MOST_PROBLEMS) lines.push(`and ${problems.length - MOST_PROBLEMS} more`);
  return new RootdeskError(
    'customers.file',
    `${path} is wrong: ${lines.join('; ')}`,
    'mend these places and try again',
    {
      exitCode: EXIT.data,
    },
  );
}
