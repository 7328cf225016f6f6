import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UNVERIFIED } from '../../src/core/values.ts';
import { createRecentMail } from '../../src/lib/recentMail.ts';
import { loadSettings } from '../../src/settings.ts';
import { retryParkedMail } from '../../src/store/acts/retryParked.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { sumCounters } from '../../src/store/counters.ts';
import { until } from '../receive/until.ts';
import { caseMail, type Desk, openDesk, PROVEN } from './desk.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const rows = async (text: string, values: unknown[] = []) => (await desk.pool.query(text, values)).rows;
/** Settings with a webhook for urgent tickets. */
const TELLING = loadSettings({
  env: {},
  overrides: {
    'notify.webhookUrl': 'https://hook.example/',
    'notify.webhookSecret': 'told-to-nobody-but-the-receiver',
  },
});
const CASE = '176508697500328';

describe('deciding', () => {
  it('makes a ticket of a kept mail: facts, timeline, keys, audit and counter in one transaction', async () => {
    const id = await desk.keep(caseMail({ caseId: CASE, minute: 0, text: 'Could you please send the logs?' }));
    await desk.start();
    await desk.settled();
    expect(await rows('select * from tickets')).toMatchObject([
      { customer_id: 1, kind: 'support.case_reply', state: 'open', mails: 1, thread_key: `case:${CASE}` },
    ]);
    expect(await rows('select outcome, kind, ticket_id, error, decide_due from mails where id = $1', [id])).toEqual([
      { outcome: 'open', kind: 'support.case_reply', ticket_id: 1, error: null, decide_due: null },
    ]);
    const [reading] = await rows('select * from readings');
    expect(reading.text).toContain('send the logs');
    expect(reading.facts.caseId.value).toBe(CASE);
    expect(reading.steps.map((one: { step: string }) => one.step)).toEqual(['received', 'claimed', 'read', 'decided']);
    expect(await rows('select type, mail_id, body from entries')).toMatchObject([
      { type: 'mail', mail_id: id, body: { outcome: 'open', seenBefore: null } },
    ]);
    expect(await sumCounters(desk.db, 'mails.')).toEqual({ 'mails.open': 1 });
    expect(await verifyAudit(desk.db, 1)).toEqual({ ok: true, records: 2 });
    expect(await rows('select key_id from raws')).toEqual([{ key_id: 'mail:1' }]);
  });

  it('reads from memory what this process kept a moment ago, and from the database all else', async () => {
    const text = caseMail({ caseId: CASE, minute: 0, text: 'Could you please send the logs?' });
    const held = [await desk.keep(text), await desk.keep(caseMail({ caseId: CASE, minute: 2, text: 'Which ones?' }))];
    const other = await desk.keep(caseMail({ caseId: CASE, minute: 5, text: 'We wait for them.' }));
    const { rows: stored } = await desk.pool.query(
      'select bytes, wrapped_key, key_id from raws where mail_id = any($1) order by mail_id',
      [held],
    );
    const recent = createRecentMail(1024 * 1024);
    stored.forEach(({ bytes, wrapped_key: wrappedKey, key_id: keyId }, index) => {
      recent.put(held[index]!, { bytes, wrappedKey, keyId, ...(index === 0 && { raw: Buffer.from(text) }) });
    });
    await desk.pool.query(`update raws set bytes = 'changed'`);
    await desk.start({ recent });
    await desk.settled();
    expect(await rows('select outcome from mails where id = any($1) order by id', [[...held, other]])).toEqual([
      { outcome: 'open' },
      { outcome: 'append' },
      { outcome: 'parked' },
    ]);
    expect(await rows('select key_id from raws where mail_id = any($1)', [held])).toEqual([
      { key_id: 'mail:1' },
      { key_id: 'mail:1' },
    ]);
    expect(held.map((id) => recent.take(id))).toEqual([null, null]);
  });

  it('gives one ticket to 50 mails of a thread decided in parallel by several workers', async () => {
    const mails = Array.from({ length: 50 }, (_, n) =>
      caseMail({ caseId: CASE, minute: n, text: `Answer number ${n}` }),
    );
    await Promise.all(mails.toSorted(() => Math.random() - 0.5).map((mail) => desk.keep(mail)));
    await Promise.all([desk.start(), desk.start(), desk.start()]);
    await desk.ring();
    await desk.settled();
    expect(await rows('select customer_id, state, mails, subject from tickets')).toMatchObject([
      { state: 'open', mails: 50 },
    ]);
    expect(await rows('select outcome, count(*)::int as n from mails group by 1 order by 1')).toEqual([
      { outcome: 'append', n: 49 },
      { outcome: 'open', n: 1 },
    ]);
    expect(await rows(`select count(*)::int as n from entries where type = 'mail'`)).toEqual([{ n: 50 }]);
    expect(await sumCounters(desk.db, 'mails.')).toEqual({ 'mails.append': 49, 'mails.open': 1 });
  });

  it('gives the same ticket to a thread in every order of arrival', async () => {
    const thread = [
      caseMail({ caseId: CASE, minute: 0, text: 'first', subject: 'VPN' }),
      caseMail({ caseId: CASE, minute: 5, text: 'first', subject: 'VPN', messageId: 'again@amazon.com' }),
      caseMail({ caseId: CASE, minute: 30, text: 'We wait for your answer.', subject: 'VPN' }),
    ];
    await desk.start();
    const faces: unknown[] = [];
    for (const [n, order] of permutations(thread).entries()) {
      for (const mail of order) {
        await desk.keep(mail.replaceAll(CASE, `1765086975003${10 + n}`));
        await desk.ring();
      }
      await desk.settled();
      const found = await rows(
        `select t.kind, t.urgency, t.deadline, t.act_at, t.state, t.mails,
                (select array_agg(e.body ->> 'seenBefore' is null order by m.mail_time) from entries e
                   join mails m on m.id = e.mail_id where e.ticket_id = t.id and e.type = 'mail') as new
           from tickets t where thread_key = $1`,
        [`case:1765086975003${10 + n}`],
      );
      expect(found).toHaveLength(1);
      faces.push(found[0]);
    }
    expect(faces[0]).toMatchObject({ mails: 3, new: [true, false, true] });
    for (const face of faces) expect(face).toEqual(faces[0]);
  });

  it('links two tickets that a later mail leads to, on both timelines and once, and leaves their mails where they are', async () => {
    await desk.start({
      settings: TELLING,
    });
    const original = caseMail({ caseId: CASE, minute: 20, text: 'Second', messageId: 'second@amazon.com' });
    const reply = [
      'From: Hanako <hanako@customer.example>',
      'To: kumo-7f3k@roots.example',
      'Subject: urgent: the tunnel',
      'Message-ID: <reply@customer.example>',
      'In-Reply-To: <second@amazon.com>',
      'References: <second@amazon.com>',
      'Date: Fri, 20 Nov 2026 10:30:00 +0000',
      '',
      'We sent the logs.',
    ].join('\r\n');
    for (const [mail, auth] of [
      [caseMail({ caseId: CASE, minute: 0, text: 'First' }), PROVEN('amazon.com')],
      [reply, PROVEN('customer.example')],
      [original, PROVEN('amazon.com')],
    ] as const) {
      await desk.keep(mail, { auth });
      await desk.ring();
    }
    await desk.settled();
    expect(await rows('select id, mails from tickets order by id')).toEqual([
      { id: 1, mails: 2 },
      { id: 2, mails: 1 },
    ]);
    expect(await rows('select id, ticket_id from mails order by id')).toEqual([
      { id: 1, ticket_id: 1 },
      { id: 2, ticket_id: 2 },
      { id: 3, ticket_id: 1 },
    ]);
    expect(await rows('select ticket_id, other_id, how, mail_id from ticket_links')).toEqual([
      { ticket_id: 1, other_id: 2, how: 'joins', mail_id: 3 },
    ]);
    expect(await rows(`select ticket_id, body from entries where type = 'related' order by ticket_id`)).toEqual([
      { ticket_id: 1, body: { related: 2, how: 'joins', mailId: 3 } },
      { ticket_id: 2, body: { related: 1, how: 'joins', mailId: 3 } },
    ]);
  });

  it('follows a matter up with a linked ticket when it comes up long after its end', async () => {
    await desk.start();
    const told = (day: string, text: string) =>
      caseMail({ caseId: CASE, minute: 0, text, messageId: `${day}@amazon.com` }).replace('20 Nov 2026', day);
    for (const mail of [
      told('01 Sep 2026', 'This case has been resolved.'),
      told('20 Sep 2026', 'One more thing.'),
      told('21 Sep 2026', 'This case has been resolved again.'),
      told('02 Nov 2026', 'It is back.'),
      told('03 Nov 2026', 'It is still there.'),
    ]) {
      await desk.keep(mail, { auth: PROVEN('amazon.com') });
      await desk.ring();
      await desk.settled();
    }
    expect(await rows('select id, state, mails, solved_at, thread_key from tickets order by id')).toMatchObject([
      { id: 1, state: 'solved', mails: 3, thread_key: `case:${CASE}` },
      { id: 2, state: 'open', mails: 2, solved_at: null, thread_key: `case:${CASE}~2026-11-02` },
    ]);
    expect(await rows('select ticket_id, other_id, how from ticket_links')).toEqual([
      { ticket_id: 1, other_id: 2, how: 'followUp' },
    ]);
  });

  it('ends every other mail in its outcome, with reading and reasons', async () => {
    const from = (address: string) =>
      caseMail({ caseId: CASE, minute: 0, text: 'Hello' }).replace('no-reply-aws@amazon.com', address);
    const forged = await desk.keep(from('no-reply-aws@amazon.com'), { auth: UNVERIFIED });
    const stray = await desk.keep(from('no-reply-aws@amazon.com'), { customerId: null });
    const old = await desk.keep(`${from('no-reply-aws@amazon.com')}old`, {
      auth: { ...UNVERIFIED, state: 'unverifiable' },
    });
    const empty = await desk.keep('', { auth: UNVERIFIED });
    const zeros = await desk.keep(Buffer.alloc(3000), { auth: UNVERIFIED });
    await desk.start();
    await desk.settled();
    expect(await rows('select id, outcome, rule is not null as ruled from mails order by id')).toMatchObject([
      { id: forged, outcome: 'quarantine', ruled: true },
      { id: stray, outcome: 'unrouted' },
      { id: old, outcome: 'drop', ruled: true },
      { id: empty },
      { id: zeros },
    ]);
    expect(await rows('select count(*)::int as n from readings where json_array_length(reasons) > 0')).toEqual([
      { n: 5 },
    ]);
    expect(await rows('select count(*)::int as n from mails where outcome is null')).toEqual([{ n: 0 }]);
  });

  it('keeps the data key of a secret-class mail under the day key', async () => {
    const code = [
      'From: Amazon Web Services <no-reply@signin.aws>',
      'To: kumo-7f3k@roots.example',
      'Subject: Your AWS sign-in code',
      'Message-ID: <code@signin.aws>',
      'Date: Fri, 20 Nov 2026 10:30:00 +0000',
      '',
      'Verification code: 482913',
    ].join('\r\n');
    await desk.keep(code, { auth: PROVEN('signin.aws') });
    await desk.start();
    await desk.settled();
    expect(await rows('select secret_level from mails')).toEqual([{ secret_level: 'sealed' }]);
    expect((await rows('select key_id from raws'))[0].key_id).toMatch(/^day:/);
    for (const table of ['mails', 'readings', 'tickets', 'entries', 'thread_keys']) {
      expect(JSON.stringify(await rows(`select * from ${table}`))).not.toContain('482913');
    }
  });

  it('says in the log what became of each mail, by ids and codes alone', async () => {
    const lines: string[] = [];
    const log = () => lines.join('');
    const one = await desk.keep(caseMail({ caseId: CASE, minute: 0, text: 'Could you please send the logs?' }));
    const head =
      'From: Amazon Web Services <no-reply@signin.aws>\r\nTo: kumo-7f3k@roots.example\r\nSubject: Verify your identity\r\n';
    const two = await desk.keep(`${head}Message-ID: <v@signin.aws>\r\n\r\nVerification code: 482913`, {
      auth: PROVEN('signin.aws'),
    });
    await desk.start({ log: pino({ level: 'info' }, { write: (line) => void lines.push(line) }) });
    await desk.settled();
    await until(() => log().split('"mail":').length === 3);
    expect(log()).toMatch(new RegExp(`\\{"mail":${one},"outcome":"open","ticket":\\d+\\}`));
    expect(log()).toContain(`{"mail":${two},"outcome":"`);
    for (const secret of ['482913', 'Verify', 'send the logs', 'kumo', 'signin.aws', CASE])
      expect(log()).not.toContain(secret);
  });

  it('writes a notice for an urgent ticket once, and rings', async () => {
    await desk.start({
      settings: TELLING,
    });
    for (const minute of [0, 20]) {
      await desk.keep(caseMail({ caseId: CASE, minute, text: `Severity: Urgent. Production system down ${minute}` }));
      await desk.ring();
    }
    await desk.settled();
    expect(await rows('select type, key, order_key, payload, state from effects')).toEqual([
      {
        type: 'notify.webhook',
        key: 'notify.webhook:ticket:1',
        order_key: 'notify.webhook:ticket:1',
        payload: { ticketId: 1 },
        state: 'due',
      },
    ]);
    expect(desk.rung).toEqual(['act']);
  });
});

