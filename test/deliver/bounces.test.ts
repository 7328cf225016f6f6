import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import type { Listener } from '../../src/receive/mailListener.ts';
import { createReturnedRoom, type ReturnedRoom } from '../../src/receive/returned.ts';
import { startSmtp } from '../../src/receive/smtp.ts';
import { createBounceRecorder } from '../../src/store/memberBounces.ts';
import { openTalk } from '../receive/smtpTalk.ts';
import { plainMail, signedMail } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { freePort } from '../servers/freePort.ts';
import { type PostfixServer, startPostfix } from '../servers/postfix.ts';
import { type ScriptedSink, startScriptedSink } from '../servers/scriptedSink.ts';
import { BOUNCE_DOMAIN, type DeliveryDesk, openDeliveryDesk } from './desk.ts';

describe('what comes back, by a real Postfix', () => {
  let dovecot: DovecotServer;
  let postfix: PostfixServer;
  let desk: DeliveryDesk;
  let smtp: Listener;
  let returned: ReturnedRoom;
  /** The mail server of two members. */
  let remote: ScriptedSink;

  const query = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
    (await desk.stage.database.pool.query<T>(text, values)).rows;
  const talkTo = async (to: string, raw: Buffer, from = '') => {
    const talk = await openTalk(smtp.port);
    const answers = await talk.send(raw, { from, to: [to] });
    await talk.quit();
    return answers;
  };

  beforeAll(async () => {
    dovecot = await startDovecot();
    const smtpPort = await freePort();
    remote = await startScriptedSink();
    remote.script = ({ to, raw }) => {
      if (to.endsWith('@dead.test')) return { stage: 'rcpt', reply: '550 5.1.1 no mailbox of that name' };
      return raw ? { stage: 'data', reply: '550 5.7.26 DMARC refused' } : null;
    };
    postfix = await startPostfix({
      domain: 'acme.test',
      lmtpPort: dovecot.lmtpPort,
      routes: {
        'dead.test': `smtp:[127.0.0.1]:${remote.port}`,
        'strict.test': `smtp:[127.0.0.1]:${remote.port}`,
        [BOUNCE_DOMAIN]: `smtp:[127.0.0.1]:${smtpPort}`,
      },
    });
    desk = await openDeliveryDesk(postfix.smtpPort);
    await query(`
      insert into lists (customer_id, address) values (1, 'acme-b1@root.test'), (1, 'acme-b2@root.test');
      insert into members (list_id, address, state) values
        (4, 'it@dead.test', 'confirmed'), (4, 'ops4@acme.test', 'confirmed'), (4, 'it@strict.test', 'confirmed'),
        (5, 'only@dead.test', 'confirmed')`);
    const { pool } = desk.stage.database;
    const clock = { now: desk.now };
    const ring = () => void desk.ring('deliver');
    const recordBounce = createBounceRecorder({
      pool,
      clock,
      ring,
      notify: { mail: true, webhook: false, least: 'high' },
    });
    const { db } = desk.stage.database;
    const { directory } = desk.stage;
    const { verp } = desk;
    const shared = { pool, db, directory, clock, log: createLog('silent') };
    returned = createReturnedRoom({ ...shared, verp, recordBounce, ring: () => void desk.ring('act') });
    smtp = await startSmtp({ ...desk.settings.smtp, port: smtpPort }, { ...desk.stage.listenerDeps, returned });
    await desk.start();
  });
  afterAll(async () => {
    await desk?.close();
    await smtp?.close();
    await postfix?.remove();
    await dovecot?.remove();
    await remote?.close();
  });

  it('finds the copy and the member by the envelope sender alone: a dead mailbox, a policy, a last member', async () => {
    await desk.room.keep(signedMail(), desk.arrivalFor('acme-b1@root.test'));
    await until(async () => {
      const copies = await desk.copies();
      return copies.length === 3 && copies.filter(({ state }) => state === 'failed').length === 2;
    });
    const byMember = new Map((await desk.copies()).map((copy) => [copy.member, copy]));
    expect(byMember.get('ops4@acme.test')).toMatchObject({ state: 'accepted', memberState: 'confirmed' });
    expect(byMember.get('it@dead.test')).toMatchObject({ state: 'failed', code: '5.1.1', memberState: 'bouncing' });
    // Refused as it was, sent again wrapped; when that is refused too, it is the member's server after all.
    expect(byMember.get('it@strict.test')).toMatchObject({
      state: 'failed',
      code: '5.7.26',
      form: 'wrapped',
      wrapped: true,
    });
    const tickets = await query<{ subject: string; urgency: string }>(
      'select subject, urgency from tickets order by subject',
    );
    expect(tickets).toEqual([
      { subject: 'Copies do not reach it@dead.test', urgency: 'high' },
      { subject: 'Copies do not reach it@strict.test', urgency: 'high' },
    ]);
    const [first] = await query<{ actions: string[] }>(
      `select array_agg(convert_from(bytes, 'utf8')::jsonb ->> 'action' order by number) as actions from audit where customer_id = 1`,
    );
    expect(first?.actions).toEqual(expect.arrayContaining(['member.bouncing', 'member.wrapped']));
    // Everybody on the list hears that one of them gets mail as an attachment from now on, that one too.
    const told = await query<{ code: string; address: string }>(
      `select h.code, m.address from member_changes h join effects e on e.key like 'member.mail:change:' || h.id || ':%'
         join members m on m.id = (e.payload ->> 'toMember')::int where h.change = 'member.wrapped' order by m.address`,
    );
    expect(told.map(({ address }) => address)).toEqual(['it@dead.test', 'it@strict.test', 'ops4@acme.test']);
    expect(told[0]?.code).toBe('5.7.26');
  });

  it('is urgent when the last member cannot be reached', async () => {
    await desk.room.keep(signedMail(), desk.arrivalFor('acme-b2@root.test'));
    await until(async () => (await query(`select from tickets where kind = 'list.last_member_bouncing'`)).length === 1);
    expect(await query(`select urgency from tickets where kind = 'list.last_member_bouncing'`)).toEqual([
      { urgency: 'critical' },
    ]);
    const notices = await query(
      `select e.type from effects e join tickets t on t.id = e.ticket_id where t.kind like 'list.last%'`,
    );
    expect(notices).toEqual([{ type: 'notify.mail' }]);
  });

  it('of a member who is away vanishes into the log of that copy, and a delay changes nothing', async () => {
    const copy = (await desk.copies()).find(({ member }) => member === 'ops4@acme.test')!;
    const to = desk.verp.addressOf({ deliveryId: copy.id, form: 'raw' }).toUpperCase();
    const away = plainMail({ Subject: 'Out of office', 'Auto-Submitted': 'auto-replied' }, 'My code is 123456\r\n');
    expect(await talkTo(to, away)).toEqual([expect.stringMatching(/^250/)]);
    const delay = plainMail(
      { From: 'mailer-daemon@acme.test', 'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b' },
      '--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; x\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n--b--\r\n',
    );
    expect(await talkTo(to, delay)).toEqual([expect.stringMatching(/^250/)]);
    expect(
      await query('select event, code, text from delivery_events where delivery_id = $1 order by id', [copy.id]),
    ).toEqual([
      { event: 'auto_reply', code: 'returned.auto_reply', text: 'An automatic reply of the member.' },
      { event: 'delayed', code: '4.4.1', text: 'The report gives no reason.' },
    ]);
    expect((await desk.copies()).find(({ id }) => id === copy.id)).toMatchObject({
      state: 'accepted',
      memberState: 'confirmed',
    });
    expect(await query(`select from mails where list_id is null`)).toEqual([]);
  });

  it('is refused at RCPT for an address that we did not make', async () => {
    const [copy] = await desk.copies();
    const [local] = desk.verp.addressOf({ deliveryId: copy!.id, form: 'raw' }).split('@');
    const forged = `${local!.slice(0, -1)}${local!.endsWith('a') ? 'b' : 'a'}@${BOUNCE_DOMAIN}`;
    expect(await talkTo(forged, plainMail())).toEqual([expect.stringMatching(/^550 5\.1\.1/)]);
    expect(await talkTo(`anything@${BOUNCE_DOMAIN}`, plainMail())).toEqual([expect.stringMatching(/^550 5\.1\.1/)]);
    expect(await talkTo(`postmaster@${BOUNCE_DOMAIN}`, plainMail(), 'x@acme.test')).toEqual([
      expect.stringMatching(/^250/),
    ]);
  });

  it('fills the log of a copy to a bound, whoever writes to it', async () => {
    const copy = (await desk.copies()).find(({ member }) => member === 'ops4@acme.test')!;
    const to = desk.verp.addressOf({ deliveryId: copy.id, form: 'raw' });
    const talk = await openTalk(smtp.port);
    for (let mail = 0; mail < 60; mail++) await talk.send(plainMail({ Subject: 'Re: x' }), { from: '', to: [to] });
    await talk.quit();
    expect(await query('select from delivery_events where delivery_id = $1', [copy.id])).toHaveLength(50);
  });
});
