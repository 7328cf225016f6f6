import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../../src/store/audit.ts';
import {
  actByLink,
  type MembershipDeps,
  proposeMember,
  proposeMembers,
  takeOffMember,
} from '../../src/store/membership.ts';
import { acknowledgeHeartbeat, requestManageLink, sendHeartbeats } from '../../src/store/ownMembership.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { addList, addMember, DAY_MS, depsOf, linkTo, mailedTo, NOW, stateOf } from './stage.ts';

let fresh: FreshDatabase;
let deps: MembershipDeps;
let list: { customerId: number; listId: number; address: string };
beforeEach(async () => {
  fresh = await freshDatabase({ max: 40 });
  deps = depsOf(fresh);
  list = await addList(fresh);
});
afterEach(() => fresh.drop());

const alice = { user: 'alice' };
const propose = (address: string, by: { user: string | null } = alice) =>
  proposeMember(deps, { listId: list.listId, address, by });
const act = async (purpose: string, to: string, what: Parameters<typeof actByLink>[1]['act'], at = deps) =>
  actByLink(at, { linkId: await linkTo(fresh, purpose, to), act: what });
const audited = async () => {
  const { rows } = await fresh.pool.query('select bytes from audit where customer_id = $1 order by number', [
    list.customerId,
  ]);
  return rows.map(({ bytes }) => JSON.parse(bytes.toString()));
};
const resetMail = (at: Date, outcome = 'open') =>
  fresh.pool.query(
    `insert into mails (customer_id, identity, sha256, size, received_at, mail_time, auth, kind, outcome)
     values ($1, 'a', 'b', 1, $2, $2, '{}', 'auth.password_reset', $3)`,
    [list.customerId, at, outcome],
  );

