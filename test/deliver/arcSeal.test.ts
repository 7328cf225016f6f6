import { generateKeyPairSync } from 'node:crypto';
import { authenticate, sealMessage } from 'mailauth';
import { describe, expect, it } from 'vitest';
import { readFields } from '../../src/core/fields.ts';
import { type AuthResult, UNVERIFIED } from '../../src/core/values.ts';
import { arcSeal } from '../../src/deliver/arcSeal.ts';
import { signMail } from '../../src/demo/signMail.ts';
import { plainMail, SIGNING_KEY, signedMail, ZONE } from '../receive/stage.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const signing = { domain: 'desk.test', selector: 'rootdesk1', privateKey, record: '' };
const records = new Map(ZONE.map(({ name, type, data }) => [`${type} ${name}`, String(data)]));
records.set(
  'TXT rootdesk1._domainkey.desk.test',
  `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`,
);
const resolver = async (name: string, type: string) => {
  const found = records.get(`${type} ${name}`);
  if (found === undefined) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
  return [[found]];
};
const AUTH: AuthResult = {
  ...UNVERIFIED,
  by: 'us',
  signatures: [
    { domain: 'amazon.com', selector: 'test1', result: 'pass', signs: ['from'], identity: null, defect: null },
  ],
  spf: { result: 'pass', domain: 'amazonses.com' },
  dmarc: { result: 'pass', domain: 'amazon.com', policy: 'quarantine' },
};
const receivedAt = new Date('2026-11-24T10:00:00Z');

async function seal(raw: Buffer, auth = AUTH): Promise<Buffer> {
  const mail = { fields: readFields(raw), bytes: () => [raw], auth, receivedAt };
  return arcSeal(mail, { signing, hostname: 'rootdesk.test' });
}

async function judge(raw: Buffer) {
  const { dkim, arc } = await authenticate(raw, {
    ip: '127.0.0.1',
    resolver: resolver as never,
    disableDmarc: true,
  } as never);
  const dkimResult = dkim.results.map(({ status }) => status.result);
  return { dkim: dkimResult, arc: arc === false ? null : arc.status.result, instance: arc === false ? null : arc.i };
}

describe('the seal of a copy that goes out as it came', () => {
  it('verifies at the member, leaves the signature whole, and is the same at every try', async () => {
    const raw = signedMail({}, `Hello ${'ö'.repeat(300)}\r\n  end  \r\n\r\n`);
    const sealed = await seal(raw);
    expect((await seal(raw)).equals(sealed)).toBe(true);
    const top = Buffer.from('Received: by rootdesk.test\r\nList-Id: <acme.root.test>\r\nX-Loop: a@root.test\r\n');
    expect(await judge(Buffer.concat([top, sealed, raw]))).toEqual({ dkim: ['pass'], arc: 'pass', instance: 1 });
    const broken = Buffer.from(raw.toString('latin1').replace('Hello', 'Hallo'), 'latin1');
    expect(await judge(Buffer.concat([sealed, broken]))).toMatchObject({ arc: 'fail' });
    expect(sealed.toString().replace(/\r\n[ \t]+/g, ' ')).toContain(
      'ARC-Authentication-Results: i=1; rootdesk.test; dkim=pass header.d=amazon.com header.s=test1; spf=pass smtp.mailfrom=amazonses.com; dmarc=pass header.from=amazon.com\r\n',
    );
  });

  it('is left out where another hop sealed before, whose chain goes on verifying', async () => {
    const raw = signedMail();
    const hop = {
      signingDomain: 'desk.test',
      selector: 'rootdesk1',
      authResults: 'mx.hop.test; dkim=pass',
      cv: 'none',
    };
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const before = Buffer.concat([await sealMessage(raw, { ...hop, privateKey: pem }), raw]);
    expect((await seal(before)).length).toBe(0);
    const copy = Buffer.concat([Buffer.from('X-Loop: a@root.test\r\n'), before]);
    expect(await judge(copy)).toEqual({ dkim: ['pass'], arc: 'pass', instance: 1 });
  });

  it('is left out where it would break a signature that covers its fields in their absence', async () => {
    const key = { domain: 'amazon.com', selector: 'test1', privateKey: SIGNING_KEY };
    const raw = signMail(plainMail(), { ...key, signs: ['from', 'subject', 'ARC-Seal'] });
    expect((await seal(raw)).length).toBe(0);
  });

  it('repeats nothing of a hostile mail that is no plain token', async () => {
    const [signature] = AUTH.signatures;
    const odd = { ...signature!, domain: 'a.test\r\nBcc: x@evil.test', selector: 's;dkim=pass' };
    const sealed = (await seal(signedMail(), { ...AUTH, signatures: [odd], spf: null, dmarc: null })).toString();
    expect(sealed).toContain('ARC-Authentication-Results: i=1; rootdesk.test; none\r\n');
    expect(sealed).not.toContain('evil');
  });
});
