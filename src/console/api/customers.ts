import { z } from 'zod';
import { type CustomerRow, listCustomers, readCustomer } from '../../store/readCustomers.ts';
import { type ListItem, type ListMemberRow, readListMembers, readLists } from '../../store/readLists.ts';
import { NotFound } from '../errors.ts';
import { customerKeySchema, idKeySchema, packKey } from '../pagingKey.ts';
import { idParams, slugParams, slugSchema } from '../queries.ts';
import { endpoint, PAGE, pageOf, paging } from './endpoint.ts';
import { customer, customerItem, list, listItem } from './shapes.ts';

export const getCustomers = endpoint({
  method: 'GET',
  path: '/customers',
  tag: 'Customers',
  summary: 'Customers by name',
  query: z.strictObject(paging(customerKeySchema)),
  answer: pageOf(customerItem),
  async handle({ db }, { query: { limit = PAGE, after } }) {
    const rows = await listCustomers(db, after ?? null, limit + 1);
    const last = rows[limit - 1];
    const next = rows.length > limit && last ? packKey({ name: last.name, id: last.id }) : null;
    return { body: { items: rows.slice(0, limit).map(customerOf), next } };
  },
});

/** Root addresses of a customer that an answer holds. */
const ADDRESSES = 200;

export const getCustomer = endpoint({
  method: 'GET',
  path: '/customers/:slug',
  tag: 'Customers',
  summary: 'One customer with accounts, root addresses and members',
  params: slugParams,
  answer: customer,
  async handle({ db }, { params: { slug } }) {
    const row = await readCustomer(db, slug);
    if (!row) throw new NotFound();
    const lists = await readLists(db, { customer: slug }, null, ADDRESSES);
    const { accountNumbers, memberRows } = row;
    const members = memberRows.map(({ listId, ...member }) => memberOf({ ...member, list: listId }));
    return { body: { ...customerOf(row), accountNumbers, rootAddresses: lists.map(listOf), memberRows: members } };
  },
});

export const getLists = endpoint({
  method: 'GET',
  path: '/lists',
  tag: 'Customers',
  summary: 'Root addresses, each a distribution list',
  query: z.strictObject({ customer: slugSchema.optional(), ...paging(idKeySchema) }),
  answer: pageOf(listItem),
  async handle({ db }, { query: { customer: slug, limit = PAGE, after } }) {
    const filter = slug === undefined ? {} : { customer: slug };
    const rows = await readLists(db, filter, after?.id ?? null, limit + 1);
    const last = rows[limit - 1];
    const next = rows.length > limit && last ? packKey({ id: last.id }) : null;
    return { body: { items: rows.slice(0, limit).map(listOf), next } };
  },
});

export const getList = endpoint({
  method: 'GET',
  path: '/lists/:id',
  tag: 'Customers',
  summary: 'One root address with its members',
  params: idParams,
  answer: list,
  async handle({ db }, { params: { id } }) {
    const row = (await readLists(db, { id }, null, 1))[0];
    if (!row) throw new NotFound();
    return { body: { ...listOf(row), memberRows: (await readListMembers(db, id)).map(memberOf) } };
  },
});

function customerOf(row: CustomerRow) {
  const { slug, name, language, accounts, lists, members, open } = row;
  return { slug, name, language, accounts, lists, members, open, lastMailAt: row.lastMailAt?.toISOString() ?? null };
}

function listOf(row: ListItem) {
  const { pathState, lastProbeAt, tookMs, pathTicket, customerName: _, ...rest } = row;
  const lastMailAt = row.lastMailAt?.toISOString() ?? null;
  const path = { state: pathState, lastProbeAt: lastProbeAt?.toISOString() ?? null, tookMs, ticket: pathTicket };
  return { ...rest, createdAt: row.createdAt.toISOString(), lastMailAt, path };
}

function memberOf(row: ListMemberRow) {
  const { id, list, address, name, state, changedAt } = row;
  return { id, list, address, name, state, changedAt: changedAt.toISOString() };
}
