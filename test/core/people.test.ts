import { expect, it } from 'vitest';
import { imitated, isOneOf, ownPeople, peopleOf, peopleOfFile, personOf } from '../../src/core/people.ts';
import { AWS, OUTSIDER, UNPROVEN, understandingOf } from './understandingOf.ts';

const customer = (
  slug: string,
  rootAddresses: string[],
  more: { memberDomains?: string[]; members?: string[] } = {},
) => ({
  slug,
  name: slug,
  language: 'en',
  managementAccounts: [],
  memberAccounts: [],
  rootAddresses: rootAddresses.map((address) => ({ address, account: null })),
  members: (more.members ?? []).map((address) => ({ address, name: null })),
  memberDomains: more.memberDomains,
});

it('takes members, and whoever is of a domain of the customer or of one below it', () => {
  const people = { domains: ['customer.example'], addresses: ['adviser@elsewhere.example'] };
  for (const one of ['a@customer.example', 'A@Mail.Customer.Example', 'adviser@elsewhere.example'])
    expect([one, isOneOf(people, one)]).toEqual([one, true]);
  for (const one of ['a@notcustomer.example', 'a@customer.example.evil.example', 'boss@elsewhere.example', 'x'])
    expect([one, isOneOf(people, one)]).toEqual([one, false]);
});

it('knows a customer by what its file says, and nobody where it says nothing', () => {
  const people = peopleOfFile([
    customer('own', ['root@own.example'], { memberDomains: ['people.example'], members: ['one@else.example'] }),
    customer('a', ['a-7f3k@roots.example']),
    customer('b', ['b-9x2m@roots.example']),
    customer('small', ['small@gmail.com']),
  ]);
  expect(people.get(1)).toEqual({ domains: ['people.example', 'own.example'], addresses: ['one@else.example'] });
  // A domain that holds the addresses of two customers is neither's; one in which anybody has an address is nobody's.
  for (const number of [2, 3, 4]) expect(people.get(number)).toEqual({ domains: [], addresses: [] });
});

it('lets a domain that a person named for members count, shared or not', () => {
  const known = { memberDomains: ['gmail.com'], rootDomains: ['outlook.com'], members: [] };
  expect(peopleOf(known).domains).toEqual(['gmail.com']);
});

it('counts as ourselves who gets every notice: their domain, or their address alone where anybody has one', () => {
  const own = ownPeople(['reseller.example'], ['Team@Desk.example', 'me@gmail.com']);
  expect(own).toEqual({ domains: ['reseller.example', 'desk.example'], addresses: ['me@gmail.com'] });
});

it('sees a domain that is made to look like one of theirs', () => {
  const people = { domains: ['hoshizora.example', 'kumo.example'], addresses: [] };
  for (const one of [
    'a@hoshizora.example.mail.test',
    'a@x.hoshizora.example.test',
    'a@hoshiz0ra.test',
    'a@hoshizoras.example',
    'a@hoshizora-security.test',
    'a@support-hoshizora.test',
  ])
    expect([one, imitated(people, one)]).toEqual([one, 'hoshizora.example']);
  // Their own below it, the same name elsewhere, neighbours of a short name, and strangers.
  for (const one of ['a@mail.hoshizora.example', 'a@hoshizora.test', 'a@kuma.example', 'a@else.example'])
    expect([one, imitated(people, one)]).toEqual([one, null]);
});

it('asks whose people they are of whoever is not AWS and writes what needs a ticket', () => {
  const of = (sender: typeof AWS) => personOf(understandingOf({ sender }));
  expect([of(OUTSIDER), of(AWS), of(UNPROVEN)]).toEqual(['eve@stranger.example', null, 'hanako@customer.example']);
  expect(personOf(understandingOf({ sender: OUTSIDER, disposition: 'drop' }))).toBeNull();
});
