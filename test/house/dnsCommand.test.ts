import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordsToPublish } from '../../src/core/dnsRecords.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { openSeal } from '../../src/lib/seal.ts';
import { compareRecords, ownDomains } from '../../src/ownDomains.ts';
import { createResolver } from '../../src/receive/resolver.ts';
import { loadSettings } from '../../src/settings.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let database: FreshDatabase;
let dns: DnsServer;
const folder = mkdtempSync(join(tmpdir(), 'rd-dns-'));

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  await dns?.close();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

it('what dns prints, once published, is what doctor finds', async () => {
  const settings = loadSettings({
    file: '/dev/null',
    env: {
      ROOTDESK_ROOT_DOMAIN: 'root.test',
      ROOTDESK_BOUNCE_DOMAIN: 'bounce.test',
      ROOTDESK_OUTGOING_HOST: 'smarthost.test',
      ROOTDESK_OUTGOING_FROM: 'desk@desk.test',
      ROOTDESK_MX: 'mx.root.test',
    },
  });
  const seal = openSeal({ keyFile: null, dataDir: folder, clock: { now: () => new Date() } });
  const domains = await ownDomains(settings, database.db, seal);
  expect(domains).toEqual(await ownDomains(settings, database.db, seal)); // the key is made once
  const records = recordsToPublish(domains);
  const published = records.map(({ name, type, value }) => ({
    // What a wildcard answers to, since this server knows none.
    name: name.replace(/^\*/, 'rootdesk1'),
    type,
    data: value,
  }));
  dns = await startDnsServer(published);
  const problems = async () => {
    const states = await compareRecords(domains, createResolver([dns.server]));
    return states.flatMap(({ record, problem }) =>
      problem === null ? [] : [`${record.type} ${record.name} ${problem}`],
    );
  };
  expect(await problems()).toEqual([]);

  // As people get it wrong: another host, two of one sort, a key of yesterday, one that is not there.
  const wrong = published.flatMap((one) => {
    if (one.name === 'root.test' && one.type === 'MX') return [{ ...one, data: '10 mail.elsewhere.test' }];
    if (one.name === 'bounce.test' && one.type === 'MX') return [{ ...one, data: '0 .' }];
    if (one.name === 'bounce.test') return [one, { ...one, data: 'v=spf1 mx -all' }];
    if (one.name === 'rootdesk1._domainkey.desk.test') return [{ ...one, data: 'v=DKIM1; k=rsa; p=AAAA' }];
    return one.name === '_dmarc.desk.test' ? [] : [one];
  });
  dns.replace(wrong);
  expect(await problems()).toEqual([
    'MX root.test names mail.elsewhere.test',
    'MX bounce.test says that no mail is taken',
    'TXT bounce.test stands there more than once: none of them counts',
    'TXT rootdesk1._domainkey.desk.test holds another key',
    'TXT _dmarc.desk.test is not there',
  ]);
  dns.fail('servfail');
  expect((await problems()).every((problem) => problem.includes('DNS does not answer'))).toBe(true);
});

it('the records for a mail server on this machine name the host that takes mail, or forbid nothing', async () => {
  const spf = async (mx: Record<string, string>) => {
    const env = { ROOTDESK_OUTGOING_HOST: '127.0.0.1', ROOTDESK_OUTGOING_FROM: 'desk@desk.test', ...mx };
    const seal = openSeal({ keyFile: null, dataDir: folder, clock: { now: () => new Date() } });
    return (await ownDomains(loadSettings({ file: '/dev/null', env }), database.db, seal)).spf;
  };
  expect(await spf({ ROOTDESK_MX: 'mx.root.test' })).toEqual(['a:mx.root.test']);
  expect(await spf({})).toEqual([]);
});
