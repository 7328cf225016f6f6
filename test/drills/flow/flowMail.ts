import { generateKeyPairSync } from 'node:crypto';
import type { DnsRecord } from '../../../src/demo/dnsServer.ts';
import { signMail } from '../../../src/demo/signMail.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });

/** Domains of root addresses, by the way that their mail comes in. */
export const WAYS = ['lmtp', 'imap-one', 'imap-two'] as const;
export type Way = (typeof WAYS)[number];
export const DOMAIN: Readonly<Record<Way, string>> = {
  lmtp: 'root.test',
  'imap-one': 'boxed-one.test',
  'imap-two': 'boxed-two.test',
};

export type FlowMail = {
  /** Which of the mails of a customer: the first part of its Message-ID. */
  name: string;
  messageId: string;
  raw: Buffer;
};

export type FlowCustomer = {
  slug: string;
  account: string;
  way: Way;
  address: string;
  /** The one member of its list. */
  member: string;
  mails: FlowMail[];
};

/** Mails of a customer. */
export const MAILS_EACH = 5;

/** The records under which all of them verify. */
export function flowRecords(): DnsRecord[] {
  const key = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
  return ['amazon.com', 'amazonaws.com', 'signin.aws'].flatMap((domain): DnsRecord[] => [
    { type: 'TXT', name: `flow._domainkey.${domain}`, data: key },
    { type: 'TXT', name: `_dmarc.${domain}`, data: 'v=DMARC1; p=quarantine' },
  ]);
}

/**
 * A customer whose mails differ from those of another by numbers only: a case that opens, two answers to it, a compromise
 * that the team is told of, and a sign-in code.
 */
export function flowCustomer(index: number, way: Way): FlowCustomer {
  const account = String(222_300_000_000 + index);
  const address = `flow${index}-7qk2m9x4c8vn@${DOMAIN[way]}`;
  const number = String(176_508_600_000_000 + index);
  let minutesAgo = MAILS_EACH;
  const mail = (name: string, domain: string, from: string, subject: string, text: string): FlowMail => {
    // A minute apart: a ticket is what its mails say in order of their time, which has no parts of a second.
    const date = new Date(Date.now() - minutesAgo-- * 60_000).toUTCString().replace('GMT', '+0000');
    const messageId = `<${name}.${index}@drill.test>`;
    const head = `Date: ${date}\r\nFrom: ${from}\r\nTo: ${address}\r\nMessage-ID: ${messageId}\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n`;
    const raw = Buffer.from(`${head}\r\n${text.replaceAll('\n', '\r\n')}`);
    return { name, messageId, raw: signMail(raw, { domain, selector: 'flow', privateKey }) };
  };
  const support = 'Amazon Web Services <no-reply-aws@amazon.com>';
  const reply = (name: string, text: string) =>
    mail(name, 'amazon.com', support, `RE:[CASE ${number}] Packet loss`, `Hello,\n\n${text}\n\nBest regards,\nRuna\n`);
  return {
    slug: `flow-${index}`,
    account,
    way,
    address,
    member: `flow${index}@member.test`,
    mails: [
      mail(
        'opened',
        'amazon.com',
        support,
        `Amazon Web Services: New Support case: ${number}`,
        `Account ID: ${account}\nCase ID: ${number}\nSubject: Packet loss\n`,
      ),
      reply('first', 'please send us a trace of the connection.'),
      reply('second', 'the trace shows loss at the second hop, we look into it.'),
      mail(
        'compromise',
        'amazonaws.com',
        'Amazon Web Services <no-reply@amazonaws.com>',
        `[Action Required] Suspicious activity in your AWS account [${account}]`,
        'Hello,\n\nplease secure your account and answer within five days, or it may be suspended.\n',
      ),
      mail(
        'code',
        'signin.aws',
        'Amazon Web Services <no-reply@signin.aws>',
        'Your AWS sign-in verification code',
        'Someone signs in as the root user.\n\nVerification code:\n\n409173\n\nIt is valid for 10 minutes.\n',
      ),
    ],
  };
}
