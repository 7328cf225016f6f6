import { createTransport } from 'nodemailer';
import { isLoopbackName } from './addressClass.ts';

/** The mail server that takes what we send. */
export type SmarthostOptions = {
  host: string;
  port: number;
  /** TLS from the first byte; otherwise STARTTLS when offered. */
  secure: boolean;
  /** Refuses a connection that stays in clear text, and a certificate that cannot be verified. */
  requireTls: boolean;
  user: string | null;
  password: string | null;
};

/** Whether the whole mail was handed to the connection: from then on a lost answer leaves open what became of it. */
export type Handing = { over: boolean };

const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;

/**
 * A pool of connections to the smarthost, opened when there is mail, closed when idle. Files and URLs are never read into
 * a mail. A server on this machine may be spoken to without verified TLS when `requireTls` is off; user and password
 * then go only to a loopback name or an encrypted connection. `handing` among the data of a mail is told when it was
 * handed over.
 */
export function openSmarthost(options: SmarthostOptions, pool: { connections: number; mailsAConnection: number }) {
  const { host, port, secure, requireTls, user, password } = options;
  const verified = secure || requireTls;
  const transport = createTransport({
    pool: true,
    host,
    port,
    secure,
    requireTLS: requireTls && !secure,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: verified },
    ...(user !== null && (verified || isLoopbackName(host)) ? { auth: { user, pass: password ?? '' } } : {}),
    maxConnections: pool.connections,
    maxMessages: pool.mailsAConnection,
    idleTimeout: 15_000,
    // Repetitions are ours: each is recorded and has its pause.
    maxRequeues: 0,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transport.on('error', () => {});
  transport.use('stream', (mail, done) => {
    const { handing } = mail.data as { handing?: Handing };
    mail.message.processFunc((input) => {
      input.once('end', () => {
        if (handing) handing.over = true;
      });
      return input;
    });
    done();
  });
  return transport;
}
