import { ImapFlow } from 'imapflow';
import type { MailboxSettings } from '../settings.ts';
import { HEAD_BYTES } from './mbox.ts';

/** What one login is made with. */
export type Credentials = { user: string; pass: string } | { user: string; accessToken: string };

/** A connection that is logged in; knows when it was lost and when the server has news. */
export type ImapConnection = {
  readonly client: ImapFlow;
  /** Throws why the connection was lost. */
  check(): void;
  /** Whether messages came since it was last asked. */
  takeNews(): boolean;
  /** Waits for news of the server, `ms` at most. Rejects when the connection is lost. */
  waitForNews(ms: number): Promise<void>;
  /** Ends it at once; whatever waits ends too. */
  close(): void;
};

/** RFC 2177: IDLE is begun anew before 29 minutes; many servers and firewalls forget it sooner. */
const IDLE_MS = 5 * 60_000;
const CONNECT_MS = 30_000;
const SOCKET_MS = 2 * 60_000;
/** Longest answer without a mail in it: the UIDs of some millions of messages (bytes). */
const LIST_BYTES = 32 * 1024 * 1024;

/** Connects and logs in. Rejects with what the server said. */
export async function openImapConnection(
  settings: MailboxSettings,
  auth: Credentials,
  mailBytes: number,
): Promise<ImapConnection> {
  const client = new ImapFlow({
    host: settings.host,
    port: settings.port,
    secure: settings.secure,
    ...(settings.secure ? {} : settings.requireTls ? { doSTARTTLS: true } : {}),
    auth,
    tls: { rejectUnauthorized: settings.rejectUnauthorized },
    logger: false,
    disableAutoIdle: true,
    disableBinary: true,
    maxIdleTime: IDLE_MS,
    connectionTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    maxLiteralSize: mailBytes + HEAD_BYTES,
    maxResponseSize: mailBytes + HEAD_BYTES + LIST_BYTES,
    clientInfo: { name: 'rootdesk' },
  });
  let lost: Error | null = null;
  let hasNews = false;
  let wake: () => void = () => {};
  const lose = (error: Error) => {
    lost ??= error;
    wake();
  };
  client.on('error', lose);
  client.on('close', () => lose(new Error('the server closed the connection')));
  client.on('exists', () => {
    hasNews = true;
    wake();
  });
  const check = () => {
    if (lost) throw lost;
  };
  const close = () => {
    lose(new Error('closed'));
    client.close();
  };
  try {
    await client.connect();
    if (settings.requireTls && !client.secureConnection) throw new Error('the connection is not encrypted');
  } catch (error) {
    close();
    throw error;
  }
  return {
    client,
    check,
    takeNews() {
      const had = hasNews;
      hasNews = false;
      return had;
    },
    async waitForNews(ms) {
      check();
      if (hasNews) return;
      const news = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const timer = setTimeout(() => wake(), ms);
      // Not awaited before the news: it ends when the next command interrupts it.
      const idling = client.idle().catch(lose);
      await news;
      clearTimeout(timer);
      // Of news the next command brings the rest and ends IDLE too; without any the server is asked whether it has some.
      if (!lost && !hasNews) {
        await client.noop();
        await idling;
      }
      check();
    },
    close,
  };
}
