import type { PoolClient } from 'pg';
import { personOf } from '../core/people.ts';
import { accountsToKnow } from '../core/settled.ts';
import type { Known } from '../core/situation.ts';
import type { Understanding } from '../core/values.ts';
import { loadAccounts, loadPeople } from '../store/loadSituation.ts';

/** What deciding these mails must know of customers: whose the accounts are that they name, whose people wrote them. */
export async function loadKnown(
  client: PoolClient,
  mails: readonly { customerId: number | null; understanding: Understanding }[],
): Promise<Known> {
  const accounts = new Set(mails.flatMap(({ understanding }) => accountsToKnow(understanding)));
  const customers = new Set<number>();
  const persons = new Set<string>();
  for (const { customerId, understanding } of mails) {
    const person = personOf(understanding);
    if (customerId === null || person === null) continue;
    customers.add(customerId);
    persons.add(person);
  }
  return {
    accounts: await loadAccounts(client, [...accounts]),
    people: await loadPeople(client, [...customers], [...persons]),
  };
}
