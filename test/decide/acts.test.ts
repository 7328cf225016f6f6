import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UNVERIFIED } from '../../src/core/values.ts';
import { changeTicketState } from '../../src/store/acts/changeState.ts';
import { changeTickets } from '../../src/store/acts/changeTickets.ts';
import { readActs, UNDO_ACTS } from '../../src/store/acts/readActs.ts';
import { confirmMail, REVIEW_UNDO_MS, rejectMail, releaseMail } from '../../src/store/acts/reviewMail.ts';
import { returnSnoozed, snoozeTicket } from '../../src/store/acts/snoozeTicket.ts';
import { undoAct } from '../../src/store/acts/undoAct.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { sumCounters } from '../../src/store/counters.ts';
import { readWithdrawnTicket } from '../../src/store/withdrawnTickets.ts';
import { type Desk, openDesk, PROVEN } from './desk.ts';

/** What people do, while mails come and are decided: real workers, real PostgreSQL, both at once. */
let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(async () => {
  await desk.close();
});

const AT = new Date('2026-11-24T10:00:00Z');
const by = (at = AT) => ({ actor: 'aiko@fde.example', at });
const HOUR = 3_600_000;

const caseMail = (minute: number, text: string) =>
  [
    'From: Amazon Web Services <no-reply-aws@amazon.com>',
    'To: kumo-7f3k@roots.example',
    'Subject: RE:[CASE 17550869750] Instance does not start',
    `Date: Tue, 24 Nov 2026 09:${String(minute).padStart(2, '0')}:00 +0000`,
    `Message-ID: <reply-${minute}@amazon.com>`,
    '',
    `Hello, here is an update about your support case: ${text}`,
    'Case ID 17550869750',
  ].join('\r\n');
const awsMail = (minute: number, text = `news ${minute}`) =>
  desk.keep(caseMail(minute, text), { auth: PROVEN('amazon.com') });

/** Looks like AWS and proves nothing. */
const lure = (
  n: number,
  text = 'Your account will be suspended. Pay at https://console-aws.example/pay?token=abc now.',
) =>
  desk.keep(
    [
      'From: AWS Billing <billing@aws-invoices.example>',
      'To: kumo-7f3k@roots.example',
      'Subject: Your Amazon Web Services account [CASE 17550869750]',
      'Date: Tue, 24 Nov 2026 09:00:00 +0000',
      `Message-ID: <lure-${n}@aws-invoices.example>`,
      '',
      text,
    ].join('\r\n'),
    { auth: UNVERIFIED },
  );

async function decideAll(): Promise<void> {
  const running = await desk.start();
  await desk.settled();
  await running.close();
}

const rows = async (text: string, values: unknown[] = []) => (await desk.pool.query(text, values)).rows;
const mailRow = async (id: number) =>
  (
    await rows('select outcome, review, kind, ticket_id as ticket, thread_key as key from mails where id = $1', [id])
  )[0];
const ticketRow = async (id: number) =>
  (await rows('select state, queue, version, snoozed_until as until from tickets where id = $1', [id]))[0];
const opened = async () => {
  await awsMail(0);
  await decideAll();
  return (await rows('select id from tickets'))[0].id as number;
};
const auditActions = async () =>
  (
    await rows(
      `select convert_from(bytes, 'UTF8')::json ->> 'action' as action from audit where customer_id = 1 order by number`,
    )
  ).map((row) => row.action);

