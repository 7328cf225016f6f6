import { cpuOfTree, quantile } from './measure.ts';
import { openWorld } from './watchWorld.ts';

export type PageResult = { path: string; kilobytes: number; p50Ms: number; cpuMsNode: number; cpuMsPostgres: number };

/** Pages, API and metrics of so many mailboxes, one in fifty of which needs somebody. */
export async function measurePages(mailboxes: number): Promise<PageResult[]> {
  const world = await openWorld();
  try {
    await world.pool.query(
      `insert into mailboxes (name, state, uid_validity, last_success_at)
         select 'box-' || n, case when n % 50 = 0 then 'waiting' else 'watching' end, 1, now() from generate_series(1, $1::int) n`,
      [mailboxes],
    );
    await world.pool.query(
      `insert into mailbox_epochs (mailbox, uid_validity, began_uid_next, server_uid_next, audit_at, audit_messages, started_at)
         select name, 1, 100, 100, now(), 99, now() from mailboxes`,
    );
    await world.pool.query('analyze mailboxes, mailbox_epochs');
    const console = await world.worker('console');
    const url = String(console.ports.console);
    const results: PageResult[] = [];
    for (const path of ['/metrics', '/health', '/api/v1/health', '/mailboxes', '/'])
      results.push(await ask(new URL(path, url), console.pid, world.postmaster));
    await console.stop();
    return results;
  } finally {
    await world.close();
  }
}

const WARM = 10;
const ASKED = 40;

async function ask(url: URL, node: number, postgres: number): Promise<PageResult> {
  const times: number[] = [];
  let bytes = 0;
  let before = { node: 0, postgres: 0 };
  for (let n = 0; n < WARM + ASKED; n++) {
    if (n === WARM) before = { node: cpuOfTree(node), postgres: cpuOfTree(postgres) };
    const startedAt = performance.now();
    const answer = await fetch(url);
    bytes = (await answer.arrayBuffer()).byteLength;
    if (!answer.ok) throw new Error(`${url.pathname} answers ${answer.status}`);
    if (n >= WARM) times.push(performance.now() - startedAt);
  }
  return {
    path: url.pathname,
    kilobytes: bytes / 1024,
    p50Ms: quantile(times, 0.5),
    cpuMsNode: (cpuOfTree(node) - before.node) / ASKED,
    cpuMsPostgres: (cpuOfTree(postgres) - before.postgres) / ASKED,
  };
}
