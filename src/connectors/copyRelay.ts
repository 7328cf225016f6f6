import { Readable } from 'node:stream';
import type { Attempt, Refusal } from '../core/deliveryAttempt.ts';
import { type MailError, mailFailure, replyLine } from './mailFailure.ts';
import { type Handing, openSmarthost, type SmarthostOptions } from './smarthost.ts';

/** One copy of a mail for one member. */
export type Copy = {
  /** Envelope sender. */
  sender: string;
  recipient: string;
  /** The bytes in order, in slices: whoever sends the same mail to many shares them and nothing is copied. */
  bytes: () => Iterable<Uint8Array>;
  /** The mail has bytes above 127: announced, so that no server changes it unasked (RFC 6152). */
  isEightBit: boolean;
};

export type CopyRelay = {
  /** Hands one copy over in one transaction. Never rejects: how it went is in the result. */
  send(copy: Copy): Promise<Attempt>;
  close(): void;
};

/** Longest that one copy may take (ms); below the lease of its row. */
export const COPY_MS = 60_000;
/** Postfix ends a connection after 100 mails only when asked to; a new one costs little. */
const MAILS_A_CONNECTION = 1000;
const LOGGED_ID = '<copy@rootdesk.invalid>';

/** Opens the way of copies to the smarthost: `connections` transactions at once. */
export function openCopyRelay(options: SmarthostOptions, connections: number): CopyRelay {
  const transport = openSmarthost(options, { connections, mailsAConnection: MAILS_A_CONNECTION });
  return {
    async send({ sender, recipient, bytes, isEightBit }) {
      const handing: Handing = { over: false };
      const mail = {
        envelope: { from: sender, to: [recipient], use8BitMime: isEightBit },
        raw: Readable.from(bytes(), { objectMode: false, highWaterMark: 1 }),
        handing,
        // For the log of the library, which makes random ones otherwise: the mail has its own among its bytes.
        messageId: LOGGED_ID,
        signal: AbortSignal.timeout(COPY_MS),
      };
      try {
        const { response } = (await transport.sendMail(mail as never)) as { response?: string };
        return { ok: true, reply: replyLine(response ?? '') };
      } catch (error) {
        const failed = error as MailError;
        return { ok: false, failure: mailFailure(failed, handing.over), refusal: refusalOf(failed) };
      } finally {
        mail.raw.destroy();
      }
    },
    close: () => transport.close(),
  };
}

function refusalOf(error: MailError): Refusal | null {
  const { responseCode: reply, command, response = '' } = error;
  if (reply === undefined || reply < 500 || reply > 599) return null;
  if (error.code === 'EAUTH') return null;
  // RFC 2034 §4: the enhanced code follows the reply code.
  const status = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(response.trim())?.[1] ?? null;
  return { reply, status, stage: command === 'DATA' ? 'message' : 'envelope' };
}
