import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import { claimEffects, releaseLeases } from '../../src/store/effects.ts';
import { createGoneOwners, GRACE_MS } from '../../src/store/goneOwners.ts';
import { type LeaseOwner, openLeaseOwner } from '../../src/store/leaseOwner.ts';
import { effectRow, readEffect } from '../act/stage.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const log = createLog('silent');
let database: FreshDatabase;
let owners: LeaseOwner[];
beforeAll(async () => {
  database = await freshDatabase({ max: 8 });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate effects');
  owners = [await openLeaseOwner(database.pool, log), await openLeaseOwner(database.pool, log)];
  return async () => {
    for (const owner of owners) await owner.close();
  };
});

/** One effect, leased for long. */
async function leased(owner: LeaseOwner, key: string): Promise<{ id: number; name: string }> {
  const id = await effectRow(database.db, { type: 'test', key, dueAt: NOW });
  const name = owner.draw();
  const claimed = await claimEffects(database.db, {
    owner: name,
    now: NOW,
    leaseMs: 75_000,
    limit: 1,
    types: ['test'],
  });
  expect(claimed).toHaveLength(1);
  return { id, name };
}

it('frees the effects of a process that died soon, and those of no other', async () => {
  const [living, dying] = owners as [LeaseOwner, LeaseOwner];
  const kept = await leased(living, 'kept');
  const lost = await leased(dying, 'lost');
  let steady = 0;
  const gone = createGoneOwners(database.db, 'effects', () => steady);
  expect(await gone.look()).toEqual([]);
  expect(gone.nextLookMs()).toBeNull();

  await dying.close();
  // The session ends a moment after its socket, as with a kill -9.
  await vi.waitFor(async () => {
    await gone.look();
    expect(gone.nextLookMs()).toBe(GRACE_MS);
  }, 20_000);
  steady = GRACE_MS - 1;
  expect(await gone.look()).toEqual([]);
  steady = GRACE_MS;
  const dead = await gone.look();
  expect(dead).toEqual([lost.name]);
  expect(await releaseLeases(database.db, NOW, 8, dead)).toBe(1);
  expect(await readEffect(database.db, lost.id)).toMatchObject({
    state: 'due',
    attempts: [{ code: 'act.lease_expired', unclear: true }],
  });
  expect(await readEffect(database.db, kept.id)).toMatchObject({ state: 'leased', lease_owner: kept.name });
});

it('does not take a process for dead whose connection broke and came back', async () => {
  const [living] = owners as [LeaseOwner];
  await leased(living, 'kept');
  let steady = 0;
  const gone = createGoneOwners(database.db, 'effects', () => steady);
  await database.pool.query(
    `select pg_terminate_backend(l.pid) from pg_locks l
      where l.locktype = 'advisory' and l.objsubid = 2 and l.database = (select oid from pg_database where datname = current_database())`,
  );
  await vi.waitFor(
    async () => {
      steady += 1;
      expect(await gone.look()).toEqual([]);
      expect(gone.nextLookMs()).toBeNull();
    },
    { timeout: 20_000 },
  );
  // What was missed before does not count: the grace begins anew.
  steady += GRACE_MS;
  expect(await gone.look()).toEqual([]);
});

it('frees at once what a claim may have leased whose answer did not come', async () => {
  const [living] = owners as [LeaseOwner];
  const lost = await leased(living, 'lost');
  const kept = await leased(living, 'kept');
  const gone = createGoneOwners(database.db, 'effects', () => 0);
  gone.unanswered(lost.name);
  const free = await gone.look();
  expect(free).toEqual([lost.name]);
  expect(await releaseLeases(database.db, NOW, 8, free)).toBe(1);
  expect(await readEffect(database.db, kept.id)).toMatchObject({ state: 'leased' });
  expect(await gone.look()).toEqual([]);
});
