import { authenticate } from 'mailauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainMail, signedMail } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { readMaildir } from '../servers/maildir.ts';
import { type PostfixServer, startPostfix } from '../servers/postfix.ts';
import { type DeliveryDesk, openDeliveryDesk } from './desk.ts';

describe('copies through a real Postfix into real mailboxes', () => {
  let dovecot: DovecotServer;
  let postfix: PostfixServer;
  let desk: DeliveryDesk;
  const inbox = (user: string) => readMaildir(dovecot.maildir(`${user}@acme.test`));

  /** As the member's mail server judges it. */
  async function judge(raw: Buffer) {
    const sender = /^Return-Path: <([^>]*)>/m.exec(raw.toString('latin1'))?.[1] ?? '';
    const { dkim, dmarc, arc } = await authenticate(raw, {
      ip: '127.0.0.1',
      helo: 'mx.root.test',
      mta: 'mx.acme.test',
      sender,
      resolver: desk.resolver as never,
    } as never);
    return {
      arc: arc === false ? null : arc.status.result,
      sender,
      dkim: dkim.results.map(({ signingDomain, status }) => `${signingDomain} ${status.result}`),
      dmarc: dmarc === false ? null : dmarc?.status.result,
    };
  }

  beforeAll(async () => {
    dovecot = await startDovecot();
    postfix = await startPostfix({ domain: 'acme.test', lmtpPort: dovecot.lmtpPort });
    desk = await openDeliveryDesk(postfix.smtpPort);
    await desk.stage.database.pool.query(`
      insert into members (list_id, address, state) values
        (1, 'second@acme.test', 'bouncing'), (1, 'invited@acme.test', 'invited')`);
    await desk.start();
  });
  afterAll(async () => {
    await desk?.close();
    await postfix?.remove();
    await dovecot?.remove();
  });

  it('reach every member as AWS signed it: DKIM and DMARC pass at the member', async () => {
    const raw = signedMail({}, `Hello ${'ö'.repeat(30)}\r\n\r\n.dot\r\nFrom me \r\n  end  \r\n\r\n`);
    await desk.room.keep(raw, desk.arrivalFor('acme-7f3k@root.test'));
    await until(async () => inbox('ops').length === 1 && inbox('second').length === 1);
    const rows = await desk.copies();
    expect(rows.map(({ member, state, form, code }) => [member, state, form, code])).toEqual([
      ['ops@acme.test', 'accepted', 'raw', 'smtp.250'],
      ['second@acme.test', 'accepted', 'raw', 'smtp.250'],
    ]);
    for (const [index, user] of ['ops', 'second'].entries()) {
      const [copy = Buffer.alloc(0)] = inbox(user);
      expect(await judge(copy)).toEqual({
        sender: desk.verp.addressOf({ deliveryId: rows[index]!.id, form: 'raw' }),
        dkim: ['amazon.com pass'],
        dmarc: 'pass',
        arc: 'pass',
      });
      const seal = copy.toString('latin1').replace(/\r?\n[ \t]+/g, ' ');
      expect(seal).toMatch(/^ARC-Authentication-Results: i=1; rootdesk\.test; dkim=pass header\.d=amazon\.com /m);
      expect(seal).toMatch(/^ARC-Seal: i=1; .*cv=none; d=desk\.test; s=rootdesk1;/m);
      // Unchanged down to the last byte, below what was put on top.
      const text = copy.toString('latin1').replace(/\r?\n/g, '\r\n');
      expect(text.endsWith(raw.toString('latin1'))).toBe(true);
      const top = text.slice(0, -raw.length);
      expect(top).toContain('List-Id: <acme-7f3k.root.test>\r\n');
      expect(top).toContain('X-Loop: acme-7f3k@root.test\r\n');
      expect(top).toContain('List-Unsubscribe: <https://lists.test/self-service>\r\n');
      expect(top).not.toMatch(/^Message-ID:/m);
    }
    expect(inbox('invited')).toEqual([]);
    expect(inbox('gone')).toEqual([]);
  });

  it('that prove nothing go out wrapped, signed by us, with a notice in the words of the customer', async () => {
    await desk.stage.database.pool.query(`update customers set language = 'ja' where id = 1`);
    const raw = plainMail({ Subject: 'Urgent: your account' }, 'Click https://evil.test/x\r\n');
    await desk.room.keep(raw, desk.arrivalFor('acme-7f3k@root.test'));
    await until(async () => inbox('ops').length === 2);
    const copy = inbox('ops').find((one) => one.includes('multipart/mixed'))!;
    expect(await judge(copy)).toMatchObject({ dkim: ['desk.test pass'], dmarc: 'pass' });
    const text = copy.toString('utf8').replace(/\r?\n/g, '\r\n');
    const head = text.slice(0, text.indexOf('\r\n\r\n'));
    expect(head).not.toContain('Urgent');
    expect(Buffer.from(/=\?UTF-8\?B\?([^?]+)/.exec(head)![1]!, 'base64').toString()).toMatch(/^\[未確認\]/);
    expect(text).toContain(`Content-Type: message/rfc822\r\n`);
    expect(text).toContain(raw.toString());
    // A copy may lie in its mailbox before the row says so.
    await until(async () => (await desk.copies()).every(({ form }) => form !== null));
    expect((await desk.copies()).slice(2).map(({ form }) => form)).toEqual(['wrapped', 'wrapped']);
    await desk.stage.database.pool.query(`update customers set language = 'en' where id = 1`);
  });

  it('with bytes that no server hands on unchanged arrive byte for byte in an attachment', async () => {
    const raw = Buffer.concat([signedMail({}, 'one\r\n'), Buffer.from(`bare\nlf ${'x'.repeat(1500)}\rcr\r\n`)]);
    await desk.room.keep(raw, desk.arrivalFor('acme-7f3k@root.test'));
    await until(async () => inbox('ops').length === 3);
    const copy = inbox('ops')
      .find((one) => one.includes('application/octet-stream'))!
      .toString('latin1');
    const [, attachment = ''] = copy.split(/application\/octet-stream[\s\S]*?\r?\n\r?\n/);
    expect(Buffer.from(attachment.split('--')[0]!, 'base64').equals(raw)).toBe(true);
  });

  it('that went round, and reports that nobody may answer, are kept and sent to nobody', async () => {
    const before = (await desk.copies()).length;
    const to = desk.arrivalFor('acme-7f3k@root.test');
    await desk.room.keep(signedMail({ 'X-Loop': 'acme-7f3k@root.test' }), to);
    await desk.room.keep(signedMail({ 'Auto-Submitted': 'auto-replied' }), to);
    await desk.room.keep(signedMail(), { ...to, envelopeFrom: '' });
    await until(async () => (await desk.copies()).filter(({ state }) => state === 'skipped').length === 6);
    expect((await desk.copies()).slice(before).map(({ code }) => code)).toEqual([
      'loop.own_mark',
      'loop.own_mark',
      'loop.auto_reply',
      'loop.auto_reply',
      'loop.null_sender',
      'loop.null_sender',
    ]);
    expect(inbox('ops')).toHaveLength(3);
  });
});
