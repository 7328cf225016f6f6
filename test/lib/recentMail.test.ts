import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRecentMail } from '../../src/lib/recentMail.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const kept = (size: number) => ({ raw: new Uint8Array(size), wrappedKey: Buffer.from('key'), keyId: 'day:2026-11-24' });

describe('mail that was kept a moment ago', () => {
  it('is given once', () => {
    const recent = createRecentMail(100);
    const mail = kept(10);
    recent.put(1, mail);
    expect([recent.take(1), recent.take(1), recent.take(2)]).toEqual([mail, null, null]);
  });

  it('never is more than its bytes: what came first stays, and leaves room when it is taken', () => {
    const recent = createRecentMail(100);
    recent.put(1, kept(60));
    recent.put(2, kept(41));
    expect(recent.take(2)).toBeNull();
    recent.take(1);
    recent.put(2, kept(100));
    expect(recent.take(2)?.raw.byteLength).toBe(100);
  });

  it('is forgotten when nobody takes it', () => {
    const recent = createRecentMail(100);
    recent.put(1, kept(100));
    vi.advanceTimersByTime(60_000);
    expect(recent.take(1)).toBeNull();
    recent.put(2, kept(100));
    expect(recent.take(2)).not.toBeNull();
  });
});
