import { ImapFlow } from 'imapflow';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Mailbox } from '../../src/receive/imap.ts';
import type { MailboxSettings } from '../../src/settings.ts';
import { DOVECOT_PASSWORD, type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcpProxy.ts';
import { deliverTo, mailboxSettings, watchMailbox } from './mailboxStage.ts';
import { openStage, plainMail, type Stage } from './stage.ts';
import { until } from './until.ts';

const BASIC = 'IMAP4rev1 LITERAL+ IDLE';

describe('what is done with mail once it is kept', () => {
  let stage: Stage;
  let dovecot: DovecotServer;
  let basic: DovecotServer;
  let proxy: TcpProxy;
  const watched: Mailbox[] = [];

  beforeAll(async () => {
    stage = await openStage();
    dovecot = await startDovecot();
    basic = await startDovecot({ capability: BASIC });
    proxy = await startTcpProxy(dovecot.imapPort);
  });
  afterEach(async () => {
    proxy.rewrite = null;
    for (const mailbox of watched.splice(0)) await mailbox.close();
  });
  afterAll(async () => {
    await proxy?.close();
    await dovecot?.remove();
    await basic?.remove();
    await stage?.close();
  });

  const query = async <T extends object>(text: string, values: unknown[] = []) =>
    (await stage.database.pool.query<T>(text, values)).rows;
  const watch = async (user: string, more: Partial<MailboxSettings>, port = dovecot.imapPort) => {
    const settings = mailboxSettings({ imapPort: port }, user, { pollSeconds: 1, ...more });
    const mailbox = await watchMailbox(settings, stage.database, {
      room: stage.room,
      returned: null,
      budget: stage.budget,
      clock: stage.keepDeps.clock,
      log: stage.listenerDeps.log,
      mailBytes: 20_000,
    });
    watched.push(mailbox);
    return mailbox;
  };
  const as = async <T>(server: DovecotServer, user: string, act: (client: ImapFlow) => Promise<T>): Promise<T> => {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: server.imapPort,
      secure: false,
      auth: { user, pass: DOVECOT_PASSWORD },
      logger: false,
    });
    await client.connect();
    try {
      return await act(client);
    } finally {
      await client.logout();
    }
  };
  /** Flags by UID of a folder; null: there is no such folder. */
  const flags = (server: DovecotServer, user: string, folder = 'INBOX') =>
    as(server, user, async (client) => {
      const opened = await client.mailboxOpen(folder, { readOnly: true }).catch(() => null);
      if (opened === null) return null;
      if (opened.exists === 0) return {};
      const found = await client.fetchAll('1:*', { uid: true, flags: true });
      return Object.fromEntries(
        found.map(({ uid, flags: set }) => [uid, [...(set ?? [])].filter((one) => one !== '\\Recent')]),
      );
    });
  const settled = (name: string, afterUid: number) =>
    until(async () => {
      const [row] = await query<{ after_uid: number }>(
        `select after_uid from mailbox_epochs where mailbox = $1 and ended_at is null`,
        [name],
      );
      return row?.after_uid === afterUid;
    });

  it.each([
    ['seen', '\\Seen'],
    ['flag', '\\Flagged'],
    ['keyword', '$Rootdesk'],
  ] as const)('%s sets %s on what was kept, and on nothing that was too large', async (afterKeep, wanted) => {
    const user = `after-${afterKeep}`;
    await deliverTo(dovecot, user, plainMail());
    await deliverTo(dovecot, user, plainMail({}, 'z'.repeat(70).concat('\r\n').repeat(400)));
    await deliverTo(dovecot, user, plainMail());
    await watch(user, { afterKeep });
    await settled(user, 4);
    expect(await flags(dovecot, user)).toEqual({ 1: [wanted], 2: [], 3: [wanted] });
  });

  it('holds from the time on that it was set', async () => {
    await deliverTo(dovecot, 'since', plainMail());
    const first = await watch('since', {});
    await until(async () => (await query(`select from arrivals where source = 'imap:since'`)).length === 1);
    await until(
      async () => (await query(`select from mailbox_epochs where mailbox = 'since' and uid_next = 2`)).length === 1,
    );
    await first.close();
    await watch('since', { afterKeep: 'seen' });
    await deliverTo(dovecot, 'since', plainMail());
    await settled('since', 3);
    expect(await flags(dovecot, 'since')).toEqual({ 1: [], 2: ['\\Seen'] });
  });

  it('moves to a folder, which is made, and never before the mail is committed', async () => {
    const keepDeps = stage.room.keep;
    let fail = true;
    const room = {
      ...stage.room,
      keep: (async (...mail) => {
        if (fail) throw new Error('no');
        return keepDeps(...mail);
      }) as typeof keepDeps,
    };
    await deliverTo(dovecot, 'moved', plainMail());
    const settings = mailboxSettings(dovecot, 'moved', { afterKeep: 'move', afterFolder: 'Processed' });
    const mailbox = await watchMailbox(settings, stage.database, {
      room,
      returned: null,
      budget: stage.budget,
      clock: stage.keepDeps.clock,
      log: stage.listenerDeps.log,
      mailBytes: 20_000,
    });
    watched.push(mailbox);
    await until(async () => (await query(`select from mailboxes where name = 'moved' and failures >= 2`)).length === 1);
    expect(Object.keys((await flags(dovecot, 'moved'))!)).toEqual(['1']);
    fail = false;
    await settled('moved', 2);
    expect(await flags(dovecot, 'moved')).toEqual({});
    expect(Object.keys((await flags(dovecot, 'moved', 'Processed'))!)).toHaveLength(1);
  });

  it('is tried again when the server refuses it, and keeps nothing from being read', async () => {
    await deliverTo(dovecot, 'refused', plainMail());
    // The answer says that it was not done.
    proxy.rewrite = (text) => text.replace(/^(\S+) OK (?:\[[^\]]*\] )?Store completed/m, '$1 NO Over quota or so');
    await watch('refused', { afterKeep: 'flag' }, proxy.port);
    const error = async () =>
      (
        await query<{ after_error: string | null }>(`select after_error from mailbox_epochs where mailbox = 'refused'`)
      )[0]?.after_error;
    await until(async () => Boolean(await error()));
    expect(await error()).toMatch(/refused to flag.*UID 1/);
    await deliverTo(dovecot, 'refused', plainMail());
    await until(async () => (await query(`select from arrivals where source = 'imap:refused'`)).length === 2);
    proxy.rewrite = null;
    await settled('refused', 3);
    expect(await error()).toBeNull();
    expect(await query(`select event from mailbox_events where mailbox = 'refused'`)).toEqual([
      { event: 'after_failed' },
    ]);
  });

  it('moves without MOVE and UIDPLUS, and takes nothing off that others marked', async () => {
    await deliverTo(basic, 'basic', plainMail());
    await deliverTo(basic, 'basic', plainMail());
    const first = await watch('basic', { afterKeep: 'move', afterFolder: 'Done' }, basic.imapPort);
    await settled('basic', 3);
    expect(await flags(basic, 'basic')).toEqual({});
    expect(Object.keys((await flags(basic, 'basic', 'Done'))!)).toHaveLength(2);
    await first.close();
    await deliverTo(basic, 'basic', plainMail());
    await deliverTo(basic, 'basic', plainMail());
    // Somebody marked a mail that is not ours to take off; ours was copied before we were stopped.
    await as(basic, 'basic', async (client) => {
      await client.append('INBOX', plainMail({}, 'z'.repeat(70).concat('\r\n').repeat(400)), ['\\Deleted']);
      await client.mailboxOpen('INBOX');
      await client.messageFlagsAdd('3', ['\\Deleted'], { uid: true });
    });
    await watch('basic', { afterKeep: 'move', afterFolder: 'Done' }, basic.imapPort);
    await settled('basic', 5);
    expect(await flags(basic, 'basic')).toEqual({ 3: ['\\Deleted'], 4: ['\\Deleted'], 5: ['\\Deleted'] });
    expect(Object.keys((await flags(basic, 'basic', 'Done'))!)).toHaveLength(3);
  });
});
