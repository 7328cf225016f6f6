import { afterAll, beforeAll, expect, it } from 'vitest';
import { recoverByReport, recoverQuietMembers } from '../../src/store/memberRecovery.ts';
import { acknowledgeHeartbeat, sendHeartbeats } from '../../src/store/ownMembership.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { addList, addMember, DAY_MS, linkTo, mailedTo, NOW, stateOf } from './stage.ts';

let fresh: FreshDatabase;
let listId: number;
let serial = 0;

beforeAll(async () => {
  fresh = await freshDatabase();
  ({ listId } = await addList(fresh));
  await addMember(fresh, listId, 'other@acme.example');
});
afterAll(() => fresh?.drop());

/** A copy for a member: how it ended, and how many days ago. */
async function copyOf(member: number, state: 'accepted' | 'failed', daysAgo: number): Promise<number> {
  const at = new Date(NOW.getTime() - daysAgo * DAY_MS);
  const { rows: mails } = await fresh.pool.query(
    `insert into mails (customer_id, list_id, identity, sha256, size, received_at, mail_time, auth)
     values (1, $1, $2, $2, 1, $3, $3, '{}') returning id`,
    [listId, Buffer.from(`mail ${++serial}`), at],
  );
  const { rows } = await fresh.pool.query(
    `insert into deliveries (mail_id, member_id, state, accepted_at, created_at) values ($1, $2, $3, $4, $4) returning id`,
    [mails[0].id, member, state, at],
  );
  if (state === 'failed') {
    await fresh.pool.query(
      `insert into delivery_events (delivery_id, at, event, code, text) values ($1, $2, 'failed', '5.2.2', 'full')`,
      [rows[0].id, at],
    );
  }
  return rows[0].id;
}

it('a member is confirmed again by silence: an old failure and a later copy of which nothing came back', async () => {
  const quiet = await addMember(fresh, listId, 'quiet@acme.example', 'bouncing');
  await copyOf(quiet, 'failed', 9);
  await copyOf(quiet, 'accepted', 6);
  const fallen = await addMember(fresh, listId, 'fallen@acme.example', 'bouncing');
  await copyOf(fallen, 'failed', 9);
  await copyOf(fallen, 'accepted', 6);
  await copyOf(fallen, 'failed', 1);
  expect(await recoverQuietMembers(fresh.db, NOW)).toBe(1);
  expect(await stateOf(fresh, 'quiet@acme.example')).toBe('confirmed');
  expect(await stateOf(fresh, 'fallen@acme.example')).toBe('bouncing');
  expect((await mailedTo(fresh, 'change')).toSorted()).toEqual([
    'fallen@acme.example',
    'other@acme.example',
    'quiet@acme.example',
  ]);
  expect(await recoverQuietMembers(fresh.db, NOW)).toBe(0);
});

it('or at once by a report that a copy was delivered', async () => {
  const member = await addMember(fresh, listId, 'report@acme.example', 'bouncing');
  const copy = await copyOf(member, 'accepted', 0);
  expect(await recoverByReport(fresh.db, copy, NOW)).toBe(true);
  expect(await stateOf(fresh, 'report@acme.example')).toBe('confirmed');
  expect(await recoverByReport(fresh.db, copy, NOW)).toBe(false);
});

it('or by their own click in a heartbeat mail, which is audited', async () => {
  const later = new Date(NOW.getTime() + 40 * DAY_MS);
  await addMember(fresh, listId, 'click@acme.example', 'bouncing');
  await sendHeartbeats(fresh.db, { now: later, days: 30, limit: 100 });
  const linkId = await linkTo(fresh, 'acknowledge', 'click@acme.example');
  expect(await acknowledgeHeartbeat(fresh.db, { linkId, now: later })).toBe(true);
  expect(await stateOf(fresh, 'click@acme.example')).toBe('confirmed');
  const { rows } = await fresh.pool.query(
    `select convert_from(bytes, 'utf8')::jsonb -> 'detail' ->> 'by' as by from audit
      where convert_from(bytes, 'utf8')::jsonb ->> 'action' = 'member.recovered' order by number`,
  );
  expect(rows).toEqual([{ by: 'silence' }, { by: 'report' }, { by: 'acknowledged' }]);
});

it('a suspended or removed member comes back by no report', async () => {
  for (const state of ['suspended', 'removed', 'invited']) {
    const member = await addMember(fresh, listId, `${state}@acme.example`, state);
    expect(await recoverByReport(fresh.db, await copyOf(member, 'accepted', 0), NOW)).toBe(false);
    expect(await stateOf(fresh, `${state}@acme.example`)).toBe(state);
  }
});
