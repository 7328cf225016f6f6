import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DIGEST_TICKETS, digestView } from '../../src/act/digestView.ts';
import { createNoticePace, GATHER_MS, PACE_MS } from '../../src/act/noticePace.ts';
import { type ActingDeps, startActing } from '../../src/act/startActing.ts';
import { startSweep } from '../../src/act/sweep.ts';
import { loadTemplates } from '../../src/act/templates.ts';
import { openOutboundMail } from '../../src/connectors/outboundMail.ts';
import { type MailSink, SINK_MAILS, startMailSink } from '../../src/demo/mailSink.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createLinkTokens } from '../../src/lib/linkTokens.ts';
import { createLog } from '../../src/lib/log.ts';
import { createNoticeMarks } from '../../src/lib/noticeMarks.ts';
import type { Chime } from '../../src/queue/bell.ts';
import { openBell } from '../../src/queue/openBell.ts';
import { loadSettings, type Settings } from '../../src/settings.ts';
import { retryParkedEffect } from '../../src/store/acts/retryParked.ts';
import { noticeKey } from '../../src/store/noticeTicket.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { startScriptedSink } from '../servers/scriptedSink.ts';
import { effectRow, readEffect, urgentTicket } from './stage.ts';

const log = createLog('silent');
const templates = loadTemplates({ templatesDir: null, shippedDir: 'templates', log });
const until = (check: () => unknown, timeout = 20_000) => vi.waitFor(check, { timeout, interval: 20 });

let database: FreshDatabase;
let sink: MailSink;
const stops: (() => unknown)[] = [];

beforeEach(async () => {
  database = await freshDatabase({ max: 10 });
  sink = await startMailSink();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  await sink.close();
  await database.drop();
});

type Changes = { outgoing?: Partial<Settings['outgoing']>; notify?: Partial<Settings['notify']> };

function settingsWith(changes: Changes = {}): Settings {
  const outgoing = { host: '127.0.0.1', port: sink.port, requireTls: false, from: 'rootdesk@desk.example' };
  const notify = { addresses: ['team@desk.example'], webhookAllowPrivate: true, webhookSecret: 's', mostMails: 1000 };
  return loadSettings({
    env: {},
    overrides: {
      ...Object.fromEntries(
        Object.entries({ ...outgoing, ...changes.outgoing }).map(([key, value]) => [`outgoing.${key}`, value]),
      ),
      ...Object.fromEntries(
        Object.entries({ ...notify, ...changes.notify }).map(([key, value]) => [`notify.${key}`, value]),
      ),
    },
  });
}

async function start(changes: Changes = {}, more: Partial<ActingDeps> = {}) {
  const { db, pool, url: databaseUrl } = database;
  const bell = await openBell({ redisUrl: null, pool, databaseUrl, log });
  stops.push(() => bell.close());
  const acting = await startActing({
    db,
    pool,
    bell,
    settings: settingsWith(changes),
    templates,
    tokens: createLinkTokens(Buffer.alloc(32, 1)),
    marks: createNoticeMarks(await noticeKey(db), 'desk.example'),
    log,
    clock: systemClock,
    signing: null,
    consoleUrl: 'http://127.0.0.1:8480',
    ...more,
  });
  stops.push(() => acting.close());
  return { bell, acting };
}

async function due(ticketId: number, type = 'notify.mail') {
  const key = `${type}:ticket:${ticketId}`;
  return await effectRow(database.db, { type, key, ticketId });
}

/** A webhook that answers with the statuses in turn, the last one for ever. */
async function hook(...statuses: number[]) {
  const seen: { id: unknown; body: { data: { ticket: Record<string, unknown> }; type: string } }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      seen.push({ id: request.headers['webhook-id'], body: JSON.parse(body) });
      response.writeHead(statuses.length > 1 ? statuses.shift()! : statuses[0]!).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
}

const isDone = async (id: number) => expect((await readEffect(database.db, id)).state).toBe('done');
const isParked = async (id: number) => expect((await readEffect(database.db, id)).state).toBe('parked');

