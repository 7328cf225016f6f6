import { describe, expect, it } from 'vitest';
import { createLoginTurns } from '../../src/receive/loginTurns.ts';
import { until } from './until.ts';

const never = new AbortController().signal;

describe('turns to log in', () => {
  it('lets so many log in at once at a server, in order of asking', async () => {
    const turns = createLoginTurns({ atOnce: 2, apartMs: 0 });
    const ends = new Map<number, () => void>();
    for (let n = 1; n <= 5; n++) void turns.take('one:993', never).then((end) => ends.set(n, end));
    await until(async () => ends.size === 2);
    expect([...ends.keys()]).toEqual([1, 2]);
    // Another server has turns of its own.
    (await turns.take('two:993', never))();
    ends.get(2)!();
    ends.get(2)!();
    await until(async () => ends.size === 3);
    expect([...ends.keys()]).toEqual([1, 2, 3]);
    ends.get(1)!();
    ends.get(3)!();
    await until(async () => ends.size === 5);
  });

  it('lets those that stop waiting out of the line', async () => {
    const turns = createLoginTurns({ atOnce: 1, apartMs: 0 });
    const end = await turns.take('one:993', never);
    const stop = new AbortController();
    const left = turns.take('one:993', stop.signal);
    const next = turns.take('one:993', never);
    stop.abort(new Error('no longer watched'));
    await expect(left).rejects.toThrow('no longer watched');
    await expect(turns.take('one:993', stop.signal)).rejects.toThrow('no longer watched');
    end();
    (await next)();
    (await turns.take('one:993', never))();
  });

  it('keeps the beginnings of logins apart', async () => {
    const turns = createLoginTurns({ atOnce: 100, apartMs: 10 });
    const startedAt = performance.now();
    for (let n = 0; n < 6; n++) void (await turns.take('one:993', never));
    // A timer may be a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThan(5 * 9);
  });
});
