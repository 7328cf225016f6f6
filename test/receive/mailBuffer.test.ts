import { describe, expect, it } from 'vitest';
import { createBudget } from '../../src/receive/budget.ts';
import { createMailBuffer } from '../../src/receive/mailBuffer.ts';

const KB = 1024;

describe('the buffer of a mail that comes in', () => {
  it('holds the bytes in their order, whatever the chunks, and takes what it holds from the budget', () => {
    const budget = createBudget(1024 * KB);
    const buffer = createMailBuffer(budget, 1024 * KB);
    const mail = Buffer.from(Array.from({ length: 150 * KB }, (_, n) => n % 251));
    for (let at = 0; at < mail.length; at += 10_000) expect(buffer.add(mail.subarray(at, at + 10_000))).toBeNull();
    expect(buffer.bytes().equals(mail)).toBe(true);
    expect(budget.used).toBeGreaterThanOrEqual(mail.length);
    buffer.free();
    buffer.free();
    expect(budget.used).toBe(0);
  });

  it('gives the memory itself back when it is freed, and all of it when the mail is refused', () => {
    const budget = createBudget(200 * KB);
    const buffer = createMailBuffer(budget, 100 * KB);
    buffer.add(Buffer.alloc(50 * KB));
    const mail = buffer.bytes();
    expect(buffer.add(Buffer.alloc(60 * KB))).toBe('too_large');
    expect([mail.buffer.byteLength, buffer.bytes().length, budget.used]).toEqual([0, 0, 0]);
    budget.tryTake(190 * KB);
    const other = createMailBuffer(budget, 100 * KB);
    expect(other.add(Buffer.alloc(50 * KB))).toBe('no_room');
    expect(budget.used).toBe(190 * KB);
  });
});
