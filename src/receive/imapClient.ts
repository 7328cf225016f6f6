import { ImapFlow } from 'imapflow';
import type { MailboxSettings } from '../settings.ts';

/** RFC 2177: IDLE is begun anew before 29 minutes; many servers and firewalls forget it sooner. */
const IDLE_MS = 5 * 60_000;
const CONNECT_MS = 30_000;
const SOCKET_MS = 2 * 60_000;

/** A client for a mailbox of the settings, not connected yet. `mostBytes`: longest literal that it takes. */
export function imapClient(settings: MailboxSettings, mostBytes: number): ImapFlow {
  return new ImapFlow({
    host: settings.host,
    port: settings.port,
    secure: settings.secure,
    ...(settings.secure ? {} : settings.requireTls ? { doSTARTTLS: true } : {}),
    auth: { user: settings.user, pass: settings.password ?? '' },
    tls: { rejectUnauthorized: settings.rejectUnauthorized },
    logger: false,
    disableAutoIdle: true,
    disableBinary: true,
    maxIdleTime: IDLE_MS,
    connectionTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    maxLiteralSize: mostBytes,
    clientInfo: { name: 'rootdesk' },
  });
}
