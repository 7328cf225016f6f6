import { createTransport } from 'nodemailer';
import type { Failure } from '../core/retry.ts';
import { isLoopbackName } from './addressClass.ts';
import { type MailError, mailFailure, replyText, smtpReplyClass } from './mailFailure.ts';

/** The smarthost that takes our mail. */
export type OutboundMailOptions = {
  host: string;
  port: number;
  /** TLS from the first byte; otherwise STARTTLS when offered. */
  secure: boolean;
  /** Refuses a connection that stays in clear text, and a certificate that cannot be verified. */
  requireTls: boolean;
  user: string | null;
  password: string | null;
  /** Sender, in header and envelope. */
  from: string;
};

/** A notice that a machine wrote. Subject is one line; texts are rendered and escaped already. */
export type OutboundMessage = {
  to: string[];
  subject: string;
  text: string;
  html: string;
  /** With angle brackets; the same for every try, so that a receiver can tell a repetition. */
  messageId: string;
  /** Marks our own mail when it comes back to us. */
  loop: string;
};

export type OutboundMailResult = {
  /** Addresses that the server took the mail for. */
  accepted: string[];
  /** Why the others were not taken; null when all were. */
  failure: Failure | null;
};

export type OutboundMail = {
  /** Sends one mail in one transaction. Never throws: what went wrong is in the result. */
  send(message: OutboundMessage): Promise<OutboundMailResult>;
  close(): void;
};

/** Longest that one mail may take (ms). RFC 5321 §4.5.3.2 allows servers more; a try that is cut off is repeated. */
export const MAIL_MS = 45_000;
const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;

/**
 * Opens the way to the smarthost: at most two connections, opened when there is mail, closed when idle.
 * Files and URLs are never read into a mail. A server on this machine may be spoken to without verified TLS when
 * `requireTls` is off; user and password then go only to a loopback name or an encrypted connection.
 */
export function openOutboundMail(options: OutboundMailOptions): OutboundMail {
  const { host, port, secure, requireTls, user, password, from } = options;
  const verified = secure || requireTls;
  const transport = createTransport({
    pool: true,
    host,
    port,
    secure,
    requireTLS: requireTls && !secure,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: verified },
    ...(user !== null && (verified || isLoopbackName(host)) ? { auth: { user, pass: password ?? '' } } : {}),
    maxConnections: 2,
    maxMessages: 100,
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

  return {
    async send(message) {
      const handing: Handing = { over: false };
      const mail = {
        from,
        to: message.to,
        envelope: { from, to: message.to },
        subject: message.subject,
        text: message.text,
        html: message.html,
        messageId: message.messageId,
        headers: {
          // RFC 3834 §5: written by a machine, answered by none.
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          'X-Rootdesk-Loop': message.loop,
        },
        xMailer: false,
        handing,
        signal: AbortSignal.timeout(MAIL_MS),
      };
      try {
        const info = await transport.sendMail(mail as never);
        return { accepted: addressesOf(info.accepted), failure: partFailure(info.rejectedErrors) };
      } catch (error) {
        return { accepted: [], failure: mailFailure(error as MailError, handing.over) };
      }
    },
    close: () => transport.close(),
  };
}

/** Whether the whole mail was handed to the connection: from then on a lost answer leaves open what became of it. */
type Handing = { over: boolean };

function addressesOf(list: unknown): string[] {
  return Array.isArray(list)
    ? list.map((entry) => (typeof entry === 'string' ? entry : String((entry as { address: string }).address)))
    : [];
}

/** Some recipients were refused: tried again when any of them may be taken later. */
function partFailure(errors: unknown): Failure | null {
  const refused = (Array.isArray(errors) ? errors : []) as MailError[];
  if (refused.length === 0) return null;
  const worst = refused.find((error) => smtpReplyClass(error.responseCode ?? 0) !== 'permanent') ?? refused[0]!;
  return {
    class: smtpReplyClass(worst.responseCode ?? 0),
    code: `smtp.${worst.responseCode ?? 'refused'}`,
    text: `The mail server refused ${refused.length === 1 ? 'a recipient' : `${refused.length} recipients`}: ${replyText(worst)}`,
  };
}
