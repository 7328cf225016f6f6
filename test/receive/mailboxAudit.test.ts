import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Mailbox } from '../../src/receive/imap.ts';
import { uidSet, uidsBetween } from '../../src/receive/uidRanges.ts';
import type { MailboxSettings } from '../../src/settings.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcpProxy.ts';
import { deliverTo, mailboxSettings, watchMailbox } from './mailboxStage.ts';
import { openStage, plainMail, type Stage } from './stage.ts';
import { until } from './until.ts';

/** Often enough for a test (minutes). */
const SOON = 0.002;

describe('the audit of a mailbox', () => {
  let stage: Stage;
  let dovecot: DovecotServer;
  let proxy: TcpProxy;
  const watched: Mailbox[] = [];

  beforeAll(async () => {
    stage = await openStage();
    dovecot = await startDovecot();
    proxy = await startTcpProxy(dovecot.imapPort);
  });
  afterEach(async () => {
    proxy.rewrite = null;
    for (const mailbox of watched.splice(0)) await mailbox.close();
  });
  afterAll(async () => {
    await proxy?.close();
    await dovecot?.remove();
    await stage?.close();
  });

  const query = async <T extends object>(text: string, values: unknown[] = []) =>
    (await stage.database.pool.query<T>(text, values)).rows;
  const epoch = async (name: string) =>
    (
      await query<Record<string, unknown>>('select * from mailbox_epochs where mailbox = $1 and ended_at is null', [
        name,
      ])
    )[0]!;
  const uids = async (name: string) =>
    (await query<{ uid: number }>(`select uid from arrivals where source = $1 order by uid`, [`imap:${name}`])).map(
      ({ uid }) => uid,
    );
  const watch = async (user: string, more: Partial<MailboxSettings> = {}) => {
    const settings = mailboxSettings({ imapPort: proxy.port }, user, { auditMinutes: SOON, pollSeconds: 1, ...more });
    const mailbox = await watchMailbox(settings, stage.database, {
      room: stage.room,
      returned: null,
      budget: stage.budget,
      clock: stage.keepDeps.clock,
      log: stage.listenerDeps.log,
      mailBytes: 300_000,
    });
    watched.push(mailbox);
    return mailbox;
  };
  const audited = (name: string, wanted: Record<string, unknown>) =>
    until(async () => {
      const found = await epoch(name);
      return Object.entries(wanted).every(([key, value]) => found?.[key] === value);
    });

  it('says that nothing is missing, and when that was found', async () => {
    for (let n = 0; n < 3; n++) await deliverTo(dovecot, 'whole', plainMail());
    await watch('whole');
    await audited('whole', { audit_messages: 3, audit_missing: 0, audit_fetched: 0 });
    expect((await epoch('whole')).audit_at).toBeInstanceOf(Date);
  });

  it('fetches what the server has and we do not, whatever went wrong before', async () => {
    for (let n = 0; n < 4; n++) await deliverTo(dovecot, 'lost', plainMail());
    const first = await watch('lost');
    await audited('lost', { audit_messages: 4 });
    await first.close();
    await query(`delete from arrivals where source = 'imap:lost' and uid in (2, 3)`);
    await query(`update mailbox_epochs set audit_at = null where mailbox = 'lost'`);
    await watch('lost');
    await until(async () => (await uids('lost')).length === 4);
    await audited('lost', { audit_messages: 4, audit_missing: 0, audit_fetched: 2 });
    expect(await query(`select event, detail from mailbox_events where mailbox = 'lost'`)).toMatchObject([
      { event: 'missing_fetched', detail: { mails: 2, first: 2 } },
    ]);
  });

  it('finds a message that the server hid from the search, and takes it out of the gap', async () => {
    for (let n = 0; n < 5; n++) await deliverTo(dovecot, 'hidden', plainMail());
    proxy.rewrite = (text) => text.replace(/^\* SEARCH 1 2 3 4 5\r$/m, '* SEARCH 1 5\r');
    const first = await watch('hidden', { auditMinutes: 60 });
    await until(async () => (await uids('hidden')).length === 2);
    const spans = () =>
      query(`select first_uid, last_uid from mailbox_spans where mailbox = 'hidden' order by first_uid`);
    await until(async () => (await epoch('hidden')).uid_next === 6);
    expect(await spans()).toEqual([{ first_uid: 2, last_uid: 4 }]);
    await first.close();
    // Three reads of it and one that is still hidden: the span is cut in two.
    proxy.rewrite = (text) => text.replace(/^\* SEARCH 1 2 3 4 5\r$/m, '* SEARCH 1 3 5\r');
    await query(`update mailbox_epochs set audit_at = null where mailbox = 'hidden'`);
    await watch('hidden');
    await until(async () => (await uids('hidden')).length === 3);
    await audited('hidden', { audit_fetched: 1 });
    expect(await spans()).toEqual([
      { first_uid: 2, last_uid: 2 },
      { first_uid: 4, last_uid: 4 },
    ]);
  });

  it('tells people once of mail that is there and cannot be read', async () => {
    for (let n = 0; n < 2; n++) await deliverTo(dovecot, 'stuck', plainMail());
    // The server lists it and never hands it over.
    proxy.rewrite = (text) => text.replaceAll('* 2 FETCH (UID 2', '* 2 FETCH (UID 9');
    await watch('stuck');
    await audited('stuck', { audit_messages: 2, audit_missing: 1 });
    const tickets = () => query(`select kind, urgency from tickets where thread_key = 'own:mailbox:stuck'`);
    await until(async () => (await tickets()).length === 1);
    expect(await tickets()).toEqual([{ kind: 'mailbox.missing', urgency: 'high' }]);
    proxy.rewrite = null;
    await audited('stuck', { audit_missing: 0 });
    expect(await uids('stuck')).toEqual([1, 2]);
    expect(await query(`select from mailbox_events where mailbox = 'stuck' and event = 'missing'`)).toHaveLength(1);
  });

  it.each([
    ['keeps no HIGHESTMODSEQ', (text: string) => text.replace(/\[HIGHESTMODSEQ \d+\]/g, '[NOMODSEQ]'), null],
    ['never changes it', (text: string) => text.replace(/HIGHESTMODSEQ \d+/g, 'HIGHESTMODSEQ 7'), '7'],
  ])('needs no help of a server that %s', async (what, rewrite, modseq) => {
    const user = what.replaceAll(' ', '-').toLowerCase();
    await deliverTo(dovecot, user, plainMail());
    proxy.rewrite = rewrite;
    await watch(user);
    await audited(user, { audit_messages: 1, audit_missing: 0, modseq });
    await deliverTo(dovecot, user, plainMail());
    await audited(user, { audit_messages: 2, audit_missing: 0, uid_next: 3 });
  });

  it('is spared while the server says that nothing changed, but not for ever', async () => {
    await deliverTo(dovecot, 'calm', plainMail());
    await watch('calm');
    await audited('calm', { audit_messages: 1 });
    const { audit_at: first } = await epoch('calm');
    await query(`update mailbox_epochs set audit_at = audit_at - interval '5 hours' where mailbox = 'calm'`);
    await until(async () => (await epoch('calm')).audit_at !== first);
    const { audit_at: spared } = await epoch('calm');
    await query(`update mailbox_epochs set audit_at = audit_at - interval '2 hours' where mailbox = 'calm'`);
    await until(async () => Number((await epoch('calm')).audit_at) > Number(spared));
  });
});

describe('ranges of UIDs', () => {
  it('name what is not there', () => {
    expect(uidsBetween(1, [2, 3, 6], 9)).toEqual([
      { first: 1, last: 1 },
      { first: 4, last: 5 },
      { first: 7, last: 8 },
    ]);
    expect(uidsBetween(4, [2, 4], 5)).toEqual([]);
    expect(uidsBetween(4, [], 4)).toEqual([]);
    expect(uidsBetween(1, [8], 4)).toEqual([{ first: 1, last: 3 }]);
  });

  it('are written as IMAP writes them', () => {
    expect(uidSet([1, 2, 3, 7, 9, 10])).toBe('1:3,7,9:10');
    expect(uidSet([5])).toBe('5');
  });
});
