import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { authenticate } from 'mailauth';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALL_ROLES, type App, startApp } from '../../src/app.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { createLog } from '../../src/lib/log.ts';
import { createResolver } from '../../src/receive/resolver.ts';
import { loadSettings } from '../../src/settings.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { openTalk } from '../receive/smtpTalk.ts';
import { signedMail, ZONE } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { startChromium } from '../servers/chromium.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { freePort } from '../servers/freePort.ts';
import { type PostfixServer, startPostfix } from '../servers/postfix.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { type Person, personOf } from './browse.ts';

const FILE = `
customers:
  - slug: acme
    name: Acme
    managementAccount: "111122223333"
    memberDomains: [acme.test]
`;

const REPORT = Buffer.from(
  'From: <mailer-daemon@acme.test>\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n' +
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n' +
    '--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.acme.test\r\n\r\n' +
    'Final-Recipient: rfc822; ops@acme.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n',
);

let fresh: FreshDatabase;
let folder: string;
let env: Record<string, string>;
let dns: DnsServer;
let dovecot: DovecotServer;
let postfix: PostfixServer;
let browser: Browser;
let app: App;

beforeAll(async () => {
  fresh = await freshDatabase();
  folder = mkdtempSync('/tmp/rootdesk-story-');
  dns = await startDnsServer(ZONE);
  dovecot = await startDovecot();
  const [lmtpPort, publicPort] = [await freePort(), await freePort()];
  const box = `lmtp:inet:127.0.0.1:${dovecot.lmtpPort}`;
  const ours = `lmtp:inet:127.0.0.1:${lmtpPort}`;
  postfix = await startPostfix({
    domain: 'root.test',
    lmtpPort,
    routes: { 'bounce.test': ours, 'acme.test': box, 'msp.test': box },
  });
  env = {
    DATABASE_URL: fresh.url,
    ROOTDESK_DATA_DIR: folder,
    ROOTDESK_LOG_LEVEL: 'silent',
    ROOTDESK_HTTP_PORT: '0',
    ROOTDESK_SMTP_PORT: '0',
    ROOTDESK_LMTP_PORT: String(lmtpPort),
    ROOTDESK_PUBLIC_PORT: String(publicPort),
    ROOTDESK_PUBLIC_URL: `http://127.0.0.1:${publicPort}`,
    ROOTDESK_ROOT_DOMAIN: 'root.test',
    ROOTDESK_BOUNCE_DOMAIN: 'bounce.test',
    ROOTDESK_DNS_SERVERS: dns.server,
    ROOTDESK_OUTGOING_HOST: '127.0.0.1',
    ROOTDESK_OUTGOING_PORT: String(postfix.smtpPort),
    ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
    ROOTDESK_OUTGOING_FROM: 'desk@desk.test',
    ROOTDESK_RESELLER_DOMAINS: 'msp.test',
    ROOTDESK_APPROVERS: 'bob=bob@msp.test',
  };
  const settings = loadSettings({ file: '/dev/null', env });
  app = await startApp({ settings, log: createLog('silent'), roles: ALL_ROLES, use: 'start' });
  browser = await startChromium();
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await app?.close();
  await postfix?.remove();
  await dovecot?.remove();
  await dns?.close();
  await fresh?.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function rootdesk(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['src/cli.ts', '--config', '/dev/null', ...args], { env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`rootdesk ${args.join(' ')}: ${stderr}${stdout}`));
      else resolve(stdout);
    });
  });
}

const person = (address: string): Person => personOf(browser, dovecot.maildir(address));
const page = (purpose: string) => new RegExp(`http://127\\.0\\.0\\.1:\\d+/${purpose}/\\S+`);
const states = async () => {
  const { rows } = await fresh.pool.query(
    `select split_part(address, '@', 1) || ' ' || state as is from members order by id`,
  );
  return rows.map((row) => row.is);
};

/** What `rootdesk dns` prints, as if it had been published. */
let published: { name: string; type: string; value: string }[] = [];
const theirs = () => createResolver([dns.server]);
const resolver = async (name: string, type: string) => {
  const own = published.filter((one) => one.name === name && one.type === type);
  return own.length > 0 ? own.map(({ value }) => [value]) : theirs()(name, type as never);
};

