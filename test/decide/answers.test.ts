import { afterEach, beforeEach, expect, it } from 'vitest';
import { startDeciding } from '../../src/decide/deciding.ts';
import { signMail } from '../../src/demo/signMail.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { readKindFiles } from '../../src/lib/kindFiles.ts';
import { createLog } from '../../src/lib/log.ts';
import { createNoticeMarks, type NoticeMarks } from '../../src/lib/noticeMarks.ts';
import type { Bell } from '../../src/queue/bell.ts';
import { createKeepRoom } from '../../src/receive/keep.ts';
import { createReplies } from '../../src/receive/replies.ts';
import { startSmtp } from '../../src/receive/smtp.ts';
import { loadSettings } from '../../src/settings.ts';
import { noticeKey } from '../../src/store/noticeTicket.ts';
import { openTalk, type Talk } from '../receive/smtpTalk.ts';
import { keyRecord, openStage, plainMail, SIGNING_KEY, type Stage, signedMail, ZONE } from '../receive/stage.ts';

/** People answer a notice about a ticket: over SMTP, through authentication, to the ticket or not. */
ZONE.push(keyRecord('test1._domainkey.desk.example'));
const ADDRESS = 'answers@desk.example';
const ACME = 'acme-7f3k@root.test';
const GLOBEX = 'globex-4t8w@root.test';
const settings = loadSettings({
  env: {},
  overrides: { 'notify.replyAddress': ADDRESS, 'membership.resellerDomains': ['desk.example'] },
});

let stage: Stage;
let marks: NoticeMarks;
let talk: Talk;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  stage = await openStage();
  const { db, pool } = stage.database;
  const log = createLog('silent');
  let wake = async () => {};
  const bell: Bell = {
    backend: 'postgres',
    ring: async (chime) => {
      if (chime === 'decide') void wake();
    },
    listen: async (_chime, answer) => {
      wake = answer;
    },
    check: async () => {},
    close: async () => {},
  };
  marks = createNoticeMarks(await noticeKey(db), 'desk.example');
  const replies = createReplies(settings.notify.replyAddress, { db, marks });
  const room = createKeepRoom({ ...stage.keepDeps, bell, replies });
  const kinds = readKindFiles('config', 'templates');
  const { ticketOf } = marks;
  const deciding = await startDeciding({
    pool,
    bell,
    seal: stage.seal,
    kinds,
    settings,
    ticketOf,
    log,
    clock: systemClock,
  });
  const smtp = await startSmtp(
    { ...settings.smtp, port: 0 },
    { ...stage.listenerDeps, keep: room.keep, replyAddress: ADDRESS },
  );
  talk = await openTalk(smtp.port);
  stops.push(
    () => talk.quit(),
    smtp.close,
    deciding.close,
    () => room.idle(),
    () => stage.close(),
  );
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Row = { outcome: string; kind: string; customer: number | null; ticket: number | null; codes: string[] };

