import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { retryParkedEffect } from '../../src/store/acts/retryParked.ts';
import {
  claimEffects,
  findDueWork,
  nextEffectAt,
  PARKED_HOLD_MS,
  releaseLeases,
  settleEffect,
} from '../../src/store/effects.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { effectRow, readEffect, urgentTicket } from './stage.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);
const OK = { at: NOW.toISOString(), ok: true, code: 'ok', text: 'Done.', unclear: false };
const BAD = { ...OK, ok: false, code: 'bad' };

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase({ max: 12 });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate effects');
});

const claim = (owner: string, now = NOW, limit = 50, types = ['notify.mail']) =>
  claimEffects(database.db, { owner, now, leaseMs: 1000, limit, types });
const settle = (id: number, owner: string, settlement: Parameters<typeof settleEffect>[3], attempt = BAD) =>
  settleEffect(database.db, { id, owner }, attempt, settlement, NOW);

describe('leases of effects', () => {
  it('takes what is due, of its own types, oldest first, and not twice', async () => {
    const late = await effectRow(database.db, { key: 'b', dueAt: later(-1000) });
    const early = await effectRow(database.db, { key: 'a', dueAt: later(-2000) });
    await effectRow(database.db, { key: 'future', dueAt: later(1) });
    await effectRow(database.db, { key: 'other', type: 'other.type', dueAt: later(-5000) });
    expect((await claim('one', NOW, 1)).map((effect) => effect.id)).toEqual([early]);
    expect((await claim('two')).map((effect) => effect.id)).toEqual([late]);
    expect(await claim('three')).toEqual([]);
  });

  it('never leases two of one order key, and never one effect twice, however many claim at once', async () => {
    for (let n = 0; n < 60; n += 1) {
      await effectRow(database.db, { key: `k${n}`, orderKey: `o${n % 6}`, dueAt: later(-n) });
    }
    const finished: number[] = [];
    const running = new Map<string, string>();
    async function worker(name: string): Promise<void> {
      let empty = 0;
      while (finished.length < 60 && empty < 2000) {
        const owner = `${name}-${Math.random()}`;
        const effects = await claimEffects(database.db, {
          owner,
          now: NOW,
          leaseMs: 60_000,
          limit: 3,
          types: ['notify.mail'],
        });
        empty = effects.length === 0 ? empty + 1 : 0;
        for (const effect of effects) {
          expect(running.has(effect.orderKey)).toBe(false);
          running.set(effect.orderKey, name);
        }
        for (const effect of effects) {
          await database.pool.query('select 1');
          running.delete(effect.orderKey);
          finished.push(effect.id);
          expect(await settle(effect.id, owner, { state: 'done', result: null }, OK)).toBe(true);
        }
      }
    }
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(worker));
    expect(finished.length).toBe(60);
    expect(new Set(finished).size).toBe(60);
    for (let key = 0; key < 6; key += 1) {
      const { rows } = await database.pool.query(`select id from effects where order_key = $1 order by id`, [
        `o${key}`,
      ]);
      const ids = rows.map((row) => Number(row.id));
      expect(finished.filter((id) => ids.includes(id))).toEqual(ids);
    }
  });

  it('holds later ones of the key back while the first waits for its next try', async () => {
    const first = await effectRow(database.db, { key: '1', orderKey: 'o', dueAt: later(-10) });
    const second = await effectRow(database.db, { key: '2', orderKey: 'o', dueAt: later(-10) });
    const other = await effectRow(database.db, { key: '3', orderKey: 'p', dueAt: later(-10) });
    expect((await claim('a')).map((effect) => effect.id)).toEqual([first, other]);
    await settle(first, 'a', { state: 'due', dueAt: later(5000), result: null });
    expect(await claim('b')).toEqual([]);
    expect((await claim('c', later(5000))).map((effect) => effect.id)).toEqual([first]);
    await settle(first, 'c', { state: 'done', result: null }, OK);
    expect((await claim('d', later(5000))).map((effect) => effect.id)).toEqual([second]);
  });

  it('lets the others pass a parked one after its time', async () => {
    const first = await effectRow(database.db, { key: '1', orderKey: 'o', dueAt: later(-10) });
    const second = await effectRow(database.db, { key: '2', orderKey: 'o', dueAt: later(-10) });
    await claim('a');
    await settle(first, 'a', { state: 'parked', result: null });
    expect(await claim('b', later(PARKED_HOLD_MS - 1))).toEqual([]);
    expect((await claim('c', later(PARKED_HOLD_MS + 1))).map((effect) => effect.id)).toEqual([second]);
    // Mended while the second runs: still never two at once.
    expect(await retryParkedEffect(database.db, { id: first, actor: 'unknown', at: NOW })).not.toBeNull();
    expect(await claim('d', later(PARKED_HOLD_MS + 2))).toEqual([]);
  });

  it('gives back expired leases as unclear, and does not believe their late owner', async () => {
    const id = await effectRow(database.db, { key: '1', dueAt: later(-10) });
    await claim('dead');
    expect(await releaseLeases(database.db, later(999), 3)).toBe(0);
    expect(await releaseLeases(database.db, later(1001), 3)).toBe(1);
    const row = await readEffect(database.db, id);
    expect(row).toMatchObject({ state: 'due', attempt_count: 1, lease_owner: null });
    expect(row.attempts.at(-1)).toMatchObject({ code: 'act.lease_expired', unclear: true });
    expect((await claim('alive', later(2000))).map((effect) => effect.id)).toEqual([id]);
    expect(await settle(id, 'dead', { state: 'done', result: null }, OK)).toBe(false);
    expect((await readEffect(database.db, id)).state).toBe('leased');
    expect(await settle(id, 'alive', { state: 'done', result: { n: 1 } }, OK)).toBe(true);
    expect(await readEffect(database.db, id)).toMatchObject({ state: 'done', result: { n: 1 }, attempt_count: 2 });
  });

  it('parks what ended one process after another', async () => {
    const id = await effectRow(database.db, { key: '1', dueAt: later(-10) });
    for (let n = 0; n < 3; n += 1) {
      expect((await claim(`p${n}`, later(n * 10_000))).length).toBe(1);
      await releaseLeases(database.db, later(n * 10_000 + 1001), 3);
    }
    expect(await readEffect(database.db, id)).toMatchObject({ state: 'parked', attempt_count: 3 });
  });

  it('keeps what was achieved and a bounded list of attempts', async () => {
    const id = await effectRow(database.db, { key: '1', dueAt: later(-10) });
    for (let n = 0; n < 30; n += 1) {
      await claim(`w${n}`);
      await settle(id, `w${n}`, { state: 'due', dueAt: NOW, result: n === 0 ? { delivered: ['a'] } : null });
    }
    const row = await readEffect(database.db, id);
    expect(row.result).toEqual({ delivered: ['a'] });
    expect(row.attempts.length).toBe(25);
    expect(row.attempt_count).toBe(30);
  });

  it('is pushed by a person, who is written into the audit log of the customer', async () => {
    const { customerId, ticketId } = await urgentTicket(database.db);
    const id = await effectRow(database.db, { key: '1', customerId, ticketId, dueAt: later(-10) });
    await claim('a');
    expect(await retryParkedEffect(database.db, { id: id, actor: 'anna', at: NOW })).toBeNull();
    await settle(id, 'a', { state: 'parked', result: null });
    expect(await retryParkedEffect(database.db, { id: id, actor: 'anna', at: NOW })).not.toBeNull();
    expect(await readEffect(database.db, id)).toMatchObject({ state: 'due', attempt_count: 0 });
    const { rows } = await database.pool.query(
      `select convert_from(bytes, 'UTF8')::jsonb as record from audit where customer_id = $1`,
      [customerId],
    );
    expect(rows.map((row) => row.record)).toMatchObject([{ action: 'effect.retried', actor: 'anna' }]);
    expect(await retryParkedEffect(database.db, { id: 999_999, actor: 'anna', at: NOW })).toBeNull();
  });

  it('knows when the next one falls due, and what was missed', async () => {
    expect(await nextEffectAt(database.db, NOW)).toBeNull();
    await effectRow(database.db, { key: 'past', dueAt: later(-10_000) });
    await effectRow(database.db, { key: 'next', dueAt: later(7000) });
    expect(await nextEffectAt(database.db, NOW)).toEqual(later(7000));
    expect(await findDueWork(database.db, later(-10_001))).toEqual({
      decide: false,
      authenticate: false,
      act: false,
      deliver: false,
    });
    expect(await findDueWork(database.db, later(-10_000))).toMatchObject({ act: true });
    await claim('a');
    expect(await nextEffectAt(database.db, NOW)).toEqual(later(1000));
  });
});
