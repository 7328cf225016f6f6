import { describe, expect, it, vi } from 'vitest';
import { createGroupCommit } from '../../src/lib/groupCommit.ts';

/** A writer whose transactions end when the test says so. */
function heldWriter() {
  const under: { items: readonly number[]; end: PromiseWithResolvers<number[]> }[] = [];
  const write = (items: readonly number[]) => {
    const end = Promise.withResolvers<number[]>();
    under.push({ items, end });
    return end.promise;
  };
  const finish = (index: number) => under[index]!.end.resolve(under[index]!.items.map((item) => item * 10));
  const begun = (count: number) => vi.waitFor(() => expect(under).toHaveLength(count), { timeout: 20_000 });
  return { under, write, finish, begun };
}

const options = { maxItems: 3, weight: { of: (item: number) => item, most: 100 }, lanes: 2 };

describe('group commit', () => {
  it('sends the first at once and gathers what comes during its commit', async () => {
    const { under, write, finish, begun } = heldWriter();
    const group = createGroupCommit(write, options);
    const results = [group.commit([1]), group.commit([2]), group.commit([3])];
    expect(under.map(({ items }) => items)).toEqual([[1]]);
    finish(0);
    expect(await results[0]).toEqual([10]);
    await begun(2);
    expect(under.map(({ items }) => items)).toEqual([[1], [2, 3]]);
    finish(1);
    expect(await Promise.all(results)).toEqual([[10], [20], [30]]);
    await group.idle();
  });

  it('waits for others where it may, and not when a transaction is full', async () => {
    const { under, write, finish, begun } = heldWriter();
    const group = createGroupCommit(write, { ...options, gatherMs: 5 });
    const results = [group.commit([1]), group.commit([2])];
    expect(under).toEqual([]);
    await begun(1);
    expect(under[0]!.items).toEqual([1, 2]);
    finish(0);
    expect(await Promise.all(results)).toEqual([[10], [20]]);
    const full = [group.commit([3]), group.commit([4]), group.commit([5]), group.commit([6])];
    await begun(2);
    finish(1);
    await begun(3);
    finish(2);
    expect(await Promise.all(full)).toEqual([[30], [40], [50], [60]]);
    expect(under.flatMap(({ items }) => items).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    await group.idle();
    expect(under).toHaveLength(3);
  });

  it('opens another lane when a whole transaction waits behind one that is stuck', async () => {
    const { under, write, finish, begun } = heldWriter();
    const group = createGroupCommit(write, options);
    const stuck = group.commit([1]);
    const others = [2, 3, 4, 5].map((item) => group.commit([item]));
    expect(under.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
    finish(1);
    expect(await Promise.all(others.slice(0, 3))).toEqual([[20], [30], [40]]);
    await begun(3);
    finish(2);
    expect(await others[3]).toEqual([50]);
    finish(0);
    expect(await stuck).toEqual([10]);
  });

  it('keeps heavy units in transactions of their own', async () => {
    const { under, write, finish, begun } = heldWriter();
    const group = createGroupCommit(write, { ...options, maxItems: 10, lanes: 1 });
    const results = [1, 200, 60, 30, 20].map((item) => group.commit([item]));
    for (const index of [0, 1, 2, 3]) {
      await begun(index + 1);
      finish(index);
    }
    await Promise.all(results);
    expect(under.map(({ items }) => items)).toEqual([[1], [200], [60, 30], [20]]);
  });

  it('tries each unit alone when a shared transaction fails, and never parts a unit', async () => {
    const seen: (readonly number[])[] = [];
    const group = createGroupCommit<number, number>(
      async (items) => {
        seen.push(items);
        if (items.includes(3)) throw new Error('three cannot be kept');
        return [...items];
      },
      { ...options, maxItems: 4 },
    );
    const results = await Promise.allSettled([group.commit([1]), group.commit([2, 4]), group.commit([3])]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(seen).toEqual([[1], [2, 4, 3], [2, 4], [3]]);
  });
});