/** Sends a mail and answers what became of it once it is decided. */
async function send(mail: Buffer, to: string): Promise<Row> {
  const { pool } = stage.database;
  const { rows: before } = await pool.query('select coalesce(max(id), 0) as id from mails');
  expect(await talk.send(mail, { from: 'x@desk.example', to: [to] })).toEqual([expect.stringMatching(/^250/)]);
  for (;;) {
    const { rows } = await pool.query(
      `select m.outcome, m.kind, m.customer_id as customer, m.ticket_id as ticket,
              (select array_agg(r ->> 'code') from json_array_elements(d.reasons) r) as codes
         from mails m join readings d on d.mail_id = m.id where m.id > $1 and m.decided_at is not null`,
      [before[0].id],
    );
    if (rows.length > 0) return rows[0];
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** AWS mail of a case opens a ticket. */
async function opened(address: string, caseId: string): Promise<number> {
  const subject = `RE:[CASE ${caseId}] The tunnel is down`;
  const row = await send(signedMail({ To: address, Subject: subject }, 'Please send us the logs.\r\n'), address);
  expect(row).toMatchObject({ outcome: 'open', kind: 'support.case_reply' });
  return row.ticket!;
}

/** A person's answer: to a Message-ID (as a mail program writes it), signed by the person's domain or by nobody. */
function answer(messageId: string, fields: Record<string, string | null> = {}, signed = true, text = ''): Buffer {
  const mail = plainMail(
    {
      From: 'Hanako <hanako@desk.example>',
      To: ADDRESS,
      Subject: 'Re: [HIGH] Acme: The tunnel is down',
      'Message-ID': `<${Math.random()}@desk.example>`,
      'In-Reply-To': messageId,
      References: messageId,
      ...fields,
    },
    `The logs are on their way. ${text}\r\n`,
  );
  return signed ? signMail(mail, { domain: 'desk.example', selector: 'test1', privateKey: SIGNING_KEY }) : mail;
}

it('joins the ticket of the notice that it answers, at the address for answers and at the root address', async () => {
  const acme = await opened(ACME, '176508697500321');
  const globex = await opened(GLOBEX, '176508697500322');
  const notice = marks.messageId(acme, 'urgent');
  for (const to of [ADDRESS, ACME]) {
    const row = await send(answer(notice, { To: to }, true, `Sent to ${to}.`), to);
    expect(row).toMatchObject({ outcome: 'append', customer: 1, ticket: acme });
    if (to === ADDRESS) expect(row.codes).toContain('thread.answers_notice');
  }
  expect(await send(answer(marks.messageId(globex, 'urgent')), ADDRESS)).toMatchObject({ customer: 2, ticket: globex });
});

it('joins by References alone, as an answer to an answer has it', async () => {
  const acme = await opened(ACME, '176508697500321');
  const References = `${marks.messageId(acme, 'urgent')} <first@desk.example>`;
  const row = await send(answer('', { 'In-Reply-To': '<first@desk.example>', References }), ADDRESS);
  expect(row).toMatchObject({ outcome: 'append', ticket: acme });
});

it('is not led to a ticket by a forged key, or to that of another customer', async () => {
  const acme = await opened(ACME, '176508697500321');
  const globex = await opened(GLOBEX, '176508697500322');
  const forged = marks
    .messageId(acme, 'urgent')
    .replace(/([0-9a-f])@/, (_, last: string) => `${last === '0' ? '1' : '0'}@`);
  const moved = marks.messageId(acme, 'urgent').replace(`t.${acme}.`, `t.${globex}.`);
  expect(new Set([forged, moved, marks.messageId(acme, 'urgent')]).size).toBe(3);
  for (const id of [forged, moved]) {
    expect(await send(answer(id), ADDRESS)).toMatchObject({ outcome: 'unrouted', customer: null, ticket: null });
    const direct = await send(answer(id, { To: ACME }), ACME);
    expect(direct.outcome).toBe('open');
    expect(direct.ticket).not.toBe(acme);
  }
  const foreign = await send(answer(marks.messageId(globex, 'urgent'), { To: ACME }), ACME);
  expect(foreign).toMatchObject({ outcome: 'open', customer: 1 });
  expect([acme, globex]).not.toContain(foreign.ticket);
});

it('stands alone when nothing proves its sender, with the right key too', async () => {
  const acme = await opened(ACME, '176508697500321');
  const row = await send(answer(marks.messageId(acme, 'urgent'), {}, false), ADDRESS);
  expect(row).toMatchObject({ outcome: 'open', customer: 1 });
  expect(row.ticket).not.toBe(acme);
  expect(row.codes).toContain('thread.unproven');
});

it('is dropped by its rule when a machine wrote it, and never reaches a ticket', async () => {
  const acme = await opened(ACME, '176508697500321');
  const away = answer(marks.messageId(acme, 'urgent'), {
    Subject: 'Automatic reply: [HIGH] Acme',
    'Auto-Submitted': 'auto-replied',
  });
  expect(await send(away, ADDRESS)).toMatchObject({ outcome: 'drop', kind: 'nonaws.auto_reply', ticket: null });
});

it('is refused at RCPT under any other address of the domain, except postmaster', async () => {
  expect(await talk.command('MAIL FROM:<x@y.example>')).toMatch(/^250/);
  expect(await talk.command('RCPT TO:<answer@desk.example>')).toMatch(/^550/);
  expect(await talk.command('RCPT TO:<ANSWERS@desk.example>')).toMatch(/^250/);
  expect(await talk.command('RCPT TO:<postmaster@desk.example>')).toMatch(/^250/);
  await talk.command('RSET');
});