describe('a flood of urgent tickets', () => {
  it('is told of by a few mails, and the last one names all the others', async () => {
    let ahead = 0;
    const clock = { now: () => new Date(Date.now() + ahead) };
    const { bell } = await start({ notify: { mostMails: 3 } }, { clock });
    const ids: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const { ticketId } = await urgentTicket(database.db, { subject: `Matter ${n} <b>`, customer: `Firm ${n}` });
      ids.push(await due(ticketId));
    }
    await bell.ring('act');
    const states = async () => {
      const rows = await Promise.all(ids.map((id) => readEffect(database.db, id)));
      return rows.map(({ state, lease_owner: owner }) => (owner === null ? state : 'running'));
    };
    await vi.waitFor(
      async () => {
        const now = await states();
        expect(now.filter((state) => state === 'done')).toHaveLength(3);
        expect(now).not.toContain('running');
        expect((await readEffect(database.db, ids.at(-1)!)).due_at.getTime()).toBeGreaterThan(clock.now().getTime());
      },
      { timeout: 20_000 },
    );
    expect(sink.list()).toHaveLength(3);

    ahead += GATHER_MS + 1000;
    await bell.ring('act');
    await vi.waitFor(async () => expect(new Set(await states())).toEqual(new Set(['done'])), { timeout: 20_000 });
    expect(sink.list()).toHaveLength(4);
    const digest = sink.list().find(({ subject }) => subject === '27 urgent tickets');
    const text = digest?.text ?? '';
    const named = [...text.matchAll(/Firm (\d+): Matter (\d+) <b>/g)].map(([, firm]) => Number(firm));
    const alone = sink.list().flatMap(({ subject }) => /Firm (\d+):/.exec(subject)?.[1] ?? []);
    expect([...named, ...alone.map(Number)].toSorted((a, b) => a - b)).toEqual(ids.map((_id, n) => n));
    const row = await readEffect(database.db, ids.at(-1)!);
    expect(row.attempts.map(({ code }) => code)).toEqual(['notify.named']);
  });

  it('is gathered again and again, and told of at once when it is over', () => {
    const pace = createNoticePace(1);
    const at = (ms: number) => pace.next(new Date(ms));
    expect(at(0)).toBe('alone');
    expect(at(1)).toEqual({ later: GATHER_MS });
    expect(at(2)).toEqual({ later: GATHER_MS - 1 });
    expect(at(1 + GATHER_MS)).toBe('gathered');
    expect(at(2 + GATHER_MS)).toEqual({ later: GATHER_MS });
    expect(at(2 + 2 * GATHER_MS)).toBe('gathered');
    expect(at(PACE_MS)).toBe('alone');
  });

  it('fits into one mail with the longest values', () => {
    const notices = Array.from({ length: DIGEST_TICKETS }, (_one, n) => ({
      effectId: n,
      ticketId: Number.MAX_SAFE_INTEGER - n,
      subject: '緊'.repeat(400),
      urgency: 'critical' as const,
      deadline: { date: '2026-12-01', at: null, sort: 'respond' as const },
      customer: '社'.repeat(200),
      incident: 31,
      language: 'ja',
    }));
    const url = `https://desk.example/${'x'.repeat(60)}`;
    for (const language of ['en', 'ja']) {
      const { text, subject } = templates.urgentDigest(digestView(notices, url), language);
      expect(subject).toContain(String(DIGEST_TICKETS));
      expect(text.match(/\/tickets\/\d+/g)).toHaveLength(DIGEST_TICKETS);
    }
  });
});