/** What a member's mail server makes of a mail. */
async function judge(raw: Buffer, sender = 'any@bounce.test') {
  const { dkim, dmarc, arc } = await authenticate(raw, {
    ip: '127.0.0.1',
    helo: 'mx.root.test',
    mta: 'mx.acme.test',
    sender,
    resolver: resolver as never,
  } as never);
  return {
    arc: arc === false ? null : arc.status.result,
    dkim: dkim.results.map(({ signingDomain, status }) => `${signingDomain} ${status.result}`),
    dmarc: dmarc === false ? null : dmarc?.status.result,
  };
}

it('a list from its address to the mail of its members, who come and go by two persons', {
  timeout: 600_000,
}, async () => {
  writeFileSync(join(folder, 'customers.yaml'), FILE);
  await rootdesk('customers', 'import', join(folder, 'customers.yaml'));
  const address = (await rootdesk('lists', 'create', 'acme', '--account', '111122223333')).trim();
  expect(address).toMatch(/^acme-[a-z2-7]{12,}@root\.test$/);

  published = (await rootdesk('dns', '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

  const proposed = await rootdesk('members', 'add', 'acme', 'ops@acme.test', 'sec@acme.test');
  expect(proposed.match(/waits for a second person \(1 asked by mail\)/g)).toHaveLength(2);
  const [bob, ops, sec, kim] = ['bob@msp.test', 'ops@acme.test', 'sec@acme.test', 'kim@acme.test'].map(person) as [
    Person,
    Person,
    Person,
    Person,
  ];
  await bob.follows(page('approve'), 'Agree', 'You agreed. The person is asked to confirm.');
  await bob.follows(page('approve'), 'Agree', 'You agreed. The person is asked to confirm.');
  expect(await states()).toEqual(['ops invited', 'sec invited']);
  await ops.follows(page('confirm'), 'Confirm', 'You are on the list now.');
  await sec.follows(page('confirm'), 'Confirm', 'You are on the list now.');
  expect(await states()).toEqual(['ops confirmed', 'sec confirmed']);
  await ops.reads(/sec@acme\.test is now on a list/);
  // Every notice of ours is signed as the published records say: DMARC of our own domain is strict.
  const notices = [...(await bob.mails()), ...(await ops.mails())];
  expect(notices.length).toBeGreaterThanOrEqual(4);
  for (const { raw } of notices) {
    expect(await judge(raw, 'desk@desk.test')).toEqual({ dkim: ['desk.test pass'], dmarc: 'pass', arc: 'none' });
  }

  // AWS writes to the address: by Postfix to us, as a ticket, and as it was signed to each member.
  const talk = await openTalk(postfix.smtpPort);
  const mail = signedMail(
    { To: address, Subject: 'Your AWS account is on hold' },
    'Please call us about your account.\r\n',
  );
  expect(await talk.send(mail, { from: 'x@amazonses.com', to: [address] })).toEqual([expect.stringMatching(/^250/)]);
  await talk.quit();
  for (const member of [ops, sec]) {
    const { raw } = await member.reads(/Please call us about your account/);
    expect(await judge(raw)).toEqual({ dkim: ['amazon.com pass'], dmarc: 'pass', arc: 'pass' });
    const form = /^List-Unsubscribe: <(http:\/\/127\.0\.0\.1:\d+\/list\/\S+)>/m.exec(
      raw.toString('latin1').replace(/\r?\n[ \t]+/g, ' '),
    );
    const shown = await fetch(form![1]!);
    expect([shown.status, await shown.text()]).toEqual([200, expect.not.stringContaining('Acme')]);
  }
  await until(async () => (await fresh.pool.query('select 1 from tickets')).rowCount === 1);
  expect((await fresh.pool.query('select outcome from mails')).rows).toEqual([{ outcome: 'open' }]);

  // The mailbox of ops is gone: its server says so days later, to the sender that only this copy had.
  const { raw: copy } = await ops.reads(/Please call us about your account/);
  const sender = /^Return-Path: <([^>]+@bounce\.test)>/m.exec(copy.toString('latin1'))![1]!;
  const bounce = await openTalk(postfix.smtpPort);
  expect(await bounce.send(REPORT, { from: '', to: [sender] })).toEqual([expect.stringMatching(/^250/)]);
  await bounce.quit();
  const word = await sec.reads(/did not reach the member ops@acme\.test/);
  expect(await judge(word.raw, 'desk@desk.test')).toMatchObject({ dkim: ['desk.test pass'], dmarc: 'pass' });
  expect(await states()).toEqual(['ops bouncing', 'sec confirmed']);
  await until(async () => (await fresh.pool.query('select 1 from tickets')).rowCount === 2);

  // Kim replaces ops: the customer's other member is asked now, no longer the reseller.
  await rootdesk('members', 'add', 'acme', 'kim@acme.test', '--name', 'Kim Example');
  await sec.follows(page('approve'), 'Agree', 'You agreed. The person is asked to confirm.');
  await kim.follows(page('confirm'), 'Confirm', 'You are on the list now.');
  expect(await rootdesk('members', 'remove', 'acme', 'ops@acme.test')).toContain(
    'removed; everybody on the list is told',
  );
  await ops.reads(/You are no longer on a list/);
  await rootdesk('members', 'remove', 'acme', 'sec@acme.test');
  await expect(rootdesk('members', 'remove', 'acme', 'kim@acme.test')).rejects.toThrow('last confirmed member');
  const exported = await rootdesk('members', 'export', 'acme');
  expect(exported.trim().split('\r\n').slice(1)).toEqual([
    expect.stringMatching(new RegExp(`^acme,${address},111122223333,kim@acme\\.test,Kim Example,customer,confirmed,`)),
  ]);

  // The pages show the same: who is on it, how its mail went, what happened.
  const context = await browser.newContext({ locale: 'en' });
  const pages = await context.newPage();
  await pages.goto(`${app.consoleUrl}/lists`);
  await pages.getByRole('link', { name: /acme-/ }).click();
  for (const said of ['kim@acme.test', 'Kim Example', 'bounced, others told (5.1.1)', '1 of 2, 1 bounced']) {
    await pages.getByText(said).first().waitFor();
  }
  expect(await pages.content()).not.toContain(address);
  const [download] = await Promise.all([
    pages.waitForEvent('download'),
    pages.getByRole('button', { name: 'Export' }).click(),
  ]);
  expect(readFileSync(await download.path(), 'utf8')).toContain(
    `acme,${address},111122223333,kim@acme.test,Kim Example,customer,confirmed`,
  );
  await context.close();

  // Released: kim is told, and what AWS still sends is a ticket, reaches nobody, and is an alarm.
  await expect(rootdesk('lists', 'release', address)).rejects.toThrow('nobody of its one member gets a copy any more');
  expect(await rootdesk('lists', 'release', address, '--yes')).toContain('is released; its members are told');
  await kim.reads(/The root address of this list was released for good/);
  const straggler = await openTalk(postfix.smtpPort);
  const late = signedMail(
    { To: address, Subject: 'Your AWS account will be closed' },
    'We close your account soon.\r\n',
  );
  expect(await straggler.send(late, { from: 'x@amazonses.com', to: [address] })).toEqual([
    expect.stringMatching(/^250/),
  ]);
  await straggler.quit();
  const ended = () => fresh.pool.query(`select id, outcome from mails where outcome is not null order by id offset 1`);
  await until(async () => (await ended()).rowCount === 1);
  expect((await ended()).rows).toMatchObject([{ outcome: 'open' }]);
  expect((await fresh.pool.query('select from deliveries where mail_id > 1')).rows).toEqual([]);
  const alarmed = await fetch(`${app.consoleUrl}/lists`);
  expect(await alarmed.text()).toContain('AWS still writes here');
  expect(await rootdesk('doctor').catch(({ message }) => message)).toContain(
    'AWS still writes to a released root address of acme (account 111122223333)',
  );
  const inbox = await kim.mails();
  expect(inbox.some(({ text }) => text.includes('We close your account soon'))).toBe(false);
  expect(await rootdesk('lists', 'create', 'acme', '--account', '111122223333')).not.toContain(address);

  const { rows } = await fresh.pool.query('select bytes from audit where customer_id = 1 order by number');
  const log = rows.map(({ bytes }) => JSON.parse(bytes.toString()));
  const actors = log.filter(({ action }) => action === 'member.confirmed' || action === 'member.approved');
  expect(actors.map(({ actor }) => actor)).toEqual([
    'approver:bob@msp.test',
    'approver:bob@msp.test',
    'member:1',
    'member:2',
    'member:2',
    'member:3',
  ]);
  expect(log.find(({ action }) => action === 'member.invited')).toMatchObject({ actor: `os:${userInfo().username}` });
  expect(await verifyAudit(fresh.db, 1)).toMatchObject({ ok: true });
});
