/**
 * Commits what arrives at the same time in one transaction. Units that wait while a commit runs go together into the
 * next one; each is acknowledged only after its own commit. Under no load a unit goes at once, alone.
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

/**
 * `write` commits up to `maxItems` items in one transaction. When a transaction of several units fails, each is tried
 * alone, so that one that cannot be kept does not keep the others out. `lanes`: transactions at once.
 */
export function createGroupCommit<Item, Result>(
  write: (items: readonly Item[]) => Promise<Result[]>,
  options: { maxItems: number; lanes: number },
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

  const run = async (): Promise<void> => {
    busy += 1;
    while (queue.length > 0) {
      const units: Unit<Item, Result>[] = [];
      let count = 0;
      while (queue[0] && (units.length === 0 || count + queue[0].items.length <= options.maxItems)) {
        const unit = queue.shift() as Unit<Item, Result>;
        units.push(unit);
        count += unit.items.length;
      }
      await settle(units);
    }
    busy -= 1;
    if (busy === 0) for (const idle of idlers.splice(0)) idle();
  };

  return {
    commit(items) {
      return new Promise((resolve, reject) => {
        queue.push({ items, resolve, reject });
        if (busy < options.lanes) void run();
      });
    },
    idle() {
      return busy === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve));
    },
  };
}
