import type { KindBook } from '../../src/core/kindBook.ts';
import { compileKinds } from '../../src/core/kindBook.ts';
import { understand } from '../../src/core/understand.ts';
import type { Arrival, AuthResult, Understanding } from '../../src/core/values.ts';
import { readKindFiles } from '../../src/lib/kindFiles.ts';

/** The shipped kind files and wordings, as read from disk. */
export const shipped = readKindFiles('config', 'templates');
export const book: KindBook = compileKinds(shipped.files, shipped.senders);

export type Written = {
  from: string;
  subject: string;
  text: string;
  headers?: Record<string, string>;
  /** Proof of the sender: the From domain signs (default), another domain signs, or nobody does. */
  signedBy?: string | null;
  date?: string;
  to?: string;
  messageId?: string;
};

const ADDRESS = /<?([^<>\s]+)@([^<>\s]+?)>?$/;

function encoded(text: string): string {
  return /[^\x20-\x7e]/.test(text) ? `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=` : text;
}

/** The bytes of a mail as AWS or somebody else could have written it. */
export function mailOf(mail: Written): Uint8Array {
  const headers = mail.headers ?? {};
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const match = ADDRESS.exec(mail.from.trim());
  const name = mail.from.replace(ADDRESS, '').trim();
  return Buffer.from(
    [
      `From: ${name === '' ? '' : `${encoded(name)} `}<${match?.[1]}@${match?.[2]}>`,
      `To: ${mail.to ?? 'root@acme.example'}`,
      `Subject: ${encoded(mail.subject)}`,
      `Date: ${mail.date ?? 'Thu, 20 Aug 2026 10:00:00 +0000'}`,
      `Message-ID: <${mail.messageId ?? '0100019abc-1@email.amazonses.com'}>`,
      ...Object.entries(headers)
        .filter(([field]) => field.toLowerCase() !== 'content-type')
        .map(([field, value]) => `${field}: ${value}`),
      'MIME-Version: 1.0',
      `Content-Type: ${type ?? 'text/plain; charset=utf-8'}`,
      'Content-Transfer-Encoding: 8bit',
      '',
      mail.text.replace(/\r?\n/g, '\r\n'),
    ].join('\r\n'),
  );
}

/** The result of a DKIM check: `domain` signed From, Subject and the rest, or nobody did. */
export function authOf(domain: string | null): AuthResult {
  const signatures: AuthResult['signatures'] =
    domain === null
      ? []
      : [
          {
            domain,
            selector: 's1',
            result: 'pass',
            signs: ['from', 'to', 'subject', 'date', 'message-id', 'content-type', 'reply-to', 'mime-version'],
            identity: null,
            defect: null,
          },
        ];
  return {
    state: 'final',
    by: 'us',
    authservId: null,
    signatures,
    spf: null,
    dmarc:
      domain === null
        ? { result: 'fail', domain: null, policy: null }
        : { result: 'pass', domain, policy: 'quarantine' },
    ignored: [],
  };
}

export function arrivalOf(mail: Written): Arrival {
  return {
    transport: 'smtp',
    arrivedAt: new Date(Date.parse(mail.date ?? 'Thu, 20 Aug 2026 10:00:00 +0000') + 5000).toISOString(),
    envelopeFrom: 'bounce@amazonses.com',
    envelopeTo: [mail.to ?? 'root@acme.example'],
    clientIp: null,
    helo: null,
    tls: false,
    trustedAuthservIds: [],
    trustedReceived: 0,
    source: null,
    uidValidity: null,
    uid: null,
  };
}

/** Understands a hand-written mail as the road would. */
export function read(mail: Written, kinds: KindBook = book): Promise<Understanding> {
  const own = ADDRESS.exec(mail.from.trim())?.[2] ?? null;
  const signer = mail.signedBy === undefined ? own : mail.signedBy;
  return understand({ raw: mailOf(mail), auth: authOf(signer), arrival: arrivalOf(mail), book: kinds });
}
