import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeOffMember } from '../../src/store/membership.ts';
import { erasePerson } from '../../src/store/person.ts';
import { dump } from '../public/stage.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { addList, addMember, depsOf, NOW } from './stage.ts';

let fresh: FreshDatabase;
beforeEach(async () => {
  fresh = await freshDatabase();
});
afterEach(() => fresh.drop());

it('an erased address stands in no row about lists, also not in what mail servers said of it', async () => {
  const { customerId, listId } = await addList(fresh);
  const gone = await addMember(fresh, listId, 'gone@acme.example');
  await addMember(fresh, listId, 'ops@acme.example');
  await fresh.pool.query(
    `with mail as (
       insert into mails (customer_id, list_id, identity, sha256, size, received_at, mail_time, auth)
       values ($1, $2, 'a', 'b', 1, $4, $4, '{}') returning id),
     copy as (
       insert into deliveries (mail_id, member_id, state, text)
       select id, $3, 'failed', '550 <gone@acme.example> unknown' from mail returning id)
     insert into delivery_events (delivery_id, at, event, code, text)
       select id, $4, 'failed', '5.1.1', '550 <gone@acme.example> unknown' from copy`,
    [customerId, listId, gone, NOW],
  );
  await fresh.pool.query(
    `insert into effects (type, key, order_key, payload, due_at, state, result)
     values ('list.member_bounced', 'k', 'k', '{}', $1, 'done', '{"delivered":["gone@acme.example","ops@acme.example"]}')`,
    [NOW],
  );
  const erase = () => erasePerson(fresh.db, { address: 'Gone@acme.example', actor: 'os:alice', now: NOW });
  expect(await erase()).toBe(0); // not while the membership lasts
  await takeOffMember(depsOf(fresh), { listId, memberId: gone, how: 'remove', by: { user: 'alice' } });
  expect(await erase()).toBe(1);
  const tables = ['members', 'proposals', 'approvals', 'links', 'member_changes', 'effects', 'deliveries'];
  const rows = await dump(fresh, [...tables, 'delivery_events']);
  expect(rows).not.toContain('gone@acme.example');
  expect(rows).toContain('ops@acme.example');
});
