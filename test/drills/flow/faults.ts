import type { Chance } from './chance.ts';
import { BOXES, type FlowWorld } from './flowWorld.ts';

/** One thing that goes wrong. Resolves when it has happened and what must be brought back is coming back. */
type Fault = { name: string; weight: number; happen(): Promise<boolean> };

/** Does one fault, drawn by chance; its name, or null when nothing of that sort could happen at this moment. */
export type Faults = () => Promise<string | null>;

/** How long a fault waits for the moment that it is meant for (ms). */
const TRAP_MS = 2_000;

export function createFaults(world: FlowWorld, chance: Chance): Faults {
  const { roles, redis, dovecot, pool, toUs, toBoxes } = world;
  const kills: Fault[] = roles.map((role) => ({
    name: `kill -9 ${role.name}`,
    weight: 3,
    async happen() {
      // One that is still starting has nothing in its hands.
      if (!role.isUp()) return false;
      await role.kill();
      return true;
    },
  }));
  const faults: Fault[] = [
    ...kills,
    { name: 'cut LMTP', weight: 4, happen: async () => toUs.cut() > 0 },
    { name: 'cut IMAP', weight: 4, happen: async () => toBoxes.cut() > 0 },
    // In the middle of the mail itself: half of it has come, or been read.
    { name: 'cut within DATA', weight: 2, happen: () => toUs.cutWithin('client', /^DATA\r\n/im, TRAP_MS) },
    {
      name: 'cut within FETCH',
      weight: 2,
      happen: () => toBoxes.cutWithin('server', /BODY\[\S*? \{\d+\}\r\n/i, TRAP_MS),
    },
    {
      name: 'Redis FLUSHALL',
      weight: 2,
      happen: async () => (await redis.command('FLUSHALL')) === 'OK',
    },
    {
      name: 'Redis restart',
      weight: 1,
      async happen() {
        await redis.kill();
        await redis.start();
        return true;
      },
    },
    {
      name: 'PostgreSQL crash',
      weight: 1,
      async happen() {
        // SIGQUIT: every session ends at once, without a farewell; the next start recovers from the log.
        const pid = await world.postmaster().catch(() => null);
        if (pid === null) return false;
        process.kill(pid, 'SIGQUIT');
        return true;
      },
    },
    {
      name: 'PostgreSQL sessions ended',
      weight: 1,
      async happen() {
        const ended = await pool
          .query(
            `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()`,
          )
          .catch(() => null);
        return ended !== null;
      },
    },
    {
      name: 'Dovecot restart',
      weight: 1,
      async happen() {
        await dovecot.stop();
        await dovecot.start();
        return true;
      },
    },
    {
      name: 'UIDVALIDITY change',
      weight: 1,
      async happen() {
        await dovecot.stop();
        dovecot.renumber(chance.pick(Object.values(BOXES)));
        await dovecot.start();
        return true;
      },
    },
  ];
  const bag = faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  return async () => {
    const fault = chance.pick(bag);
    return (await fault.happen()) ? fault.name : null;
  };
}
