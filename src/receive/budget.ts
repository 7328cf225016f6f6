/** Bytes of mail that may be in memory at once, over all connections of all transports. */
export type Budget = {
  readonly limit: number;
  readonly used: number;
  /** Takes bytes if there is room now. Whoever cannot wait (SMTP, LMTP) answers "come back later" on false. */
  tryTake(bytes: number): boolean;
  /**
   * Takes bytes, waiting in turn until there is room (IMAP, import). More than the whole limit is granted when nothing
   * else is in memory, so that one large mail is slow and not stuck. Rejects when `signal` aborts.
   */
  take(bytes: number, signal?: AbortSignal): Promise<void>;
  give(bytes: number): void;
};

type Waiter = { bytes: number; grant(): void };

/** Makes the one budget of a process; `limit` in bytes. */
export function createBudget(limit: number): Budget {
  let used = 0;
  const waiting: Waiter[] = [];
  const fits = (bytes: number) => used + bytes <= limit || used === 0;
  const serve = () => {
    while (waiting[0] && fits(waiting[0].bytes)) {
      const waiter = waiting.shift() as Waiter;
      used += waiter.bytes;
      waiter.grant();
    }
  };
  return {
    limit,
    get used() {
      return used;
    },
    tryTake(bytes) {
      // Those who wait go first, else a stream of small mails would starve a large one.
      if (waiting.length > 0 || used + bytes > limit) return false;
      used += bytes;
      return true;
    },
    take(bytes, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason);
      if (waiting.length === 0 && fits(bytes)) {
        used += bytes;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const abort = () => {
          waiting.splice(waiting.indexOf(waiter), 1);
          reject(signal?.reason);
          serve();
        };
        const waiter: Waiter = {
          bytes,
          grant() {
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        signal?.addEventListener('abort', abort, { once: true });
        waiting.push(waiter);
      });
    },
    give(bytes) {
      used = Math.max(0, used - bytes);
      serve();
    },
  };
}
