import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { senderRulesSchema } from '../../src/core/sender.ts';
import { decideRules } from '../../src/decide/deciding.ts';
import { type ReplayOptions, type ReplayResult, replay } from '../../src/decide/replay.ts';
import { openThreadPool } from '../../src/decide/threadPool.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import type { KindFiles } from '../../src/lib/kindFiles.ts';
import { createLog } from '../../src/lib/log.ts';
import type { Seal } from '../../src/lib/seal.ts';
import { loadSettings, type Settings } from '../../src/settings.ts';

const log = createLog('silent');

export type Replaying = Partial<Omit<ReplayOptions, 'filter'>> & {
  filter?: Partial<ReplayOptions['filter']>;
  settings?: Settings;
  clock?: Clock;
};

/** Replays stored mail with these kinds, in a process that has just begun. */
export async function replayWith(
  { pool, seal }: { pool: Pool; seal: Seal },
  kinds: KindFiles,
  {
    filter = {},
    settings = loadSettings({ file: '/dev/null', env: {} }),
    clock = systemClock,
    ...more
  }: Replaying = {},
): Promise<ReplayResult & { rung: string[] }> {
  const { understandMs: deadlineMs, understandMemoryMb: memoryMb } = settings.limits;
  const threads = await openThreadPool({ kinds, threads: 1, deadlineMs, memoryMb, log });
  const rung: string[] = [];
  const bell = {
    ring: async (chime: string) => {
      rung.push(chime);
    },
  };
  const senders = senderRulesSchema.parse(kinds.senders);
  const rulesHash = createHash('sha256').update(JSON.stringify(kinds)).digest();
  try {
    const result = await replay(
      {
        pool,
        threads,
        bell,
        seal,
        senders,
        rules: decideRules(settings),
        ticketOf: () => null,
        listDomains: settings.listDomains,
        log,
        clock,
        lanes: 2,
      },
      { filter: { since: null, customers: [], kinds: [], ...filter }, dry: false, rulesHash, ...more },
    );
    return { ...result, rung };
  } finally {
    await threads.close();
  }
}

/** Every row of every table but those of the replays themselves, as text: what a run changed shows. */
export async function everything(pool: Pool): Promise<string> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
        and relname not like 'replay%' and relname <> 'replays' order by 1`,
  );
  const dumps: string[] = [];
  for (const { name } of tables) {
    const { rows } = await pool.query<{ row: string }>(`select t::text as row from "${name}" t order by 1`);
    dumps.push(`${name}\n${rows.map(({ row }) => row).join('\n')}`);
  }
  return dumps.join('\n\n');
}
