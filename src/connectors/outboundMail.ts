import type { Failure } from '../core/retry.ts';
import { type MailError, mailFailure, replyText, smtpReplyClass } from './mailFailure.ts';
import { type Handing, openSmarthost, type SmarthostOptions } from './smarthost.ts';

export type OutboundMailOptions = SmarthostOptions & {
  /** Sender, in header and envelope. */
  from: string;
  /** Signs as this domain, that of `from` (DKIM); without it mail is unsigned. `privateKey` is PEM. */
  signing?: { domain: string; selector: string; privateKey: string } | null;
};

/** A notice that a machine wrote. Subject is one line; texts are rendered and escaped already. */
export type OutboundMessage = {
  to: string[];
  subject: string;
  text: string;
  /** Null: plain text only. */
  html: string | null;
  /** With angle brackets; the same for every try, so that a receiver can tell a repetition. */
  messageId: string;
  /** Marks our own mail when it comes back to us. */
  loop: string;
  /** Where answers go (Reply-To); not given or null: to the sender. */
  replyTo?: string | null;
  /** Further fields of the header. */
  headers?: Readonly<Record<string, string>>;
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

/** Opens the way of our own mail to the smarthost (see smarthost.ts for what is refused). */
export function openOutboundMail(options: OutboundMailOptions): OutboundMail {
  const { from, signing } = options;
  const transport = openSmarthost(options, { connections: 2, mailsAConnection: 100 });
  const dkim = signing && {
    dkim: { domainName: signing.domain, keySelector: signing.selector, privateKey: signing.privateKey },
  };

  return {
    async send(message) {
      const handing: Handing = { over: false };
      const mail = {
        from,
        to: message.to,
        envelope: { from, to: message.to },
        subject: message.subject,
        text: message.text,
        ...(message.html === null ? {} : { html: message.html }),
        messageId: message.messageId,
        ...(message.replyTo ? { replyTo: message.replyTo } : {}),
        headers: {
          // RFC 3834 §5: written by a machine, answered by none.
          'Auto-Submitted': 'auto-generated',
          'X-Auto-Response-Suppress': 'All',
          'X-Rootdesk-Loop': message.loop,
          ...message.headers,
        },
        xMailer: false,
        handing,
        ...dkim,
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