describe('the state of a ticket', () => {
  it('changes in one transaction with timeline, audit, counter and what takes it back', async () => {
    const id = await opened();
    const result = await changeTicketState(desk.db, { id, version: 1, to: 'solved', ...by() });
    expect(result).toEqual({ result: 'done', act: expect.any(Number), version: 2 });
    expect(await ticketRow(id)).toMatchObject({ state: 'solved', queue: 'solved', version: 2 });
    const [entry] = await rows(`select actor, body from entries where type = 'change' order by id desc limit 1`);
    expect(entry).toEqual({
      actor: 'aiko@fde.example',
      body: { changes: [{ field: 'state', from: 'open', to: 'solved' }] },
    });
    expect(await auditActions()).toContain('ticket.state');
    expect(await verifyAudit(desk.db, 1)).toMatchObject({ ok: true });
    expect(await sumCounters(desk.db, 'acts.')).toEqual({ 'acts.ticket.state': 1 });
    expect(await readActs(desk.db, AT)).toMatchObject([{ type: 'ticket.state', ticketId: id, canUndo: true }]);
  });

  it('of an old version is refused, with both versions named, and nothing is written', async () => {
    const id = await opened();
    await changeTicketState(desk.db, { id, version: 1, to: 'waiting', ...by() });
    const audited = (await auditActions()).length;
    expect(await changeTicketState(desk.db, { id, version: 1, to: 'solved', ...by() })).toEqual({
      result: 'stale',
      seen: 1,
      version: 2,
      state: 'waiting',
      snoozedUntil: null,
    });
    expect(await ticketRow(id)).toMatchObject({ state: 'waiting', version: 2 });
    expect(await auditActions()).toHaveLength(audited);
  });

  it('of two at once, one is done and the other is refused', async () => {
    const id = await opened();
    const results = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        changeTicketState(desk.db, { id, version: 1, to: n % 2 ? 'solved' : 'waiting', ...by() }),
      ),
    );
    expect(results.filter((one) => one?.result === 'done')).toHaveLength(1);
    expect(results.filter((one) => one?.result === 'stale')).toHaveLength(5);
    expect(await ticketRow(id)).toMatchObject({ version: 2 });
    expect(await rows(`select count(*)::int as n from entries where type = 'change'`)).toEqual([{ n: 1 }]);
  });

  it('is taken back once, and not after a mail has changed it', async () => {
    const id = await opened();
    const first = await changeTicketState(desk.db, { id, version: 1, to: 'solved', ...by() });
    const act = first?.result === 'done' ? first.act : 0;
    expect(await undoAct(desk.db, { id: act, ...by() })).toMatchObject({ result: 'done', ticketId: id });
    expect(await ticketRow(id)).toMatchObject({ state: 'open', version: 3 });
    expect(await undoAct(desk.db, { id: act, ...by() })).toMatchObject({ result: 'gone' });

    const second = await changeTicketState(desk.db, { id, version: 3, to: 'solved', ...by() });
    await awsMail(20);
    await decideAll();
    expect(await ticketRow(id)).toMatchObject({ state: 'open', version: 5 });
    const late = second?.result === 'done' ? second.act : 0;
    expect(await undoAct(desk.db, { id: late, ...by() })).toMatchObject({ result: 'changed' });
    expect(await ticketRow(id)).toMatchObject({ state: 'open', version: 5 });
    expect(await undoAct(desk.db, { id: 987_654, ...by() })).toBeNull();
  });

  it('is taken back by one of two that ask at once', async () => {
    const id = await opened();
    const done = await changeTicketState(desk.db, { id, version: 1, to: 'waiting', ...by() });
    const act = done?.result === 'done' ? done.act : 0;
    const undos = await Promise.all([1, 2, 3].map(() => undoAct(desk.db, { id: act, ...by() })));
    expect(undos.map((one) => one?.result).toSorted()).toEqual(['done', 'gone', 'gone']);
    expect(await ticketRow(id)).toMatchObject({ state: 'open', version: 3 });
  });

  it('can be taken back only as one of the last acts', async () => {
    const id = await opened();
    let act = 0;
    for (let version = 1; version <= UNDO_ACTS + 1; version++) {
      const done = await changeTicketState(desk.db, { id, version, to: version % 2 ? 'waiting' : 'open', ...by() });
      if (version === 1 && done?.result === 'done') act = done.act;
    }
    expect(await undoAct(desk.db, { id: act, ...by() })).toMatchObject({ result: 'late' });
    expect(await readActs(desk.db, AT)).toHaveLength(UNDO_ACTS);
  });

  it('of a ticket that is gone is nothing', async () => {
    expect(await changeTicketState(desk.db, { id: 4711, version: 1, to: 'solved', ...by() })).toBeNull();
    expect(await readActs(desk.db, AT)).toEqual([]);
  });
});

