import { promises as dns } from 'node:dns';

/**
 * A DNS question as mailauth asks it: `(name, type)` to rows, TXT rows as lists of character-strings. Rejects with an
 * Error whose `code` is Node's: ENOTFOUND (no such name), ENODATA (no such record), anything else is temporary.
 */
export type Resolver = (name: string, type: string) => Promise<string[][] | string[]>;

/** How long an answer is believed without asking again (ms). Node gives no TTL with TXT records. */
const KEEP_FOUND_MS = 60_000;
/** Short, so that a key that was just published is found soon. */
const KEEP_MISSING_MS = 5_000;
const MAX_ENTRIES = 10_000;
/** One try a server and its retry; the caller's own deadline is what bounds a mail. */
const TRY_MS = 1_500;
const TRIES = 2;

type Entry = { until: number; answer: Promise<string[][] | string[]> };

/**
 * A resolver over these servers (`127.0.0.1:5353`, `[::1]:53`; none: the system's). Equal questions within a minute are
 * asked once: the same few senders sign nearly all mail. Temporary errors are never remembered.
 */
export function createResolver(servers: readonly string[]): Resolver {
  const resolver = new dns.Resolver({ timeout: TRY_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers([...servers]);
  const cache = new Map<string, Entry>();
  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`;
    const now = performance.now();
    const known = cache.get(key);
    if (known && known.until > now) return known.answer;
    const entry: Entry = {
      // While the question is open it is shared, however long it takes.
      until: Number.POSITIVE_INFINITY,
      answer: resolver.resolve(name, type) as unknown as Promise<string[][] | string[]>,
    };
    if (cache.size >= MAX_ENTRIES) cache.delete(cache.keys().next().value as string);
    cache.delete(key);
    cache.set(key, entry);
    entry.answer.then(
      () => {
        entry.until = performance.now() + KEEP_FOUND_MS;
      },
      (error: { code?: string }) => {
        if (isMissing(error)) entry.until = performance.now() + KEEP_MISSING_MS;
        else if (cache.get(key) === entry) cache.delete(key);
      },
    );
    return entry.answer;
  };
}

/** True when the answer is "there is no such record", as opposed to "no answer now". */
export function isMissing(error: { code?: string }): boolean {
  return error.code === 'ENOTFOUND' || error.code === 'ENODATA' || error.code === 'EBADNAME';
}

/**
 * The same resolver for one mail: every question that is not answered `ms` after this call fails with ETIMEOUT, so
 * that all of a mail's questions together take no longer. `stop` frees the timer.
 */
export function withDeadline(resolver: Resolver, ms: number): { resolve: Resolver; stop(): void } {
  let expire: () => void = () => {};
  let expired = false;
  const deadline = new Promise<never>((_resolve, reject) => {
    expire = () => {
      expired = true;
      reject(timeout());
    };
  });
  deadline.catch(() => {}); // nobody may be waiting
  const timer = setTimeout(expire, ms);
  return {
    resolve: (name, type) => {
      if (expired) return Promise.reject(timeout());
      const answer = resolver(name, type);
      answer.catch(() => {}); // it may come after the deadline has been reported
      return Promise.race([answer, deadline]).catch((error: unknown) => {
        throw ownError(error);
      });
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * An error of a caller's own that stands for a shared one: mailauth writes onto the error that it gets. Without a stack,
 * which costs more than the answer: a record that is not there is an everyday answer.
 */
function ownError(error: unknown): Error {
  const shared = error instanceof Error ? error : new Error(String(error));
  return Object.assign(Object.create(shared) as Error, { code: (shared as { code?: string }).code ?? 'ESERVFAIL' });
}

function timeout(): Error {
  return Object.assign(new Error('no answer from DNS in time'), { code: 'ETIMEOUT' });
}
