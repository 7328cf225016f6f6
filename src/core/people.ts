import type { CustomerEntry } from './customersFile.ts';
import { isDeskOf, isOneEditAway, registeredLabel } from './lookalike.ts';
import { domainOf } from './mailAddress.ts';
import type { Understanding } from './values.ts';

/** Whose mail may join tickets: domains with those below them, and single addresses. Lower case. */
export type People = { domains: readonly string[]; addresses: readonly string[] };

/** Domains that anybody gets an address in: one there proves a person, never a company. */
const SHARED = new Set(
  'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com yahoo.co.jp ymail.com icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.com web.de t-online.de mail.com mail.ru yandex.com yandex.ru proton.me protonmail.com zoho.com fastmail.com qq.com 163.com 126.com sina.com naver.com daum.net hanmail.net kakao.com docomo.ne.jp ezweb.ne.jp au.com softbank.ne.jp nifty.com orange.fr free.fr laposte.net libero.it hey.com tutanota.com'.split(
    ' ',
  ),
);

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

/** The address, lower case, of whom it must be known whose people they are: who wrote a ticket's mail and is not AWS. Null: not asked. */
export function personOf({ sender, disposition }: Pick<Understanding, 'sender' | 'disposition'>): string | null {
  if (sender.class !== 'other' || disposition !== 'ticket') return null;
  return sender.address?.toLowerCase() ?? null;
}
