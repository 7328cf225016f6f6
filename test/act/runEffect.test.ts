import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { actOnDue } from '../../src/act/actOnDue.ts';
import type { Handler, HandlerOutcome } from '../../src/act/handler.ts';
import { runEffect } from '../../src/act/runEffect.ts';
import type { FailureClass } from '../../src/core/retry.ts';
import { createLog } from '../../src/lib/log.ts';
import { claimEffects } from '../../src/store/effects.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { effectRow, readEffect } from './stage.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const DONE: HandlerOutcome = { ok: true, code: 'done', text: 'Done.' };
const failed = (kind: FailureClass): HandlerOutcome => ({
  ok: false,
  failure: { class: kind, code: `x.${kind}`, text: 'No.' },
});

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate effects');
});

const deps = () => ({
  db: database.db,
  clock: { now: () => NOW },
  log: createLog('silent'),
  chance: () => 0.5,
  deadlineMs: 200,
  owner: { draw: () => 'me' },
  gone: { look: async () => [], unanswered() {} },
});
const handlerOf = (run: Handler['run'], more: Partial<Handler> = {}): Handler => ({ type: 'test', run, ...more });

/** Leases the one effect and runs it once. */
async function once(handler: Handler): Promise<void> {
  await database.pool.query(`update effects set due_at = $1 where state = 'due'`, [NOW]);
  const [effect] = await claimEffects(database.db, { owner: 'me', now: NOW, leaseMs: 1000, limit: 1, types: ['test'] });
  await runEffect(deps(), handler, effect!, 'me');
}

describe('running one effect', () => {
  it('records the attempt and settles', async () => {
    const id = await effectRow(database.db, { type: 'test', key: 'k' });
    await once(handlerOf(async () => ({ ...DONE, result: { ticket: 9 } })));
    const row = await readEffect(database.db, id);
    expect(row).toMatchObject({ state: 'done', result: { ticket: 9 }, attempt_count: 1, settled_at: NOW });
    expect(row.attempts).toEqual([{ at: NOW.toISOString(), ok: true, code: 'done', text: 'Done.', unclear: false }]);
  });

  it('tries a temporary failure again after a pause, with what was achieved', async () => {
    const id = await effectRow(database.db, { type: 'test', key: 'k' });
    await once(handlerOf(async () => ({ ...failed('temporary'), result: { delivered: ['a'] } })));
    const row = await readEffect(database.db, id);
    expect(row).toMatchObject({ state: 'due', result: { delivered: ['a'] }, lease_owner: null });
    expect(row.due_at.getTime() - NOW.getTime()).toBe(3750);
    const run = vi.fn(async () => DONE);
    await once(handlerOf(run));
    expect(run.mock.calls[0]).toMatchObject([{ result: { delivered: ['a'] }, attemptCount: 1 }]);
  });

  it('parks a permanent failure', async () => {
    const id = await effectRow(database.db, { type: 'test', key: 'k' });
    await once(handlerOf(async () => failed('permanent')));
    expect(await readEffect(database.db, id)).toMatchObject({ state: 'parked', settled_at: NOW });
  });

  it('takes what a handler throws as unclear, and keeps its words out of the row', async () => {
    const id = await effectRow(database.db, { type: 'test', key: 'k' });
    await once(
      handlerOf(async () => {
        throw new TypeError('code 123456');
      }),
    );
    const row = await readEffect(database.db, id);
    expect(row).toMatchObject({ state: 'due' });
    expect(row.attempts[0]).toMatchObject({
      code: 'act.error',
      unclear: true,
      text: 'The handler failed (TypeError).',
    });
  });

  it('does not wait for a handler that hangs', async () => {
    const id = await effectRow(database.db, { type: 'test', key: 'k' });
    await once(handlerOf(() => new Promise(() => {})));
    const row = await readEffect(database.db, id);
    expect(row.state).toBe('due');
    expect(row.attempts[0]).toMatchObject({ code: 'act.deadline', unclear: true });
  });

  it('looks up first after an unclear try, and does not repeat what happened', async () => {
    const id = await effectRow(database.db, { type: 'test', key: 'k' });
    const lookUp = vi.fn(async () => null as HandlerOutcome | null);
    const run = vi.fn(async () => failed('unclear'));
    await once(handlerOf(run, { lookUp }));
    expect(lookUp).not.toHaveBeenCalled();
    await once(handlerOf(run, { lookUp }));
    expect([lookUp.mock.calls.length, run.mock.calls.length]).toEqual([1, 2]);
    lookUp.mockResolvedValueOnce({ ok: true, code: 'found', text: 'It happened.' });
    await once(handlerOf(run, { lookUp }));
    expect(run.mock.calls.length).toBe(2);
    const row = await readEffect(database.db, id);
    expect(row).toMatchObject({ state: 'done' });
    expect(row.attempts.map((attempt) => attempt.code)).toEqual(['x.unclear', 'x.unclear', 'found']);
  });

  it('looks up after a process died over it', async () => {
    await effectRow(database.db, { type: 'test', key: 'k', dueAt: new Date(NOW.getTime() - 10_000) });
    const past = new Date(NOW.getTime() - 5000);
    await claimEffects(database.db, { owner: 'dead', now: past, leaseMs: 1000, limit: 1, types: ['test'] });
    const lookUp = vi.fn(async () => ({ ok: true, code: 'found', text: 'It happened.' }) as HandlerOutcome);
    const run = vi.fn(async () => DONE);
    const handlers = new Map([['test', handlerOf(run, { lookUp })]]);
    await actOnDue({ ...deps(), handlers, stopping: () => false });
    expect([lookUp.mock.calls.length, run.mock.calls.length]).toEqual([1, 0]);
  });
});

describe('acting on what is due', () => {
  it('goes on until none is left, several at once, one a key', async () => {
    for (let n = 0; n < 40; n += 1) {
      await effectRow(database.db, { type: 'test', key: `k${n}`, orderKey: `o${n % 10}`, dueAt: NOW });
    }
    let running = 0;
    let most = 0;
    const order = new Map<string, number[]>();
    const handler = handlerOf(async (effect) => {
      running += 1;
      most = Math.max(most, running);
      order.set(effect.orderKey, [...(order.get(effect.orderKey) ?? []), effect.id]);
      await database.pool.query('select 1');
      running -= 1;
      return DONE;
    });
    await actOnDue({ ...deps(), handlers: new Map([['test', handler]]), stopping: () => false });
    expect(most).toBeGreaterThan(1);
    expect([...order.values()].flat().length).toBe(40);
    for (const ids of order.values()) expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  it('leaves alone what another version knows', async () => {
    const id = await effectRow(database.db, { type: 'newer', key: 'k', dueAt: NOW });
    await actOnDue({ ...deps(), handlers: new Map([['test', handlerOf(async () => DONE)]]), stopping: () => false });
    expect(await readEffect(database.db, id)).toMatchObject({ state: 'due', attempt_count: 0 });
  });
});
