import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { inject } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { openPool } from '../../src/store/pool.ts';
import type { Tables } from '../../src/store/schema.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's PostgreSQL; its database in this URL is the migrated template. */
    postgresTemplateUrl: string;
  }
}

export type FreshDatabase = { url: string; pool: pg.Pool; db: Kysely<Tables>; drop(): Promise<void> };

/**
 * A database of its own, copied from the migrated template of this run's server (about 100 ms). As files: through the
 * log, the default, each of the 700 relations costs four times that, and the checkpoint that files need waits for no disk
 * here (restartWithoutSync.ts).
 */
export async function freshDatabase(options: { max?: number } = {}): Promise<FreshDatabase> {
  const template = new URL(inject('postgresTemplateUrl'));
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(template, `create database ${name} template ${template.pathname.slice(1)} strategy file_copy`);
  const url = at(template, name);
  const pool = openPool(url, { max: options.max ?? 5 });
  const db = openDatabase(pool);
  let dropped: Promise<void> | null = null;
  const drop = async () => {
    if (!pool.ended && !pool.ending) await pool.end();
    await administer(template, `drop database if exists ${name} with (force)`);
  };
  return { url, pool, db, drop: () => (dropped ??= drop()) };
}

/** An empty database, not migrated, for tests of the migrations. */
export async function emptyDatabase(): Promise<FreshDatabase> {
  const template = new URL(inject('postgresTemplateUrl'));
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await administer(template, `create database ${name} template template0`);
  const url = at(template, name);
  const pool = openPool(url, { max: 5 });
  return {
    url,
    pool,
    db: openDatabase(pool),
    async drop() {
      if (!pool.ended && !pool.ending) await pool.end();
      await administer(template, `drop database if exists ${name} with (force)`);
    },
  };
}

/** `create database` refuses a template that somebody is connected to, so this goes through another database. */
async function administer(template: URL, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: at(template, 'postgres') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function at(template: URL, database: string): string {
  const url = new URL(template);
  url.pathname = `/${database}`;
  return url.href;
}
