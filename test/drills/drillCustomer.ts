import { generateKeyPairSync } from 'node:crypto';
import type { DnsRecord } from '../../src/demo/dnsServer.ts';
import { signMail } from '../../src/demo/signMail.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });

/** Mails of a customer. */
export const MAILS = 3;

/** The records under which those mails verify. */
export function drillRecords(): DnsRecord[] {
  const key = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
  return ['amazon.com', 'amazonaws.com'].flatMap((domain): DnsRecord[] => [
    { type: 'TXT', name: `drill._domainkey.${domain}`, data: key },
    { type: 'TXT', name: `_dmarc.${domain}`, data: 'v=DMARC1; p=quarantine' },
  ]);
}

export type Customer = { slug: string; address: string; account: string; mails: Buffer[] };

/** A customer of its own for each round, with a case that opens, its answer and a compromise that the team is told of. */
export function customerOf(round: number): Customer {
  const account = String(111_122_220_000 + round);
  const address = `round${round}-7qk2m9x4c8vn@root.test`;
  const support = 'Amazon Web Services <no-reply-aws@amazon.com>';
  const number = String(176_508_697_500_000 + round);
  // A minute apart: a ticket is what its mails say in order of their time, which has no parts of a second.
  let minutesAgo = MAILS;
  const mail = (id: string, domain: string, from: string, subject: string, text: string): Buffer => {
    const date = new Date(Date.now() - minutesAgo-- * 60_000).toUTCString().replace('GMT', '+0000');
    const head = `Date: ${date}\r\nFrom: ${from}\r\nTo: ${address}\r\nMessage-ID: <${id}.${round}@drill.test>\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n`;
    const raw = Buffer.from(`${head}\r\n${text.replaceAll('\n', '\r\n')}`);
    return signMail(raw, { domain, selector: 'drill', privateKey });
  };
  return {
    slug: `round-${round}`,
    address,
    account,
    mails: [
      mail(
        'opened',
        'amazon.com',
        support,
        `Amazon Web Services: New Support case: ${number}`,
        `Account ID: ${account}\nCase ID: ${number}\nSubject: Packet loss\n`,
      ),
      mail(
        'reply',
        'amazon.com',
        support,
        `RE:[CASE ${number}] Packet loss`,
        'Hello,\n\nplease send us a trace of the connection.\n\nBest regards,\nRuna\nAmazon Web Services\n',
      ),
      mail(
        'compromise',
        'amazonaws.com',
        'Amazon Web Services <no-reply@amazonaws.com>',
        `[Action Required] Suspicious activity in your AWS account [${account}]`,
        'Hello,\n\nplease secure your account and answer within five days, or it may be suspended.\n',
      ),
    ],
  };
}
