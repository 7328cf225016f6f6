import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Arrival } from '../../src/core/values.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { signMail } from '../../src/demo/signMail.ts';
import { authenticate } from '../../src/receive/authenticate.ts';
import { createResolver, type Resolver } from '../../src/receive/resolver.ts';
import { keyRecord, plainMail, SIGNING_KEY, signedMail, ZONE } from './stage.ts';

const NOW = new Date();
const LMTP: Arrival = {
  transport: 'lmtp',
  arrivedAt: NOW.toISOString(),
  envelopeFrom: 'x@amazonses.com',
  envelopeTo: ['acme-7f3k@root.test'],
  clientIp: '127.0.0.1',
  helo: 'mx.root.test',
  tls: false,
  trustedAuthservIds: [],
  trustedReceived: 0,
  source: null,
  uidValidity: null,
  uid: null,
};
const FILE: Arrival = { ...LMTP, transport: 'file', clientIp: null, helo: null, envelopeFrom: null, envelopeTo: [] };
const HOP: Arrival = { ...LMTP, trustedAuthservIds: ['mx.root.test'], trustedReceived: 1 };

describe('own verification', () => {
  let dns: DnsServer;
  let resolver: Resolver;

  beforeAll(async () => {
    dns = await startDnsServer([
      ...ZONE,
      keyRecord('strict._domainkey.amazon.com', ' t=s;'),
      keyRecord('testing._domainkey.amazon.com', ' t=y;'),
      { name: 'revoked._domainkey.amazon.com', type: 'TXT', data: 'v=DKIM1; p=' },
      { name: 'spf.test', type: 'TXT', data: 'v=spf1 ip4:192.0.2.1 -all' },
      keyRecord('test1._domainkey.amazonses.com'),
    ]);
    resolver = createResolver([dns.server]);
  });
  afterAll(() => dns?.close());

  const check = (raw: Buffer, arrival: Arrival = LMTP, timeoutMs = 2000, by = resolver) =>
    authenticate(raw, arrival, { resolver: by, now: NOW, timeoutMs });
  const sign = (tags: Record<string, string>, selector = 'test1', signs?: string[]) =>
    signMail(plainMail(), {
      domain: 'amazon.com',
      selector,
      privateKey: SIGNING_KEY,
      tags,
      ...(signs ? { signs } : {}),
    });

  it('passes what the sender signed, with what it signed', async () => {
    const result = await check(signedMail());
    expect(result).toMatchObject({
      state: 'final',
      by: 'us',
      spf: null,
      dmarc: { result: 'pass', policy: 'quarantine' },
    });
    expect(result.signatures).toEqual([
      {
        domain: 'amazon.com',
        selector: 'test1',
        result: 'pass',
        signs: ['from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'content-type'],
        identity: null,
        defect: null,
      },
    ]);
  });

  it('proves nothing by what would cost too much to verify', async () => {
    const defect = 'it cannot be verified';
    const references = Array.from({ length: 3000 }, (_, n) => `<${n}@x.test>`).join('\r\n ');
    const folded = await check(signedMail({ References: references }));
    expect(folded).toMatchObject({ state: 'final', signatures: [{ result: 'permerror', defect }] });
    const lines = await check(signedMail({}, 'a\r\n'.repeat(500_000)));
    expect(lines).toMatchObject({ state: 'final', signatures: [{ result: 'permerror', defect }] });
  });

  it('verifies one signature over a part of the body, and every whole one', async () => {
    let mail = signedMail();
    for (const l of ['1', '2', '3']) {
      mail = signMail(mail, { domain: 'amazon.com', selector: 'test1', privateKey: SIGNING_KEY, tags: { l } });
    }
    const { signatures } = await check(mail);
    expect(signatures.map(({ defect }) => defect)).toEqual([
      expect.stringContaining('l='),
      null,
      'more signatures than are verified',
      'more signatures than are verified',
    ]);
  });

  it('fails a changed body and a changed Subject', async () => {
    const mail = signedMail().toString('latin1');
    const body = await check(Buffer.from(mail.replace('See you.', 'See me.'), 'latin1'));
    expect(body.signatures[0]).toMatchObject({ result: 'fail' });
    const subject = await check(Buffer.from(mail.replace('Your invoice', 'My invoice'), 'latin1'));
    expect(subject.signatures[0]).toMatchObject({ result: 'fail' });
    expect(subject.dmarc?.result).toBe('fail');
  });

  it.each([
    ['i= outside d=', { i: '@evil.test' }, 'test1', 'i= outside d='],
    ['another query method', { q: 'http/txt' }, 'test1', 'q= is not dns/txt'],
    ['t=s with i= below d=', { i: '@mail.amazon.com' }, 'strict', 't=s and i= below d='],
    ['a key in test', {}, 'testing', 't=y: the domain only tests DKIM'],
    ['a tag that stands twice', { 'a ': 'rsa-sha256' }, 'test1', 'a= twice'],
  ])('does not count a signature with %s', async (_name, tags, selector, defect) => {
    const result = await check(sign(tags, selector));
    expect(result.signatures[0]).toMatchObject({ defect });
    expect(result.dmarc?.result).not.toBe('pass');
  });

  it('does not count a signature that leaves bytes of the body unsigned', async () => {
    const short = signMail(plainMail({}, 'Hello\r\n'), {
      domain: 'amazon.com',
      selector: 'test1',
      privateKey: SIGNING_KEY,
      tags: { l: '7' },
    });
    expect((await check(short)).signatures[0]).toMatchObject({ result: 'pass', defect: null });
    const longer = Buffer.concat([short, Buffer.from('and pay here\r\n')]);
    expect((await check(longer)).signatures[0]).toMatchObject({ defect: 'l= leaves a part of the body unsigned' });
  });

  it('has no DMARC result with two From fields, and counts no signature', async () => {
    const result = await check(Buffer.concat([Buffer.from('From: a@amazon.com\r\n'), signedMail()]));
    expect(result.dmarc).toBeNull();
    expect(result.signatures.every(({ defect }) => defect !== null)).toBe(true);
  });

  it('counts nothing when the header is larger than what is read of it', async () => {
    const filler = Buffer.from('X-A: b\r\n'.repeat(2100));
    const result = await check(Buffer.concat([Buffer.from('From: evil@amazon.com\r\n'), filler, signedMail()]));
    expect(result.signatures.filter(({ result: dkim, defect }) => dkim === 'pass' && defect === null)).toEqual([]);
    const endless = Buffer.concat([Buffer.from('DKIM-Signature: v=1\r\n'), Buffer.from('X: y\r\n'.repeat(400_000))]);
    expect(await check(endless)).toMatchObject({ state: 'final' });
  });

  it('verifies only some of many signatures', async () => {
    const many = Buffer.from('DKIM-Signature: v=1; a=rsa-sha256; d=x.test; s=y; h=from; bh=A; b=B\r\n'.repeat(500));
    const result = await check(Buffer.concat([many, signedMail()]));
    expect(result.signatures.length).toBeLessThan(20);
    expect(result.signatures.at(-1)).toMatchObject({ result: 'policy' });
  });

  it('checks SPF of the client that came by SMTP, and only there', async () => {
    const smtp: Arrival = { ...LMTP, transport: 'smtp', envelopeFrom: 'a@spf.test', clientIp: '192.0.2.1' };
    expect(await check(plainMail({ From: 'a@spf.test' }), smtp)).toMatchObject({
      spf: { result: 'pass', domain: 'spf.test' },
    });
    expect(await check(plainMail(), { ...smtp, clientIp: '192.0.2.9' })).toMatchObject({ spf: { result: 'fail' } });
    expect((await check(plainMail(), { ...smtp, transport: 'lmtp' })).spf).toBeNull();
  });

  it('calls a DNS error temporary, within the time that it was given', async () => {
    for (const mode of ['timeout', 'servfail'] as const) {
      dns.fail(mode);
      const started = performance.now();
      const result = await check(signedMail(), LMTP, 300, createResolver([dns.server]));
      dns.fail(null);
      expect(result.state, mode).toBe('temperror');
      expect(performance.now() - started).toBeLessThan(4500);
    }
    expect((await check(signedMail())).state).toBe('final');
  });

  it('calls old mail from a file unverifiable when its key is gone, and fresh or SMTP mail failed', async () => {
    const old = { Date: new Date(NOW.getTime() - 8 * 86_400_000).toUTCString() };
    for (const selector of ['gone', 'revoked']) {
      const mail = signMail(plainMail(old), { domain: 'amazon.com', selector, privateKey: SIGNING_KEY });
      expect((await check(mail, FILE)).state, selector).toBe('unverifiable');
      expect((await check(mail, LMTP)).state, selector).toBe('final');
    }
    const fresh = signMail(plainMail(), { domain: 'amazon.com', selector: 'gone', privateKey: SIGNING_KEY });
    expect((await check(fresh, FILE)).state).toBe('final');
    // A key of somebody else that is gone proves nothing about this mail.
    const foreign = signMail(plainMail(old), { domain: 'else.test', selector: 'gone', privateKey: SIGNING_KEY });
    expect((await check(foreign, FILE)).state).toBe('final');
    expect((await check(plainMail(old), FILE)).state).toBe('final');
    const changed = signMail(plainMail(old), { domain: 'amazon.com', selector: 'test1', privateKey: SIGNING_KEY });
    expect((await check(Buffer.concat([changed, Buffer.from('x')]), FILE)).state).toBe('final');
  });

  it('takes any bytes', async () => {
    const odd = [
      '',
      '\0',
      '\r\n\r\n',
      'From:',
      'DKIM-Signature:',
      `DKIM-Signature: ${';='.repeat(3000)}\r\n\r\n`,
      'From: <@@>\r\n\r\n',
    ];
    for (const text of odd) expect(await check(Buffer.from(text)), text.slice(0, 30)).toMatchObject({ state: 'final' });
  });
});

describe('the result of a trusted hop', () => {
  const never: Resolver = async () => {
    throw Object.assign(new Error('asked'), { code: 'ENOTFOUND' });
  };
  const judge = (head: string, arrival: Arrival, mail = signedMail()) =>
    authenticate(Buffer.concat([Buffer.from(head), mail]), arrival, { resolver: never, now: NOW, timeoutMs: 500 });
  const RESULTS =
    'Authentication-Results: mx.root.test;\r\n\tdkim=pass (1024-bit) header.d=amazon.com header.s=test1;\r\n\tspf=pass smtp.mailfrom=x@amazonses.com;\r\n\tdmarc=pass (p=QUARANTINE) header.from=amazon.com\r\n';
  const OWN = 'Received: from a by mx.root.test with ESMTPS; Mon, 2 Nov 2026 10:00:00 +0000\r\n';
  const FOREIGN = 'Received: from b by relay.evil.test with ESMTP; Mon, 2 Nov 2026 09:00:00 +0000\r\n';

  it('decides, and names the signature whose h= counts', async () => {
    const result = await judge(OWN + RESULTS, HOP);
    expect(result).toMatchObject({
      state: 'final',
      by: 'hop',
      authservId: 'mx.root.test',
      spf: { result: 'pass', domain: 'amazonses.com' },
      dmarc: { result: 'pass', domain: 'amazon.com', policy: 'quarantine' },
      ignored: [],
    });
    expect(result.signatures).toMatchObject([{ domain: 'amazon.com', selector: 'test1', result: 'pass' }]);
    expect(result.signatures[0]?.signs).toContain('subject');
  });

  it.each([
    ['on an arrival that trusts nobody', OWN + RESULTS, LMTP],
    ['of another authserv-id', (OWN + RESULTS).replaceAll('mx.root.test;', 'mx.evil.test;'), HOP],
    ['below a foreign Received', OWN + FOREIGN + RESULTS, HOP],
    ['below a topmost one of somebody else', `Authentication-Results: mx.evil.test; none\r\n${RESULTS}`, HOP],
    ['that cannot be read', 'Authentication-Results: mx.root.test; dkim=pass (\r\n', HOP],
  ])('does not count %s', async (_name, head, arrival) => {
    const result = await judge(head, arrival);
    expect(result.by).toBe('us');
    expect(result.ignored.length).toBeGreaterThan(0);
    expect(result.signatures.every(({ result: dkim }) => dkim !== 'pass')).toBe(true);
  });

  it('counts the topmost only and lists the rest as ignored', async () => {
    const forged = 'Authentication-Results: mx.root.test; dkim=pass header.d=signin.aws header.s=x\r\n';
    const result = await judge(OWN + RESULTS + forged, HOP);
    expect(result.signatures.map(({ domain }) => domain)).toEqual(['amazon.com']);
    expect(result.ignored).toEqual([{ name: 'Authentication-Results', why: 'it is not the topmost one' }]);
  });

  it('lets only count what all signatures that fit the entry have signed', async () => {
    const decoy = 'DKIM-Signature: v=1; a=rsa-sha256; d=amazon.com; s=test1; h=from:subject:reply-to; bh=A; b=B\r\n';
    const mail = signMail(plainMail(), {
      domain: 'amazon.com',
      selector: 'test1',
      privateKey: SIGNING_KEY,
      signs: ['from', 'date'],
    });
    const result = await judge(OWN + RESULTS + decoy, HOP, mail);
    expect(result.signatures[0]?.signs).toEqual(['from']);
  });

  it('has no signed fields when the named signature is not in the mail', async () => {
    const result = await judge(OWN + RESULTS, HOP, plainMail());
    expect(result.signatures).toMatchObject([{ domain: 'amazon.com', result: 'pass', signs: null }]);
  });

  it('verifies here what the hop could not ask DNS for', async () => {
    const result = await judge(OWN + RESULTS.replaceAll('=pass', '=temperror'), HOP);
    expect(result).toMatchObject({ by: 'us', ignored: [{ why: expect.stringContaining('DNS error') }] });
  });
});
