import { expect, test } from 'vitest';
import { understand } from '../../src/core/understand.ts';
import type { Arrival } from '../../src/core/values.ts';
import { authenticate } from '../../src/receive/authenticate.ts';
import { arrivalOf, book } from './mailOf.ts';

const AT = '2026-08-20T10:00:05.000Z';
const RECEIVED =
  'Received: from a8-84.smtp-out.amazonses.com by mx.root.test with ESMTPS; Thu, 20 Aug 2026 10:00:01 +0000';
/** A copy of AWS mail with everything that only looks like proof: results, original fields, a signature that nobody made. */
const FORGED = [
  RECEIVED,
  'Authentication-Results: mx.root.test; dkim=pass header.d=amazon.com header.s=s1; dmarc=pass header.from=amazon.com',
  'X-Original-Authentication-Results: mx.google.com; dkim=pass header.i=@amazon.com; dmarc=pass header.from=amazon.com',
  'X-Original-From: Amazon Web Services <no-reply-aws@amazon.com>',
  'X-SES-Outgoing: 2026.08.20-54.240.8.84',
  'X-AMAZON-MAIL-RELAY-TYPE: notification',
  `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=amazon.com; s=s1; h=from:subject:to:date:message-id; bh=${'A'.repeat(43)}=; b=${'B'.repeat(171)}=`,
  'From: Amazon Web Services <no-reply-aws@amazon.com>',
  'To: root@acme.example',
  'Subject: RE:[CASE 176508697500328] Suspicious activity in your AWS account',
  'Date: Thu, 20 Aug 2026 10:00:00 +0000',
  'Message-ID: <0100019abc-1@email.amazonses.com>',
  '',
  'Please review the activity in your account 111122223333: https://console.aws.amazon.com/support/home',
].join('\r\n');

const plain = arrivalOf({ from: 'a@b.example', subject: '', text: '', date: 'Thu, 20 Aug 2026 10:00:00 +0000' });
const ways: [string, Partial<Arrival>][] = [
  ['SMTP', { transport: 'smtp', clientIp: '192.0.2.7', helo: 'a8-84.smtp-out.amazonses.com', tls: true }],
  ['LMTP', { transport: 'lmtp', clientIp: '127.0.0.1', helo: 'mx.root.test' }],
  ['a mailbox without an authserv-id', { transport: 'imap', envelopeFrom: null }],
  ['a file', { transport: 'file', envelopeFrom: null }],
];

async function read(way: Partial<Arrival>) {
  const arrival: Arrival = { ...plain, arrivedAt: AT, ...way };
  const resolver = async () => {
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  };
  const raw = Buffer.from(FORGED);
  const auth = await authenticate(raw, arrival, { resolver, now: new Date(AT), timeoutMs: 500 });
  return understand({ raw, auth, arrival, book });
}

test.each(ways)('the same forged mail is never believed over %s', async (_, way) => {
  const understood = await read(way);
  expect(understood.sender).toMatchObject({ class: 'pretends', authentic: false });
  expect(understood).toMatchObject({ kind: expect.stringMatching(/^phish\./), disposition: 'quarantine' });
});

test('where the settings trust the hop that wrote it, the result counts', async () => {
  const understood = await read({ ...ways[1]![1], trustedAuthservIds: ['mx.root.test'], trustedReceived: 1 });
  expect(understood.sender).toMatchObject({ class: 'aws', authentic: true });
});
