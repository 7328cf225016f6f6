import { mkdirSync, writeFileSync } from 'node:fs';
import { measureBackfill } from './watchBackfill.ts';
import { measureBurst, measureDeciders } from './watchBurst.ts';
import { measureIdle } from './watchIdle.ts';
import { measurePages } from './watchPages.ts';
import { measurePush } from './watchPush.ts';

/**
 * Watching mailboxes, on a real Dovecot, a fresh PostgreSQL and processes as workers/ starts them. Parts (`--only PART`):
 * - `idle`: memory for each mailbox over TLS and CPU while nothing comes (`--mailboxes N`, default 2000; `--idle N` seconds, 120),
 *   and how fast they log in after a start;
 * - `push`: from EXISTS at our socket to the committed ticket (`--pushes N`, default 100);
 * - `backfill`: `rootdesk backfill` beside a process that decides (`--mails N`, default 10000; 100000 takes 15 GB of disk);
 * - `burst`: mails for many customers at once (`--burst N`, default 10000; `--customers N`, 2000);
 * - `decide`: 1, 2 and 4 processes that decide, on bells of PostgreSQL and of Redis (`--decides N` mails each, default 2000);
 * - `pages`: pages and metrics that show mailboxes (`--known N`, default 5000).
 * CPU time is that of whole trees of processes. What a mail costs on two cores that do nothing else is computed from it; the
 * load of the machine stands beside each figure.
 */
export async function run(args: string[]): Promise<void> {
  const report: Record<string, unknown> = {};
  const parts: Record<string, () => Promise<unknown>> = {
    idle: () => measureIdle(option(args, '--mailboxes', 2000), option(args, '--idle', 120)),
    push: () => measurePush(option(args, '--pushes', 100)),
    backfill: () => measureBackfill(option(args, '--mails', 10_000)),
    burst: () => measureBurst(option(args, '--burst', 10_000), option(args, '--customers', 2000)),
    decide: () => measureDeciders(option(args, '--decides', 2000)),
    pages: () => measurePages(option(args, '--known', 5000)),
  };
  const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : null;
  for (const [name, part] of Object.entries(parts)) {
    if (only !== null && only !== name) continue;
    report[name] = await part();
    process.stdout.write(`${name} ${JSON.stringify(report[name], null, 2)}\n`);
    mkdirSync('bench-results', { recursive: true });
    writeFileSync('bench-results/watch.json', `${JSON.stringify(report, null, 2)}\n`);
  }
}

function option(args: string[], name: string, fallback: number): number {
  const index = args.indexOf(name);
  const value = index < 0 ? fallback : Number(args[index + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} takes a whole number`);
  return value;
}
