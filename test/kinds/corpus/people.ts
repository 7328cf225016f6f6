import { type People, peopleOfFile } from '../../../src/core/people.ts';
import { CUSTOMERS } from './mail.ts';

export const NOBODY: People = { domains: [], addresses: [] };

/** The people of the corpus's customers, by their numbers from 1: whoever has an address in the domain of their root address. */
export const PEOPLE = peopleOfFile(
  Object.entries(CUSTOMERS).map(([slug, { addresses, accounts }]) => ({
    slug,
    name: slug,
    language: 'en',
    managementAccounts: [...accounts],
    memberAccounts: [],
    rootAddresses: addresses.map((address) => ({ address, account: null })),
    members: [],
  })),
);
