import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../../src/console/server.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { ROOT_ADDRESSES, Seed, seedScene } from './seed.ts';
import { testDeps } from './startTestConsole.ts';

let fresh: FreshDatabase;
let app: FastifyInstance;
let deps: ReturnType<typeof testDeps>;
let scene: Awaited<ReturnType<typeof seedScene>>;

beforeAll(async () => {
  fresh = await freshDatabase();
  scene = await seedScene(fresh);
  deps = testDeps(fresh);
  app = await buildConsole(deps, () => 8480);
});
afterAll(async () => {
  await app?.close();
  await fresh?.drop();
});

const headers = { host: 'localhost:8480' };
const from = {
  ...headers,
  origin: 'http://localhost:8480',
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/x-www-form-urlencoded',
};

async function get(path: string, status = 200) {
  const answer = await app.inject({ url: path, headers });
  expect(answer.statusCode, `${path}: ${answer.body.slice(0, 300)}`).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  return answer.json();
}

describe('tickets', () => {
  test('have the fields that were promised, and no root address', async () => {
    const { items, next } = await get('/api/v1/tickets');
    expect(next).toBeNull();
    expect(items).toHaveLength(20);
    const one = items.find((item: { id: number }) => item.id === scene.compromise);
    expect(one).toEqual({
      id: scene.compromise,
      customer: 'tidewater',
      subject: 'Suspicious activity in your AWS account 111122223333',
      kind: 'security.compromise',
      urgency: 'critical',
      deadline: '2026-11-24',
      state: 'open',
      mails: 1,
      createdAt: expect.stringMatching(/^2026-11-23T.*Z$/),
      updatedAt: expect.stringMatching(/^2026-11-23T.*Z$/),
      version: 1,
      snoozedUntil: null,
      actAt: expect.stringMatching(/Z$/),
    });
    expect(items.filter((item: { deadline: unknown }) => item.deadline === null).length).toBeGreaterThan(0);
  });

  test('are filtered, alone and together', async () => {
    const count = async (query: string) => (await get(`/api/v1/tickets?${query}`)).items.length;
    expect(await count('state=waiting')).toBe(1);
    expect(await count('customer=hoshizora')).toBe(2);
    expect(await count('kind=support.case_reply')).toBe(2);
    expect(await count('kind=support.case_reply&state=open&customer=tidewater')).toBe(1);
    expect(await count('customer=nobody')).toBe(0);
  });

  test('page through to the end, each exactly once', async () => {
    const seen: number[] = [];
    let after = '';
    for (let page = 0; page < 10; page++) {
      const { items, next } = await get(`/api/v1/tickets?limit=7${after}`);
      seen.push(...items.map((item: { id: number }) => item.id));
      if (next === null) break;
      after = `&after=${next}`;
    }
    expect(seen).toHaveLength(20);
    expect(new Set(seen).size).toBe(20);
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
  });

  test('one has facts with where they were found, its timeline and its mails', async () => {
    const one = await get(`/api/v1/tickets/${scene.compromise}`);
    expect(one.facts.caseId).toEqual({ value: '176389412200417', where: 'body 3' });
    expect(one.facts.regions).toHaveLength(3);
    expect(one.deadlineSort).toBe('respond');
    expect(one.timeline.map((entry: { type: string }) => entry.type)).toEqual(['mail', 'mail', 'change', 'change']);
    expect(one.mails).toHaveLength(2);
    expect(one.mails[0].sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('mails', () => {
  test('every mail is found by exactly one outcome', async () => {
    const all = (await get('/api/v1/mails?limit=200')).items;
    let sum = 0;
    for (const outcome of [
      'open',
      'append',
      'duplicate',
      'drop',
      'quarantine',
      'unrouted',
      'too_large',
      'parked',
      'pending',
    ]) {
      const found = (await get(`/api/v1/mails?limit=200&outcome=${outcome}`)).items;
      expect(found.length, outcome).toBeGreaterThan(0);
      sum += found.length;
    }
    expect(sum).toBe(all.length);
  });

  test('are found by hash and by Message-ID, with or without angle brackets', async () => {
    const [mail] = (await get('/api/v1/mails?limit=1')).items;
    expect(
      (await get(`/api/v1/mails?sha256=${mail.sha256.toUpperCase()}`)).items.map((one: { id: number }) => one.id),
    ).toEqual([mail.id]);
    const id = encodeURIComponent(mail.messageId);
    expect((await get(`/api/v1/mails?messageId=${id}`)).items).toHaveLength(1);
    expect(
      (await get(`/api/v1/mails?messageId=${encodeURIComponent(mail.messageId.slice(1, -1))}`)).items,
    ).toHaveLength(1);
  });

  test('one tells its road', async () => {
    const one = await get(`/api/v1/mails/${scene.held}`);
    expect(one.outcome).toBe('quarantine');
    expect(one.reasons).toEqual([{ code: 'sender.pretends', text: 'Looks like AWS, not signed by AWS' }]);
    expect(one.arrivals).toHaveLength(1);
    expect(one.text).toContain('velonord-••••@root.example.net');
  });

  test('no answer holds a root address', async () => {
    const paths = [
      '/api/v1/tickets',
      `/api/v1/tickets/${scene.compromise}`,
      '/api/v1/mails?limit=200',
      '/api/v1/stats',
    ];
    for (const { id } of (await get('/api/v1/mails?limit=200')).items) paths.push(`/api/v1/mails/${id}`);
    for (const path of paths) {
      const text = JSON.stringify(await get(path));
      for (const address of Object.values(ROOT_ADDRESSES)) expect(text.includes(address), path).toBe(false);
    }
  });
});

describe('wrong input is 400 and says which field', () => {
  test.each([
    ['/api/v1/tickets?state=closed', 'state'],
    ['/api/v1/tickets?customer=%27;drop', 'customer'],
    ['/api/v1/tickets?limit=0', 'limit'],
    ['/api/v1/tickets?limit=201', 'limit'],
    ['/api/v1/tickets?after=%7B%7D', 'after'],
    ['/api/v1/tickets?after=bm90IGpzb24', 'after'],
    ['/api/v1/tickets?colour=red', 'colour'],
    ['/api/v1/tickets?state=open&state=solved', 'state'],
    ['/api/v1/tickets/abc', 'id'],
    ['/api/v1/tickets/0', 'id'],
    ['/api/v1/tickets/99999999999999999999', 'id'],
    ['/api/v1/mails?sha256=12', 'sha256'],
    ['/api/v1/mails?outcome=lost', 'outcome'],
    ['/api/v1/mails/-1', 'id'],
  ])('%s', async (path, field) => {
    const { error } = await get(path, 400);
    expect(error.code).toBe('wrong_input');
    expect(error.problems.map((problem: { field: string }) => problem.field)).toContain(field);
  });

  test('what does not exist is 404', async () => {
    expect((await get('/api/v1/tickets/999999', 404)).error.code).toBe('not_found');
    expect((await get('/api/v1/mails/999999', 404)).error.code).toBe('not_found');
    expect((await get('/api/v1/nothing', 404)).error.code).toBe('not_found');
  });

  test('a NUL byte is no server error', async () => {
    for (const path of [
      '/api/v1/mails?messageId=a%00b',
      '/api/v1/mails?customer=%00',
      '/?customer=%00',
      '/mails?messageId=%00x',
      '/mails?messageId=%ff',
      '/customers/%00',
      `/customers?after=${Buffer.from(JSON.stringify({ name: '\0', id: 1 })).toString('base64url')}`,
    ]) {
      const answer = await app.inject({ url: path, headers });
      expect(answer.statusCode, path).toBeLessThan(500);
    }
  });
});

describe('how it stands', () => {
  test('stats sum the counters over their slots', async () => {
    const stats = await get('/api/v1/stats');
    expect(stats.mails).toMatchObject({ open: 21, append: 1, quarantine: 0 });
    expect(stats.parkedEffects).toBe(1);
    expect(stats.waiting.decide.oldestSeconds).toBe(36);
  });

  test.each(['/healthz', '/api/v1/healthz'])('%s', async (path) => {
    expect(await get(path)).toEqual({ status: 'ok' });
  });

  test('readyz is ready only when database, bell and listeners are', async () => {
    expect((await get('/readyz')).ready).toBe(true);
    const { bell, listeners } = deps;
    deps.bell = { ...bell, check: () => Promise.reject(new Error('connection refused')) };
    expect(await get('/readyz', 503)).toMatchObject({
      ready: false,
      checks: { database: { ok: true }, bell: { ok: false, detail: 'connection refused' } },
    });
    deps.bell = bell;
    const { checkKeeping } = deps;
    deps.checkKeeping = () => Promise.reject(new Error('only 3 MiB are free'));
    expect(await get('/readyz', 503)).toMatchObject({
      checks: { keeping: { ok: false, detail: 'only 3 MiB are free' } },
    });
    deps.checkKeeping = checkKeeping;
    deps.listeners = () => [
      { name: 'smtp', how: 'SMTP', address: '', state: 'failed', lastSuccessAt: null, detail: 'EADDRINUSE' },
    ];
    expect((await get('/api/v1/readyz', 503)).checks.listeners[0]).toMatchObject({ ok: false, detail: 'EADDRINUSE' });
    deps.listeners = () => [
      { name: 'box', how: 'IMAP', address: '', state: 'failed', lastSuccessAt: null, detail: 'refused' },
    ];
    expect((await get('/readyz')).checks.listeners[0].ok).toBe(false);
    deps.listeners = listeners;
  });

  test('readyz tells of a hold and stays ready; a schema that is not its own makes it unready', async () => {
    expect(await get('/readyz')).toMatchObject({ ready: true, held: false });
    await fresh.pool.query(
      `insert into instance (name, value) values ('hold', '{"asOf": "2026-11-24T10:00:00Z", "why": "asked"}')`,
    );
    expect(await get('/readyz')).toMatchObject({ ready: true, held: true });
    await fresh.pool.query(`delete from instance where name = 'hold'`);
    await fresh.pool.query(`insert into migrations (number, name) values (9999, 'future')`);
    expect(await get('/readyz', 503)).toMatchObject({
      checks: { database: { ok: true }, schema: { ok: false, detail: expect.stringContaining('newer Rootdesk') } },
    });
    const { rows } = await fresh.pool.query(
      `delete from migrations where number >= 12 and number < 9999 returning number, name`,
    );
    await fresh.pool.query(`delete from migrations where number = 9999`);
    expect((await get('/readyz', 503)).checks.schema.detail).toMatch(/^migrations are pending \(12[,)]/);
    for (const { number, name } of rows)
      await fresh.pool.query('insert into migrations (number, name) values ($1, $2)', [number, name]);
    expect((await get('/readyz')).ready).toBe(true);
  });

  test('with the database away pages and API say so, and readyz too', async () => {
    const gone = await freshDatabase();
    const other = await buildConsole(testDeps(gone), () => 8480);
    await gone.drop();
    const page = await other.inject({ url: '/', headers });
    expect(page.statusCode).toBe(503);
    expect(page.body).toContain('The database did not answer');
    expect(page.body).toContain('<a class="button primary" href="/">Try again</a>');
    const sent = await other.inject({
      method: 'POST',
      url: '/mails/bulk',
      headers: from,
      payload: 'm=7&m=8&act=reject&reason=%22%3Cb%3E+%E6%9C%AC%E7%89%A9',
    });
    expect(sent.statusCode).toBe(503);
    const form = /<form method="post" action="([^"]*)">(.*?)<p>/.exec(sent.body);
    expect(form?.[1]).toBe('/mails/bulk');
    expect(form?.[2]).toBe(
      [
        ['m', '7'],
        ['m', '8'],
        ['act', 'reject'],
        ['reason', '&quot;&lt;b&gt; 本物'],
      ]
        .map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
        .join(''),
    );
    expect((await other.inject({ url: '/api/v1/tickets', headers })).json().error.code).toBe('database_away');
    expect((await other.inject({ url: '/readyz', headers })).statusCode).toBe(503);
    expect((await other.inject({ url: '/healthz', headers })).statusCode).toBe(200);
    await other.close();
  });
});

test('a timeline says of a mail that it was seen before by its entry, whatever its mail was decided to be', async () => {
  const { rows } = await fresh.pool.query(
    `select e.id, e.mail_id, e.ticket_id from entries e where e.type = 'mail' order by e.id limit 1`,
  );
  const [{ id, mail_id, ticket_id }] = rows;
  const page = async () => (await app.inject({ url: `/tickets/${ticket_id}`, headers })).body;
  const words = 'seen before, nothing changed';
  const { rows: was } = await fresh.pool.query('select outcome from mails where id = $1', [mail_id]);
  await fresh.pool.query(`update mails set outcome = 'duplicate' where id = $1`, [mail_id]);
  expect(await page()).not.toContain(words);
  await fresh.pool.query('update mails set outcome = $2 where id = $1', [mail_id, was[0].outcome]);
  await fresh.pool.query(`update entries set body = jsonb_set(body, '{seenBefore}', '1') where id = $1`, [id]);
  expect(await page()).toContain(words);
  await fresh.pool.query(`update entries set body = jsonb_set(body, '{seenBefore}', 'null') where id = $1`, [id]);
});

describe('acts', () => {
  const post = (url: string, payload: string) => app.inject({ method: 'POST', url, headers: from, payload });

  test('a change of state is a timeline entry and an audited act; undo puts it back', async () => {
    const id = scene.compromise;
    const { rows } = await fresh.pool.query('select version from tickets where id = $1', [id]);
    const { version } = rows[0];
    const solved = await post(`/tickets/${id}/state`, `version=${version}&to=solved`);
    expect(solved.statusCode).toBe(303);
    expect(solved.headers.location).toMatch(new RegExp(`^/tickets/${id}\\?done=\\d+$`));
    const page = await app.inject({ url: solved.headers.location as string, headers });
    expect(page.body).toContain('is now solved');
    expect((await post(`/tickets/${id}/state`, `version=${version}&to=waiting`)).statusCode).toBe(409);
    const act = /\/acts\/(\d+)\/undo/.exec(page.body)?.[1];
    const undo = await post(`/acts/${act}/undo`, `back=/tickets/${id}`);
    expect(undo.headers.location).toBe(`/tickets/${id}?done=${act}`);
    expect((await post(`/acts/${act}/undo`, '')).statusCode).toBe(409);
    const entries = await fresh.db
      .selectFrom('entries')
      .selectAll()
      .where('ticket_id', '=', id)
      .orderBy('id', 'desc')
      .limit(2)
      .execute();
    expect(entries.map((entry) => [entry.actor, entry.body])).toEqual([
      ['unknown', { changes: [{ field: 'state', from: 'solved', to: 'open' }] }],
      ['unknown', { changes: [{ field: 'state', from: 'open', to: 'solved' }] }],
    ]);
    const audit = await fresh.db.selectFrom('audit').select('bytes').orderBy('number').execute();
    expect(audit.map((row) => JSON.parse(row.bytes.toString()).action)).toEqual([
      'ticket.state',
      'ticket.state.undone',
    ]);
    expect((await post('/tickets/999999/state', 'version=1&to=solved')).statusCode).toBe(404);
    expect((await post('/acts/999999/undo', '')).statusCode).toBe(404);
  });

  test('a parked mail is put back in line once, and the bell rings', async () => {
    deps.rings.length = 0;
    const answer = await post(`/mails/${scene.parked}/retry`, '');
    expect(answer.headers.location).toMatch(new RegExp(`^/mails/${scene.parked}\\?done=\\d+$`));
    expect(deps.rings).toEqual(['decide']);
    const row = await fresh.db
      .selectFrom('mails')
      .select(['outcome', 'decide_due'])
      .where('id', '=', scene.parked)
      .executeTakeFirstOrThrow();
    expect(row.outcome).toBe('parked');
    expect(row.decide_due).not.toBeNull();
    expect((await post(`/mails/${scene.parked}/retry`, '')).statusCode).toBe(409);
    expect((await post(`/mails/${scene.held}/retry`, '')).statusCode).toBe(409);
  });

  test('a parked effect is put back in line; the way back is one of our own pages', async () => {
    deps.rings.length = 0;
    const effect = await fresh.db
      .selectFrom('effects')
      .select('id')
      .where('state', '=', 'parked')
      .executeTakeFirstOrThrow();
    expect((await post(`/effects/${effect.id}/retry`, 'back=https://attacker.example')).statusCode).toBe(400);
    expect((await post(`/effects/${effect.id}/retry`, 'back=//attacker.example')).statusCode).toBe(400);
    const answer = await post(`/effects/${effect.id}/retry`, 'back=/health');
    expect(answer.headers.location).toMatch(/^\/health\?done=\d+$/);
    expect(deps.rings).toEqual(['act']);
    const row = await fresh.db
      .selectFrom('effects')
      .select(['state', 'attempts'])
      .where('id', '=', effect.id)
      .executeTakeFirstOrThrow();
    expect(row.state).toBe('due');
    expect(row.attempts).toHaveLength(1);
  });
});

test('a held mail is shown with its links defanged, and says first what spoke against it', async () => {
  const seed = new Seed(fresh);
  await seed.customer('quarrybay', 'Quarry Bay', '555566667777');
  const id = await seed.mail({
    customer: 'quarrybay',
    subject: 'Your bill',
    outcome: 'quarantine',
    verdict: 'pretends',
    text: 'Pay at https://console-aws.example/pay?id=1 or HTTP://evil.example',
    reasons: [
      { code: 'auth.no_signature', text: 'No DKIM signature verified.' },
      { code: 'decide.pretends', text: 'held for review' },
    ],
  });
  const page = (await app.inject({ url: `/quarantine?mail=${id}`, headers })).body;
  expect(page).toContain('hxxps://console-aws[.]example/pay?id=1 or hxxp://evil[.]example');
  expect(page).not.toMatch(/https?:\/\/(console-aws|evil)/i);
  expect(page).toContain('<p class="review-why">No DKIM signature verified.');
});

test('the sink is a page of the demo only', async () => {
  expect((await app.inject({ url: '/sink', headers })).statusCode).toBe(404);
  const sink = {
    list: () => [
      {
        at: '2026-11-23T10:00:00Z',
        from: 'rootdesk@example.net',
        to: 'fde@example.net',
        subject: 'Critical: <b>abuse</b>',
        text: 'Look at ticket 1',
      },
    ],
  };
  const demo = await buildConsole({ ...deps, demo: true, sink }, () => 8480);
  const page = await demo.inject({ url: '/sink', headers });
  expect(page.statusCode).toBe(200);
  expect(page.body).toContain('Critical: &lt;b&gt;abuse&lt;/b&gt;');
  await demo.close();
});
