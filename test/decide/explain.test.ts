import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseCustomersFile } from '../../src/core/customersFile.ts';
import { explain } from '../../src/explain.ts';
import type { ExplainRecord } from '../../src/explainRecord.ts';
import { explainText } from '../../src/explainText.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { readKindFiles } from '../../src/lib/kindFiles.ts';
import { createLog } from '../../src/lib/log.ts';
import { authenticate } from '../../src/receive/authenticate.ts';
import { loadSettings } from '../../src/settings.ts';
import { caseMail } from './desk.ts';

const CASE = '176508697500328';
const settings = loadSettings({ env: {} });
const customers = parseCustomersFile({
  customers: [
    {
      slug: 'kumo',
      name: 'Kumo KK',
      language: 'ja',
      managementAccount: '111111111111',
      rootAddresses: ['kumo-7f3k@roots.example'],
      memberDomains: ['customer.example'],
    },
    {
      slug: 'acme',
      name: 'Acme',
      managementAccount: '222222222222',
      rootAddresses: ['acme-9x2m@roots.example'],
    },
  ],
}).file;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rootdesk-explain-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What our own hop writes on top of a mail whose signature it verified. */
function proven(mail: string, domain = 'amazon.com'): string {
  return [
    `Authentication-Results: mx.test; dkim=pass header.d=${domain} header.s=s1 header.i=@${domain}`,
    `DKIM-Signature: v=1; a=rsa-sha256; d=${domain}; s=s1; h=from:to:subject:date:message-id; bh=eA==; b=eA==`,
    mail,
  ].join('\r\n');
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function run(files: string[], limits = settings.limits, dnsCode = 'ENOTFOUND'): Promise<ExplainRecord[]> {
  const records: ExplainRecord[] = [];
  const resolver = async () => {
    throw Object.assign(new Error('not asked'), { code: dnsCode });
  };
  const options = {
    customers,
    trustedAuthservIds: ['mx.test'],
    authenticate: (raw: Buffer, arrival: Parameters<typeof authenticate>[1]) =>
      authenticate(raw, arrival, { resolver, now: new Date(), timeoutMs: 2000 }),
    kinds: readKindFiles('config', 'templates'),
    limits,
    followUpDays: 30,
    own: { domains: [], addresses: [] },
    listDomains: [],
    log: createLog('silent'),
    clock: systemClock,
  };
  for await (const record of explain(files, options)) records.push(record);
  return records;
}

it('takes files as arrivals in order: open, append, duplicates, quarantine, unrouted, too large', async () => {
  const first = caseMail({ caseId: CASE, minute: 0, text: 'Please send the logs of account 111111111111.' });
  const records = await run(
    [
      file('1.eml', proven(first)),
      file('2.eml', proven(caseMail({ caseId: CASE, minute: 30, text: 'Something else' }))),
      file('3.eml', proven(first).replace('Authentication', 'X-Copy: 1\r\nAuthentication')),
      file('4.eml', proven(first.replace(/<.*@amazon.com>\r\nMIME/, '<again@amazon.com>\r\nMIME'))),
      file('5.eml', first),
      file('6.eml', proven(first.replaceAll('kumo-7f3k', 'nobody'))),
      file('7.eml', proven(first) + 'x'.repeat(9000)),
    ],
    { ...settings.limits, mailBytes: 8000 },
  );
  expect(records.map(({ outcome }) => outcome)).toEqual([
    'open',
    'append',
    'duplicate',
    'duplicate',
    'quarantine',
    'unrouted',
    'too_large',
  ]);
  expect(records[0]).toMatchObject({
    customer: 'kumo',
    list: 'kumo-7f3k@roots.example',
    authentic: true,
    kind: 'support.case_reply',
    threadKey: `case:${CASE}`,
    facts: { accountIds: ['111111111111'], caseId: CASE },
    ticket: { subject: expect.stringContaining(CASE) },
  });
  expect(records[1]?.threadKey).toBe(records[0]?.threadKey);
  expect(records[6]?.sha256).toMatch(/^[0-9a-f]{64}$/);
  for (const record of records) expect(record.reasons.length).toBeGreaterThan(0);
});

it('explains a mail that names root addresses of two customers once for each, as two mails that never meet', async () => {
  const both = caseMail({ caseId: CASE, minute: 0, text: 'Please send the logs of account 222222222222.' }).replace(
    'To: kumo-7f3k@roots.example',
    'To: kumo-7f3k@roots.example, ACME-9x2m@roots.example',
  );
  const next = caseMail({ caseId: CASE, minute: 9, text: 'We wait for the logs.' }).replace('kumo-7f3k', 'acme-9x2m');
  const records = await run([file('both.eml', proven(both)), file('next.eml', proven(next))]);
  expect(records.map(({ customer, list, outcome }) => [customer, list, outcome])).toEqual([
    ['kumo', 'kumo-7f3k@roots.example', 'open'],
    ['acme', 'acme-9x2m@roots.example', 'open'],
    ['acme', 'acme-9x2m@roots.example', 'append'],
  ]);
  expect(records[0]?.sha256).toBe(records[1]?.sha256);
  // The account is Acme's: in Kumo's mail it is a stranger's, and that mail joins nothing.
  expect(records.map(({ reasons }) => reasons.some(({ code }) => code === 'account.foreign'))).toEqual([
    true,
    false,
    false,
  ]);
  expect(records[0]?.threadKey).not.toBe(records[1]?.threadKey);
});

it('gives all mails of a ticket one thread key, also when its first mail comes last', async () => {
  const reply = [
    'From: Hanako <hanako@customer.example>',
    'To: kumo-7f3k@roots.example',
    'Subject: the tunnel',
    'Message-ID: <reply@customer.example>',
    'In-Reply-To: <second@amazon.com>',
    'Date: Fri, 20 Nov 2026 10:30:00 +0000',
    '',
    'We sent the logs.',
  ].join('\r\n');
  const records = await run([
    file('reply.eml', proven(reply, 'customer.example')),
    file('second.eml', proven(caseMail({ caseId: CASE, minute: 20, text: 'Second', messageId: 'second@amazon.com' }))),
    file('first.eml', proven(caseMail({ caseId: CASE, minute: 0, text: 'First' }))),
  ]);
  expect(records.map(({ outcome, threadKey }) => [outcome, threadKey])).toEqual([
    ['open', `case:${CASE}`],
    ['append', `case:${CASE}`],
    ['append', `case:${CASE}`],
  ]);
});

it('shows no secret, neither as JSON nor as a page, and keeps the page within 100 columns', async () => {
  const code = [
    'From: Amazon Web Services <no-reply@signin.aws>',
    'To: kumo-7f3k@roots.example',
    'Subject: Your AWS verification code 482913',
    'Message-ID: <code@signin.aws>',
    'Date: Fri, 20 Nov 2026 10:30:00 +0000',
    '',
    'Verification code: 482913',
    '日本語の長い文章がここにあります。'.repeat(20),
  ].join('\r\n');
  const records = await run([file('code.eml', proven(code, 'signin.aws')), file('forged.eml', code)]);
  for (const record of records) {
    expect(JSON.stringify(record)).not.toContain('482913');
    expect(explainText(record)).not.toContain('482913');
    for (const line of explainText(record).split('\n'))
      if (line.includes(' ')) expect(line.length).toBeLessThanOrEqual(100);
  }
  expect(records.map(({ outcome }) => outcome)).toEqual(['open', 'quarantine']);
});

it('says of AWS mail that DNS gave no answer about that it could not be checked, and calls it no look-alike', async () => {
  const mail = proven(caseMail({ caseId: CASE, minute: 0, text: 'Hello' }))
    .split('\r\n')
    .slice(1)
    .join('\r\n');
  const [record] = await run([file('unchecked.eml', mail)], settings.limits, 'ESERVFAIL');
  expect(record).toMatchObject({ outcome: 'quarantine', rule: 'auth.temperror', authentic: false });
  expect(record?.kind).toBe('support.case_reply');
  expect(explainText(record!)).toContain('could not be checked (DNS)');
  expect(record?.reasons.map(({ code }) => code)).toContain('auth.temperror');
});

it('names a file that it cannot read', async () => {
  await expect(run([join(folder, 'missing.eml')])).rejects.toThrow(/missing\.eml cannot be read/);
});
