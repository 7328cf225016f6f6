import { Validator } from '@seriousme/openapi-schema-validator';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDPOINTS } from '../../src/console/api/endpoints.ts';
import { anyError, conflict, wrongInput } from '../../src/console/api/shapes.ts';
import { buildConsole } from '../../src/console/server.ts';
import { loadSettings } from '../../src/settings.ts';
import { indexSearch } from '../../src/store/indexSearch.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { ROOT_ADDRESSES, seedScene } from './seed.ts';
import { testDeps } from './startTestConsole.ts';

let fresh: FreshDatabase;
let app: FastifyInstance;
let scene: Awaited<ReturnType<typeof seedScene>>;
let ids: Record<string, string>;

beforeAll(async () => {
  fresh = await freshDatabase();
  scene = await seedScene(fresh);
  await indexSearch(fresh.db, null);
  // A further management account, for the address that is issued here.
  await fresh.pool.query(
    `insert into accounts select '888877776666', id, true from customers where slug = 'tidewater'`,
  );
  await fresh.pool.query(`update customers set member_domains = array[slug || '.example']`);
  const settings = loadSettings({
    env: {
      ROOTDESK_ROOT_DOMAIN: 'root.example.net',
      ROOTDESK_OUTGOING_HOST: 'smtp.example.net',
      ROOTDESK_OUTGOING_FROM: 'desk@desk.example.net',
    },
  });
  app = await buildConsole(testDeps(fresh, { settings }), () => 8480);
  const { rows } = await fresh.pool.query(`select (select min(id) from effects where state = 'parked') as effect,
    (select min(id) from lists) as list, (select max(id) from lists) as "lastList",
    (select id from members where side = 'reseller' limit 1) as reseller, (select min(id) from members where state = 'invited') as invited,
    (select min(id) from members where state = 'bouncing') as bouncing,
    (select min(id) from members where state = 'confirmed') as confirmed`);
  await fresh.pool.query(
    `with made as (insert into incidents (key, kind, first_at, last_at, customers) values ('\\x00', 'health.issue', now(), now(), 2)
       returning id) update tickets set incident_id = made.id from made`,
  );
  const { rows: other } = await fresh.pool.query(
    `select t.id, t.version from tickets t join tickets o on o.id = $1 and o.customer_id = t.customer_id and o.id <> t.id
      where exists (select from mails m join readings r on r.mail_id = m.id where m.ticket_id = t.id) limit 1`,
    [scene.compromise],
  );
  // What the road writes of a mail on a ticket.
  await fresh.pool.query(`update mails set thread_key = coalesce(thread_key, 'alone:' || id), kind = coalesce(kind, 'aws.other'),
      ticket_subject = coalesce(ticket_subject, 'A matter'), urgency = coalesce(urgency, 'normal'),
      action_required = coalesce(action_required, false), secret_level = coalesce(secret_level, 'none')
    where ticket_id is not null`);
  BODIES['/tickets/:id/merge'] = { version: other[0].version, into: scene.compromise, reason: 'The same matter.' };
  ids = {
    '/incidents/:id': '1',
    '/tickets/:id': String(scene.compromise),
    '/tickets/:id/state': String(scene.compromise),
    '/tickets/:id/snooze': String(scene.compromise),
    '/tickets/:id/merge': String(other[0].id),
    '/mails/:id': String(scene.mail),
    '/mails/:id/reject': String(scene.held),
    '/mails/:id/release': String(scene.held + 1),
    '/mails/:id/confirm': String(
      await scene.seed.mail({ customer: 'kumo', subject: 'x', outcome: 'quarantine', verdict: 'pretends' }),
    ),
    '/mails/:id/retry': String(scene.parked),
    '/effects/:id/retry': String(rows[0].effect),
    '/lists/:id': String(rows[0].list),
    '/acts/:id/undo': '1',
    '/lists/:id/members': String(rows[0].list),
    '/lists/:id/members/import': String(rows[0].list),
    '/lists/:id/members/export': String(rows[0].list),
    '/lists/:id/probe': String(rows[0].list),
    '/lists/:id/release': String(rows[0].lastList),
    '/members/:id/person': String(rows[0].reseller),
    '/members/:id/erase': String(rows[0].reseller),
    '/members/:id/invite': String(rows[0].invited),
    '/members/:id/remove': String(rows[0].bouncing),
    '/members/:id/suspend': String(rows[0].confirmed),
  };
});
afterAll(async () => {
  await app?.close();
  await fresh?.drop();
});

