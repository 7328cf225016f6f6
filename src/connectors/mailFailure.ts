import type { Failure, FailureClass } from '../core/retry.ts';

/** What nodemailer puts on its errors. */
export type MailError = Error & {
  code?: string;
  command?: string;
  response?: string;
  responseCode?: number;
  originalCode?: string;
};

/** A wrong password or certificate is mended by a person: no server is hammered, and the notices go out afterwards. */
const MENDED_BY_A_PERSON = 900;

/**
 * What an error of sending means for the next try. `handedOver`: the whole mail was given to the connection, so that a
 * lost answer leaves open whether it was taken.
 */
export function mailFailure(error: MailError, handedOver: boolean): Failure {
  const { code = 'unknown', responseCode } = error;
  if (code === 'EAUTH') {
    const text = `The mail server refused the login: ${replyText(error)}`;
    return { class: 'temporary', code: 'smtp.auth', text, waitSeconds: MENDED_BY_A_PERSON };
  }
  if (responseCode !== undefined) {
    return {
      class: smtpReplyClass(responseCode),
      code: `smtp.${responseCode}`,
      text: `The mail server answered: ${replyText(error)}`,
    };
  }
  if (code === 'ETLS' || code === 'EREQUIRETLS' || isCertificateCode(error.originalCode ?? code)) {
    const text = `No trusted TLS connection to the mail server: ${replyLine(error.message)}`;
    return { class: 'temporary', code: 'smtp.tls', text, waitSeconds: MENDED_BY_A_PERSON };
  }
  if (code === 'EENVELOPE') {
    return {
      class: 'permanent',
      code: 'smtp.envelope',
      text: `The mail cannot be addressed: ${replyLine(error.message)}`,
    };
  }
  if (handedOver) {
    const text = 'The connection ended before the mail server said whether it took the mail.';
    return { class: 'unclear', code: 'smtp.unclear', text };
  }
  const what = error.originalCode ?? code;
  return { class: 'temporary', code: 'smtp.connection', text: `The mail server cannot be reached (${what}).` };
}

/** Codes of node's TLS about certificates: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
export function isCertificateCode(code: string): boolean {
  return /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_|EPROTO)/.test(
    code,
  );
}

/** The reply of the server on one line, bounded. */
export function replyText(error: MailError): string {
  return replyLine(error.response ?? error.message);
}

/** Any text of a mail server on one line, bounded. */
export function replyLine(text: string): string {
  return text
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

/** The class of an SMTP reply code. RFC 5321 §4.2.1: 4yz may work later, 5yz will not. */
export function smtpReplyClass(reply: number): FailureClass {
  return reply >= 500 && reply <= 599 ? 'permanent' : 'temporary';
}
