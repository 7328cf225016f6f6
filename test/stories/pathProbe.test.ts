import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startActing } from '../../src/act/startActing.ts';
import { lookAtProbes, type ProbeDeps } from '../../src/act/startProbes.ts';
import { loadTemplates } from '../../src/act/templates.ts';
import { probeTimes } from '../../src/core/probe.ts';
import type { Arrival } from '../../src/core/values.ts';
import { createLinkTokens } from '../../src/lib/linkTokens.ts';
import { createLog } from '../../src/lib/log.ts';
import { createNoticeMarks } from '../../src/lib/noticeMarks.ts';
import { createProbeMarks, PROBE_FIELD } from '../../src/lib/probeMarks.ts';
import type { Bell } from '../../src/queue/bell.ts';
import { openBell } from '../../src/queue/openBell.ts';
import { startLmtp } from '../../src/receive/lmtp.ts';
import type { Listener } from '../../src/receive/mailListener.ts';
import { createOwnMailRoom } from '../../src/receive/ownMail.ts';
import { createProbeRoom } from '../../src/receive/probes.ts';
import { loadSettings, type Settings } from '../../src/settings.ts';
import { probeNow as askForProbe } from '../../src/store/probeNow.ts';
import { makeProbes } from '../../src/store/probes.ts';
import { readPaths, readRootAddresses } from '../../src/store/readHealth.ts';
import { openTalk } from '../receive/smtpTalk.ts';
import { openStage, plainMail, type Stage } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { type PostfixServer, startPostfix } from '../servers/postfix.ts';
import { type ScriptedSink, startScriptedSink } from '../servers/scriptedSink.ts';

const MINUTE = 60_000;
const TIMES = probeTimes({ lateMinutes: 15, lostMinutes: 240 });

