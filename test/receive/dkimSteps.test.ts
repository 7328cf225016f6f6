import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { DkimVerifier } from 'mailauth/lib/dkim/dkim-verifier.js';
import { describe, expect, it } from 'vitest';
import { signMail } from '../../src/demo/signMail.ts';
import { verifyDkim } from '../../src/receive/dkim.ts';

/** We call the verifier's steps; here they are held to the verifier as it is meant to be used, as a stream. */
const NOW = new Date('2026-11-24T12:00:00Z');
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const key = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
const resolver = async (name: string) => {
  if (name === 'one._domainkey.aws.example') return [[key]];
  throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
};

const HEADER = 'From: AWS <no-reply@aws.example>\r\nTo: root@customer.example\r\nSubject: hello  there\r\n';
const signed = (mail: string, selector = 'one') =>
  signMail(Buffer.from(mail), { domain: 'aws.example', selector, privateKey: pem });
const changed = (mail: Buffer, from: string, to: string) => Buffer.from(mail.toString('latin1').replace(from, to));

const MAILS: Record<string, Buffer> = {
  'a plain mail': signed(`${HEADER}\r\nHello\r\n`),
  'white space, tabs and empty lines at the end': signed(`${HEADER}\r\na  b\tc \r\n\r\n \r\n\r\n`),
  'no line break at the end': signed(`${HEADER}\r\nHello`),
  'no body': signed(`${HEADER}\r\n`),
  'no empty line': signed(HEADER),
  'a long body': signed(`${HEADER}\r\n${'0123456789 abc\r\n'.repeat(20_000)}`),
  'a multipart': signed(
    `${HEADER}Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\ntext\r\n--b--\r\n`,
  ),
  'a changed body': changed(signed(`${HEADER}\r\nHello\r\n`), 'Hello', 'Hallo'),
  'a changed subject': changed(signed(`${HEADER}\r\nHello\r\n`), 'hello  there', 'goodbye'),
  'bytes below the body': Buffer.concat([signed(`${HEADER}\r\nHello\r\n`), Buffer.from('more\r\n')]),
  'a key that is not there': signed(`${HEADER}\r\nHello\r\n`, 'two'),
  'two signatures': signed(signed(`${HEADER}\r\nHello\r\n`).toString('latin1'), 'two'),
  'no signature': Buffer.from(`${HEADER}\r\nHello\r\n`),
  'an empty line first': Buffer.concat([Buffer.from('\r\n'), signed(`${HEADER}\r\nHello\r\n`)]),
  'a lone CR at the end': Buffer.from(`${HEADER}\r`),
  nothing: Buffer.alloc(0),
};

/** As mailauth itself reads a mail: in chunks of any size. */
async function streamed(mail: Buffer, chunk: number): Promise<DkimVerifier> {
  const verifier = new DkimVerifier({ resolver, minBitLength: 1024, rejectRsaSha1: true, curTime: NOW });
  const done = once(verifier, 'finish');
  for (let at = 0; at < mail.length; at += chunk) verifier.write(mail.subarray(at, at + chunk));
  verifier.end();
  await done;
  return verifier;
}

/** Without the key, which we hand on parsed. */
function findings({ results, headerFrom, fromFields }: Awaited<ReturnType<typeof verifyDkim>>) {
  const text = JSON.stringify({ results, headerFrom, fromFields }, (name, value) =>
    name === 'publicKey' ? undefined : value,
  );
  return JSON.parse(text);
}

describe('DKIM in steps', () => {
  for (const [name, mail] of Object.entries(MAILS)) {
    it(`finds in ${name} what the stream finds`, async () => {
      const ours = findings(await verifyDkim(mail, resolver, NOW));
      expect(ours).toEqual(findings(await streamed(mail, 64 * 1024)));
      expect(ours).toEqual(findings(await streamed(mail, 7)));
    });
  }

  it('passes the mails that nobody touched and no other', async () => {
    const passed = [];
    for (const [name, mail] of Object.entries(MAILS)) {
      const { results } = await verifyDkim(mail, resolver, NOW);
      if (results.some(({ status }) => status.result === 'pass')) passed.push(name);
    }
    expect(passed).toEqual([
      'a plain mail',
      'white space, tabs and empty lines at the end',
      'no line break at the end',
      'no body',
      'no empty line',
      'a long body',
      'a multipart',
      'two signatures',
    ]);
  });

  it('verifies mail with bare line feeds as it stood on the wire', async () => {
    const mail = Buffer.from(MAILS['a plain mail']!.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    const { results } = await verifyDkim(mail, resolver, NOW);
    expect(results[0]?.status.result).toBe('pass');
  });
});
