import type { CustomerEntry } from './customersFile.ts';
import { isDeskOf, isOneEditAway, isTradeWord, registeredLabel } from './lookalike.ts';
import { domainOf } from './mailAddress.ts';
import { SHARED } from './sharedDomains.ts';
import type { Understanding } from './values.ts';

/** Whose mail may join tickets: domains with those below them, and single addresses. Lower case. */
export type People = { domains: readonly string[]; addresses: readonly string[] };

/** Whether an address, which must be proven, is one of these people's. */
export function isOneOf(people: People, address: string): boolean {
  const plain = address.toLowerCase();
  const domain = domainOf(plain);
  return people.addresses.includes(plain) || people.domains.some((own) => domain === own || domain.endsWith(`.${own}`));
}

/** Names shorter than this have too many honest neighbours to judge by one letter. */
const LONG_NAME = 6;

/** The domain of these people that an address is made to look like, which is not one of theirs; else null. */
export function imitated(people: People, address: string): string | null {
  const domain = domainOf(address.toLowerCase());
  if (isOneOf(people, address)) return null;
  const label = registeredLabel(domain);
  const found = people.domains.find((own) => {
    if (`.${domain}`.includes(`.${own}.`)) return true;
    const name = registeredLabel(own);
    if (isDeskOf(name, label)) return true;
    return name.length >= LONG_NAME && name !== label && isOneEditAway(name, label);
  });
  return found ?? null;
}

/** Names as short as this are parts of too many others to be borrowed. */
const SHORT_NAME = 3;

/** Whether an address that is not these people's, or the name over it, holds the name of a domain of theirs as a word. */
export function borrowsName(people: People, address: string, displayName: string | null): boolean {
  if (isOneOf(people, address)) return false;
  const given = new Set(`${address} ${displayName ?? ''}`.toLowerCase().split(/[^\p{L}\p{N}]+/u));
  return people.domains.some((own) => {
    const name = registeredLabel(own);
    return name.length > SHORT_NAME && !isTradeWord(name) && given.has(name);
  });
}

/** Ourselves: domains of the reseller, and those whom notices of every ticket go to. */
export function ownPeople(resellerDomains: readonly string[], noticeAddresses: readonly string[]): People {
  const told = noticeAddresses.map((address) => address.toLowerCase());
  const domains = told.map(domainOf).filter((domain) => !SHARED.has(domain));
  return {
    domains: [...new Set([...resellerDomains, ...domains])],
    addresses: told.filter((address) => SHARED.has(domainOf(address))),
  };
}

/** What is known of one customer's people. */
export type KnownPeople = {
  memberDomains: readonly string[];
  /** Of its root addresses, those that hold no other customer's. */
  rootDomains: readonly string[];
  /** Addresses of list members. */
  members: readonly string[];
};

/** The people of one customer. Whoever can sign as the domain of its root address reads that mail anyway. */
export function peopleOf({ memberDomains, rootDomains, members }: KnownPeople): People {
  const roots = rootDomains.filter((domain) => !SHARED.has(domain));
  return { domains: [...new Set([...memberDomains, ...roots])], addresses: members };
}

/** The people of each customer of a file, under the numbers from 1 that `explain` gives them. */
export function peopleOfFile(customers: readonly CustomerEntry[]): Map<number, People> {
  const owners = new Map<string, Set<string>>();
  for (const { slug, rootAddresses } of customers) {
    for (const { address } of rootAddresses) {
      const domain = domainOf(address);
      owners.set(domain, (owners.get(domain) ?? new Set()).add(slug));
    }
  }
  return new Map(
    customers.map(({ memberDomains = [], members, rootAddresses }, index) => {
      const rootDomains = rootAddresses.map(({ address }) => domainOf(address));
      const alone = rootDomains.filter((domain) => owners.get(domain)!.size === 1);
      const addresses = members.map(({ address }) => address);
      return [index + 1, peopleOf({ memberDomains, rootDomains: alone, members: addresses })];
    }),
  );
}

/**
 * The address, lower case, of whom it must be known whose people they are: who is not AWS, and wrote a ticket's mail or what
 * is not dropped from everybody. Null: not asked.
 */
export function personOf(u: Pick<Understanding, 'sender' | 'disposition' | 'strangersAsk'>): string | null {
  const { sender, disposition, strangersAsk } = u;
  const asked = disposition === 'ticket' || (disposition === 'drop' && strangersAsk !== null);
  if (sender.class !== 'other' || !asked) return null;
  return sender.address?.toLowerCase() ?? null;
}