describe('many tickets in one act', () => {
  it('are done each by its version, told in every log, and taken back where nothing changed since', async () => {
    const id = await opened();
    await desk.keep(caseMail(0, 'another customer'), { auth: PROVEN('amazon.com'), customerId: 2 });
    await decideAll();
    const [, other] = (await rows('select id from tickets order by id')).map((row) => row.id as number);
    const tickets = [
      { id, version: 1 },
      { id: other as number, version: 1 },
      { id: 987_654, version: 1 },
    ];
    const done = await changeTickets(desk.db, { tickets, change: { to: 'solved' }, ...by() });
    expect(done).toEqual({ act: expect.any(Number), done: [id, other], notDone: [{ id: 987_654, why: 'gone' }] });
    expect(await changeTickets(desk.db, { tickets, change: { to: 'waiting' }, ...by() })).toMatchObject({
      act: null,
      notDone: [{ why: 'changed' }, { why: 'changed' }, { why: 'gone' }],
    });
    expect(await auditActions()).toContain('ticket.changed');
    for (const customer of [1, 2, null]) expect(await verifyAudit(desk.db, customer)).toMatchObject({ ok: true });
    expect(await rows(`select count(*)::int as n from entries where type = 'change'`)).toEqual([{ n: 2 }]);

    await changeTicketState(desk.db, { id, version: 2, to: 'waiting', ...by() });
    expect(await undoAct(desk.db, { id: done.act as number, ...by() })).toMatchObject({ result: 'done' });
    expect(await ticketRow(id)).toMatchObject({ state: 'waiting', version: 3 });
    expect(await ticketRow(other as number)).toMatchObject({ state: 'open', version: 3 });
    expect(await undoAct(desk.db, { id: done.act as number, ...by() })).toMatchObject({ result: 'gone' });
    for (const customer of [1, 2, null]) expect(await verifyAudit(desk.db, customer)).toMatchObject({ ok: true });
  });

  it('of which none is as it was cannot be taken back, and two such acts at once never wait for each other', async () => {
    const id = await opened();
    const later = new Date(AT.getTime() + HOUR);
    const tickets = [{ id, version: 1 }];
    const snooze = () => changeTickets(desk.db, { tickets, change: { untilOf: () => later }, ...by() });
    const [first, second] = await Promise.all([snooze(), snooze()]);
    expect([first, second].map(({ done }) => done.length).toSorted()).toEqual([0, 1]);
    const act = (first.act ?? second.act) as number;
    expect(await ticketRow(id)).toMatchObject({ queue: 'snoozed', until: later });
    await snoozeTicket(desk.db, { id, version: 2, until: null, ...by() });
    expect(await undoAct(desk.db, { id: act, ...by() })).toMatchObject({ result: 'changed' });
  });
});

