import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { hours, ROOT_ADDRESSES, seedScene } from './seed.ts';
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

describe('queues of mail that SES took', () => {
  let fresh: FreshDatabase;
  let pages: Awaited<ReturnType<typeof startTestConsole>>;
  beforeAll(async () => {
    fresh = await freshDatabase();
    await seedScene(fresh);
    const trouble = `insert into ses_troubles
      (queue, message_id, object, class, error, attempts, first_at, last_at, next_try_at) values ('root-mail', $1, $2, $3, $4, $5, $6, $7, $8)`;
    await fresh.pool.query(trouble, [
      'm-1',
      'example-root-mail/in/0a1b',
      'denied',
      `access is denied (403) ${ROOT_ADDRESSES.kumo}`,
      7,
      hours(-3),
      hours(-0.1),
      hours(0.1),
    ]);
    await fresh.pool.query(trouble, ['m-2', null, 'message', 'It is not JSON.', 2, hours(-9), hours(-8), hours(-7)]);
    await fresh.pool.query(
      `insert into ses_queues (name, state, last_success_at, waiting, created_at, changed_at)
       values ('quiet', 'watching', $1, null, $1, $1)`,
      [hours(-2)],
    );
    pages = await startTestConsole(fresh);
  });
  afterAll(async () => {
    await pages.close();
    await fresh.drop();
  });
  const get = async (path: string, language = 'en') =>
    (await fetch(new URL(path, pages.url), { headers: { 'accept-language': language } })).text();

  it('stand on the health page with what cannot be read, the oldest first, and no root address', async () => {
    const page = await get('/health');
    expect(page).toContain('0 in the queue');
    const [, table = ''] = page.split('Mail of queues that cannot be read');
    expect(table.indexOf('It is not JSON.')).toBeLessThan(table.indexOf('example-root-mail/in/0a1b'));
    expect(table).toContain('no longer in the queue');
    expect(table).toContain('7 tries, next try');
    expect(page).not.toContain(ROOT_ADDRESSES.kumo);
    const japanese = await get('/health', 'ja');
    expect(japanese).toContain('読み取れないキューのメール');
    expect(japanese).toContain('読み取りが許可されていません');
  });

  it('that nobody reads any more is down, whatever its row said last', async () => {
    expect(await get('/health')).toMatch(/quiet<\/td><td>SES.*?Stopped/s);
    const metrics = await get('/metrics');
    expect(metrics).toContain('rootdesk_queue_up{queue="quiet"} 0');
    expect(metrics).toContain('rootdesk_queue_up{queue="root-mail"} 1');
    expect(metrics).toContain('rootdesk_queue_unread{queue="root-mail"} 2');
    expect(metrics).toContain('rootdesk_queue_unread_oldest_seconds{queue="root-mail"} 32400');
    expect(metrics).toContain('rootdesk_queue_waiting{queue="root-mail"} 0');
    expect(metrics).not.toContain('rootdesk_queue_waiting{queue="quiet"}');
  });

  it('are told by the API', async () => {
    const { queues, unread } = JSON.parse(await get('/api/v1/health'));
    expect(queues).toMatchObject([
      { name: 'quiet', state: 'stopped', waiting: null, unread: 0 },
      { name: 'root-mail', state: 'watching', waiting: 0, unread: 2 },
    ]);
    expect(unread).toMatchObject([
      { message: 'm-2', class: 'message', object: null },
      { message: 'm-1', class: 'denied', attempts: 7 },
    ]);
  });
});