describe('notices of urgent tickets', () => {
  it('go out by mail when the bell rings, once', async () => {
    const { bell } = await start();
    const { ticketId } = await urgentTicket(database.db, {
      facts: { accountIds: [{ value: '012345678901', where: 'body 1' }], regions: [], resources: [], links: [] },
    });
    const id = await due(ticketId);
    await bell.ring('act');
    await until(() => isDone(id));
    expect(sink.list()).toMatchObject([
      {
        from: 'rootdesk@desk.example',
        to: ['team@desk.example'],
        subject: '[CRITICAL] Acme: Your AWS account is suspended (due 2026-12-01)',
      },
    ]);
    expect(sink.list()[0]!.text).toContain('Account:   012345678901');
    expect(sink.list()[0]!.text).toContain(`http://127.0.0.1:8480/tickets/${ticketId}`);
    const marks = createNoticeMarks(await noticeKey(database.db), 'desk.example');
    expect(sink.list()[0]!.messageId).toBe(marks.messageId(ticketId, 'urgent'));
    await bell.ring('act');
    await bell.ring('act');
    expect(sink.list().length).toBe(1);
  });

  it('say where answers go, and that they are read, when an address for them is set', async () => {
    const { ticketId } = await urgentTicket(database.db);
    const id = await due(ticketId);
    const bytes = await startScriptedSink();
    stops.push(bytes.close);
    await start({ outgoing: { port: bytes.port }, notify: { replyAddress: 'answers@desk.example' } });
    await until(() => isDone(id));
    const raw = bytes.taken[0]!.raw.toString().replace(/=\r\n/g, '');
    expect(raw).toMatch(/^Reply-To: answers@desk\.example\r?$/m);
    expect(raw).toContain('Answers to this mail go to the ticket.');
  });

  it('speak the language of the customer', async () => {
    const { ticketId } = await urgentTicket(database.db, { language: 'ja' });
    const id = await due(ticketId);
    await start();
    await until(() => isDone(id));
    expect(sink.list()[0]!.subject).toContain('[緊急]');
  });

  it('carry the same Message-ID when the process died between the deed and its record', async () => {
    const { ticketId } = await urgentTicket(database.db);
    const id = await due(ticketId);
    const first = await start();
    await until(() => isDone(id));
    await first.acting.close();
    // As the row was at the moment of death.
    await database.pool.query(
      `update effects set state = 'leased', lease_owner = 'dead', lease_until = now() - interval '1 second',
         settled_at = null, result = null, attempts = '[]', attempt_count = 0`,
    );
    await start();
    await until(() => isDone(id));
    const ids = sink.list().map((mail) => mail.messageId);
    expect(ids.length).toBe(2);
    expect(new Set(ids).size).toBe(1);
    const { attempts } = await readEffect(database.db, id);
    expect(attempts.map((attempt) => attempt.code)).toEqual(['act.lease_expired', 'notify.sent']);
  });

  it('come back by themselves when the pause of a failure is over, only to who has it not', async () => {
    let full = true;
    const got: string[] = [];
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onRcptTo(address, _session, done) {
        const refused = full && address.address.startsWith('lead');
        done(refused ? Object.assign(new Error('full'), { responseCode: 452 }) : undefined);
      },
      onData(stream, session, done) {
        stream.resume();
        stream.on('end', () => {
          got.push(...session.envelope.rcptTo.map((one) => one.address));
          full = false;
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => new Promise((resolve) => server.close(() => resolve(null))));
    const { port } = server.server.address() as AddressInfo;
    const { ticketId } = await urgentTicket(database.db);
    const id = await due(ticketId);
    await start({ outgoing: { port }, notify: { addresses: ['team@desk.example', 'lead@desk.example'] } });
    await until(() => isDone(id));
    expect(got).toEqual(['team@desk.example', 'lead@desk.example']);
    const row = await readEffect(database.db, id);
    expect(row.attempts.map((attempt) => attempt.code)).toEqual(['smtp.452', 'notify.sent']);
    expect(row.result).toEqual({ delivered: ['team@desk.example', 'lead@desk.example'] });
  });

  it('do not go to a list of ours', async () => {
    const { ticketId, customerId } = await urgentTicket(database.db);
    await database.db
      .insertInto('lists')
      .values({ customer_id: customerId, address: 'acme-x@root.example' } as never)
      .execute();
    const id = await due(ticketId);
    await start({ notify: { addresses: ['team@desk.example', 'Acme-X@root.example'] } });
    await until(() => isParked(id));
    expect((await readEffect(database.db, id)).attempts[0]).toMatchObject({ code: 'notify.loop' });
    expect(sink.list()).toEqual([]);
  });

  it.each([
    ['no server', 'notify.mail', { outgoing: { host: null } }, 'notify.no_server'],
    ['no address', 'notify.mail', { notify: { addresses: [] } }, 'notify.no_address'],
    ['no URL', 'notify.webhook', {}, 'notify.no_webhook'],
  ] as [string, string, Changes, string][])('are parked when there is %s', async (_what, type, changes, code) => {
    const { ticketId } = await urgentTicket(database.db);
    const id = await due(ticketId, type);
    await start(changes);
    await until(() => isParked(id));
    expect((await readEffect(database.db, id)).attempts[0]).toMatchObject({ code });
  });

  it('are parked when their ticket does not exist', async () => {
    const id = await effectRow(database.db, { key: 'notify.mail:ticket:12345' });
    await start();
    await until(() => isParked(id));
    expect((await readEffect(database.db, id)).attempts[0]).toMatchObject({ code: 'notify.no_ticket' });
  });

  it('go to the webhook under one id, and a person may push them', async () => {
    const { url, seen } = await hook(404, 204);
    const { ticketId } = await urgentTicket(database.db, { customer: 'Acme GmbH' });
    const { rows } = await database.pool.query<{ id: number }>(`with made as (
      insert into incidents (key, kind, first_at, last_at, customers) values ('\\x01', 'health.issue', now(), now(), 3)
      returning id) update tickets set incident_id = made.id from made where tickets.id = ${ticketId} returning made.id::int`);
    const id = await due(ticketId, 'notify.webhook');
    const { bell } = await start({ notify: { webhookUrl: url } });
    await until(() => expect(seen.length).toBe(1));
    await until(() => isParked(id));
    expect(await retryParkedEffect(database.db, { id, actor: 'unknown', at: new Date() })).not.toBeNull();
    await bell.ring('act');
    await until(() => isDone(id));
    expect(seen.length).toBe(2);
    expect(new Set(seen.map((one) => one.id)).size).toBe(1);
    expect(seen[0]!.id).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(seen[0]!.body).toMatchObject({
      type: 'ticket.urgent',
      data: { ticket: { id: ticketId, customer: 'Acme GmbH', urgency: 'critical', deadline: '2026-12-01' } },
    });
    expect(seen[0]!.body).toMatchObject({ data: { ticket: { incident: { id: rows[0]!.id, customers: 3 } } } });
  });

  it('reach the webhook although the mail server is down', async () => {
    const { url, seen } = await hook(200);
    const { ticketId } = await urgentTicket(database.db);
    const mail = await due(ticketId);
    const webhook = await due(ticketId, 'notify.webhook');
    await start({ outgoing: { port: 1 }, notify: { webhookUrl: url } });
    await until(() => isDone(webhook));
    expect(seen.length).toBe(1);
    await until(async () => expect((await readEffect(database.db, mail)).attempt_count).toBeGreaterThan(0));
    expect((await readEffect(database.db, mail)).attempts[0]).toMatchObject({ code: 'smtp.connection' });
  });

  it('happen once each although two processes act', async () => {
    const { ticketId } = await urgentTicket(database.db);
    const [one] = await Promise.all([start(), start()]);
    const ids: number[] = [];
    for (let n = 0; n < 40; n += 1) {
      ids.push(await effectRow(database.db, { key: `k${n}`, orderKey: `o${n % 8}`, ticketId }));
      if (n % 10 === 0) await one.bell.ring('act');
    }
    await one.bell.ring('act');
    for (const id of ids) await until(() => isDone(id));
    expect(sink.list().length).toBe(40);
  });

  it('are not begun after close, and a running one ends', async () => {
    const { url, seen } = await hook(200);
    const { ticketId } = await urgentTicket(database.db);
    const { bell, acting } = await start({ notify: { webhookUrl: url } });
    const id = await due(ticketId, 'notify.webhook');
    await bell.ring('act');
    await until(() => isDone(id));
    await acting.close();
    const late = await effectRow(database.db, { type: 'notify.webhook', key: 'late', ticketId });
    await bell.ring('act');
    await bell.close();
    expect((await readEffect(database.db, late)).state).toBe('due');
    expect(seen.length).toBe(1);
  });
});

describe('the marks of our notices', () => {
  it('are kept with the database and known only under its key', async () => {
    const key = await noticeKey(database.db);
    expect(key.length).toBe(32);
    expect(await noticeKey(database.db)).toEqual(key);
    const keys = await Promise.all([noticeKey(database.db), noticeKey(database.db)]);
    expect(keys).toEqual([key, key]);
    const marks = createNoticeMarks(key, 'desk.example');
    const id = marks.messageId(7, 'urgent');
    expect(id).toMatch(/^<t\.7\.urgent\.[0-9a-f]{16}@desk\.example>$/);
    expect(createNoticeMarks(key, 'desk.example').messageId(7, 'urgent')).toBe(id);
    const others = createNoticeMarks(Buffer.alloc(32), 'desk.example');
    expect(others.messageId(7, 'urgent')).not.toBe(id);
    expect(others.loop).not.toBe(marks.loop);
    expect(marks.messageId(8, 'urgent').slice(-29)).not.toBe(id.slice(-29));
    expect(marks.webhookId('a')).not.toBe(marks.webhookId('b'));
  });

  it('are drawn once by many at the same moment', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => noticeKey(database.db)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  });
});

describe('the sweep', () => {
  it('rings for rows whose ring was lost, and for no others', async () => {
    const { ticketId } = await urgentTicket(database.db, {
      facts: { accountIds: [], regions: [], resources: [], links: [] },
    });
    const rung: Chime[] = [];
    const bell = { ring: async (chime: Chime) => void rung.push(chime) } as never;
    const sweepOnce = async () => {
      const sweep = startSweep({ db: database.db, bell, clock: systemClock, log });
      await until(async () => {
        await database.pool.query('select 1');
      });
      await sweep.close();
    };
    await sweepOnce();
    expect(rung).toEqual([]);
    await effectRow(database.db, { key: 'new', ticketId, dueAt: new Date() });
    await sweepOnce();
    expect(rung).toEqual([]);
    await effectRow(database.db, { key: 'old', ticketId, dueAt: new Date(Date.now() - 60_000) });
    await database.pool.query(`update mails set decide_due = now() - interval '1 minute'`);
    const sweep = startSweep({ db: database.db, bell, clock: systemClock, log });
    stops.push(() => sweep.close());
    await until(() => expect(rung).toEqual(['decide', 'act']));
  });
});

describe("the demo's mail sink", () => {
  it('keeps the newest two hundred', async () => {
    const from = 'rootdesk@desk.example';
    const server = { host: '127.0.0.1', port: sink.port, secure: false, requireTls: false, user: null, password: null };
    const mail = openOutboundMail({ ...server, from });
    stops.push(() => mail.close());
    const message = { to: ['team@desk.example'], text: 'x', html: '<p>x</p>', messageId: '<a@b>', loop: 'l' };
    const sent = Array.from({ length: SINK_MAILS + 5 }, (_, n) => mail.send({ ...message, subject: `n${n}` }));
    for (const { failure } of await Promise.all(sent)) expect(failure).toBeNull();
    expect(sink.list()[0]).toMatchObject({ id: SINK_MAILS + 5, from, to: message.to, text: 'x', messageId: '<a@b>' });
    expect(sink.list().length).toBe(SINK_MAILS);
  });
});
