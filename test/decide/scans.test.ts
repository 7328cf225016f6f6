import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HopVerdicts } from '../../src/core/values.ts';
import { caseMail, type Desk, openDesk, PROVEN } from './desk.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
  await desk.start();
});
afterAll(() => desk?.close());

const SAID: HopVerdicts = { spam: 'pass', virus: 'pass', spf: 'pass', dkim: 'pass', dmarc: 'pass' };
let serial = 0;
const stranger = (more = '') =>
  [
    'From: Eve <eve@stranger.example>',
    'To: acme-7f3k@root.test',
    `Subject: About the meeting ${++serial}`,
    'Date: Mon, 23 Nov 2026 10:00:00 +0000',
    `Message-ID: <${serial}@stranger.example>${more}`,
    '',
    'Shall we meet on Tuesday?',
  ].join('\r\n');
const decided = async (id: number) => {
  await desk.ring();
  await desk.settled();
  const { rows } = await desk.pool.query(
    `select m.outcome, m.rule, (select array_agg(r ->> 'code') from jsonb_array_elements(rd.reasons::jsonb) r) as codes
       from mails m left join readings rd on rd.mail_id = m.id where m.id = $1`,
    [id],
  );
  return rows[0];
};

it('mail of others that a scan of SES speaks against is held, and nothing is dropped', async () => {
  const auth = PROVEN('stranger.example');
  const spam = await desk.keep(stranger(), { auth, verdicts: { ...SAID, spam: 'fail' } });
  expect(await decided(spam)).toMatchObject({ outcome: 'quarantine', rule: 'scan.spam' });
  const virus = await desk.keep(stranger(), { auth, verdicts: { ...SAID, spam: 'fail', virus: 'fail' } });
  const held = await decided(virus);
  expect(held).toMatchObject({ outcome: 'quarantine', rule: 'scan.virus' });
  expect(held.codes).toEqual(expect.arrayContaining(['scan.virus', 'scan.spam']));
});

it('GRAY, and a scan that failed, are nothing', async () => {
  const auth = PROVEN('stranger.example');
  const gray = await desk.keep(stranger(), { auth, verdicts: { ...SAID, spam: 'none', virus: 'temperror' } });
  expect(await decided(gray)).toMatchObject({ outcome: 'open', rule: null });
});

it('what AWS sent by proof is a ticket, whatever a scan takes it for', async () => {
  const mail = caseMail({ caseId: '176508697500399', minute: 0, text: 'Could you please send the logs?' });
  const id = await desk.keep(mail, { verdicts: { ...SAID, spam: 'fail', virus: 'fail' } });
  const read = await decided(id);
  expect(read).toMatchObject({ outcome: 'open', rule: null });
  expect(read.codes).toEqual(expect.arrayContaining(['scan.virus', 'scan.spam']));
});

it('by any other way the fields of SES are the words of the sender, for better or worse', async () => {
  const auth = PROVEN('stranger.example');
  const claims = '\r\nX-SES-Spam-Verdict: FAIL\r\nX-SES-Virus-Verdict: FAIL';
  const read = await decided(await desk.keep(stranger(claims), { auth }));
  expect(read).toMatchObject({ outcome: 'open', rule: null });
  expect(read.codes.filter((code: string) => code.startsWith('scan.'))).toEqual([]);
  // Not even by a slip of ours: the database takes it of no other way in.
  await expect(desk.pool.query(`update arrivals set verdicts = '{}' where transport = 'file'`)).rejects.toThrow(
    'arrivals_verdicts',
  );
});