describe('a snooze', () => {
  const until = new Date(AT.getTime() + 24 * HOUR);

  it('ends when its time has come, with a line that says so', async () => {
    const id = await opened();
    expect(await snoozeTicket(desk.db, { id, version: 1, until, ...by() })).toMatchObject({ result: 'done' });
    expect(await ticketRow(id)).toMatchObject({ state: 'open', queue: 'snoozed', until });
    expect(await returnSnoozed(desk.db, new Date(until.getTime() - 1))).toBe(0);
    const returned = await Promise.all([returnSnoozed(desk.db, until), returnSnoozed(desk.db, until)]);
    expect(returned.toSorted()).toEqual([0, 1]);
    expect(await ticketRow(id)).toMatchObject({ state: 'open', queue: 'open', until: null, version: 3 });
    const [entry] = await rows(`select actor, body from entries where type = 'change' order by id desc limit 1`);
    expect(entry).toMatchObject({ actor: 'rootdesk', body: { changes: [{ field: 'snooze', to: null }] } });
    expect(await verifyAudit(desk.db, 1)).toMatchObject({ ok: true });
  });

  it('ends when a mail says something new, and not for a repetition', async () => {
    const id = await opened();
    await snoozeTicket(desk.db, { id, version: 1, until, ...by() });
    await desk.keep(`X-Again: 1\r\n${caseMail(0, 'news 0')}`, { auth: PROVEN('amazon.com') });
    await decideAll();
    expect(await rows(`select count(*)::int as n from mails where outcome = 'duplicate'`)).toEqual([{ n: 1 }]);
    expect(await ticketRow(id)).toMatchObject({ queue: 'snoozed' });
    await awsMail(30);
    await decideAll();
    expect(await ticketRow(id)).toMatchObject({ queue: 'open', until: null });
    const changes = await rows(`select body from entries where type = 'change' order by id desc limit 1`);
    expect(changes[0].body.changes).toContainEqual({ field: 'snooze', from: until.toISOString(), to: null });
  });

  it('is taken back, keeps the state, and is nothing for a solved ticket', async () => {
    const id = await opened();
    await changeTicketState(desk.db, { id, version: 1, to: 'waiting', ...by() });
    const done = await snoozeTicket(desk.db, { id, version: 2, until, ...by() });
    expect(await undoAct(desk.db, { id: done?.result === 'done' ? done.act : 0, ...by() })).toMatchObject({
      result: 'done',
    });
    expect(await ticketRow(id)).toMatchObject({ state: 'waiting', queue: 'waiting', until: null });
    await changeTicketState(desk.db, { id, version: 4, to: 'solved', ...by() });
    expect(await snoozeTicket(desk.db, { id, version: 5, until, ...by() })).toEqual({ result: 'same', version: 5 });
  });
});

