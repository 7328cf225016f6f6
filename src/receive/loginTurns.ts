/**
 * Lets mailboxes log in one after another: after a start, or when a server or the network comes back, thousands of them want to
 * at once, and a server that is hammered serves none of them. In order of asking, a server by itself.
 */
export type LoginTurns = {
  /**
   * Waits for a turn at this server; the answer ends it, may be called twice, and must be called when the login is through or has
   * failed. Rejects when `signal` aborts.
   */
  take(server: string, signal: AbortSignal): Promise<() => void>;
};

export type LoginPace = {
  /** Logins under way at once, a server. */
  atOnce: number;
  /** Between the beginnings of two logins at one server (ms). */
  apartMs: number;
};

/** 2,000 mailboxes of one server are watched within a minute; a server that takes its time sets its own pace. */
const PACE: LoginPace = { atOnce: 8, apartMs: 20 };

type Line = { busy: number; freeAt: number; waiting: (() => void)[]; timer: NodeJS.Timeout | null };

export function createLoginTurns({ atOnce, apartMs }: LoginPace = PACE): LoginTurns {
  const lines = new Map<string, Line>();

  const serve = (server: string, line: Line): void => {
    if (line.timer !== null) return;
    while (line.waiting.length > 0 && line.busy < atOnce) {
      const early = line.freeAt - performance.now();
      if (early > 0) {
        line.timer = setTimeout(() => {
          line.timer = null;
          serve(server, line);
        }, early);
        return;
      }
      line.freeAt = performance.now() + apartMs;
      line.busy += 1;
      line.waiting.shift()!();
    }
    if (line.busy === 0 && line.waiting.length === 0) lines.delete(server);
  };

  return {
    async take(server, signal) {
      signal.throwIfAborted();
      const at = lines.get(server) ?? { busy: 0, freeAt: Number.NEGATIVE_INFINITY, waiting: [], timer: null };
      lines.set(server, at);
      await new Promise<void>((resolve, reject) => {
        const leave = () => {
          at.waiting.splice(at.waiting.indexOf(grant), 1);
          reject(signal.reason);
        };
        const grant = () => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        signal.addEventListener('abort', leave, { once: true });
        at.waiting.push(grant);
        serve(server, at);
      });
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        at.busy -= 1;
        serve(server, at);
      };
    },
  };
}
