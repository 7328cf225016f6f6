import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { ROOT_ADDRESSES, seedScene } from './seed.ts';
import { seedProbes } from './seedProbes.ts';
import { startTestConsole } from './startTestConsole.ts';

describe('what the probes say of root addresses', () => {
  let fresh: FreshDatabase;
  let pages: Awaited<ReturnType<typeof startTestConsole>>;
  let ticket: number;
  beforeAll(async () => {
    fresh = await freshDatabase();
    await seedScene(fresh);
    ({ ticket } = await seedProbes(fresh));
    pages = await startTestConsole(fresh);
  });
  afterAll(async () => {
    await pages.close();
    await fresh.drop();
  });
  const get = async (path: string, language = 'en') => {
    const answer = await fetch(new URL(path, pages.url), { headers: { 'accept-language': language } });
    expect(answer.status).toBe(200);
    return answer;
  };

  it('stands on the health page, the worst first, with last mail, last probe, delay and ticket', async () => {
    const page = await (await get('/health')).text();
    expect(page).toContain('2 addresses are silent');
    const rows = [...page.matchAll(/<tr[^>]*>(?:(?!<\/tr>).)*class="probes"(?:(?!<\/tr>).)*<\/tr>/gs)].map(
      ([row]) => row,
    );
    expect(rows.length).toBeGreaterThan(3);
    expect(rows[0]).toContain('Silent');
    expect(rows[0]).toContain(`href="/tickets/${ticket}"`);
    expect(rows[0]).toContain('43 came, 0 late, 5 did not come');
    expect(rows[1]).toContain('Probe late');
    expect(rows[1]).toContain('44 came, 4 late, 0 did not come');
    expect(rows.at(-1)).toContain('Heard');
    for (const address of Object.values(ROOT_ADDRESSES)) expect(page).not.toContain(address);
    expect(await (await get('/health', 'ja')).text()).toContain('2 件のアドレスが不通です');
  });

  it('is said on every page and in the metrics', async () => {
    expect(await (await get('/')).text()).toContain('2 silent');
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toContain('rootdesk_root_addresses{path="lost"} 1');
    expect(metrics).toContain('rootdesk_root_addresses{path="late"} 1');
  });

  it('is told by the API, address by address', async () => {
    const { items } = (await (await get('/api/v1/lists')).json()) as { items: { path: { state: string } }[] };
    const silent = items.find(({ path }) => path.state === 'lost');
    expect(silent?.path).toEqual({ state: 'lost', lastProbeAt: expect.any(String), tookMs: 4000, ticket });
    const health = (await (await get('/api/v1/health')).json()) as { paths: Record<string, number> };
    expect(health.paths).toMatchObject({ lost: 1, late: 1, unsent: 0 });
  });
});
