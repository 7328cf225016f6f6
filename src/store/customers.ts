import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql } from 'kysely';
import type { CustomerEntry, CustomersFile, FileProblem } from '../core/customersFile.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type AuditRecord, appendAudit } from './audit.ts';
import { findConflicts } from './customersConflicts.ts';
import { type KnownCustomers, readKnownCustomers } from './customersKnown.ts';
import type { Tables } from './schema.ts';

export type ImportCounts = { customers: number; accounts: number; lists: number; members: number };

/** What an import did. With problems nothing was written and all counts are 0. */
export type CustomersReport = {
  applied: boolean;
  created: ImportCounts;
  changed: ImportCounts;
  unchanged: ImportCounts;
  problems: FileProblem[];
  /** Customers whose members the file names but who have no root address yet: nobody was invited. */
  withoutList: string[];
};

type Run = {
  tx: Kysely<Tables>;
  known: KnownCustomers;
  report: CustomersReport;
  audit: AuditRecord[];
  note(customerId: number, action: string, detail: AuditRecord['detail']): void;
};

/**
 * Brings the database to what the file says, in one transaction: all of it, or with any problem nothing. It creates and
 * changes; what the file does not name stays (a released list or a removed member is a decision, not an omission). An
 * account or address of another customer is a problem, never moved. New members are *invited*, known ones keep their
 * state. Idempotent; every change is audited under `actor`.
 */
export async function importCustomers(
  db: Kysely<Tables>,
  file: CustomersFile,
  actor: string,
  clock: Clock = systemClock,
): Promise<CustomersReport> {
  return db.transaction().execute(async (tx) => {
    // One import at a time: what it knows stays true until it commits.
    await sql`select pg_advisory_xact_lock(hashtext('rootdesk customers import'))`.execute(tx);
    const known = await readKnownCustomers(tx);
    const report: CustomersReport = {
      applied: false,
      created: none(),
      changed: none(),
      unchanged: none(),
      problems: findConflicts(file, known),
      withoutList: [],
    };
    if (report.problems.length > 0) return report;
    const audit: AuditRecord[] = [];
    const note: Run['note'] = (customerId, action, detail) => {
      audit.push({ customerId, at: clock.now(), actor, action, detail });
    };
    for (const entry of file.customers) await importCustomer({ tx, known, report, audit, note }, entry);
    await appendAudit(tx, audit);
    report.applied = true;
    return report;
  });
}

async function importCustomer(run: Run, entry: CustomerEntry): Promise<void> {
  const customerId = await importNames(run, entry);
  await importAccounts(run, entry, customerId);
  await importLists(run, entry, customerId);
  await importMembers(run, entry, customerId);
}

async function importNames({ tx, known, report, note }: Run, entry: CustomerEntry): Promise<number> {
  const { slug, name, language } = entry;
  const before = known.customers.get(slug);
  const memberDomains = [...new Set(entry.memberDomains ?? before?.memberDomains ?? [])].sort();
  const named = { name, language, memberDomains };
  if (before === undefined) {
    const { id } = await tx
      .insertInto('customers')
      .values({ slug, name, language, member_domains: memberDomains })
      .returning('id')
      .executeTakeFirstOrThrow();
    report.created.customers += 1;
    note(id, 'customer.created', { slug, ...named });
    return id;
  }
  const was = { name: before.name, language: before.language, memberDomains: before.memberDomains };
  if (isDeepStrictEqual(was, named)) {
    report.unchanged.customers += 1;
    return before.id;
  }
  await tx
    .updateTable('customers')
    .set({ name, language, member_domains: memberDomains, updated_at: sql`now()` })
    .where('id', '=', before.id)
    .execute();
  report.changed.customers += 1;
  note(before.id, 'customer.changed', { from: was, to: named });
  return before.id;
}

async function importAccounts(
  { tx, known, report, note }: Run,
  entry: CustomerEntry,
  customerId: number,
): Promise<void> {
  const roles = new Map(entry.managementAccounts.map((account) => [account, true]));
  for (const account of entry.memberAccounts) roles.set(account, false);
  // An account that is only named beside its root address is one of theirs too; nothing is said about its role.
  for (const { account } of entry.rootAddresses) {
    if (account !== null && !roles.has(account)) roles.set(account, known.accounts.get(account)?.management ?? false);
  }
  for (const [account, management] of roles) {
    const before = known.accounts.get(account);
    if (before === undefined) {
      await tx.insertInto('accounts').values({ account, customer_id: customerId, management }).execute();
      report.created.accounts += 1;
      note(customerId, 'account.created', { account, management });
    } else if (before.management !== management) {
      await tx.updateTable('accounts').set({ management }).where('account', '=', account).execute();
      report.changed.accounts += 1;
      note(customerId, 'account.changed', { account, management });
    } else report.unchanged.accounts += 1;
  }
}

async function importLists({ tx, known, report, note }: Run, entry: CustomerEntry, customerId: number): Promise<void> {
  for (const { address, account } of entry.rootAddresses) {
    const before = known.lists.get(address);
    if (before === undefined) {
      await tx.insertInto('lists').values({ customer_id: customerId, address, account }).execute();
      report.created.lists += 1;
      note(customerId, 'list.created', { address, account });
    } else if (account !== null && before.account !== account) {
      await tx.updateTable('lists').set({ account }).where('address', '=', address).execute();
      report.changed.lists += 1;
      note(customerId, 'list.changed', { address, from: before.account, to: account });
    } else report.unchanged.lists += 1;
  }
}

/** Every member is on every list of the customer that was not released, also on those that only the database knows. */
async function importMembers({ tx, report, note }: Run, entry: CustomerEntry, customerId: number): Promise<void> {
  if (entry.members.length === 0) return;
  const { rows } = await sql<{ list: string; member: number | null }>`
    with wanted as (
      select l.id as list_id, l.address as list, m.address
        from lists l cross join unnest(${entry.members}::text[]) as m (address)
       where l.customer_id = ${customerId} and l.state <> 'released'),
    invited as (
      insert into members (list_id, address) select list_id, address from wanted order by list_id, address
      on conflict (list_id, address) do nothing returning id, list_id, address)
    select wanted.list, invited.id as member
      from wanted left join invited using (list_id, address) order by wanted.list, wanted.address`.execute(tx);
  if (rows.length === 0) report.withoutList.push(entry.slug);
  for (const { list, member } of rows) {
    // By number: an address may have to be erased one day, and the log cannot forget.
    if (member !== null) note(customerId, 'member.invited', { list, member });
    (member === null ? report.unchanged : report.created).members += 1;
  }
}

function none(): ImportCounts {
  return { customers: 0, accounts: 0, lists: 0, members: 0 };
}
