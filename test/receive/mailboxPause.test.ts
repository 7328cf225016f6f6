import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Mailbox, MailboxDeps } from '../../src/receive/imap.ts';
import { createMailboxSecrets } from '../../src/receive/mailboxSecrets.ts';
import type { MailboxSettings } from '../../src/settings.ts';
import { alertSilentMailboxes } from '../../src/store/mailboxAlerts.ts';
import { resumeMailbox } from '../../src/store/mailboxes.ts';
import { DOVECOT_PASSWORD, type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { startTcpProxy, type TcpProxy } from '../servers/tcpProxy.ts';
import { deliverTo, mailboxSettings, watchMailbox } from './mailboxStage.ts';
import { openStage, plainMail, type Stage } from './stage.ts';
import { until } from './until.ts';

const NOTIFY = { mail: true, webhook: false, least: 'high' } as const;

describe('a mailbox that cannot be watched', () => {
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
    for (const mailbox of watched.splice(0)) await mailbox.close();
  });
  afterAll(async () => {
    await proxy?.close();
    await dovecot?.remove();
    await stage?.close();
  });

  const query = async (text: string, values: unknown[] = []) =>
    (await stage.database.pool.query(text, values)).rows as Record<string, unknown>[];
  const box = async (name: string) => (await query('select * from mailboxes where name = $1', [name]))[0]!;
  const watch = async (user: string, settings: Partial<MailboxSettings>, more: Partial<MailboxDeps> = {}) => {
    const mailbox = await watchMailbox(mailboxSettings({ imapPort: proxy.port }, user, settings), stage.database, {
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
  const tickets = (name: string) =>
    query(
      `select t.kind, t.urgency, c.slug, t.state, (select count(*)::int from entries e where e.ticket_id = t.id) as notes,
              (select count(*)::int from effects e where e.ticket_id = t.id and e.type = 'notify.mail') as told
         from tickets t join customers c on c.id = t.customer_id where t.thread_key = $1`,
      [`own:mailbox:${name}`],
    );

  it('is paused after three refused logins, tells people once, and is tried by no later process', async () => {
    const secretFile = join(stage.folder, 'secret');
    writeFileSync(secretFile, 'Tr0ub4dor&3\n');
    await deliverTo(dovecot, 'locked', plainMail());
    const rings: string[] = [];
    const before = proxy.connections;
    const first = await watch(
      'locked',
      { password: null, passwordFile: secretFile },
      { ring: () => rings.push('act') },
    );
    await until(async () => (await box('locked')).paused_at !== null);
    expect(proxy.connections - before).toBe(3);
    expect(await box('locked')).toMatchObject({ state: 'paused', error_class: 'authentication', failures: 3 });
    expect(JSON.stringify([await box('locked'), await query('select * from entries')])).not.toContain('Tr0ub4dor');
    expect(await tickets('locked')).toEqual([
      { kind: 'mailbox.paused', urgency: 'critical', slug: 'rootdesk', state: 'open', notes: 1, told: 1 },
    ]);
    expect(rings).toEqual(['act']);
    await first.close();
    let looks = 0;
    const settings = mailboxSettings(dovecot, 'locked', { password: null, passwordFile: secretFile });
    const secrets = createMailboxSecrets(settings, Buffer.from('test'));
    const mark = () => {
      looks += 1;
      return secrets.mark();
    };
    await watch('locked', { password: null, passwordFile: secretFile }, { secrets: { ...secrets, mark } });
    await until(async () => looks >= 3);
    expect(proxy.connections - before).toBe(3);
    writeFileSync(secretFile, DOVECOT_PASSWORD);
    await until(async () => (await box('locked')).state === 'watching');
    expect(await query(`select from arrivals where source = 'imap:locked'`)).toHaveLength(1);
    expect(await query(`select event, detail from mailbox_events where mailbox = 'locked' order by id`)).toMatchObject([
      { event: 'paused', detail: { class: 'authentication', failures: 3 } },
      { event: 'resumed', detail: { why: 'secret_changed' } },
    ]);
  });

  it('is tried again when a person says so; its ticket stands under the customer of its root address', async () => {
    await watch('again', { password: 'wrong', rootAddress: 'globex-4t8w@root.test' });
    await until(async () => (await box('again')).paused_at !== null);
    expect(await tickets('again')).toMatchObject([{ slug: 'globex', notes: 1 }]);
    const now = new Date();
    expect(await resumeMailbox(stage.database.db, 'again', { actor: 'console', why: 'person' }, now)).toBe(true);
    expect(await resumeMailbox(stage.database.db, 'again', { actor: 'console', why: 'person' }, now)).toBe(false);
    // Refused again: the same ticket, one note more, nobody is told twice.
    await until(async () => (await tickets('again'))[0]?.notes === 2);
    expect(await tickets('again')).toMatchObject([{ slug: 'globex', notes: 2, told: 1 }]);
  });

  it('because its server is away is never paused, and says when it is tried next', async () => {
    await watch('nobody', { port: 1 });
    await until(async () => Number((await box('nobody')).failures) >= 5);
    expect(await box('nobody')).toMatchObject({ state: 'waiting', error_class: 'network', paused_at: null });
    expect((await box('nobody')).next_try_at).toBeInstanceOf(Date);
  });

  it('and is silent for too long is told of once, until it answers again', async () => {
    await watch('silent', {});
    await until(async () => (await box('silent')).state === 'watching');
    const limits = new Map([
      ['silent', 600_000],
      ['locked', 600_000],
    ]);
    const alert = (minutes: number) =>
      alertSilentMailboxes(stage.database.pool, limits, NOTIFY, new Date(Date.now() + minutes * 60_000));
    expect(await alert(9)).toEqual([]);
    await query(`update mailboxes set paused_at = now() where name = 'locked'`);
    // A row that is being written at this moment is looked at by the next run.
    await until(async () => (await alert(11)).join() === 'silent');
    expect(await alert(12)).toEqual([]);
    expect(await tickets('silent')).toMatchObject([{ kind: 'mailbox.silent', urgency: 'critical', told: 1 }]);
    await deliverTo(dovecot, 'silent', plainMail());
    await until(async () => (await box('silent')).alerted_at === null);
    await until(async () => (await alert(40)).join() === 'silent');
  });
});
