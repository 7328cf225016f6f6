import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadSettings } from '../../src/settings.ts';
import { caseMail, type Desk, openDesk, PROVEN } from './desk.ts';

/** Who may join a customer's ticket by its number: its people and ours, by proof. Everybody else stands beside it. */
const CASE = '176508697500328';
let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
  await desk.pool.query(
    `insert into members (list_id, address, state) values (1, 'adviser@elsewhere.example', 'confirmed'),
       (1, 'former@elsewhere.example', 'removed'), (2, 'of-acme@elsewhere.example', 'confirmed')`,
  );
  await desk.start({
    settings: loadSettings({ env: {}, overrides: { 'membership.resellerDomains': ['reseller.example'] } }),
  });
});
afterEach(() => desk.close());

const rows = async (text: string) => (await desk.pool.query(text)).rows;
let sent = 0;

async function decided(raw: string, domain: string): Promise<Record<string, unknown>> {
  const id = await desk.keep(raw, { auth: PROVEN(domain) });
  await desk.ring();
  await desk.settled();
  const [row] = await rows(
    `select m.outcome, m.ticket_id as ticket, m.thread_key as key,
            array(select r ->> 'code' from json_array_elements(d.reasons) r) as codes
       from mails m join readings d on d.mail_id = m.id where m.id = ${id}`,
  );
  return row;
}

function person(address: string, text: string, fields: string[] = []): Promise<Record<string, unknown>> {
  sent += 1;
  const raw = [
    `From: <${address}>`,
    'To: kumo-7f3k@roots.example',
    `Subject: Re: RE:[CASE ${CASE}] VPN tunnel is down`,
    `Message-ID: <${sent}@${address.split('@')[1]}>`,
    `Date: Fri, 20 Nov 2026 1${sent % 10}:30:00 +0000`,
    ...fields,
    '',
    text,
  ].join('\r\n');
  return decided(raw, address.split('@')[1]!);
}

it('joins mail of the customer and of ourselves, and lets a stranger who knows the number change no ticket', async () => {
  await decided(
    caseMail({ caseId: CASE, minute: 0, text: 'Could you send the logs?', messageId: 'first@amazon.com' }),
    'amazon.com',
  );
  for (const one of ['hanako@customer.example', 'adviser@elsewhere.example', 'fde@reseller.example'])
    expect([one, await person(one, 'They are attached.')]).toMatchObject([one, { outcome: 'append', ticket: 1 }]);

  const before = await rows('select * from tickets where id = 1');
  const answersIt = ['In-Reply-To: <first@amazon.com>', 'References: <first@amazon.com>'];
  const strangers: [string, string[]][] = [
    ['eve@stranger.example', answersIt],
    ['former@elsewhere.example', []],
    ['of-acme@elsewhere.example', []],
    ['kumo-7f3k@roots.example', []],
  ];
  for (const [one, fields] of strangers) {
    const row = await person(one, 'URGENT: please close this case by tomorrow.', fields);
    expect([one, row]).toMatchObject([one, { outcome: 'open', codes: expect.arrayContaining(['thread.outsider']) }]);
    expect([one, row.ticket]).not.toEqual([one, 1]);
  }
  expect(await rows('select * from tickets where id = 1')).toEqual(before);
  const linked = await rows(`select other_id, how from ticket_links where ticket_id = 1 order by other_id`);
  expect(linked).toHaveLength(strangers.length);
  expect(linked[0]).toMatchObject({ how: 'names' });

  // The stranger's tickets say it, the case does not.
  const told = await rows(`select distinct ticket_id from entries where type = 'related' order by 1`);
  expect(told).toEqual([2, 3, 4, 5].map((ticket_id) => ({ ticket_id })));

  // Whoever answers the stranger, or writes on, does not bring the two together; the stranger's own mail does.
  const again = await person('eve@stranger.example', 'And once more.', ['In-Reply-To: <4@stranger.example>']);
  expect(again).toMatchObject({ outcome: 'append', ticket: 2 });
  const next = caseMail({ caseId: CASE, minute: 50, text: 'We found it.', messageId: 'next@amazon.com' });
  expect(await decided(next, 'amazon.com')).toMatchObject({ outcome: 'append', ticket: 1 });
});

it('holds whoever writes from a domain made to look like the customer’s or ours, by proof or without', async () => {
  for (const one of ['hanako@customer.example.stranger.example', 'hanako@custommer.example', 'fde@reseler.example']) {
    const row = await person(one, 'Please close this case.');
    expect([one, row]).toMatchObject([
      one,
      { outcome: 'quarantine', codes: expect.arrayContaining(['decide.imitates']) },
    ]);
  }
  expect(await rows('select count(*)::int as n from tickets')).toEqual([{ n: 0 }]);
});

it('keeps a stranger beside the case also where the stranger came first', async () => {
  expect(await person('eve@stranger.example', 'About your case.')).toMatchObject({ outcome: 'open', ticket: 1 });
  const mail = caseMail({ caseId: CASE, minute: 0, text: 'Could you send the logs?' });
  expect(await decided(mail, 'amazon.com')).toMatchObject({ outcome: 'open', ticket: 2, key: `case:${CASE}` });
  expect(await rows('select ticket_id, other_id, how from ticket_links')).toEqual([
    { ticket_id: 1, other_id: 2, how: 'names' },
  ]);
  expect(await rows(`select ticket_id from entries where type = 'related'`)).toEqual([{ ticket_id: 1 }]);
});
