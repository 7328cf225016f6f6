import { describe, expect, it } from 'vitest';
import { readFields } from '../../src/core/fields.ts';
import type { Arrival } from '../../src/core/values.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { authenticate } from '../../src/receive/authenticate.ts';
import { mailIdentity } from '../../src/receive/mailIdentity.ts';
import { createResolver } from '../../src/receive/resolver.ts';
import { readSesHead } from '../../src/receive/sesHead.ts';
import { asStored, CLIENT } from './sesMessages.ts';
import { plainMail, signedMail, ZONE } from './stage.ts';

const ACME = 'acme-7f3k@root.test';
const NOTHING = { trustedReceived: 0, clientIp: null, helo: null, recipient: null, spam: 'none', virus: 'none' };
const head = (raw: Buffer) => readSesHead(readFields(raw));
const stored = (mail: Buffer, more: Partial<Parameters<typeof asStored>[0]> = {}) =>
  asStored({ mail, to: [ACME], ...more });

describe('what SES wrote on top of a mail', () => {
  it('names its client and the recipient, and what its scans say', () => {
    expect(head(stored(plainMail(), { verdicts: { spam: 'GRAY', virus: 'FAIL' } }))).toEqual({
      trustedReceived: 1,
      clientIp: CLIENT.ip,
      helo: CLIENT.helo,
      recipient: ACME,
      spam: 'none',
      virus: 'fail',
    });
  });

  it('is not taken from a mail that it did not write on', () => {
    expect(head(plainMail())).toEqual(NOTHING);
    expect(head(Buffer.alloc(0))).toEqual(NOTHING);
    const forged = plainMail({ 'X-SES-Spam-Verdict': 'PASS', 'X-SES-Virus-Verdict': 'FAIL' });
    expect(head(forged)).toEqual(NOTHING);
    const elsewhere = Buffer.concat([
      Buffer.from('Received: from a (a [192.0.2.1]) by mx.test; x\r\n'),
      stored(plainMail()),
    ]);
    expect(head(elsewhere)).toEqual(NOTHING);
  });

  it('ends where the mail begins: what the sender wrote in its name does not count', () => {
    const own = stored(plainMail())
      .toString('latin1')
      .replace(/X-SES-Spam-Verdict: PASS\r\nX-SES-Virus-Verdict: PASS\r\n/, '');
    const raw = own.replace('\r\nFrom: ', '\r\nX-SES-Spam-Verdict: FAIL\r\nX-SES-Virus-Verdict: FAIL\r\nFrom: ');
    const second = raw.replace('\r\nX-SES-Spam-Verdict: FAIL', '\r\nSubject: x\r\nX-SES-Spam-Verdict: FAIL');
    expect(head(Buffer.from(second, 'latin1'))).toMatchObject({ trustedReceived: 1, spam: 'none', virus: 'none' });
  });

  it('is no part of the mail: the same one by another way is the same mail', () => {
    const mail = signedMail();
    expect(mailIdentity(stored(mail), 1).equals(mailIdentity(mail, 0))).toBe(true);
  });
});

describe('the sender of a mail that SES took', () => {
  const NOW = new Date();
  const OLD = new Date(NOW.getTime() - 30 * 24 * 3_600_000);
  const PASS = { spam: 'pass', virus: 'pass', spf: 'pass', dkim: 'pass', dmarc: 'pass' } as const;
  const SES: Arrival = {
    transport: 'ses',
    arrivedAt: OLD.toISOString(),
    envelopeFrom: 'x@spf.test',
    envelopeTo: [ACME],
    clientIp: CLIENT.ip,
    helo: CLIENT.helo,
    tls: true,
    trustedAuthservIds: ['amazonses.com'],
    trustedReceived: 1,
    source: 'ses:root-mail/in/x',
    uidValidity: null,
    uid: null,
    verdicts: PASS,
  };
  const old = (mail: Buffer, more: Partial<Parameters<typeof asStored>[0]> = {}) =>
    Buffer.from(
      stored(mail, more)
        .toString('latin1')
        .replace(/;\r\n [A-Z][a-z]{2}, .* \(UTC\)/, `;\r\n ${OLD.toUTCString().replace('GMT', '+0000 (UTC)')}`),
      'latin1',
    );
  const withDns = async (
    check: (ask: (raw: Buffer, arrival: Arrival) => ReturnType<typeof authenticate>) => Promise<void>,
  ) => {
    // The key is gone, as those of AWS are after a while.
    const records = [
      ...ZONE.filter(({ name }) => name !== 'test1._domainkey.amazon.com'),
      { name: 'spf.test', type: 'TXT' as const, data: `v=spf1 ip4:${CLIENT.ip} -all` },
    ];
    const dns: DnsServer = await startDnsServer(records);
    const resolver = createResolver([dns.server]);
    try {
      await check((raw, arrival) => authenticate(raw, arrival, { resolver, now: NOW, timeoutMs: 2000 }));
    } finally {
      await dns.close();
    }
  };

  it('is checked by us, SPF with the client that SES names', async () => {
    const dns = await startDnsServer([
      ...ZONE,
      { name: 'spf.test', type: 'TXT', data: `v=spf1 ip4:${CLIENT.ip} -all` },
    ]);
    const resolver = createResolver([dns.server]);
    try {
      // SES says that it failed: we have what it had, and ours counts.
      const raw = stored(signedMail(), { results: 'amazonses.com; dkim=fail header.i=@amazon.com; dmarc=fail' });
      const arrival = {
        ...SES,
        arrivedAt: NOW.toISOString(),
        verdicts: { ...PASS, dkim: 'fail', dmarc: 'fail' } as const,
      };
      const result = await authenticate(raw, arrival, { resolver, now: NOW, timeoutMs: 2000 });
      expect(result).toMatchObject({ by: 'us', state: 'final', spf: { result: 'pass', domain: 'spf.test' } });
      expect(result.signatures).toMatchObject([{ domain: 'amazon.com', result: 'pass', defect: null }]);
    } finally {
      await dns.close();
    }
  });

  it('is what SES found when it took the mail, where nobody can check any more', async () => {
    await withDns(async (check) => {
      const raw = old(signedMail({ Date: OLD.toUTCString() }));
      const result = await check(raw, SES);
      expect(result).toMatchObject({ by: 'hop', authservId: 'amazonses.com', state: 'final' });
      expect(result.signatures).toMatchObject([{ domain: 'amazon.com', result: 'pass' }]);
    });
  });

  it('is not what only the mail says of itself', async () => {
    await withDns(async (check) => {
      const raw = old(signedMail({ Date: OLD.toUTCString() }));
      const unproven: Partial<Arrival>[] = [
        { verdicts: { ...PASS, dkim: 'none' } },
        { verdicts: { ...PASS, dmarc: 'fail' } },
        { trustedAuthservIds: [] },
      ];
      for (const more of unproven)
        expect(await check(raw, { ...SES, ...more })).toMatchObject({ state: 'unverifiable' });
      const { verdicts: _none, ...elsewhere } = {
        ...SES,
        transport: 'file' as const,
        trustedAuthservIds: [],
        trustedReceived: 0,
      };
      const result = await check(raw, elsewhere);
      expect(result).toMatchObject({ state: 'unverifiable' });
      expect(result.ignored).toContainEqual({ name: 'X-SES-Spam-Verdict', why: 'it did not come from SES' });
    });
  });
});
