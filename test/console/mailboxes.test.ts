import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildConsole } from '../../src/console/server.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { hours, ROOT_ADDRESSES, seedScene } from './seed.ts';
import { testDeps } from './startTestConsole.ts';

let fresh: FreshDatabase;
let app: FastifyInstance;
const headers = { host: 'localhost:8480' };
const from = { ...headers, origin: 'http://localhost:8480', 'sec-fetch-site': 'same-origin' };

beforeAll(async () => {
  fresh = await freshDatabase();
  await seedScene(fresh);
  await fresh.pool.query(
    `insert into mailboxes (name, state, paused_at, paused_mark, last_error, error_class, failures)
     values ('locked-out', 'paused', $1, 'mark', $2, 'authentication', 3)`,
    [hours(-3), `Invalid credentials for ${ROOT_ADDRESSES.kumo}`],
  );
  await fresh.pool.query(
    `insert into mailbox_spans values ('archive-eu', 1731, 40, 47, 'before', $1), ('archive-eu', 1731, 9000, 9000, 'passed', $1),
                                      ('archive-eu', 1731, 9100, 9900, 'report', $1)`,
    [hours(-5)],
  );
  await fresh.pool.query(
    `update mailbox_epochs set audit_at = $1, audit_messages = 48000, audit_missing = 0 where mailbox = 'archive-eu'`,
    [hours(-1)],
  );
  app = await buildConsole(testDeps(fresh), () => 8480);
});
afterAll(async () => {
  await app?.close();
  await fresh?.drop();
});

const page = async (url: string) => (await app.inject({ url, headers })).body;
const api = async (url: string) => (await app.inject({ url: `/api/v1${url}`, headers })).json();

