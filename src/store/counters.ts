import { type Kysely, sql } from 'kysely';
import type { ClientBase } from 'pg';
import type { Tables } from './schema.ts';

/** Rows a counter, so that transactions at the same time seldom wait for each other. Read as a sum. */
export const COUNTER_SLOTS = 16;

/**
 * Adds to counters in the transaction of this connection. Call it once a transaction, last, with everything: names are
 * written in sorted order, and two calls in different orders could wait for each other.
 */
export async function addToCounters(client: ClientBase, added: Readonly<Record<string, number>>): Promise<void> {
  const values = counterValues(added);
  if (values[0].length === 0) return;
  await client.query({ name: 'add_to_counters', text: ADD_TO_COUNTERS('$1', '$2'), values });
}

/** The statement that adds; `names` and `added` are its parameters, filled by `counterValues`. */
export const ADD_TO_COUNTERS = (names: string, added: string) =>
  // The backend's pid: one connection always writes the same row, two at once mostly different ones.
  `insert into counters (name, slot, value)
   select name, pg_backend_pid() % ${COUNTER_SLOTS}, value
     from unnest(${names}::text[], ${added}::bigint[]) as added (name, value) order by name
   on conflict (name, slot) do update set value = counters.value + excluded.value`;

/** Those that change, in the order in which they are written. */
export function counterValues(
  added: Readonly<Record<string, number>>,
): [names: string[], added: (number | undefined)[]] {
  const names = Object.keys(added)
    .filter((name) => added[name] !== 0)
    .sort();
  return [names, names.map((name) => added[name])];
}

/** The same in a transaction of the query builder. */
export async function countIn(tx: Kysely<Tables>, added: Readonly<Record<string, number>>): Promise<void> {
  for (const name of Object.keys(added).sort()) {
    await sql`insert into counters (name, slot, value) values (${name}, pg_backend_pid() % ${COUNTER_SLOTS}, ${added[name]})
      on conflict (name, slot) do update set value = counters.value + excluded.value`.execute(tx);
  }
}

/** Counters whose name begins with `prefix` ('' for all), summed over their slots. */
export async function sumCounters(db: Kysely<Tables>, prefix = ''): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string; value: number }>`
    select name, sum(value)::bigint as value from counters
     where starts_with(name, ${prefix}) group by name order by name`.execute(db);
  return Object.fromEntries(rows.map((row) => [row.name, row.value]));
}
