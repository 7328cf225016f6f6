import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

export type ListEntry = {
  listId: number;
  customerId: number;
  slug: string;
  account: string | null;
  state: 'draft' | 'live' | 'released';
};

/** Which customer's list a root address is. */
export type Directory = {
  /** The list of an address in any letter case, or null when it is none of ours. */
  find(address: string): Promise<ListEntry | null>;
  /** Reads all lists again. */
  refresh(): Promise<void>;
};

/** Longest that a list known here may differ from the database, when another process changed it (ms). */
const FRESH_MS = 15_000;

/** Longest address that can be one (bytes, RFC 5321 §4.5.3.1.3 less the angle brackets). */
const LONGEST = 254;

/**
 * Lists by address, cached in memory. A miss asks the database, so a list that another process added is found at once;
 * a hit is trusted for 15 s. When the database is away, known lists go on being found and a miss rejects: nobody is
 * told that an address does not exist because we could not look.
 */
export function createDirectory(db: Kysely<Tables>): Directory {
  let lists = new Map<string, ListEntry>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const readAll = async () => {
    const rows = await select(db, null);
    lists = new Map(rows.map(({ address, ...entry }) => [address, entry]));
    readAt = performance.now();
  };
  const refresh = () => {
    reading ??= readAll().finally(() => {
      reading = null;
    });
    return reading;
  };

  return {
    async find(address) {
      const wanted = address.trim().toLowerCase();
      if (wanted === '' || Buffer.byteLength(wanted) > LONGEST || wanted.includes('\0')) return null;
      if (performance.now() - readAt > FRESH_MS) {
        await refresh().catch((error: unknown) => {
          if (!lists.has(wanted)) throw error;
        });
      }
      const known = lists.get(wanted);
      if (known) return known;
      const [found] = await select(db, wanted);
      if (!found) return null;
      const { address: _, ...entry } = found;
      lists.set(wanted, entry);
      return entry;
    },
    refresh,
  };
}

async function select(db: Kysely<Tables>, address: string | null): Promise<(ListEntry & { address: string })[]> {
  const { rows } = await sql<ListEntry & { address: string }>`
    select l.address, l.id as "listId", l.customer_id as "customerId", c.slug, l.account, l.state
      from lists l join customers c on c.id = l.customer_id
     where ${address}::text is null or l.address = ${address}`.execute(db);
  return rows;
}
