import type { Base } from '../base.ts';
import { stillWrittenLists } from '../store/releaseList.ts';
import type { Finding } from './finding.ts';

/** Released root addresses that AWS still writes to: their accounts were not given another one, and no member gets the mail. */
export async function checkReleased({ db }: Pick<Base, 'db'>): Promise<Finding[]> {
  const lists = await stillWrittenLists(db);
  return lists.map(({ customer, account, lastMailAt }) => ({
    name: 'released',
    state: 'warn',
    text: `AWS still writes to a released root address of ${customer}${account === null ? '' : ` (account ${account})`}, last on ${lastMailAt.toISOString().slice(0, 10)}`,
    hint: 'no member of the customer gets that mail: give the account another root address in AWS',
  }));
}
