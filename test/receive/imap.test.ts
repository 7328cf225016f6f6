import { ImapFlow } from 'imapflow';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Mailbox, MailboxDeps } from '../../src/receive/imap.ts';
import type { MailboxSettings } from '../../src/settings.ts';
import { DOVECOT_PASSWORD, type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { startTcpProxy } from '../servers/tcpProxy.ts';
import { deliverTo, mailboxSettings, watchMailbox } from './mailboxStage.ts';
import { openStage, plainMail, type Stage, signedMail } from './stage.ts';
import { until } from './until.ts';

describe('IMAP', () => {
  let stage: Stage;
  let dovecot: DovecotServer;
  const watched: Mailbox[] = [];

  beforeAll(async () => {
    stage = await openStage();
    dovecot = await startDovecot();
  });
  afterEach(async () => {
    for (const mailbox of watched.splice(0)) await mailbox.close();
  });
  afterAll(async () => {
    await dovecot?.remove();
    await stage?.close();
  });

  const settingsOf = (user: string, more: Partial<MailboxSettings> = {}) => mailboxSettings(dovecot, user, more);
  const watch = async (settings: MailboxSettings, more: Partial<MailboxDeps> = {}): Promise<Mailbox> => {
    const mailbox = await watchMailbox(settings, stage.database, {
      room: stage.room,
      returned: null,
      budget: stage.budget,
      clock: stage.keepDeps.clock,
      log: stage.listenerDeps.log,
      mailBytes: 300_000,
      ...more,
    });
    watched.push(mailbox);
    return mailbox;
  };
  const deliver = (user: string, mail: Buffer) => deliverTo(dovecot, user, mail);
  const state = async (name: string) => {
    const { rows } = await stage.database.pool.query(
      `select m.*, e.uid_next, e.first_uid from mailboxes m
         left join mailbox_epochs e on e.mailbox = m.name and e.uid_validity = m.uid_validity where m.name = $1`,
      [name],
    );
    return rows[0];
  };
  const arrivals = async (name: string) => {
    const { rows } = await stage.database.pool.query(
      `select a.uid, a.uid_validity, a.mail_id, m.customer_id, m.outcome, m.auth -> 'signatures' -> 0 ->> 'result' as dkim
         from arrivals a join mails m on m.id = a.mail_id where a.source = $1 order by a.uid_validity, a.uid`,
      [`imap:${name}`],
    );
    return rows;
  };
  const kept = (name: string, count: number) => until(async () => (await arrivals(name)).length === count);

  it('reads what is there, hears of what comes, and touches no flag', async () => {
    await deliver('first', signedMail());
    await deliver('first', plainMail({ To: 'nobody@root.test' }));
    await watch(settingsOf('first'));
    await kept('first', 2);
    await until(async () => (await state('first'))?.state === 'watching');
    const before = performance.now();
    await deliver('first', signedMail({ To: 'globex-4t8w@root.test' }));
    await kept('first', 3);
    // IDLE, not the poll after 60 s.
    expect(performance.now() - before).toBeLessThan(20_000);
    expect(await arrivals('first')).toMatchObject([
      { uid: 1, customer_id: 1, dkim: 'pass' },
      { uid: 2, customer_id: null },
      { uid: 3, customer_id: 2, dkim: 'pass' },
    ]);
    await until(async () => (await state('first'))?.uid_next === 4);
    expect(await state('first')).toMatchObject({ state: 'watching', last_error: null });
    expect(await flagsOf(dovecot, 'first')).toEqual([[], [], []]);
  });

  it('reads everything again when the UIDs are void, and knows the mail', async () => {
    for (let n = 0; n < 3; n++) await deliver('renumbered', signedMail());
    const first = await watch(settingsOf('renumbered'));
    await kept('renumbered', 3);
    await first.close();
    const before = await state('renumbered');
    dovecot.renumber('renumbered');
    await deliver('renumbered', signedMail());
    await watch(settingsOf('renumbered'));
    await kept('renumbered', 7);
    const events = await stage.database.pool.query(`select event from mailbox_events where mailbox = 'renumbered'`);
    expect(events.rows).toEqual([{ event: 'uidvalidity_changed' }]);
    const rows = await arrivals('renumbered');
    expect(new Set(rows.map((row) => row.mail_id)).size).toBe(4);
    expect((await state('renumbered'))?.uid_validity).not.toBe(before?.uid_validity);
  });

  it('records the UIDs that passed without a mail, with their range and why', async () => {
    for (let n = 0; n < 5; n++) await deliver('gaps', plainMail());
    await expunge(dovecot, 'gaps', '2:3,5');
    const first = await watch(settingsOf('gaps'));
    await until(async () => (await state('gaps'))?.uid_next === 6);
    await first.close();
    for (let n = 0; n < 4; n++) await deliver('gaps', plainMail());
    await expunge(dovecot, 'gaps', '6,8:9');
    await watch(settingsOf('gaps'));
    await until(async () => (await state('gaps'))?.uid_next === 10);
    const { rows } = await stage.database.pool.query(
      `select first_uid, last_uid, why from mailbox_spans where mailbox = 'gaps' order by first_uid`,
    );
    expect(rows).toEqual([
      { first_uid: 2, last_uid: 3, why: 'before' },
      { first_uid: 5, last_uid: 5, why: 'before' },
      { first_uid: 6, last_uid: 6, why: 'passed' },
      { first_uid: 8, last_uid: 9, why: 'passed' },
    ]);
    expect((await arrivals('gaps')).map(({ uid }) => uid)).toEqual([1, 4, 7]);
  });

  it('leaves what was there to a backfill where the settings say so', async () => {
    await deliver('later', plainMail());
    await watch(settingsOf('later', { history: 'leave' }));
    await until(async () => (await state('later'))?.state === 'watching');
    await deliver('later', plainMail());
    await kept('later', 1);
    expect(await arrivals('later')).toMatchObject([{ uid: 2 }]);
    expect(await state('later')).toMatchObject({ first_uid: 2 });
  });

  it('leaves a mail above the limit on the server, with a visible outcome', async () => {
    await deliver('large', plainMail());
    await deliver('large', plainMail({}, 'z'.repeat(70).concat('\r\n').repeat(6000)));
    await deliver('large', plainMail());
    await watch(settingsOf('large'));
    await kept('large', 3);
    expect((await arrivals('large')).map((row) => row.outcome)).toEqual([null, 'too_large', null]);
    expect(await flagsOf(dovecot, 'large')).toEqual([[], [], []]);
    await until(async () => stage.budget.used === 0);
  });

  it('takes a mail whole of which the server says a wrong size, and no more than the limit', async () => {
    const lines = (count: number) => plainMail({}, 'z'.repeat(70).concat('\r\n').repeat(count));
    for (const count of [1, 1000, 2, 6000, 3]) await deliver('sizes', lines(count));
    const proxy = await startTcpProxy(dovecot.imapPort);
    proxy.rewrite = (text) => text.replace(/RFC822\.SIZE \d+/g, 'RFC822.SIZE 100');
    try {
      await watch(settingsOf('sizes', { port: proxy.port }));
      await kept('sizes', 5);
      expect((await arrivals('sizes')).map((row) => row.outcome)).toEqual([null, null, null, 'too_large', null]);
      const { rows } = await stage.database.pool.query<{ size: number }>(
        `select m.size from mails m join arrivals a on a.mail_id = m.id where a.source = 'imap:sizes' and a.uid = 2`,
      );
      expect(rows[0]!.size).toBeGreaterThan(72_000);
      await until(async () => stage.budget.used === 0);
    } finally {
      await proxy.close();
    }
  });

  it('never holds more than it took room for, whatever sizes the server says', async () => {
    const proxy = await startTcpProxy(dovecot.imapPort);
    for (let n = 0; n < 8; n++) await deliver('liar', plainMail({}, `${'x'.repeat(70)}\r\n`.repeat(2_800)));
    // One of the right size, and seven that are said to be next to nothing.
    proxy.rewrite = (text) =>
      text.replace(/\* (\d+) FETCH (.*)RFC822\.SIZE \d+/g, (all, seq, more) =>
        seq === '4' ? all : `* ${seq} FETCH ${more}RFC822.SIZE 9`,
      );
    let held = 0;
    let most = 0;
    const keep: typeof stage.room.keep = async (raw, ...rest) => {
      held += raw.length;
      // The room of this lot and of the next one, and what a server may be wrong by.
      most = Math.max(most, held - stage.budget.used);
      return stage.room.keep(raw, ...rest).finally(() => {
        held -= raw.length;
      });
    };
    try {
      const server = { ...settingsOf('liar'), port: proxy.port };
      await watch(server, { room: { keep, keepTooLarge: stage.room.keepTooLarge } });
      await kept('liar', 8);
      await until(async () => (await state('liar')).uid_next === 9);
      expect(most).toBeLessThan(8 * 16 * 1024);
      expect(new Set((await arrivals('liar')).map(({ outcome }) => outcome))).toEqual(new Set([null]));
    } finally {
      await proxy.close();
    }
  });

  it('knows the one list of a mailbox, and believes the server that is named', async () => {
    const results = 'Authentication-Results: mx.root.test; dkim=pass header.d=amazon.com header.s=test1\r\n';
    const relayed = 'Received: from a by relay.evil.test with ESMTP; Mon, 2 Nov 2026 09:00:00 +0000\r\n';
    const mail = { To: 'somebody@else.test' };
    await deliver('trusted', Buffer.concat([Buffer.from(results), signedMail(mail)]));
    await deliver('trusted', Buffer.concat([Buffer.from(relayed + results), signedMail(mail)]));
    await watch(settingsOf('trusted', { rootAddress: 'Globex-4t8w@root.test', authservId: 'mx.root.test' }));
    await kept('trusted', 2);
    const { rows } = await stage.database.pool.query(
      `select m.customer_id, m.auth ->> 'by' as by from mails m join arrivals a on a.mail_id = m.id
        where a.source = 'imap:trusted' order by a.uid`,
    );
    expect(rows).toEqual([
      { customer_id: 2, by: 'hop' },
      { customer_id: 2, by: 'us' },
    ]);
  });

  it('connects again after the server was away and loses nothing', async () => {
    await deliver('away', plainMail());
    await watch(settingsOf('away'));
    await kept('away', 1);
    await dovecot.stop();
    await until(async () => (await state('away'))?.state === 'waiting');
    await dovecot.start();
    await deliver('away', plainMail());
    await kept('away', 2);
    await until(async () => (await state('away'))?.state === 'watching');
  });

  it('says what is wrong with a login and with a connection in clear text, without the password', async () => {
    await watch(settingsOf('wrong', { password: 'Tr0ub4dor&3' }));
    await watch(settingsOf('clear', { requireTls: true }));
    await until(async () => Boolean((await state('wrong'))?.last_error && (await state('clear'))?.last_error));
    expect((await state('wrong'))?.last_error).toMatch(/auth/i);
    expect((await state('wrong'))?.last_error).not.toContain('Tr0ub4dor');
    expect((await state('clear'))?.last_error).toMatch(/TLS|encrypt/i);
  });
});

async function expunge(dovecot: DovecotServer, user: string, uids: string): Promise<void> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: dovecot.imapPort,
    secure: false,
    auth: { user, pass: DOVECOT_PASSWORD },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  await client.messageDelete(uids, { uid: true });
  await client.logout();
}

async function flagsOf(dovecot: DovecotServer, user: string): Promise<string[][]> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port: dovecot.imapPort,
    secure: false,
    auth: { user, pass: DOVECOT_PASSWORD },
    logger: false,
  });
  await client.connect();
  await client.mailboxOpen('INBOX', { readOnly: true });
  const messages = await client.fetchAll('1:*', { flags: true });
  await client.logout();
  return messages.map(({ flags }) => [...(flags ?? [])].filter((flag) => flag !== '\\Recent'));
}
