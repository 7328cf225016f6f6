import { type Kysely, type RawBuilder, sql } from 'kysely';
import { searchPattern } from '../core/searchText.ts';
import type { Tables } from './schema.ts';

/** Words of this share of a sample are so common that walking a list in its order finds a page of them at once. */
const COMMON = 0.05;
/** Pages of the sample (8 KiB), and the rows from which on it says something. */
const SAMPLE = 80;
const SAMPLE_ROWS = 400;
/** Other words are found by the index, if it has no more rows of them than this. */
const RARE = 3000;

/** Conditions on `tickets t`; those of `dear` look into the texts of each ticket. */
export type FoundWords = { conditions: RawBuilder<unknown>[]; dear: RawBuilder<unknown>[] };

/**
 * What a search for words asks of a ticket: all of `words` somewhere in its texts, none of `notWords` anywhere. A sample says
 * which are common: those are looked for in each ticket of a list that is walked in its order, the others by the index,
 * which would list every hit before the first is shown. null: nothing has them.
 */
export async function findWords(
  db: Kysely<Tables>,
  { words, notWords }: { words: readonly string[]; notWords: readonly string[] },
): Promise<FoundWords | null> {
  if (words.length + notWords.length === 0) return { conditions: [], dear: [] };
  const common = await commonOf(db, [...words, ...notWords]);
  const conditions: RawBuilder<unknown>[] = [];
  const dear: RawBuilder<unknown>[] = [];
  const rare = words.filter((word) => !common.has(word));
  if (rare.length > 0) {
    const hits = await ticketsWith(db, rare, true);
    if (hits?.length === 0) return null;
    if (hits === null) for (const word of rare) common.add(word);
    else conditions.push(sql`t.id = any(${hits}::bigint[])`);
  }
  for (const word of words.filter((one) => common.has(one))) {
    dear.push(has(word));
  }
  const rareNot = notWords.filter((word) => !common.has(word));
  const without = rareNot.length > 0 ? await ticketsWith(db, rareNot, false) : [];
  if (without === null) for (const word of rareNot) common.add(word);
  else if (without.length > 0) conditions.push(sql`t.id <> all(${without}::bigint[])`);
  for (const word of notWords.filter((one) => common.has(one))) {
    dear.push(sql`not ${has(word)}`);
  }
  return { conditions, dear };
}

/** A scalar of the rows of one ticket: read by the primary key, never by way of all hits. */
const has = (word: string) =>
  sql<boolean>`coalesce((select true from ticket_search s where s.ticket_id = t.id and strpos(s.text, ${partOf(word)}) > 0
    limit 1), false)`;

/** A word that cannot be looked for is in no text. */
const patternOf = (word: string): string => searchPattern(word) ?? '';

/** The text that a pattern looks for. */
const partOf = (word: string): string => patternOf(word).slice(1, -1);

/** Tickets that have all words, or any of them; null when the index has too many rows of one. */
async function ticketsWith(db: Kysely<Tables>, words: readonly string[], all: boolean): Promise<number[] | null> {
  const found = await Promise.all(
    words.map(async (word) => {
      const { rows } = await sql<{ id: number }>`
        select s.ticket_id as id from ticket_search s where s.text like ${patternOf(word)} limit ${RARE + 1}`.execute(
        db,
      );
      return rows.length > RARE ? null : new Set(rows.map((row) => row.id));
    }),
  );
  const sets = found.filter((one) => one !== null);
  if (sets.length < found.length) return null;
  if (!all) return [...new Set(sets.flatMap((one) => [...one]))];
  const [first = new Set<number>(), ...others] = sets;
  return [...first].filter((id) => others.every((one) => one.has(id)));
}

/** Words that many rows have, by a sample of pages: the index would list all hits only to count them. */
async function commonOf(db: Kysely<Tables>, words: readonly string[]): Promise<Set<string>> {
  const counts = words.map((word) => sql`count(*) filter (where strpos(s.text, ${partOf(word)}) > 0)::int`);
  const { rows } = await sql<{ hits: number[]; of: number; share: number }>`
    with size as materialized (
      select least(1, ${SAMPLE}::float / greatest(pg_relation_size('ticket_search') / 8192, 1)) as share)
    select array[${sql.join(counts)}] as hits, count(*)::int as of, (select share from size) as share
      from ticket_search s tablesample system ((select 100 * share from size)) repeatable (1)`.execute(db);
  const { hits, of, share } = rows[0] as (typeof rows)[number];
  const isCommon = (count: number) => (of >= SAMPLE_ROWS && count / of >= COMMON) || count / share > RARE;
  return new Set(words.filter((_, index) => isCommon(hits[index] as number)));
}