describe('mailboxes', () => {
  test('say that nothing is missing, with the date of it, on the page and in the API', async () => {
    expect(await page('/mailboxes/archive-eu')).toMatch(/0 missing, <time datetime="2026-11-23T09:42:00.000Z">/);
    expect(await page('/health')).toMatch(/href="\/mailboxes\/archive-eu".*0 missing, <time/);
    expect(await api('/mailboxes/archive-eu')).toMatchObject({
      auditAt: '2026-11-23T09:42:00.000Z',
      auditMissing: 0,
      auditMessages: 48000,
    });
    // The one that needs somebody first.
    expect(await api('/health')).toMatchObject({
      mailboxes: [
        { name: 'locked-out', auditAt: null },
        { name: 'archive-eu', auditMissing: 0 },
      ],
      mailboxCounts: { all: 2, troubled: 1 },
    });
  });

  test('stand on the health page with how far each is behind, and all of them with what the audit misses', async () => {
    const shown = await page('/health');
    const row = (name: string) =>
      new RegExp(`<tr[^>]*><td><a href="/mailboxes/${name}">.*?</tr>`, 's').exec(shown)?.[0];
    expect(row('archive-eu')).toMatch(/data-term="Behind by">0 s</);
    expect(row('locked-out')).toMatch(/data-term="Behind by"><strong class="slow">\d+ \w/);
    expect(shown).toMatch(/<dt>Gap audit<\/dt><dd>0 missing of 48,000, <time datetime="2026-11-23T09:42:00.000Z">/);
    expect(shown).toContain('1 mailbox not compared yet');
    await fresh.pool.query(`update mailbox_epochs set audit_missing = 3 where mailbox = 'archive-eu'`);
    expect(await page('/health')).toContain('<strong class="worst">3 missing of 48,000</strong>');
    await fresh.pool.query(`update mailbox_epochs set audit_missing = 0 where mailbox = 'archive-eu'`);
  });

  test('show the UIDs that passed without a mail, and do not count reports among them', async () => {
    const shown = await page('/mailboxes/archive-eu');
    expect(shown).toContain('40–47');
    expect(shown).not.toContain('9100');
    const { withoutMail, spans } = await api('/mailboxes/archive-eu');
    expect(withoutMail).toBe(9);
    expect(spans.map(({ first, last, why }: Record<string, unknown>) => [first, last, why])).toEqual([
      [9000, 9000, 'passed'],
      [40, 47, 'before'],
    ]);
  });

  test('that are paused say so, mask root addresses, and are resumed once, on record', async () => {
    const shown = await page('/mailboxes/locked-out');
    expect(shown).toContain('action="/mailboxes/locked-out/resume"');
    expect(shown).not.toContain(ROOT_ADDRESSES.kumo);
    expect(await page('/health')).toContain('Paused');
    const press = () =>
      app.inject({
        method: 'POST',
        url: '/mailboxes/locked-out/resume',
        headers: { ...from, 'content-type': 'application/x-www-form-urlencoded' },
      });
    expect((await press()).headers.location).toBe('/mailboxes/locked-out');
    await press();
    expect(await page('/mailboxes/locked-out')).not.toContain('resume"');
    expect(await api('/mailboxes/locked-out')).toMatchObject({
      pausedAt: null,
      events: [{ event: 'resumed', detail: { actor: 'unknown', why: 'person' } }],
    });
    expect(await verifyAudit(fresh.db, null)).toMatchObject({ records: 1 });
    const again = await app.inject({ method: 'POST', url: '/api/v1/mailboxes/locked-out/resume', headers: from });
    expect(again.json()).toEqual({ resumed: false });
  });

  test('show a backfill with what is left of it, and that it was interrupted', async () => {
    await fresh.pool.query(
      `insert into backfills (mailbox, uid_validity, newest_first, below_uid, total, done, kept, owner, started_at, changed_at)
       values ('archive-eu', 1731, true, 48214, 100000, 40000, 39000, '1:x', $1, $2)`,
      [hours(-1), hours(-0.5)],
    );
    expect(await page('/mailboxes/archive-eu')).toMatch(/Interrupted.*40,000 of 100,?000 mails \(40 %\)/s);
    expect((await api('/mailboxes/archive-eu')).backfill).toMatchObject({
      state: 'interrupted',
      done: 40000,
      leftMs: null,
    });
    const walker = await fresh.pool.connect();
    await walker.query('select pg_advisory_lock(7305518, 1)');
    expect((await api('/mailboxes/archive-eu')).backfill).toMatchObject({ state: 'running', leftMs: 45 * 60_000 });
    expect(await page('/mailboxes/archive-eu')).toContain('45 m left');
    walker.release(true);
  });

  test('have metrics by their short name', async () => {
    const { body } = await app.inject({ url: '/metrics', headers });
    expect(body).toMatch(/^rootdesk_mailbox_missing\{mailbox="archive-eu"\} 0$/m);
    expect(body).toMatch(/^rootdesk_mailbox_lag_seconds\{mailbox="archive-eu"\} 72$/m);
    expect(body).toMatch(/^rootdesk_mailbox_failures\{mailbox="archive-eu",class="none"\} 0$/m);
  });

  test('that nobody named are not there', async () => {
    expect((await app.inject({ url: '/mailboxes/none', headers })).statusCode).toBe(404);
    expect((await app.inject({ url: '/api/v1/mailboxes/none', headers })).statusCode).toBe(404);
    expect((await app.inject({ url: '/mailboxes/%22%3E', headers })).statusCode).toBe(400);
  });

  test('by the thousand: the worst first, all in a list with pages, and none of it grows with them', async () => {
    await fresh.pool.query(
      `insert into mailboxes (name, state, uid_validity, last_success_at)
         select 'box-' || lpad(n::text, 4, '0'), case when n % 100 = 7 then 'waiting' else 'watching' end, 9,
                $1::timestamptz - make_interval(secs => n) from generate_series(1, 250) n;`.replace(
        '$1',
        `'${hours(0).toISOString()}'`,
      ),
    );
    await fresh.pool.query(
      `insert into mailbox_epochs (mailbox, uid_validity, began_uid_next, server_uid_next, audit_at, audit_missing, started_at)
         select name, 9, 1, 1, $1, case when name = 'box-0200' then 2 else 0 end, $1 from mailboxes where name like 'box-%'`,
      [hours(-1)],
    );
    const health = await page('/health');
    const shown = [...health.matchAll(/href="\/mailboxes\/([a-z0-9-]+)"/g)].map(([, name]) => name);
    expect(shown).toHaveLength(50);
    expect(shown.slice(0, 5)).toEqual(['box-0207', 'box-0107', 'box-0007', 'box-0200', 'archive-eu']);
    expect(health).toContain('4 mailboxes need somebody');
    expect(health).toContain('All 252 mailboxes');
    // Listeners do not double them: those that are not read are counted once, on every page.
    expect(await page('/')).toContain('3 down');

    const walk = async (path: string) => {
      const names: string[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const { items, next: after } = await api(`/mailboxes?limit=100${path}${next ? `&after=${next}` : ''}`);
        names.push(...items.map(({ name }: { name: string }) => name));
        next = after;
      }
      return names;
    };
    const all = await walk('');
    expect(all).toHaveLength(252);
    expect(all).toEqual([...new Set(all)].toSorted());
    expect(await walk('&only=troubled')).toEqual(['box-0007', 'box-0107', 'box-0200', 'box-0207']);
    expect((await api('/health')).mailboxes).toHaveLength(50);

    const first = await page('/mailboxes');
    const next = /href="\/mailboxes\?after=([^"]+)"/.exec(first)?.[1];
    expect(first).toContain('archive-eu');
    expect(first).not.toContain('box-0150');
    expect(await page(`/mailboxes?after=${next}`)).toContain('box-0150');
    expect(await page('/mailboxes?only=troubled')).not.toContain('archive-eu');
    expect((await app.inject({ url: '/mailboxes?after=nonsense', headers })).statusCode).toBe(400);
  });
});