describe('held mail', () => {
  it('that is released is decided again as the mail of somebody else: no AWS ticket, no live link', async () => {
    const id = await opened();
    const held = await lure(1);
    await decideAll();
    expect(await mailRow(held)).toMatchObject({ outcome: 'quarantine', review: null, ticket: null });
    const done = await releaseMail(desk.db, { id: held, alike: false, ...by() });
    expect(done).toMatchObject({ result: 'done', mails: [held] });
    await decideAll();
    const row = await mailRow(held);
    expect(row.outcome).not.toBe('quarantine');
    expect(row.review).toBe('not_aws');
    expect(row.ticket).not.toBe(id);
    if (row.ticket !== null) expect(row.key).toMatch(/^alone:/);
    const [reading] = await rows('select facts, sender_verdict, reasons from readings where mail_id = $1', [held]);
    expect(reading.sender_verdict).toMatchObject({ class: 'other', authentic: false });
    expect(reading.reasons.map((one: { code: string }) => one.code)).toContain('sender.released');
    expect(reading.facts.links.every((link: { href: string | null }) => link.href === null)).toBe(true);
    expect(await rows('select mails from tickets where id = $1', [id])).toEqual([{ mails: 1 }]);
    const counters = await sumCounters(desk.db, 'mails.');
    expect(counters['mails.quarantine']).toBe(0);

    // A replay decides the same: the release is data of the row.
    await desk.pool.query('update mails set decide_due = now() where id = $1', [held]);
    await decideAll();
    expect(await mailRow(held)).toMatchObject({ outcome: row.outcome, review: 'not_aws', ticket: row.ticket });
  });

  it('that a person confirms becomes a ticket of its own, not proven, with name and reason, until it is taken back', async () => {
    const id = await opened();
    const held = await lure(1);
    await decideAll();
    const said = { by: 'Aiko Tanaka', reason: 'AWS called us about it' };
    const done = await confirmMail(desk.db, { id: held, ...said, ...by() });
    expect(done).toMatchObject({ result: 'done', mails: [held] });
    await decideAll();
    const row = await mailRow(held);
    expect(row).toMatchObject({ outcome: 'open', review: 'internal' });
    expect(row.key).toMatch(/^alone:/);
    expect(row.ticket).not.toBe(id);
    const [ticket] = await rows('select subject, urgency, mails from tickets where id = $1', [row.ticket]);
    expect(ticket).toMatchObject({ subject: expect.stringMatching(/^Not proven: /), urgency: 'normal', mails: 1 });
    expect(await rows('select review_by, review_reason from mails where id = $1', [held])).toEqual([
      { review_by: said.by, review_reason: said.reason },
    ]);
    const [reading] = await rows('select facts, sender_verdict, ticket_body from readings where mail_id = $1', [held]);
    expect(reading.sender_verdict).toMatchObject({ class: 'other', authentic: false });
    expect(reading.ticket_body).toContain('Nothing proves');
    expect(reading.facts.links.every((link: { href: string | null }) => link.href === null)).toBe(true);
    const logged = await rows(`select convert_from(bytes, 'UTF8') as text from audit where customer_id = 1`);
    const record = logged.map((one) => JSON.parse(one.text)).find((one) => one.action === 'mail.confirmed');
    expect(record).toMatchObject({ detail: { mail: held, ...said } });
    // Somebody else is too late; whoever did it can take it back.
    expect(await rejectMail(desk.db, { id: held, alike: false, ...by() })).toMatchObject({ result: 'decided' });
    await undoAct(desk.db, { id: done?.result === 'done' ? done.act : 0, ...by() });
    await decideAll();
    expect(await mailRow(held)).toMatchObject({ outcome: 'quarantine', review: null, ticket: null });
    expect(await rows('select review_by, review_reason from mails where id = $1', [held])).toEqual([
      { review_by: null, review_reason: null },
    ]);
  });

  it('that is released by mistake is held again, for ten minutes', async () => {
    const held = await lure(1);
    await decideAll();
    const done = await releaseMail(desk.db, { id: held, alike: false, ...by() });
    const act = done?.result === 'done' ? done.act : 0;
    await decideAll();
    const late = { id: act, ...by(new Date(AT.getTime() + REVIEW_UNDO_MS + 1)) };
    expect(await undoAct(desk.db, late)).toMatchObject({ result: 'late' });
    const inTime = { id: act, ...by(new Date(AT.getTime() + REVIEW_UNDO_MS)) };
    expect(await undoAct(desk.db, inTime)).toMatchObject({ result: 'done', decideAgain: true });
    await decideAll();
    expect(await mailRow(held)).toMatchObject({ outcome: 'quarantine', review: null, ticket: null });
    // The ticket that the release had opened is in no list, and no key leads to it.
    const [ticket] = await rows('select id, queue, mails from tickets');
    expect(ticket).toMatchObject({ queue: 'withdrawn', mails: 0 });
    expect(await rows('select from thread_keys')).toEqual([]);
    expect(await rows(`select from effects where state <> 'done'`)).toEqual([]);
    expect(await readWithdrawnTicket(desk.db, ticket.id)).toMatchObject({ id: ticket.id, mails: [held] });
    expect(await changeTicketState(desk.db, { id: ticket.id, version: 2, to: 'open', ...by() })).toBeNull();
    expect(await auditActions()).toContain('ticket.withdrawn');
    expect(await verifyAudit(desk.db, 1)).toMatchObject({ ok: true });

    // Released once more, it opens a ticket as if it had never been one.
    await releaseMail(desk.db, { id: held, alike: false, ...by() });
    await decideAll();
    const again = await mailRow(held);
    expect(again.ticket).not.toBe(ticket.id);
    expect(await rows('select queue, mails from tickets where id = $1', [again.ticket])).toEqual([
      { queue: 'open', mails: 1 },
    ]);
  });

  it('is decided by one of two that decide at once, and takes along what is alike for this customer only', async () => {
    const own = [await lure(1), await lure(2), await lure(3)];
    const other = await lure(4, 'Something else: your invoice from AWS is at https://console-aws.example/x');
    const foreign = await desk.keep(
      'From: AWS Billing <billing@aws-invoices.example>\r\nTo: acme-9x2m@roots.example\r\nSubject: Your Amazon Web Services account [CASE 17550869750]\r\nMessage-ID: <lure-5@aws-invoices.example>\r\n\r\nYour account will be suspended. Pay at https://console-aws.example/pay?token=abc now.',
      { auth: UNVERIFIED, customerId: 2 },
    );
    await decideAll();
    const results = await Promise.all([
      rejectMail(desk.db, { id: own[0] as number, alike: true, ...by() }),
      releaseMail(desk.db, { id: own[1] as number, alike: true, ...by() }),
    ]);
    expect(results.map((one) => one?.result).toSorted()).toEqual(['decided', 'done']);
    const done = results.find((one) => one?.result === 'done');
    expect(done).toMatchObject({ mails: own });
    expect((await mailRow(other)).review).toBeNull();
    expect((await mailRow(foreign)).review).toBeNull();
  });

  it('that is rejected stays in quarantine, is found as decided, and can wait again', async () => {
    const held = await lure(1);
    await decideAll();
    const done = await rejectMail(desk.db, { id: held, alike: true, ...by() });
    expect(await mailRow(held)).toMatchObject({ outcome: 'quarantine', review: 'rejected' });
    expect(await rejectMail(desk.db, { id: held, alike: false, ...by() })).toEqual({
      result: 'decided',
      outcome: 'quarantine',
      review: 'rejected',
    });
    expect(await auditActions()).toContain('mail.rejected');
    await undoAct(desk.db, { id: done?.result === 'done' ? done.act : 0, ...by() });
    expect(await mailRow(held)).toMatchObject({ outcome: 'quarantine', review: null });
    expect(await rejectMail(desk.db, { id: 987_654, alike: false, ...by() })).toBeNull();
  });
});

