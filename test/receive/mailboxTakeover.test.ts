import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import { superviseMailboxes } from '../../src/receive/superviseMailboxes.ts';
import { openLeaseOwner } from '../../src/store/leaseOwner.ts';
import { registerMailboxes } from '../../src/store/mailboxes.ts';
import { claimMailboxes, createReceiverBeat } from '../../src/store/mailboxLeases.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { mailboxSettings } from './mailboxStage.ts';
import { until } from './until.ts';

/** What is promised after kill -9 of the process that had them (ms). */
const TAKEOVER_MS = 15_000;
const BOXES = Array.from({ length: 2_000 }, (_, at) => mailboxSettings({ imapPort: 1 }, `box-${at}`));

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ max: 8 });
});
afterAll(async () => {
  await database?.drop();
});

/** Logins are paced and take their time (loginTurns); here nobody logs in. */
it('moves two thousand leases in time, be the session of the dead process gone or left hanging', async () => {
  const { db, pool } = database;
  const log = createLog('silent');
  const names = BOXES.map(({ name }) => name);
  await registerMailboxes(db, BOXES, new Date());
  // Two processes that said once that they live, and never again: of one the database still sees the session.
  const hung = await openLeaseOwner(pool, log);
  const dead = [hung.draw(), 'gone-9999999'].map((id) => ({ id, host: 'elsewhere', pid: 1, mailboxes: names }));
  for (const self of dead) {
    await createReceiverBeat(db, self)();
    expect((await claimMailboxes(db, self, names, 1_000)).size).toBe(1_000);
  }

  const begun = performance.now();
  const fences = new Map<string, number>();
  const supervisor = await superviseMailboxes({
    pool,
    db,
    clock: { now: () => new Date() },
    log,
    mailboxes: BOXES,
    start({ name }, fence) {
      fences.set(name, fence);
      return { close: async () => {} };
    },
  });
  try {
    await until(() => fences.size === BOXES.length);
    expect(performance.now() - begun).toBeLessThan(TAKEOVER_MS);
    // Whoever had them can move no cursor any more.
    expect([...fences.values()].every((fence) => fence === 2)).toBe(true);
    const { rows } = await pool.query(`select count(*)::int as n from mailbox_events where event = 'taken_over'`);
    expect(rows).toEqual([{ n: BOXES.length }]);
  } finally {
    await supervisor.close();
    await hung.close();
  }
});
