import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLog } from '../../src/lib/log.ts';
import type { Mailbox } from '../../src/receive/imap.ts';
import { createReturnedRoom } from '../../src/receive/returned.ts';
import { createBounceRecorder } from '../../src/store/memberBounces.ts';
import { mailboxSettings, watchMailbox } from '../receive/mailboxStage.ts';
import { openTalk } from '../receive/smtpTalk.ts';
import { plainMail, signedMail } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { type PostfixServer, startPostfix } from '../servers/postfix.ts';
import { type ScriptedSink, startScriptedSink } from '../servers/scriptedSink.ts';
import { BOUNCE_DOMAIN, type DeliveryDesk, openDeliveryDesk } from './desk.ts';

const BOX = 'bounces@acme.test';
const CURSOR = `select uid_next from mailbox_epochs where mailbox = 'bounces' and ended_at is null`;

describe('what comes back into a mailbox, by a real Postfix and Dovecot', () => {
  let dovecot: DovecotServer;
  let postfix: PostfixServer;
  let desk: DeliveryDesk;
  let remote: ScriptedSink;
  let mailbox: Mailbox;

  const query = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
    (await desk.stage.database.pool.query<T>(text, values)).rows;
  const watch = async () => {
    const { pool, db } = desk.stage.database;
    const { directory, budget } = desk.stage;
    const [clock, log] = [{ now: desk.now }, createLog('silent')];
    const notify = { mail: true, webhook: false, least: 'high' as const };
    const ring = () => void desk.ring('deliver');
    const recordBounce = createBounceRecorder({ pool, clock, ring, notify });
    const returned = createReturnedRoom({ pool, db, directory, verp: desk.verp, recordBounce, ring, clock, log });
    const settings = mailboxSettings(dovecot, BOX, { name: 'bounces' });
    const { room } = desk;
    return watchMailbox(settings, desk.stage.database, { room, returned, budget, clock, log, mailBytes: 200_000 });
  };
  const copyTo = async (member: string) => {
    const copies = (await desk.copies()).filter((copy) => copy.member === member);
    return copies.at(-1)!;
  };
  const readUpTo = (uid: number) =>
    until(async () => {
      const rows = await query<{ uid_next: number }>(CURSOR);
      return Number(rows[0]?.uid_next) > uid;
    });

  beforeAll(async () => {
    dovecot = await startDovecot();
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
        [BOUNCE_DOMAIN]: `lmtp:inet:127.0.0.1:${dovecot.lmtpPort}`,
      },
      catchAll: { [BOUNCE_DOMAIN]: BOX },
    });
    desk = await openDeliveryDesk(postfix.smtpPort);
    await query(`
      insert into lists (customer_id, address) values (1, 'acme-b1@root.test');
      insert into members (list_id, address, state) values
        (4, 'it@dead.test', 'confirmed'), (4, 'ops4@acme.test', 'confirmed'), (4, 'it@strict.test', 'confirmed')`);
    await desk.start();
    mailbox = await watch();
  });
  afterAll(async () => {
    await mailbox?.close();
    await desk?.close();
    await postfix?.remove();
    await dovecot?.remove();
    await remote?.close();
  });

  it('names copy and member by the address that it came back to, and is no mail of anybody', async () => {
    await desk.room.keep(signedMail(), desk.arrivalFor('acme-b1@root.test'));
    await until(async () => (await copyTo('it@dead.test')).state === 'failed');
    expect(await copyTo('it@dead.test')).toMatchObject({ code: '5.1.1', memberState: 'bouncing' });
    // Refused as it was, sent again wrapped, refused again.
    await until(async () => (await copyTo('it@strict.test')).state === 'failed');
    expect(await copyTo('it@strict.test')).toMatchObject({ form: 'wrapped', wrapped: true, memberState: 'bouncing' });
    expect(await query('select from mails')).toHaveLength(1);
  });

  it('that nobody vouches for is refused for what it is: no word against the member', async () => {
    await query(`update members set state = 'confirmed', wrapped = false where address = 'it@strict.test'`);
    await desk.room.keep(plainMail(), desk.arrivalFor('acme-b1@root.test'));
    await until(async () => (await copyTo('it@strict.test')).state === 'failed');
    expect(await copyTo('it@strict.test')).toMatchObject({
      form: 'wrapped',
      wrapped: false,
      memberState: 'confirmed',
    });
    expect(await query(`select subject, urgency from tickets where kind = 'list.mail_refused'`)).toEqual([
      { subject: 'it@strict.test refuses unproven mail', urgency: 'normal' },
    ]);
  });

  it('on the copy that was refused as it is says nothing about the wrapped one that came after it', async () => {
    remote.script = ({ raw }) =>
      raw?.includes('message/rfc822') ? null : raw ? { stage: 'data', reply: '550 5.7.26 DMARC refused' } : null;
    await desk.room.keep(signedMail(), desk.arrivalFor('acme-b1@root.test'));
    await until(async () => remote.taken.some(({ to }) => to === 'it@strict.test'));
    const copy = await copyTo('it@strict.test');
    await until(async () => (await copyTo('it@strict.test')).state === 'accepted');
    const talk = await openTalk(dovecot.lmtpPort, 'LHLO');
    const late = plainMail(
      {
        'X-Original-To': desk.verp.addressOf({ deliveryId: copy.id, form: 'raw' }),
        From: 'mailer-daemon@acme.test',
        'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
      },
      '--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; x\r\nAction: failed\r\nStatus: 5.7.1\r\n\r\n--b--\r\n',
    );
    const before = await query<{ uid_next: number }>(CURSOR);
    await talk.send(late, { from: '', to: [BOX] });
    await talk.quit();
    await readUpTo(Number(before[0]!.uid_next));
    expect(await copyTo('it@strict.test')).toMatchObject({ state: 'accepted', memberState: 'confirmed' });
  });

  it('counts once when the whole mailbox is read again', async () => {
    const failures = () => query(`select id from delivery_events order by id`);
    const before = await failures();
    const states = await desk.copies();
    await mailbox.close();
    await dovecot.stop();
    dovecot.renumber(BOX);
    await dovecot.start();
    const [{ uid_next: last }] = (await query(CURSOR)) as [{ uid_next: number }];
    await query(`update mailbox_epochs set uid_next = 1 where mailbox = 'bounces'`);
    mailbox = await watch();
    await readUpTo(Number(last) - 1);
    expect(await desk.copies()).toEqual(states);
    expect(await failures()).toEqual(before);
    expect(await query('select from mails where list_id is null')).toEqual([]);
  });

  it('to an address that nobody made is mail that is seen', async () => {
    const talk = await openTalk(dovecot.lmtpPort, 'LHLO');
    await talk.send(plainMail({ To: `b-abcdefghijklmnopqrs@${BOUNCE_DOMAIN}` }), { from: '', to: [BOX] });
    await talk.quit();
    await until(async () => (await query('select from mails where list_id is null')).length === 1);
  });
});
