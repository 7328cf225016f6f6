import { describe, expect, it } from 'vitest';
import { rarestFirst, shareOf } from '../../src/receive/mailboxShare.ts';

const names = (...list: string[]) => list;

describe('the share of a process in the mailboxes', () => {
  it('is all of them alone, and an even part among others that know them, rounded up', () => {
    const all = names('a', 'b', 'c', 'd', 'e');
    expect(shareOf(all, [])).toBe(5);
    expect(shareOf(all, [all])).toBe(3);
    expect(shareOf(all, [all, all])).toBe(2);
    expect(shareOf(names('a', 'b', 'c'), [all, all])).toBe(1);
    expect(shareOf([], [all])).toBe(0);
  });

  it('counts nobody in who cannot take them', () => {
    expect(shareOf(names('a', 'b', 'c'), [names(), names('x')])).toBe(3);
    expect(rarestFirst(names('a', 'b', 'c'), names('a', 'b', 'c'), [names('a', 'c'), names('a')])).toEqual([
      'b',
      'c',
      'a',
    ]);
  });

  it('of all together is enough for every mailbox', () => {
    for (let mailboxes = 0; mailboxes < 30; mailboxes++)
      for (let processes = 1; processes < 7; processes++) {
        const all = Array.from({ length: mailboxes }, (_, n) => `m${n}`);
        const share = shareOf(
          all,
          Array.from({ length: processes - 1 }, () => all),
        );
        expect(share * processes).toBeGreaterThanOrEqual(mailboxes);
        expect(share).toBeLessThanOrEqual(Math.ceil(mailboxes / processes));
      }
  });
});