describe('acts while mails are being decided', () => {
  it('wait for them and lose nothing: every mail is on the ticket, every act is done or refused by its version', async () => {
    const id = await opened();
    const running = await desk.start();
    const results: (string | undefined)[] = [];
    const mails: Promise<number>[] = [];
    for (let n = 1; n <= 12; n++) {
      mails.push(awsMail(n + 20, `update number ${n}`));
      void desk.ring();
      const { version } = await ticketRow(id);
      const to = n % 2 ? ('solved' as const) : ('waiting' as const);
      results.push((await changeTicketState(desk.db, { id, version, to, ...by() }))?.result);
    }
    await Promise.all(mails);
    await desk.ring();
    await desk.settled();
    await running.close();
    expect(results.every((one) => one === 'done' || one === 'stale' || one === 'same')).toBe(true);
    expect(await rows('select count(*)::int as n from mails where ticket_id = $1', [id])).toEqual([{ n: 13 }]);
    const done = results.filter((one) => one === 'done').length;
    expect(await rows(`select count(*)::int as n from acts`)).toEqual([{ n: done }]);
    expect(await rows(`select count(*)::int as n from entries where actor <> 'rootdesk'`)).toEqual([{ n: done }]);
    expect(await verifyAudit(desk.db, 1)).toMatchObject({ ok: true });
  });

  it('a release during the deciding of the very mail is honoured', async () => {
    const held = await lure(1);
    await decideAll();
    const client = await desk.pool.connect();
    try {
      // As a worker that has it under way.
      await client.query('begin');
      await client.query(`select from mails where id = $1 for no key update`, [held]);
      const release = releaseMail(desk.db, { id: held, alike: false, ...by() });
      await expect
        .poll(
          async () =>
            (
              await rows(
                `select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
              )
            )[0].n,
        )
        .toBeGreaterThan(0);
      await client.query('commit');
      expect(await release).toMatchObject({ result: 'done' });
    } finally {
      client.release();
    }
    await decideAll();
    expect(await mailRow(held)).toMatchObject({ review: 'not_aws' });
    expect((await mailRow(held)).outcome).not.toBe('quarantine');
  });
});
