import { type CustomersFile, type FileProblem, managementKeys, problemAt } from '../core/customersFile.ts';
import type { KnownCustomers } from './customersKnown.ts';

/** Where the file takes what the database says is another customer's, or makes mail go round. */
export function findConflicts({ customers }: CustomersFile, known: KnownCustomers): FileProblem[] {
  const problems: FileProblem[] = [];
  customers.forEach((entry, index) => {
    const at = (...keys: (string | number)[]) => ['customers', index, ...keys];
    const accounts: [account: string | null, keys: (string | number)[]][] = [
      ...entry.managementAccounts.map((account, n) => [account, at(...managementKeys(entry, n))] as [string, string[]]),
      ...entry.memberAccounts.map((account, n) => [account, at('memberAccounts', n)] as [string, string[]]),
      ...entry.rootAddresses.map(
        ({ account }, n) => [account, at('rootAddresses', n, 'account')] as [string, string[]],
      ),
    ];
    for (const [account, keys] of accounts) {
      const owner = account === null ? undefined : known.accounts.get(account)?.slug;
      if (owner === undefined || owner === entry.slug) continue;
      problems.push(problemAt(keys, `account ${account} belongs to customer ${owner}; it is not moved`));
    }
    entry.rootAddresses.forEach(({ address }, n) => {
      const list = known.lists.get(address);
      const keys = at('rootAddresses', n);
      if (list && list.slug !== entry.slug) {
        problems.push(problemAt(keys, `address ${address} belongs to customer ${list.slug}; it is not moved`));
      } else if (list?.state === 'released') {
        problems.push(problemAt(keys, `address ${address} was released; it is never given out again`));
      } else if (known.memberAddresses.has(address)) {
        problems.push(problemAt(keys, `address ${address} is a member of a list: mail would go round`));
      }
    });
    entry.members.forEach(({ address: member }, n) => {
      const list = known.lists.get(member);
      if (list)
        problems.push(problemAt(at('members', n), `${member} is a root address of ${list.slug}: mail would go round`));
    });
  });
  return problems;
}