const headers = { host: 'localhost:8480', origin: 'http://localhost:8480', 'sec-fetch-site': 'same-origin' };
const BODIES: Record<string, object> = {
  '/tickets/:id/state': { version: 1, state: 'waiting' },
  '/tickets/:id/snooze': { version: 2, until: '1h' },
  '/mails/:id/confirm': { by: 'Aiko Mori', reason: 'They called us about it.' },
  '/tickets/bulk': { tickets: [{ id: 987_654, version: 1 }], state: 'solved' },
  '/mails/bulk': { mails: [987_654], act: 'retry' },
  '/customers/:slug/lists': { account: '888877776666' },
  '/lists/:id/release': { forGood: true },
  '/members/:id/erase': { forGood: true },
  '/lists/:id/members': { address: 'night@tidewater.example' },
  '/lists/:id/members/import': { table: 'address\nday@example.net\n', dryRun: true },
};

const call = (method: 'GET' | 'POST', url: string, payload?: object) =>
  app.inject({ method, url: `/api/v1${url}`, headers, ...(payload ? { payload } : {}) });

test('the description is valid OpenAPI 3.1 and names every address', async () => {
  const answer = await app.inject({ url: '/api/openapi.json', headers });
  expect(answer.statusCode).toBe(200);
  const document = answer.json();
  expect(await new Validator().validate(document)).toEqual({ valid: true });
  expect(document.openapi).toMatch(/^3\.1\./);
  const described = Object.entries(document.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.toSorted()).toEqual(
    ENDPOINTS.map((one) => `${one.method} /api/v1${one.path.replaceAll(/:(\w+)/g, '{$1}')}`).toSorted(),
  );
  const ids = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
    (methods) => Object.values(methods).map((one) => one.operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

test('it is readable as a page without script, under the strict policy', async () => {
  const page = await app.inject({ url: '/api', headers });
  expect(page.statusCode).toBe(200);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  for (const one of ENDPOINTS) expect(page.body).toContain(one.path.replaceAll(/:(\w+)/g, '{$1}'));
  expect(page.body).not.toMatch(/<script(?! src="\/assets)/);
});

describe('every address answers as described', () => {
  test.each(ENDPOINTS.map((one) => [`${one.method} ${one.path}`, one] as const))('%s', async (_, one) => {
    const path = one.path
      .replace(':id', ids[one.path] ?? '1')
      .replace(':slug', 'tidewater')
      .replace(':name', 'archive-eu');
    const answer = await call(one.method, path, one.method === 'POST' ? (BODIES[one.path] ?? {}) : undefined);
    expect(answer.statusCode, answer.body).toBe(200);
    expect(one.answer.safeParse(answer.json()).error?.issues ?? []).toEqual([]);
    for (const address of Object.values(ROOT_ADDRESSES)) expect(answer.body.includes(address)).toBe(false);
  });

  test.each(
    ENDPOINTS.filter((one) => one.query || one.params || one.body).map(
      (one) => [`${one.method} ${one.path}`, one] as const,
    ),
  )('%s refuses what it does not know', async (_, one) => {
    const path = one.path.replace(':id', one.query || one.body ? '1' : 'x').replace(':slug', 'NO SLUG');
    const asked = one.query ? `${path}?colour=red` : path;
    const answer = await call(one.method, encodeURI(asked), one.method === 'POST' ? { colour: 'red' } : undefined);
    expect(answer.statusCode, answer.body).toBe(400);
    expect(wrongInput.safeParse(answer.json()).error?.issues ?? []).toEqual([]);
    expect(answer.json().error.problems.length).toBeGreaterThan(0);
  });

  test.each(ENDPOINTS.filter((one) => one.params).map((one) => [`${one.method} ${one.path}`, one] as const))(
    '%s says that there is none',
    async (_, one) => {
      const path = one.path.replace(':id', '987654321').replace(':slug', 'nobody').replace(':name', 'no-such-box');
      const answer = await call(one.method, path, one.method === 'POST' ? (BODIES[one.path] ?? {}) : undefined);
      expect(answer.statusCode, answer.body).toBe(404);
      expect(anyError.safeParse(answer.json()).success).toBe(true);
    },
  );

  test('acts on what is meanwhile something else are 409 and name it', async () => {
    const old = await call('POST', `/tickets/${scene.compromise}/state`, { version: 1, state: 'solved' });
    expect(old.statusCode).toBe(409);
    expect(conflict.safeParse(old.json()).error?.issues ?? []).toEqual([]);
    expect(old.json().error).toMatchObject({ code: 'stale', seen: 1, version: expect.any(Number) });
    const held = await call('POST', `/mails/${scene.held}/release`, {});
    expect(held.statusCode).toBe(409);
    expect(conflict.safeParse(held.json()).error?.issues ?? []).toEqual([]);
    expect(held.json().error).toMatchObject({ outcome: 'quarantine', review: 'rejected' });
    const gone = await call('POST', '/acts/1/undo', {});
    expect([gone.statusCode, gone.json().error.code]).toEqual([409, 'undo_gone']);
  });

  test('acts from elsewhere are refused, with JSON or a form', async () => {
    for (const other of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: '' }]) {
      for (const one of ENDPOINTS.filter((endpoint) => endpoint.method === 'POST')) {
        const url = `/api/v1${one.path.replace(':id', '1')}`;
        const answer = await app.inject({ method: 'POST', url, headers: { ...headers, ...other }, payload: {} });
        expect(answer.statusCode, url).toBe(403);
      }
    }
  });
});

describe('tickets of a typed filter', () => {
  const found = async (query: Record<string, string>) => {
    const answer = await call('GET', `/tickets?${new URLSearchParams(query)}`);
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json().items as { id: number; customer: string; kind: string; deadline: string | null }[];
  };

  test('words, fields and exclusions', async () => {
    const tidewater = await found({ q: 'customer:tidewater' });
    expect(tidewater.length).toBeGreaterThan(0);
    expect(tidewater.every((one) => one.customer === 'tidewater')).toBe(true);
    const without = await found({ q: '-customer:tidewater' });
    expect(without.length).toBeGreaterThan(0);
    expect(without.some((one) => one.customer === 'tidewater')).toBe(false);
    expect((await found({ q: 'state:any suspicious' })).map((one) => one.id)).toContain(scene.compromise);
    expect((await found({ q: 'due:none' })).every((one) => one.deadline === null)).toBe(true);
  });

  test('a value that is none is refused, and says which', async () => {
    for (const [q, word] of [
      ['state:closed', 'state:closed'],
      ['due:soon', 'due:soon'],
      ['x', 'x'],
    ]) {
      const answer = await call('GET', `/tickets?${new URLSearchParams({ q: q as string })}`);
      expect(answer.statusCode).toBe(400);
      expect(answer.json().error.problems[0]).toMatchObject({
        field: 'q',
        message: expect.stringContaining(word as string),
      });
    }
  });

  test('every sort pages through all, each ticket once', async () => {
    const all = (await found({ q: 'state:any', limit: '200' })).map((one) => one.id).toSorted((a, b) => a - b);
    for (const sort of ['act', 'customer', 'kind', 'changed', 'number']) {
      const seen: number[] = [];
      let after: string | null = null;
      do {
        const query: Record<string, string> = { q: 'state:any', sort, limit: '3', ...(after ? { after } : {}) };
        const answer = await call('GET', `/tickets?${new URLSearchParams(query)}`);
        expect(answer.statusCode, answer.body).toBe(200);
        const page = answer.json() as { items: { id: number }[]; next: string | null };
        seen.push(...page.items.map((one) => one.id));
        after = page.next;
      } while (after !== null && seen.length < 100);
      expect(
        seen.toSorted((a, b) => a - b),
        sort,
      ).toEqual(all);
    }
  });
});

test('metrics are readable by Prometheus and hold no address', async () => {
  const answer = await app.inject({ url: '/metrics', headers });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(answer.body).toMatch(/^rootdesk_mails\{outcome="open"\} 21$/m);
  expect(answer.body).toMatch(/^rootdesk_oldest_waiting_seconds\{step="decide"\} 36$/m);
  expect(answer.body).toMatch(/^rootdesk_mailbox_up\{mailbox="archive-eu"\} 1$/m);
  expect(answer.body).toMatch(/^rootdesk_acts_total\{type="ticket.state"\} 1$/m);
  expect(answer.body).not.toContain('@');
  const stranger = await app.inject({ url: '/metrics', headers: { host: 'rebound.example' } });
  expect(stranger.statusCode).toBe(421);
});
