import { setTimeout as pause } from 'node:timers/promises';

/**
 * Commits what arrives at the same time in one transaction. Units that wait while a commit runs go together into the
 * next one; each is acknowledged only after its own commit. Under no load a unit goes at once, alone. A further lane is
 * opened when a whole transaction waits: two half ones cost more, and one that is stuck must not stop the others.
 */
export type GroupCommit<Item, Result> = {
  /** Commits these items together or not at all; results in their order. */
  commit(items: readonly Item[]): Promise<Result[]>;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
};

type Unit<Item, Result> = {
  items: readonly Item[];
  resolve(results: Result[]): void;
  reject(error: unknown): void;
};

export type GroupCommitOptions<Item> = {
  /** Items of one transaction. */
  maxItems: number;
  /** What an item weighs, and what a transaction may weigh; one unit alone may weigh more. */
  weight?: { of(item: Item): number; most: number };
  /** Transactions at once. */
  lanes: number;
  /** How long what comes first waits for others (ms), where nobody waits for it; otherwise not at all. */
  gatherMs?: number;
};

/**
 * `write` commits items in one transaction. When a transaction of several units fails, each is tried alone, so that one
 * that cannot be kept does not keep the others out.
 */
export function createGroupCommit<Item, Result>(
  write: (items: readonly Item[]) => Promise<Result[]>,
  options: GroupCommitOptions<Item>,
): GroupCommit<Item, Result> {
  const queue: Unit<Item, Result>[] = [];
  const idlers: (() => void)[] = [];
  let busy = 0;

  const settle = async (units: Unit<Item, Result>[]): Promise<void> => {
    try {
      const results = await write(units.flatMap((unit) => unit.items));
      let at = 0;
      for (const unit of units) {
        unit.resolve(results.slice(at, at + unit.items.length));
        at += unit.items.length;
      }
    } catch (error) {
      const [only] = units;
      if (units.length === 1 && only) only.reject(error);
      else for (const unit of units) await settle([unit]);
    }
  };

  const takeUnits = (): Unit<Item, Result>[] => {
    const units: Unit<Item, Result>[] = [];
    let count = 0;
    let weight = 0;
    const { of: weigh = () => 0, most = 0 } = options.weight ?? {};
    for (const unit of queue) {
      count += unit.items.length;
      for (const item of unit.items) weight += weigh(item);
      if (units.length > 0 && (count > options.maxItems || weight > most)) break;
      units.push(unit);
    }
    queue.splice(0, units.length);
    return units;
  };

  const run = async (): Promise<void> => {
    busy += 1;
    while (queue.length > 0) {
      if (options.gatherMs && queue.length < options.maxItems) await pause(options.gatherMs);
      // Another lane may have taken them meanwhile.
      const units = takeUnits();
      if (units.length > 0) await settle(units);
    }
    busy -= 1;
    if (busy === 0) for (const idle of idlers.splice(0)) idle();
  };

  return {
    commit(items) {
      return new Promise((resolve, reject) => {
        queue.push({ items, resolve, reject });
        if (busy === 0 || (busy < options.lanes && queue.length >= options.maxItems)) void run();
      });
    },
    idle() {
      return busy === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve));
    },
  };
}