describe('a mail that cannot be decided', () => {
  it('stops no other: the batch is taken apart, the bad one parked with its error after a few tries', async () => {
    await desk.pool.query(`alter table thread_keys add constraint poison check (key <> 'case:99999999999')`);
    const bad = await desk.keep(caseMail({ caseId: '99999999999', minute: 0, text: 'poison' }));
    const good = await desk.keep(caseMail({ caseId: CASE, minute: 0, text: 'good' }));
    await desk.start();
    await desk.settled();
    expect(await rows('select id, outcome, kind, error from mails order by id')).toEqual([
      {
        id: bad,
        outcome: 'parked',
        kind: 'aws.unreadable',
        error: 'It was read, but deciding it failed 3 times (23514).',
      },
      { id: good, outcome: 'open', kind: 'support.case_reply', error: null },
    ]);
    expect(await rows('select count(*)::int as n from tickets')).toEqual([{ n: 2 }]);

    await desk.pool.query('alter table thread_keys drop constraint poison');
    const retry = { id: bad, actor: 'aiko@fde.example', at: new Date() };
    expect(await retryParkedMail(desk.db, retry)).not.toBeNull();
    expect(await retryParkedMail(desk.db, retry)).toBeNull();
    await desk.ring();
    await desk.settled();
    expect(await rows('select outcome, kind, error from mails where id = $1', [bad])).toEqual([
      { outcome: 'open', kind: 'support.case_reply', error: null },
    ]);
    expect(await rows('select kind, state from tickets order by id')).toEqual([
      { kind: 'support.case_reply', state: 'open' },
      { kind: 'support.case_reply', state: 'open' },
    ]);
    expect(await sumCounters(desk.db, 'mails.')).toMatchObject({ 'mails.open': 2, 'mails.parked': 0 });
  });

  it('opens an urgent ticket when AWS sent it by proof and it cannot be read in time', async () => {
    // Many times the deadline, so that it is over also where this process, which has to see that, waits for its turn.
    const slow = (text: string) => caseMail({ caseId: CASE, minute: 0, text: `${text} `.repeat(1_000_000) });
    const aws = await desk.keep(slow('word and another word'));
    const forged = await desk.keep(slow('word and another'), { auth: UNVERIFIED });
    await desk.start({ settings: loadSettings({ env: {}, overrides: { 'limits.understandMs': 4 } }) });
    await desk.settled();
    expect(await rows('select id, outcome, error, ticket_id from mails order by id')).toMatchObject([
      { id: aws, outcome: 'parked', error: expect.stringMatching(/after 0\.0(04|2) s/), ticket_id: 1 },
      { id: forged, outcome: 'parked', error: expect.stringMatching(/after 0\.0(04|2) s/), ticket_id: null },
    ]);
    expect(await rows('select kind, urgency, state, subject from tickets')).toEqual([
      {
        kind: 'aws.unreadable',
        urgency: 'high',
        state: 'open',
        subject: `Mail from AWS could not be read: RE:[CASE ${CASE}] VPN tunnel is down`,
      },
    ]);
    const [reading] = await rows('select headers, text, ticket_body from readings where mail_id = $1', [aws]);
    expect(reading.headers.map((one: { name: string }) => one.name)).toContain('Subject');
    expect(reading.text).toBe('');
    expect(reading.ticket_body).toContain('could not be read');
    expect((await rows('select key_id from raws')).every(({ key_id }) => key_id.startsWith('day:'))).toBe(true);
  });

  it('is parked when its key is gone', async () => {
    await desk.keep(caseMail({ caseId: CASE, minute: 0, text: 'sealed' }));
    await desk.pool.query(`update raws set bytes = set_byte(bytes, 20, 255 - get_byte(bytes, 20))`);
    await desk.start();
    await desk.settled();
    const [mail] = await rows('select outcome, error from mails');
    expect(mail).toEqual({
      outcome: 'parked',
      error: 'The stored mail cannot be opened: its key is gone, or its bytes changed.',
    });
  });

  it('waits for a database that went away, and loses nothing', async () => {
    await desk.start();
    await desk.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await desk.keep(caseMail({ caseId: CASE, minute: 0, text: 'after' }));
    await desk.ring();
    await desk.settled();
    expect(await rows('select outcome from mails')).toEqual([{ outcome: 'open' }]);
  });
});

function permutations<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((one, index) => permutations(list.toSpliced(index, 1)).map((rest) => [one, ...rest]));
}