describe('the path to a root address is probed through a real Postfix', () => {
  let stage: Stage;
  let sink: ScriptedSink;
  let lmtp: Listener;
  let postfix: PostfixServer;
  let bell: Bell;
  let settings: Settings;
  let probing: ProbeDeps;
  const closes: (() => Promise<unknown>)[] = [];
  /** What came in as probes, as it came. */
  const seen: { raw: Buffer; arrival: Arrival }[] = [];
  let isCut = false;
  let ahead = 0;
  const clock = { now: () => new Date(Date.now() + ahead) };

  beforeAll(async () => {
    const log = createLog('silent');
    stage = await openStage({ now: clock.now });
    const { db, pool, url } = stage.database;
    sink = await startScriptedSink();
    bell = await openBell({ redisUrl: null, pool, databaseUrl: url, log });
    const probeMarks = createProbeMarks(stage.seal.derive('probe'));
    const ring = () => void bell.ring('act');
    const probes = createProbeRoom({ pool, marks: probeMarks, times: TIMES, ring, clock, log });
    const room = createOwnMailRoom(probes, null);
    lmtp = await startLmtp({ ...loadSettings({ file: '/dev/null', env: {} }).lmtp, port: 0 }, 'rootdesk.test', {
      ...stage.listenerDeps,
      returned: {
        verp: null,
        async take(raw, arrival) {
          if (isCut) throw new Error('the way in is cut');
          if (raw.includes(PROBE_FIELD)) seen.push({ raw: Buffer.from(raw), arrival });
          return room.take(raw, arrival);
        },
      },
    });
    const people = `smtp:[127.0.0.1]:${sink.port}`;
    postfix = await startPostfix({
      domain: 'root.test',
      lmtpPort: lmtp.port,
      routes: { 'desk.test': people, 'acme.test': people, 'globex.test': people },
    });
    settings = loadSettings({
      file: '/dev/null',
      env: {
        ROOTDESK_OUTGOING_HOST: '127.0.0.1',
        ROOTDESK_OUTGOING_PORT: String(postfix.smtpPort),
        ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
        ROOTDESK_OUTGOING_FROM: 'desk@desk.test',
        ROOTDESK_NOTIFY_ADDRESSES: 'fde@desk.test',
      },
    });
    const notify = { mail: true, webhook: false, least: 'high' as const };
    probing = { db, pool, bell, clock, log, everyMs: 60 * MINUTE, times: TIMES, notify };
    const acting = await startActing({
      db,
      pool,
      bell,
      settings,
      templates: loadTemplates({ templatesDir: null, shippedDir: 'templates', log }),
      tokens: createLinkTokens(Buffer.alloc(32, 1)),
      marks: createNoticeMarks(Buffer.alloc(32, 2), 'desk.test'),
      log,
      clock,
      signing: null,
      consoleUrl: null,
      probing: { marks: probeMarks, notify },
    });
    closes.push(acting.close);
  });
  afterAll(async () => {
    for (const close of closes.reverse()) await close();
    await bell?.close();
    await postfix?.remove();
    await lmtp?.close();
    await sink?.close();
    await stage?.close();
  });

  const query = async <T extends object>(text: string, values: unknown[] = []) =>
    (await stage.database.pool.query<T>(text, values)).rows;
  const states = async () =>
    (await query<{ state: string }>('select state from probes order by id')).map(({ state }) => state);
  const paths = async () =>
    (await query<{ p: string }>('select path_state as p from lists order by id')).map(({ p }) => p);
  /** Time goes by while somebody looks, as a running process does. */
  const pass = async (minutes: number) => {
    for (let at = 0; at < minutes; at += 2) {
      ahead += 2 * MINUTE;
      await lookAtProbes(probing);
    }
  };
  /** The next probe of each address, without waiting for its time. */
  const probeNow = async () => {
    await query('update lists set next_probe_at = null');
    await lookAtProbes(probing);
    await until(async () => !(await states()).includes('due'));
  };
  const mailsTo = (address: string) => sink.taken.filter(({ to }) => to === address);

  it('goes out by the smarthost and comes back; no member, no ticket and no mail comes of it', async () => {
    await until(async () => (await states()).filter((one) => one === 'arrived').length === 3);
    expect(await paths()).toEqual(['heard', 'heard', 'heard']);
    expect(await query('select 1 from mails')).toEqual([]);
    expect(await query('select 1 from deliveries')).toEqual([]);
    expect(await query('select 1 from tickets')).toEqual([]);
    expect(postfix.log()).toMatch(/to=<acme-7f3k@root\.test>, relay=127\.0\.0\.1\[127\.0\.0\.1\]:\d+.*status=sent/);
    const { rows } = await readRootAddresses(stage.database.db, { now: clock.now() }, 10);
    for (const row of rows) {
      expect(row).toMatchObject({ pathState: 'heard', lastMailAt: null, pathTicket: null, probes: ['came'] });
      expect(row.tookMs).toBeLessThan(60_000);
    }
    expect(await readPaths(stage.database.db)).toMatchObject({ heard: 3, lost: 0 });
  });

  it('is made once, however many processes look at the same time, and waits for its next time', async () => {
    const make = () =>
      makeProbes(stage.database.db, { now: clock.now(), everyMs: 60 * MINUTE, limit: 50, chance: () => 0.5 });
    expect(await Promise.all([make(), make()])).toEqual([0, 0]);
    ahead += 70 * MINUTE;
    const made = await Promise.all([make(), make(), make(), make()]);
    expect(made.reduce((sum, one) => sum + one, 0)).toBe(3);
    await bell.ring('act');
    await until(async () => (await states()).filter((one) => one === 'arrived').length === 6);
  });

  it('leaves at once for whoever asks for it, and is asked for once', async () => {
    const ask = () => askForProbe(stage.database.db, { listId: 1, actor: 'test', now: clock.now() });
    expect(await ask()).toBe('under_way'); // one left a moment ago
    ahead += 2 * MINUTE;
    expect(await Promise.all([ask(), ask()])).toEqual(expect.arrayContaining(['asked', 'under_way']));
    await lookAtProbes(probing);
    await until(async () => (await states()).filter((one) => one === 'arrived').length === 7);
    expect(await askForProbe(stage.database.db, { listId: 99, actor: 'test', now: clock.now() })).toBeNull();
  });

  it('proves nothing when it is forged, repeated, or handed straight to us', async () => {
    const before = await query('select id, state, arrived_at from probes order by id');
    const talk = await openTalk(lmtp.port, 'LHLO');
    const [first] = seen;
    const again = await talk.send(first!.raw, { from: 'desk@desk.test', to: ['acme-7f3k@root.test'] });
    expect(again).toEqual([expect.stringMatching(/^250/)]);
    expect(await query('select 1 from mails')).toEqual([]);
    // A true mark on its way to another address, and one that went no way at all.
    await talk.send(first!.raw, { from: 'desk@desk.test', to: ['globex-4t8w@root.test'] });
    const [open] = await query<{ id: number; sent_at: Date }>(
      `insert into probes (list_id, state, made_at, sent_at, handed_at) values (1, 'sent', $1, $1, $1) returning id, sent_at`,
      [new Date(Math.floor(clock.now().getTime() / 1000) * 1000)],
    );
    const marks = createProbeMarks(stage.seal.derive('probe'));
    const mark = marks.mark({ id: open!.id, sentAt: open!.sent_at, address: 'acme-7f3k@root.test' });
    await talk.send(plainMail({ [PROBE_FIELD]: mark }), { from: 'x@y.test', to: ['acme-7f3k@root.test'] });
    expect((await query<{ state: string }>('select state from probes where id = $1', [open!.id]))[0]?.state).toBe(
      'sent',
    );
    // Wrong in one digit: a mail as any other.
    const forged = `${mark.slice(0, -1)}${mark.endsWith('0') ? '1' : '0'}`;
    const hop = { Received: 'from a by b; Tue, 24 Nov 2026 10:00:00 +0000', [PROBE_FIELD]: forged };
    await talk.send(plainMail(hop), { from: 'x@y.test', to: ['acme-7f3k@root.test'] });
    await talk.quit();
    expect(await query('select customer_id from mails')).toEqual([{ customer_id: 1 }]);
    expect((await query<{ state: string }>('select state from probes where id = $1', [open!.id]))[0]?.state).toBe(
      'sent',
    );
    // Given up before it came: it says nothing of the path any more.
    await query(`update probes set state = 'lost' where id = $1`, [open!.id]);
    const old = { Received: 'from a by b; Tue, 24 Nov 2026 10:00:00 +0000', [PROBE_FIELD]: mark };
    const late = await openTalk(lmtp.port, 'LHLO');
    await late.send(plainMail(old), { from: 'x@y.test', to: ['acme-7f3k@root.test'] });
    await late.quit();
    await query('delete from probes where id = $1 and state = $2', [open!.id, 'lost']);
    expect(await query('select id, state, arrived_at from probes order by id')).toEqual(before);
    await query('delete from deliveries');
  });

  it('is late and then lost when the way is cut: one ticket an address, the team and the customer are told once', async () => {
    isCut = true;
    await probeNow();
    expect((await states()).filter((one) => one === 'sent')).toHaveLength(3);
    expect(await query('select 1 from tickets')).toEqual([]);
    await pass(18);
    expect(await paths()).toEqual(['late', 'late', 'late']);
    const tickets = await query<{ kind: string; urgency: string; subject: string }>(
      'select kind, urgency, subject from tickets order by id',
    );
    expect(tickets).toHaveLength(3);
    expect(tickets[0]).toMatchObject({ kind: 'path.silent', urgency: 'high' });
    expect(JSON.stringify(tickets)).not.toContain('7f3k');
    await until(() => mailsTo('fde@desk.test').length === 3 && mailsTo('ops@acme.test').length === 2);
    expect(mailsTo('ops@acme.test')[0]?.raw.toString()).toContain('Mail may not be reaching your AWS root address');
    expect(mailsTo('late@acme.test')).toEqual([]);

    await pass(240);
    expect(await paths()).toEqual(['lost', 'lost', 'lost']);
    expect(await query('select urgency, state from tickets')).toEqual(
      Array.from({ length: 3 }, () => ({ urgency: 'critical', state: 'open' })),
    );
    const { rows } = await readRootAddresses(stage.database.db, { now: clock.now() }, 10);
    expect(rows[0]).toMatchObject({ pathState: 'lost', pathTicket: expect.any(Number) });
    expect(rows[0]?.probes).toContain('lost');
    expect(await readPaths(stage.database.db)).toMatchObject({ lost: 3 });
  });

  it('heals with the next one in time; one that was given up heals nothing', async () => {
    isCut = false;
    postfix.flush();
    await until(async () => (await states()).filter((one) => one === 'sent').length === 0);
    // Those that had been given up came too and changed nothing.
    expect((await states()).filter((one) => one === 'lost')).toHaveLength(3);
    await probeNow();
    await until(async () => (await paths()).every((one) => one === 'heard'));
    await until(() =>
      mailsTo('ops@acme.test').some(({ raw }) => /reaches your AWS root address again/.test(raw.toString())),
    );
    const notes = await query<{ text: string }>(`select body ->> 'text' as text from entries order by id`);
    expect(notes.at(-1)?.text).toMatch(
      /^Probe \d+ to (?:acme|acme-b|globex)-••••@root\.test came back after \d+ (?:s|min)/,
    );
    expect(mailsTo('fde@desk.test')).toHaveLength(3);
  });

  it('blames nobody after a time in which nobody looked', async () => {
    isCut = true;
    await probeNow();
    ahead += 10 * 60 * MINUTE;
    await lookAtProbes(probing);
    expect(await paths()).toEqual(['heard', 'heard', 'heard']);
    isCut = false;
    postfix.flush();
  });
});
