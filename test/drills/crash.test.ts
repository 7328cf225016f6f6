import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { drillRecords, MAILS } from './drillCustomer.ts';
import { createWorld } from './drillWorld.ts';
import { startVictim, type Victim } from './victim.ts';

/**
 * kill -9 between every two steps of the road. A round without faults counts the steps and says what the world looks
 * like afterwards; then, for each step, a new customer's mails come in and the process dies right before it. It is
 * started again, whoever was not answered sends again as a mail server does, and that customer's world must look the
 * same: no mail lost, none doubled, no effect twice. Several worlds share a process and its start.
 */
const LANES = 5;
/** Longer than any lease (ms): a process that died may hold one, and nobody wants to wait for it here. */
const LEASE_MS = 90_000;

let dns: DnsServer;
beforeAll(async () => {
  dns = await startDnsServer(drillRecords());
});
afterAll(() => dns.close());

describe('kill -9 between every two steps', () => {
  it('loses nothing and doubles nothing', { timeout: 30 * 60_000 }, async () => {
    const worlds = await Promise.all(Array.from({ length: LANES }, (_, lane) => createWorld(lane, dns.server)));
    const envs = worlds.map(({ env }) => env);
    let victim: Victim = await startVictim(envs, 0);
    try {
      const first = await worlds[0]!.begin(victim, 0);
      const calm = await first.finish(victim);
      const steps = await victim.countSteps(0);
      expect(calm.mails).toHaveLength(MAILS);
      expect(calm.tickets).toHaveLength(2);
      expect(calm.notices).toBe(1);
      expect(steps).toBeGreaterThan(10);
      const deaths = Math.ceil(steps / LANES);
      for (let death = 0; death < deaths; death++) {
        const points = worlds.map((_, lane) => death * LANES + lane + 1).filter((point) => point <= steps);
        const rounds = await Promise.all(points.map((point, lane) => worlds[lane]!.begin(victim, point)));
        await victim.kill();
        victim = await startVictim(envs, (death + 1) * LEASE_MS);
        await Promise.all(
          rounds.map(async (round, lane) => {
            expect(await round.finish(victim), `killed before step ${points[lane]} of ${steps}`).toEqual(calm);
          }),
        );
      }
      for (const world of worlds) {
        const { counted, real } = await world.counters();
        expect(counted).toEqual(real);
      }
    } finally {
      await victim.kill();
      await Promise.all(worlds.map((world) => world.close()));
    }
  });
});
