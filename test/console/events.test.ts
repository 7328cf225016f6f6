import { get as httpGet, type IncomingMessage } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { STREAM_LIMIT } from '../../src/console/eventStreams.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { seedScene } from './seed.ts';
import { startTestConsole } from './startTestConsole.ts';

let fresh: FreshDatabase;
let served: Awaited<ReturnType<typeof startTestConsole>>;
let ticket: number;
const streams: IncomingMessage[] = [];

beforeAll(async () => {
  fresh = await freshDatabase();
  ticket = (await seedScene(fresh)).compromise;
  served = await startTestConsole(fresh);
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.destroy();
});
afterAll(async () => {
  await served?.close();
  await fresh?.drop();
});

type Told = { event: string; id: string; data: Record<string, unknown> };

/** Opens a stream and gathers its events. */
async function listen(lastId?: string, headers: Record<string, string> = {}) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const own = { ...(lastId === undefined ? {} : { 'last-event-id': lastId }), ...headers };
    httpGet(`${served.url}/events`, { headers: own }, resolve).on('error', reject);
  });
  streams.push(answer);
  const told: Told[] = [];
  let text = '';
  answer.setEncoding('utf8');
  answer.on('error', () => {});
  answer.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      text = text.slice(end + 2);
      const event = fields.get('event');
      if (event) told.push({ event, id: fields.get('id') ?? '', data: JSON.parse(fields.get('data') ?? '{}') });
    }
  });
  const until = (event: string) =>
    expect.poll(() => told.find((one) => one.event === event), { timeout: 10_000 }).toBeTruthy();
  return { answer, told, until };
}

const change = (version: number, state: string) =>
  fetch(`${served.url}/api/v1/tickets/${ticket}/state`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: served.url, 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ version, state }),
  });

describe('events', () => {
  test('tell what changed by its id, after the commit and to every reader', async () => {
    const [one, two] = await Promise.all([listen(), listen()]);
    expect(one.answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(one.answer.headers['content-security-policy']).toContain("default-src 'none'");
    await Promise.all([one.until('hello'), two.until('hello')]);
    await fresh.pool.query(`select pg_notify('rootdesk_news', '{"t":[${ticket}],"m":[7]}')`);
    await Promise.all([one.until('news'), two.until('news')]);
    const news = one.told.find((told) => told.event === 'news');
    expect(news?.data).toEqual({ tickets: [ticket], mails: [7], effects: [], more: false });
  });

  test('a reader that comes back gets what it missed; one that was away too long is told to ask anew', async () => {
    const first = await listen();
    await first.until('hello');
    const seen = first.told.at(-1)?.id as string;
    first.answer.destroy();
    const other = await listen();
    await fresh.pool.query(`select pg_notify('rootdesk_news', '{"e":[41]}')`);
    await other.until('news');
    const back = await listen(seen);
    await back.until('news');
    expect(back.told.at(-1)?.data).toMatchObject({ effects: [41] });
    for (const unknown of ['00000000-3', 'x', `${seen.slice(0, 8)}-999999`]) {
      const lost = await listen(unknown);
      await lost.until('resync');
    }
  });

  test('what others write into the channel is no event', async () => {
    const one = await listen();
    await one.until('hello');
    for (const payload of ['no json', '[]', '{"t":["<script>"]}', 'null', '{"t":[5]}']) {
      await fresh.pool.query('select pg_notify($1, $2)', ['rootdesk_news', payload]);
    }
    await one.until('news');
    expect(one.told.filter((told) => told.event === 'news').map((told) => told.data)).toEqual([
      { tickets: [5], mails: [], effects: [], more: false },
    ]);
  });

  test('a connection to the database that breaks is replaced, and readers are told', async () => {
    const one = await listen();
    await one.until('hello');
    await fresh.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where query ilike 'listen %' and datname = current_database() and pid <> pg_backend_pid()`,
    );
    await one.until('resync');
    await fresh.pool.query(`select pg_notify('rootdesk_news', '{"m":[9]}')`);
    await expect.poll(() => one.told.some((told) => told.data.mails !== undefined), { timeout: 10_000 }).toBe(true);
  });

  test('a strange host and a page elsewhere get none', async () => {
    const stranger = await listen(undefined, { host: 'rebound.example' });
    expect(stranger.answer.statusCode).toBe(421);
    const elsewhere = await listen(undefined, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' });
    expect(elsewhere.answer.statusCode).toBe(403);
  });

  test('a state that is changed is told', async () => {
    const one = await listen();
    await one.until('hello');
    expect((await change(1, 'waiting')).status).toBe(200);
    await one.until('news');
    expect(one.told.at(-1)?.data).toMatchObject({ tickets: [ticket] });
  });
});

test('there is a limit of streams, and open ones never hold up the stop', async () => {
  const own = await startTestConsole(fresh);
  try {
    const all = await Promise.all(
      Array.from({ length: STREAM_LIMIT + 1 }, async () => {
        const answer = await new Promise<IncomingMessage>((resolve, reject) => {
          httpGet(`${own.url}/events`, resolve).on('error', reject);
        });
        answer.on('error', () => {});
        return answer;
      }),
    );
    expect(all.filter((answer) => answer.statusCode === 200)).toHaveLength(STREAM_LIMIT);
    expect(all.filter((answer) => answer.statusCode === 503)).toHaveLength(1);
    const began = performance.now();
    await own.close();
    expect(performance.now() - began).toBeLessThan(5000);
    await expect
      .poll(() => all.every((answer) => answer.destroyed || answer.readableEnded || answer.complete), {
        timeout: 20_000,
      })
      .toBe(true);
  } finally {
    await own.close();
  }
});
