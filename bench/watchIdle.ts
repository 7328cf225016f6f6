import { setTimeout as pause } from 'node:timers/promises';
import { selfSigned } from '../test/connectors/selfSigned.ts';
import { DOVECOT_PASSWORD, startDovecot } from '../test/servers/dovecot.ts';
import { metered, openWorld, residentOf, untilTrue, type Worker, type World } from './watchWorld.ts';

export type IdleResult = {
  mailboxes: number;
  /** Until all are watched, and logins in the busiest second. */
  startSeconds: number;
  mostLoginsInASecond: number;
  /** Resident memory for each beyond the first. */
  kilobytesEach: number;
  residentMb: number;
  /** Share of one core while nothing comes in. */
  percentOfACore: number;
  percentOfPostgres: number;
  percentOfDovecot: number;
  idleSeconds: number;
  load: string;
};

/** All mailboxes on one Dovecot over TLS, watched by one process, nothing coming in. */
export async function measureIdle(mailboxes: number, idleSeconds: number): Promise<IdleResult> {
  const world = await openWorld();
  const dovecot = await startDovecot({ sessions: mailboxes, tls: await selfSigned() });
  const boxes = Array.from({ length: mailboxes }, (_, index) => ({
    name: `box-${index}`,
    host: '127.0.0.1',
    port: dovecot.imapsPort,
    rejectUnauthorized: false,
    user: `box-${index}`,
    password: DOVECOT_PASSWORD,
  }));
  let worker: Worker | null = null;
  try {
    process.stderr.write('Idle: one mailbox…\n');
    worker = await world.worker('receive', { mailboxes: boxes.slice(0, 1) });
    await untilWatched(world, 1);
    await pause(SETTLE_MS);
    const alone = residentOf(worker.pid);
    await worker.stop();

    process.stderr.write(`Idle: ${mailboxes} mailboxes…\n`);
    const startedAt = performance.now();
    worker = await world.worker('receive', { mailboxes: boxes });
    const mostLoginsInASecond = await watchLogins(world, mailboxes);
    const startSeconds = (performance.now() - startedAt) / 1000;
    await pause(SETTLE_MS);
    process.stderr.write(`Idle: measuring for ${idleSeconds} s…\n`);
    const pid = worker.pid;
    const { cpuMs, seconds, load } = await metered(
      () => ({ receive: pid, postgres: world.postmaster, dovecot: dovecot.pid() }),
      () => pause(idleSeconds * 1000),
    );
    const resident = residentOf(pid);
    await untilWatched(world, mailboxes);
    const percent = (name: string) => (cpuMs[name]! / (seconds * 1000)) * 100;
    return {
      mailboxes,
      startSeconds,
      mostLoginsInASecond,
      kilobytesEach: (resident - alone) / 1024 / (mailboxes - 1),
      residentMb: resident / 1024 / 1024,
      percentOfACore: percent('receive'),
      percentOfPostgres: percent('postgres'),
      percentOfDovecot: percent('dovecot'),
      idleSeconds: seconds,
      load,
    };
  } finally {
    await worker?.stop();
    await dovecot.remove();
    await world.close();
  }
}

/** What was needed to begin is given back by then. */
const SETTLE_MS = 20_000;

function untilWatched({ pool }: World, count: number): Promise<void> {
  return untilTrue(pool, `select count(*) = ${count} as ok from mailboxes where state = 'watching'`, 200);
}

/** Waits until all are watched; how many more were in the busiest second. */
async function watchLogins({ pool }: World, all: number): Promise<number> {
  let before = 0;
  let most = 0;
  let at = performance.now();
  while (before < all) {
    await pause(1000);
    const { rows } = await pool.query<{ count: number }>(
      "select count(*)::int as count from mailboxes where state = 'watching'",
    );
    const { count } = rows[0]!;
    const now = performance.now();
    most = Math.max(most, ((count - before) * 1000) / (now - at));
    process.stderr.write(`Idle: ${count} are watched\n`);
    before = count;
    at = now;
  }
  return most;
}