describe('an addition', () => {
  it('goes over a named approver and the page of the member, each step told and audited', async () => {
    expect(await propose(' Ops@Acme.example ')).toMatchObject({ ok: true, missing: 'second', asked: 2 });
    expect(await stateOf(fresh, 'ops@acme.example')).toBe('invited');
    expect(await mailedTo(fresh, 'link')).toEqual(['bob@msp.example', 'dora@acme.example']);
    expect(await act('approve', 'bob@msp.example', 'approve')).toMatchObject({ ok: true, missing: null });
    expect(await mailedTo(fresh, 'link')).toContain('ops@acme.example');
    expect(await act('confirm', 'ops@acme.example', 'confirm')).toMatchObject({ change: 'member.confirmed' });
    expect(await stateOf(fresh, 'ops@acme.example')).toBe('confirmed');
    expect(await mailedTo(fresh, 'change')).toEqual(['ops@acme.example']);
    expect((await audited()).map(({ actor, action }) => [actor, action])).toEqual([
      ['os:alice', 'member.invited'],
      ['approver:bob@msp.example', 'member.approved'],
      ['member:1', 'member.confirmed'],
    ]);
    expect(JSON.stringify(await audited())).not.toContain('ops@acme.example');
    expect(await verifyAudit(fresh.db, list.customerId)).toEqual({ ok: true, records: 3 });
  });

  it('is approved by a confirmed member of the customer as soon as there is one, and by nobody else', async () => {
    await addMember(fresh, list.listId, 'ops@acme.example');
    await addMember(fresh, list.listId, 'noc@msp.example');
    expect(await propose('new@acme.example')).toMatchObject({ ok: true, missing: 'second' });
    expect(await mailedTo(fresh, 'link')).toEqual(['ops@acme.example']);
    expect(await act('approve', 'ops@acme.example', 'approve')).toMatchObject({ ok: true, missing: null });
    expect(await act('confirm', 'new@acme.example', 'confirm')).toMatchObject({ change: 'member.confirmed' });
    // The approver knew of the proposal by being asked.
    expect(await mailedTo(fresh, 'change')).toEqual([
      'noc@msp.example',
      'ops@acme.example',
      'noc@msp.example',
      'new@acme.example',
    ]);
  });

  it('by the named approver waits for another one; by nobody known it is refused', async () => {
    expect(await propose('ops@acme.example', { user: 'bob' })).toMatchObject({ ok: true, asked: 1 });
    expect(await mailedTo(fresh, 'link')).toEqual(['dora@acme.example']);
    expect(await propose('ops@acme.example', { user: null })).toEqual({ ok: false, code: 'unknown_proposer' });
  });

  it('asks again without a second mail, and with one when ten minutes have passed', async () => {
    await propose('ops@acme.example');
    expect(await propose('ops@acme.example')).toMatchObject({ ok: true, change: null });
    expect(await mailedTo(fresh, 'link')).toHaveLength(2);
    deps = depsOf(fresh, { now: new Date(NOW.getTime() + 11 * 60_000) });
    await propose('ops@acme.example', { user: 'carol' });
    expect(await mailedTo(fresh, 'link')).toHaveLength(4);
    const { rows } = await fresh.pool.query('select proposer from proposals');
    expect(rows).toEqual([{ proposer: 'alice' }]);
  });

  it('that was refused, declined, withdrawn or forgotten leaves links that do nothing', async () => {
    await propose('a@acme.example');
    expect(await act('approve', 'dora@acme.example', 'refuse')).toMatchObject({ change: 'member.refused' });
    expect(await act('approve', 'bob@msp.example', 'approve')).toEqual({ ok: false, code: 'wrong_state' });
    await propose('a@acme.example');
    await act('approve', 'bob@msp.example', 'approve');
    expect(await act('confirm', 'a@acme.example', 'decline')).toMatchObject({ change: 'member.declined' });
    expect(await act('confirm', 'a@acme.example', 'confirm')).toEqual({ ok: false, code: 'link_used' });
    await propose('b@acme.example');
    const late = depsOf(fresh, { now: new Date(NOW.getTime() + 8 * DAY_MS) });
    expect(await act('approve', 'bob@msp.example', 'approve', late)).toEqual({ ok: false, code: 'link_used' });
    expect(await stateOf(fresh, 'b@acme.example')).toBe('invited');
  });

  it('is answered by its own links only, not by those of an earlier one', async () => {
    await propose('a@acme.example');
    const old = await linkTo(fresh, 'approve', 'bob@msp.example');
    await fresh.pool.query(`update links set expires_at = '2027-01-01'`);
    deps = depsOf(fresh, { now: new Date(NOW.getTime() + 15 * DAY_MS) });
    await propose('a@acme.example', { user: 'bob' });
    expect(await actByLink(deps, { linkId: old, act: 'approve' })).toEqual({ ok: false, code: 'no_proposal' });
  });

  it('is refused to addresses that may not be there, and leaves nothing behind', async () => {
    for (const [address, code] of [
      ['ops@elsewhere.example', 'domain_not_allowed'],
      [list.address, 'own_address'],
      ['x@bounce.example', 'own_address'],
      ['desk@msp.example', 'own_address'],
      ['nobody', 'bad_address'],
    ]) {
      expect(await propose(address!)).toEqual({ ok: false, code });
    }
    expect((await fresh.pool.query('select 1 from members')).rowCount).toBe(0);
    expect(await audited()).toEqual([]);
  });

  it('on the day after a reset mail waits for a third person; removal does not', async () => {
    await addMember(fresh, list.listId, 'ops@acme.example');
    const other = await addMember(fresh, list.listId, 'sec@acme.example');
    await propose('new@acme.example');
    await act('approve', 'ops@acme.example', 'approve');
    await resetMail(new Date(NOW.getTime() - DAY_MS / 2));
    const confirmLink = await linkTo(fresh, 'confirm', 'new@acme.example');
    expect(await actByLink(deps, { linkId: confirmLink, act: 'confirm' })).toMatchObject({
      change: null,
      missing: 'third',
    });
    expect(await stateOf(fresh, 'new@acme.example')).toBe('invited');
    const take = { listId: list.listId, memberId: other, how: 'remove', by: alice } as const;
    expect(await takeOffMember(deps, take)).toMatchObject({ change: 'member.removed' });
    await act('approve', 'bob@msp.example', 'approve');
    expect(await actByLink(deps, { linkId: confirmLink, act: 'confirm' })).toMatchObject({
      change: 'member.confirmed',
    });
  });

  it('is not held up by a reset mail of yesterday, or by one that AWS did not send', async () => {
    await resetMail(new Date(NOW.getTime() - DAY_MS));
    await fresh.pool.query(`update mails set identity = 'c'`);
    await resetMail(NOW, 'quarantine');
    await propose('ops@acme.example');
    expect(await act('approve', 'bob@msp.example', 'approve')).toMatchObject({ missing: null });
  });

  it('of forty at once leaves no list with more than fifty, and a table of thousands is judged without a query a line', async () => {
    const { listId } = await addList(fresh, { slug: 'full', address: 'full-k3j9x2m4q7w8@roots.example' });
    const propose = (address: string) => proposeMember(depsOf(fresh), { listId, address, by: { user: 'alice' } });
    await fresh.pool.query(
      `insert into members (list_id, address) select $1, 'm' || n || '@acme.example' from generate_series(0, 19) n`,
      [listId],
    );
    // Each has a connection of its own: none waits for another one's.
    const results = await Promise.all(Array.from({ length: 40 }, (_, n) => propose(`m${n + 20}@acme.example`)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(30);
    expect(results.filter((one) => !one.ok && one.code === 'list_full')).toHaveLength(10);
    const table = Array.from({ length: 3000 }, (_, n) => ({ listId, address: `m${n % 1500}@acme.example` }));
    let statements = 0;
    const db = fresh.db.withPlugin({
      transformQuery: ({ node }) => {
        statements += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const dry = { additions: table, by: { user: 'alice' }, dryRun: true };
    const { results: verdicts } = await proposeMembers(depsOf(fresh, { db }), dry);
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(100);
    expect(statements).toBeLessThan(2000);
  });

  it('of many is all or nothing, and a dry run says the same and does nothing', async () => {
    await addMember(fresh, list.listId, 'ops@acme.example');
    const additions = ['a@acme.example', 'ops@acme.example', 'b@acme.example'].map((address) => ({
      listId: list.listId,
      address,
    }));
    const rehearsed = await proposeMembers(deps, { additions, by: alice, dryRun: true });
    expect(rehearsed.applied).toBe(false);
    expect((await fresh.pool.query('select 1 from members')).rowCount).toBe(1);
    const bad = [...additions, { listId: list.listId, address: 'x@evil.example' }];
    expect((await proposeMembers(deps, { additions: bad, by: alice, dryRun: false })).applied).toBe(false);
    expect((await fresh.pool.query('select 1 from effects')).rowCount).toBe(0);
    const done = await proposeMembers(deps, { additions, by: alice, dryRun: false });
    expect(done.applied).toBe(true);
    expect(done.results.map((one) => (one.ok ? one.change : one.code))).toEqual(
      rehearsed.results.map((one) => (one.ok ? one.change : one.code)),
    );
    expect(await stateOf(fresh, 'b@acme.example')).toBe('invited');
  });
});

describe('leaving', () => {
  it('is refused to the last confirmed member, also when all try to leave at once', async () => {
    const ids = [];
    for (const name of ['a', 'b', 'c', 'd']) ids.push(await addMember(fresh, list.listId, `${name}@acme.example`));
    await addMember(fresh, list.listId, 'noc@msp.example');
    const results = await Promise.all(
      ids.map((memberId, n) =>
        takeOffMember(deps, { listId: list.listId, memberId, how: n % 2 ? 'remove' : 'suspend', by: alice }),
      ),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(3);
    expect(results.find(({ ok }) => !ok)).toEqual({ ok: false, code: 'last_member' });
  });

  it('tells who was removed and everybody who stays', async () => {
    await addMember(fresh, list.listId, 'a@acme.example');
    const gone = await addMember(fresh, list.listId, 'b@acme.example');
    await addMember(fresh, list.listId, 'c@acme.example', 'invited');
    await takeOffMember(deps, { listId: list.listId, memberId: gone, how: 'remove', by: alice });
    expect(await mailedTo(fresh, 'change')).toEqual(['a@acme.example', 'b@acme.example']);
  });

  it('by the own page takes a link that was asked for, mailed to the member and used once', async () => {
    await addMember(fresh, list.listId, 'a@acme.example');
    await addMember(fresh, list.listId, 'b@acme.example');
    const ask = (address: string, now = NOW) => requestManageLink(fresh.db, { listId: list.listId, address, now });
    await ask('stranger@acme.example');
    await ask('B@acme.example');
    await ask('b@acme.example');
    expect(await mailedTo(fresh, 'link')).toEqual(['b@acme.example']);
    expect(await act('manage', 'b@acme.example', 'confirm')).toEqual({ ok: false, code: 'link_used' });
    expect(await act('manage', 'b@acme.example', 'leave')).toMatchObject({ change: 'member.removed' });
    expect(await act('manage', 'b@acme.example', 'leave')).toEqual({ ok: false, code: 'link_used' });
    await ask('a@acme.example');
    expect(await act('manage', 'a@acme.example', 'leave')).toEqual({ ok: false, code: 'last_member' });
    expect((await audited()).map(({ actor, action }) => [actor, action])).toEqual([['member:2', 'member.removed']]);
  });

  it('lets one member ask five times a day at most', async () => {
    await addMember(fresh, list.listId, 'a@acme.example');
    for (let n = 0; n < 8; n++) {
      const now = new Date(NOW.getTime() + n * 2 * 3_600_000);
      await requestManageLink(fresh.db, { listId: list.listId, address: 'a@acme.example', now });
    }
    expect(await mailedTo(fresh, 'link')).toHaveLength(5);
  });
});

describe('a heartbeat', () => {
  it('asks each member once in its time, and notes the answer once', async () => {
    await addMember(fresh, list.listId, 'a@acme.example');
    await addMember(fresh, list.listId, 'b@acme.example', 'bouncing');
    await addMember(fresh, list.listId, 'c@acme.example', 'suspended');
    const later = new Date(NOW.getTime() + 31 * DAY_MS);
    const beat = (now: Date) => sendHeartbeats(fresh.db, { now, days: 30, limit: 100 });
    expect(await beat(new Date(NOW.getTime() + 29 * DAY_MS))).toBe(0);
    expect((await Promise.all([beat(later), beat(later)])).toSorted()).toEqual([0, 2]);
    expect(await mailedTo(fresh, 'link')).toEqual(['a@acme.example', 'b@acme.example']);
    const linkId = await linkTo(fresh, 'acknowledge', 'a@acme.example');
    expect(await acknowledgeHeartbeat(fresh.db, { linkId, now: later })).toBe(true);
    expect(await acknowledgeHeartbeat(fresh.db, { linkId, now: later })).toBe(false);
    const { rows } = await fresh.pool.query('select acknowledged_at from members order by id');
    expect(rows.map((row) => row.acknowledged_at?.getTime())).toEqual([later.getTime(), undefined, undefined]);
    expect((await audited()).map(({ action }) => action)).toEqual([
      'member.asked',
      'member.asked',
      'member.acknowledged',
    ]);
  });
});
