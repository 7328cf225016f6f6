import { type Kysely, sql } from 'kysely';
import type { Pool } from 'pg';
import type { Tables } from './schema.ts';

/** How long the domains of the lists are believed (ms). */
const KEEP_MS = 30_000;

/**
 * The domains that are ours: those of the settings, else those of the root addresses that are known. Rejects when the
 * database does not answer.
 */
export function createListDomains(pool: Pool, configured: readonly string[]): () => Promise<ReadonlySet<string>> {
  let known: Promise<ReadonlySet<string>> | null = null;
  let until = 0;
  if (configured.length > 0) {
    const fixed = Promise.resolve(new Set(configured.map((domain) => domain.toLowerCase())));
    return () => fixed;
  }
  return () => {
    if (known === null || performance.now() > until) {
      const asked = readDomains(pool);
      asked.catch(() => {
        if (known === asked) known = null;
      });
      known = asked;
      until = performance.now() + KEEP_MS;
    }
    return known;
  };
}

async function readDomains(pool: Pool): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ domain: string }>(
    `select distinct substring(address from '@([^@]*)$') as domain from lists`,
  );
  return new Set(rows.map(({ domain }) => domain));
}

/** The domains of all root addresses that were ever given out, sorted. */
export async function readListDomains(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ domain: string }>`
    select distinct substring(address from '@([^@]*)$') as domain from lists order by domain`.execute(db);
  return rows.map(({ domain }) => domain);
}
