import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Arrival } from '../../src/core/values.ts';
import { startReauthentication } from '../../src/receive/reauthenticate.ts';
import { createResolver } from '../../src/receive/resolver.ts';
import { sumCounters } from '../../src/store/counters.ts';
import { openStage, type Stage, signedMail } from './stage.ts';
import { until } from './until.ts';

describe('authentication that met a DNS error', () => {
  let stage: Stage;
  let shift = 0;
  const now = () => new Date(Date.now() + shift);
  const running: { close(): Promise<void> }[] = [];

  beforeEach(async () => {
    shift = 0;
    stage = await openStage({ dnsTimeoutMs: 200, now });
    stage.dns.fail('servfail');
    await stage.room.keep(signedMail(), arrival());
    expect(await mail()).toMatchObject({ state: 'temperror', is_open: true, is_due: false });
  });
  afterEach(async () => {
    for (const one of running.splice(0)) await one.close();
    await stage.close();
  });

  const arrival = (): Arrival => ({
    transport: 'smtp',
    arrivedAt: now().toISOString(),
    envelopeFrom: 'x@amazonses.com',
    envelopeTo: ['acme-7f3k@root.test'],
    clientIp: '192.0.2.1',
    helo: 'a.test',
    tls: false,
    trustedAuthservIds: [],
    trustedReceived: 0,
    source: null,
    uidValidity: null,
    uid: null,
  });
  const start = () => {
    const { pool } = stage.database;
    const { seal, rings } = stage;
    const bell = {
      ring: async (chime: string) => {
        rings.push(chime);
      },
    };
    const log = stage.listenerDeps.log;
    const resolver = createResolver([stage.dns.server]);
    running.push(startReauthentication({ pool, seal, bell, resolver, clock: { now }, log }));
  };
  const mail = async () => {
    const { rows } = await stage.database.pool.query(
      `select auth ->> 'state' as state, auth -> 'signatures' -> 0 ->> 'result' as dkim, auth_attempts,
              auth_due is not null as is_open, decide_due is not null as is_due from mails`,
    );
    return rows[0];
  };

  /** What /metrics says of it. */
  const errors = async () => (await sumCounters(stage.database.db, 'auth.'))['auth.temperror'];

  it('is tried again and decided when DNS is back', async () => {
    stage.dns.fail(null);
    shift = 60_000;
    start();
    await until(async () => !(await mail()).is_open);
    expect(await mail()).toMatchObject({ state: 'final', dkim: 'pass', is_due: true, auth_attempts: 1 });
    expect(stage.rings).toContain('decide');
    expect(await errors()).toBe(1);
  });

  it('waits on while DNS is away, and not longer than an hour', async () => {
    shift = 60_000;
    start();
    await until(async () => (await mail()).auth_attempts === 1);
    expect(await mail()).toMatchObject({ state: 'temperror', is_open: true, is_due: false });
    for (const one of running.splice(0)) await one.close();
    shift = 61 * 60_000;
    start();
    await until(async () => !(await mail()).is_open);
    expect(await mail()).toMatchObject({ state: 'final', dkim: 'temperror', is_due: true });
    // Each try that met an error counts.
    expect(await errors()).toBe(3);
  });

  it('does not wait for a mail that can no longer be opened', async () => {
    await stage.database.pool.query(`update raws set key_id = 'day:1999-01-01'`);
    shift = 61 * 60_000;
    start();
    await until(async () => (await mail()).is_due);
    expect(await mail()).toMatchObject({ state: 'final', is_open: false });
    expect(await errors()).toBe(1);
  });
});
