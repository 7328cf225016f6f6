import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRecentMail } from '../../src/lib/recentMail.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const kept = (size: number) => ({
  bytes: Buffer.alloc(size),
  wrappedKey: Buffer.from('key'),
  keyId: 'day:2026-11-24',
});

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
    expect(recent.take(2)?.bytes.byteLength).toBe(100);
  });

  it('is held as it came while little is, and sealed beside a burst', () => {
    const recent = createRecentMail(100);
    const mail = { ...kept(5), raw: new Uint8Array(20) };
    for (const id of [1, 2]) recent.put(id, mail);
    recent.put(3, kept(70));
    expect([recent.take(1), recent.take(2), recent.take(3)]).toEqual([mail, kept(5), kept(70)]);
    const block = Uint8Array.from(mail.raw);
    recent.put(4, { ...mail, raw: block });
    block.buffer.transfer(0); // as whoever received it does when it is kept
    expect(recent.take(4)).toEqual(mail);
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
