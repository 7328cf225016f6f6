import { type CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { ConsoleDeps } from '../src/console/deps.ts';
import { buildConsole } from '../src/console/server.ts';
import { systemClock } from '../src/lib/clock.ts';
import { createLog } from '../src/lib/log.ts';
import { loadSettings } from '../src/settings.ts';
import { returnSnoozed } from '../src/store/acts/snoozeTicket.ts';
import { indexSearch } from '../src/store/indexSearch.ts';
import { openInstance } from '../src/store/instance.ts';
import type { Tables } from '../src/store/schema.ts';

export type PlanProblem = { read: string; table: string; sql: string };

type Plan = { 'Node Type': string; 'Relation Name'?: string; Plans?: Plan[] };

/** Tables with more rows than this must be read by an index. */
const LARGE = 2000;

/** Asks for every page and read, and for the plan of every query that they make: those that read a large table whole. */
export async function plansOf(
  pool: pg.Pool,
  dataDir: string,
  reads: [name: string, path: string][],
): Promise<PlanProblem[]> {
  const queries: { read: string; query: CompiledQuery }[] = [];
  let read = '';
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    log: (event) => void queries.push({ read, query: event.query }),
  });
  const deps: ConsoleDeps = {
    db,
    pool,
    bell: {
      backend: 'postgres',
      ring: async () => {},
      listen: async () => {},
      check: async () => {},
      close: async () => {},
    },
    settings: loadSettings({ env: {} }),
    log: createLog('silent'),
    clock: systemClock,
    listeners: () => [],
    checkKeeping: async () => {},
    seal: await openInstance({ db, keyFile: null, dataDir, clock: systemClock, use: 'start' }),
    membership: { resellerDomains: [], approvers: [], ownDomains: [], ownAddresses: [] },
    userOf: async () => null,
    demo: false,
  };
  const app = await buildConsole(deps, () => 80);
  for (const [name, path] of reads) {
    read = name;
    const answer = await app.inject({ url: path, headers: { host: 'localhost' } });
    if (answer.statusCode !== 200)
      throw new Error(`${path} answers ${answer.statusCode}: ${answer.body.slice(0, 500)}`);
  }
  read = 'upkeep';
  await indexSearch(db, new Date());
  await returnSnoozed(db, new Date(0));
  await app.close();
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and reltuples > ${LARGE} and relnamespace = 'public'::regnamespace`,
  );
  const large = new Set(rows.map((row) => row.name));
  const problems = new Map<string, PlanProblem>();
  for (const one of queries) {
    if (!/^\s*(select|with)/i.test(one.query.sql)) continue;
    const explained = await pool.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(`explain (format json) ${one.query.sql}`, [
      ...one.query.parameters,
    ]);
    for (const table of scanned(explained.rows[0]!['QUERY PLAN'][0]!.Plan)) {
      if (large.has(table)) problems.set(`${table} ${one.query.sql}`, { read: one.read, table, sql: one.query.sql });
    }
  }
  return [...problems.values()];
}

function scanned(plan: Plan): string[] {
  const own = plan['Node Type'] === 'Seq Scan' && plan['Relation Name'] ? [plan['Relation Name']] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(scanned)];
}
