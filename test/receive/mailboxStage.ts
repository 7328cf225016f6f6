import { type Mailbox, type MailboxDeps, startMailbox } from '../../src/receive/imap.ts';
import { createLoginTurns } from '../../src/receive/loginTurns.ts';
import { createMailboxSecrets } from '../../src/receive/mailboxSecrets.ts';
import type { MailboxSettings } from '../../src/settings.ts';
import { registerMailboxes } from '../../src/store/mailboxes.ts';
import { DOVECOT_PASSWORD, type DovecotServer } from '../servers/dovecot.ts';
import type { FreshDatabase } from '../servers/postgres.ts';
import { openTalk } from './smtpTalk.ts';

/** Settings of a user's mailbox on a Dovecot of the tests. */
export function mailboxSettings(
  { imapPort: port }: Pick<DovecotServer, 'imapPort'>,
  user: string,
  more: Partial<MailboxSettings> = {},
): MailboxSettings {
  return {
    name: user,
    host: '127.0.0.1',
    port,
    secure: false,
    requireTls: false,
    rejectUnauthorized: true,
    user,
    password: DOVECOT_PASSWORD,
    passwordFile: null,
    oauth: null,
    folder: 'INBOX',
    authservId: null,
    rootAddress: null,
    plusDomain: null,
    pollSeconds: 60,
    afterKeep: 'leave',
    afterKeyword: '$Rootdesk',
    afterFolder: null,
    auditMinutes: 60,
    history: 'read',
    ...more,
  };
}

export type WatchDeps = Omit<MailboxDeps, 'fence' | 'secrets' | 'turns' | 'notify' | 'ring' | 'pool' | 'db'> &
  Partial<MailboxDeps>;

/** Watches a mailbox without leases, as the only process. */
export async function watchMailbox(
  settings: MailboxSettings,
  database: Pick<FreshDatabase, 'db' | 'pool'>,
  deps: WatchDeps,
): Promise<Mailbox> {
  const { db, pool } = database;
  await registerMailboxes(db, [settings], deps.clock.now());
  return startMailbox(settings, {
    db,
    pool,
    fence: 0,
    secrets: createMailboxSecrets(settings, Buffer.from('test')),
    turns: createLoginTurns(),
    notify: { mail: true, webhook: false, least: 'high' },
    ring: () => {},
    pausedLookMs: 100,
    wait: () => 100,
    ...deps,
  });
}

/** Delivers one mail into a user's INBOX by LMTP. */
export async function deliverTo(dovecot: DovecotServer, user: string, mail: Buffer): Promise<void> {
  const talk = await openTalk(dovecot.lmtpPort, 'LHLO');
  const [answer] = await talk.send(mail, { from: 'x@amazonses.com', to: [user] });
  if (!answer?.startsWith('250')) throw new Error(`dovecot did not take the mail: ${answer}`);
  await talk.quit();
}
