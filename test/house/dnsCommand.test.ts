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
  dns = await startDnsServer(
    records
      .filter(({ name, type }) => type === 'TXT' && !name.startsWith('*'))
      .map(({ name, value }) => ({ name, type: 'TXT', data: value })),
  );
  const states = await compareRecords(domains, createResolver([dns.server]));
  expect(states.filter(({ problem }) => problem !== null).map(({ record, problem }) => [record.type, problem])).toEqual(
    [
      ['MX', 'is not there'],
      ['MX', 'is not there'],
    ],
  );
});
