import { isDeepStrictEqual } from 'node:util';
import { type Kysely, sql } from 'kysely';
import { type CustomerEntry, type CustomersFile, type FileProblem, problemAt } from '../core/customersFile.ts';
import { MOST_MEMBERS } from '../core/memberState.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { type AuditRecord, appendAudit } from './audit.ts';
import { findConflicts } from './customersConflicts.ts';
import { type KnownCustomers, readKnownCustomers } from './customersKnown.ts';
import { CUSTOMER_LOCK } from './loadSituation.ts';
import { recordChanges } from './recordChanges.ts';
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
  actor: string;
  at: Date;
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
  try {
    return await importAll(db, file, actor, clock);
  } catch (error) {
    if (error instanceof TooMany) return { ...emptyReport(), problems: [error.problem] };
    throw error;
  }
}

/** Takes everything back: the counts of a list are known only when its members are there. */
class TooMany extends Error {
  readonly problem: FileProblem;

  constructor(problem: FileProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

function importAll(db: Kysely<Tables>, file: CustomersFile, actor: string, clock: Clock): Promise<CustomersReport> {
  return db.transaction().execute(async (tx) => {
    // One import at a time: what it knows stays true until it commits.
    await sql`select pg_advisory_xact_lock(hashtext('rootdesk customers import'))`.execute(tx);
    const known = await readKnownCustomers(tx);
    const report: CustomersReport = { ...emptyReport(), problems: findConflicts(file, known) };
    if (report.problems.length > 0) return report;
    const audit: AuditRecord[] = [];
    const at = clock.now();
    const note: Run['note'] = (customerId, action, detail) => {
      audit.push({ customerId, at, actor, action, detail });
    };
    // Nobody is proposed meanwhile, so that the count of members holds. In the order in which all writers lock.
    const ids = file.customers.flatMap(({ slug }) => known.customers.get(slug)?.id ?? []);
    for (const id of ids.sort((a, b) => a - b)) {
      await sql`select pg_advisory_xact_lock(${CUSTOMER_LOCK}::int, ${id}::int)`.execute(tx);
    }
    for (const [index, entry] of file.customers.entries()) {
      await importCustomer({ tx, known, report, audit, actor, at, note }, entry, index);
    }
    await appendAudit(tx, audit);
    report.applied = true;
    return report;
  });
}

async function importCustomer(run: Run, entry: CustomerEntry, index: number): Promise<void> {
  const customerId = await importNames(run, entry);
  await importAccounts(run, entry, customerId);
  await importLists(run, entry, customerId);
  await importMembers(run, entry, customerId);
  const full = await fullList(run, customerId);
  if (full !== null) {
    const message = `the list ${full} would have more than ${MOST_MEMBERS} members, invited ones counted`;
    throw new TooMany(problemAt(['customers', index, 'members'], message));
  }
}

/** A list of the customer that holds too many, or null. */
async function fullList({ tx }: Run, customerId: number): Promise<string | null> {
  const { rows } = await sql<{ address: string }>`
    select l.address from lists l join members m on m.list_id = l.id
     where l.customer_id = ${customerId} and l.state <> 'released' and m.state <> 'removed'
     group by l.id having count(*) > ${MOST_MEMBERS} order by l.address limit 1`.execute(tx);
  return rows[0]?.address ?? null;
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
async function importMembers(
  { tx, report, note, actor, at }: Run,
  entry: CustomerEntry,
  customerId: number,
): Promise<void> {
  if (entry.members.length === 0) return;
  const addresses = entry.members.map((member) => member.address);
  const names = entry.members.map((member) => member.name);
  const { rows } = await sql<{ list: string; listId: number; member: number | null; renamed: number | null }>`
    with wanted as (
      select l.id as list_id, l.address as list, m.address, m.name
        from lists l cross join unnest(${addresses}::text[], ${names}::text[]) as m (address, name)
       where l.customer_id = ${customerId} and l.state <> 'released'),
    invited as (
      insert into members (list_id, address, name) select list_id, address, name from wanted order by list_id, address
      on conflict (list_id, address) do nothing returning id, list_id, address),
    renamed as (
      update members o set name = w.name from wanted w
       where o.list_id = w.list_id and o.address = w.address and w.name is not null and o.name is distinct from w.name
         and o.state <> 'removed' returning o.id, o.list_id, o.address)
    select wanted.list, wanted.list_id as "listId", invited.id as member, renamed.id as renamed
      from wanted left join invited using (list_id, address) left join renamed using (list_id, address)
     order by wanted.list, wanted.address`.execute(tx);
  if (rows.length === 0) report.withoutList.push(entry.slug);
  // Who is new is told of when they are proposed.
  const changes = rows.flatMap(({ listId, renamed }) =>
    renamed === null ? [] : [{ listId, memberId: renamed, change: 'member.named' as const }],
  );
  await recordChanges(tx, { actor, at }, changes);
  for (const { list, member, renamed } of rows) {
    // By number: an address or a name may have to be erased one day, and the log cannot forget.
    if (member !== null) note(customerId, 'member.invited', { list, member });
    if (renamed !== null) note(customerId, 'member.named', { list, member: renamed });
    (member !== null ? report.created : renamed !== null ? report.changed : report.unchanged).members += 1;
  }
}

function emptyReport(): CustomersReport {
  return { applied: false, created: none(), changed: none(), unchanged: none(), problems: [], withoutList: [] };
}

function none(): ImportCounts {
  return { customers: 0, accounts: 0, lists: 0, members: 0 };
}
