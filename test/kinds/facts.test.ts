import { expect, test } from 'vitest';
import { pickDeadline, scanDeadlines } from '../../src/core/deadline.ts';
import { scanAccounts } from '../../src/core/scanAccounts.ts';
import { scanAmounts } from '../../src/core/scanAmounts.ts';
import { scanDates } from '../../src/core/scanDates.ts';
import { scanAbuseReports, scanCaseNumbers, scanInvoices, scanResources } from '../../src/core/scanIds.ts';
import { scanRegions } from '../../src/core/scanRegions.ts';
import { showLink } from '../../src/core/showLink.ts';
import { read } from './mailOf.ts';

const NEAR = '2026-08-20T10:00:00.000Z';

test.each([
  ['on or after September 1, 2026 we', '2026-09-01', null],
  ['After 2026-09-02 11:00 UTC your', '2026-09-02', '2026-09-02T11:00:00.000Z'],
  ['Wed, 02 Sep 2026 11:00:00 GMT', '2026-09-02', '2026-09-02T11:00:00.000Z'],
  ['2026-09-02T11:00:00Z', '2026-09-02', '2026-09-02T11:00:00.000Z'],
  ['2026年9月1日(火)23:59(日本時間)までに', '2026-09-01', '2026-09-01T14:59:00.000Z'],
  ['9月1日 午後5時 JST', '2026-09-01', '2026-09-01T08:00:00.000Z'],
  ['２０２６年９月１日', null, null],
  ['2026년 9월 2일 오후 3시 KST', '2026-09-02', '2026-09-02T06:00:00.000Z'],
  ['11:59 PM PT on September 30, 2026', '2026-09-30', '2026-10-01T06:59:00.000Z'],
  ['December 1, 2026 at 8:00 AM Pacific Time', '2026-12-01', '2026-12-01T16:00:00.000Z'],
  ['1 de septiembre de 2026', '2026-09-01', null],
  ['Sep 30th', '2026-09-30', null],
  ['January 5', '2027-01-05', null],
  ['09/25/2026', '2026-09-25', null],
  ['03/04/2026', null, null],
  ['February 30, 2026', null, null],
  ['am 03.12.2026 um 22:00 UTC', '2026-12-03', '2026-12-03T22:00:00.000Z'],
  ['le 5.1.2027', '2027-01-05', null],
  ['2026. 12. 9. 이후', '2026-12-09', null],
  ['version 1.12.2026.4', null, null],
  ['runtime 2026.9.1', null, null],
  ['10.0.2026.1', null, null],
])('date %s', (text, date, at) => {
  const found = scanDates(text, NEAR)[0] ?? null;
  expect([found?.date ?? null, found?.at ?? null]).toEqual([date, at]);
});

test.each([
  ['Please respond by August 25, 2026, or we may suspend your account.', '2026-08-25', 'respond'],
  ['Reply to this mail within 24 hours.', '2026-08-21', 'respond'],
  ['Please answer within five (5) business days.', '2026-08-27', 'respond'],
  ['On or after October 1, 2026, AWS will stop your instance.', '2026-10-01', 'awsActs'],
  ['After 2026-09-02 11:00 UTC your instance will be stopped.', '2026-09-02', 'awsActs'],
  ['Your account will be suspended on September 3, 2026.', '2026-09-03', 'awsActs'],
  ['We recommend that you upgrade before September 1, 2026.', '2026-09-01', 'respond'],
  ['Payment due date: September 19, 2026', '2026-09-19', 'respond'],
  ['maintenance from Wed, 02 Sep 2026 11:00:00 GMT to Wed, 02 Sep 2026 15:00:00 GMT', '2026-09-02', 'awsActs'],
  ['2026年8月31日までにお支払いください。', '2026-08-31', 'respond'],
  ['2026年10月1日以降、インスタンスは停止されます。', '2026-10-01', 'awsActs'],
  ['24時間以内にご返信ください。', '2026-08-21', 'respond'],
  ['2026년 8월 31일까지 회신해 주십시오.', '2026-08-31', 'respond'],
  ['You have 15 days to accept or decline the invitation.', '2026-09-04', 'respond'],
  ['Your domain will expire on October 4, 2026.', '2026-10-04', 'awsActs'],
  ['On August 18, 2026 we detected suspicious calls.', null, null],
  ['The code expires in 10 minutes.', null, null],
  ['Our team will get back to you within 24 hours.', null, null],
  ['Invoice date: August 30, 2026', null, null],
  ['If we do not receive a response by August 25, 2026 we may restrict your account.', '2026-08-25', 'respond'],
  ['The reboot will happen between 2026-09-02 01:00 UTC and 2026-09-02 03:00 UTC.', '2026-09-02', 'awsActs'],
  ['We are ending support for this runtime on September 1, 2026.', '2026-09-01', 'awsActs'],
  ['The link expires in 24 hours.', '2026-08-21', 'respond'],
  ['Copyright 2026', null, null],
])('deadline in: %s', (text, date, sort) => {
  const picked = pickDeadline(scanDeadlines(text, NEAR), null);
  expect([picked?.deadline.date ?? null, picked?.deadline.sort ?? null]).toEqual([date, sort]);
});

test('a deadline in hours is an instant counted from the mail, one in days is a day', () => {
  expect(scanDeadlines('You must reply within 24 hours.', NEAR)[0]?.deadline.at).toBe('2026-08-21T10:00:00.000Z');
  expect(scanDeadlines('You must reply within 5 days.', NEAR)[0]?.deadline.at).toBeNull();
});

test.each([
  ['USD 1,234.56', '1234.56', 'USD'],
  ['Total in MXN: $55.84*', '55.84', 'MXN'],
  ['$55.84 MXN', '55.84', 'MXN'],
  ['¥12,345', '12345', 'JPY'],
  ['JPY 12,345', '12345', 'JPY'],
  ['12,345円', '12345', 'JPY'],
  ['1.234,56 EUR', '1234.56', 'EUR'],
  ['€99.90', '99.90', 'EUR'],
  ['£1,000', '1000', 'GBP'],
  ['A$20.00', '20.00', 'AUD'],
  ['$1,234,567.89', '1234567.89', 'USD'],
  ['$0.005', '0.005', 'USD'],
  ['100 instances', null, null],
])('amount in: %s', (text, amount, currency) => {
  const found = scanAmounts(text)[0] ?? null;
  expect([found?.amount ?? null, found?.currency ?? null]).toEqual([amount, currency]);
});

test.each([
  ['[AWS Account: 012345678901]', ['012345678901']],
  ['account (ID: 012345678901)', ['012345678901']],
  ['Account ID 1234-5678-9012', ['123456789012']],
  ['Case 176508697500328 for you', []],
  ['[CASE 176508697500328] account 123456789012', ['123456789012']],
  // Twelve digits are never bitten out of fifteen, wherever they would begin, nor when either number begins with zeros.
  ['Case 012345678901234', []],
  ['account 176508697500328', []],
  ['displayId=000123456789012', []],
  ['Case 176508697500328, account 000123456789.', ['000123456789']],
  ['ケース176508697500328アカウント000000000001', ['000000000001']],
  ['アカウント番号012345678901について', ['012345678901']],
  ['取引番号123456789012です', []],
  ['arn:aws:lambda:us-east-1:123456789012:function:f', ['123456789012']],
  ['Invoice number: 123456789012', []],
  ['Order #123456789012', []],
  ['the account ending in ****1926', ['****1926']],
  ['2026082012345678', []],
  ['アカウント 012345678901 の', ['012345678901']],
])('accounts in: %s', (text, ids) => {
  expect(scanAccounts(text, true).map((one) => one.id)).toEqual(ids);
});

test('mail that is not AWS only gives labelled accounts', () => {
  expect(scanAccounts('call 123456789012 now', false)).toEqual([]);
  expect(scanAccounts('our account 123456789012', false)[0]?.id).toBe('123456789012');
});

test('ids are read by their labels and forms', () => {
  expect(scanCaseNumbers('RE:[CASE 5244329601] x')[0]?.value).toBe('5244329601');
  expect(scanCaseNumbers('サポートケース番号: 176508697500328')[0]?.value).toBe('176508697500328');
  expect(scanCaseNumbers('…#/case/?displayId=11735180201&language=ja')[0]?.value).toBe('11735180201');
  expect(scanCaseNumbers('in case 123456789012 is yours')).toEqual([]);
  for (const number of ['0012345678', '00123456789', '012345678901234', '000000000000001']) {
    expect(scanCaseNumbers(`RE:[CASE ${number}] x`)[0]?.value).toBe(number);
    expect(scanCaseNumbers(`Amazon Web Services: New Support case: ${number}`)[0]?.value).toBe(number);
  }
  expect(scanAbuseReports('Your AWS Abuse Report [10429153877] [AWS ID 012345678901]', false)[0]?.value).toBe(
    '10429153877',
  );
  expect(scanAbuseReports('Your Amazon EC2 Abuse Report 52345678901 [..]', false)[0]?.value).toBe('52345678901');
  expect(scanAbuseReports('Your AWS Abuse Report [P1234567890]', false)[0]?.value).toBe('P1234567890');
  expect(scanInvoices('attached EUINGB26-1234567.pdf')[0]?.value).toBe('EUINGB26-1234567');
  expect(scanInvoices('Invoice number: 1234567890')[0]?.value).toBe('1234567890');
  expect(scanResources('vol-0123456789abcdef0, dxcon-ffabc123, i-abcdef12').map((one) => one.value)).toEqual([
    'vol-0123456789abcdef0',
    'dxcon-ffabc123',
    'i-abcdef12',
  ]);
  expect(scanResources('wi-abcdef12 and i-xyz')).toEqual([]);
});

test.each([
  ['US East (N. Virginia)', 'us-east-1'],
  ['アジアパシフィック (東京)', 'ap-northeast-1'],
  ['in us-west-2b', 'us-west-2'],
  ['[EU-WEST-1]', 'eu-west-1'],
  ['the Frankfurt Region', 'eu-central-1'],
  ['東京リージョン', 'ap-northeast-1'],
  ['our office in London', null],
])('Region in: %s', (text, code) => {
  expect(scanRegions(text)[0]?.code ?? null).toBe(code);
});

test.each([
  [
    'https://console.aws.amazon.com/support/home#/case/?displayId=1173&language=en',
    'https://console.aws.amazon.com/support/home#/case/?displayId=1173&language=en',
  ],
  [
    'https://us-east-1.console.aws.amazon.com/health/home?token=abc#/event-log?eventID=x',
    'https://us-east-1.console.aws.amazon.com/health/home#/event-log?eventID=x',
  ],
  ['https://repost.aws/knowledge-center/x', 'https://repost.aws/knowledge-center/x'],
])('stays clickable: %s', (href, shown) => {
  expect(showLink(href)).toEqual({ text: shown, href: shown });
});

test.each([
  'https://console.aws.amazon.com.evil.example/billing',
  'https://aws.amazon.com@evil.example/x',
  'http://console.aws.amazon.com/x',
  'https://console.aws.amazon.com:8443/x',
  'https://signin.aws.amazon.com/resetpassword?token=SECRETSECRET',
  'https://sns.us-east-1.amazonaws.com/confirm?Token=SECRETSECRET',
  'https://registrar.amazon/verify/SECRETSECRET',
])('is defanged and loses its token: %s', (href) => {
  const shown = showLink(href);
  expect(shown?.href).toBeNull();
  expect(shown?.text).toMatch(/^hxxps?:\/\/[^/]*\[\.\]/);
  expect(shown?.text).not.toContain('SECRET');
});

test('mailto, data and relative links are not shown', () => {
  expect([showLink('mailto:a@b.example'), showLink('data:text/html,x'), showLink('/x')]).toEqual([null, null, null]);
});

test('each fact says where it was found', async () => {
  const { facts } = await read({
    from: 'AWS Trust and Safety <trustandsafety@support.aws.com>',
    subject: 'Your AWS Abuse Report [10429153877] [AWS ID 012345678901]',
    text: 'Hello,\n\nReply within 24 hours.\n\nRegion: eu-west-1 EC2 Instance Id: i-0abcdef1234567890 [203.0.113.10]\n',
  });
  expect(facts.abuseReportId).toEqual({ value: '10429153877', where: 'subject' });
  expect(facts.accountIds).toEqual([{ value: '012345678901', where: 'subject' }]);
  expect(facts.deadline?.where).toBe('body 3');
  expect(facts.resources).toEqual([{ value: 'i-0abcdef1234567890', where: 'body 5' }]);
  expect(facts.regions).toEqual([{ value: 'eu-west-1', where: 'body 5' }]);
  expect([facts.caseId, facts.invoiceId, facts.amount, facts.domain]).toEqual([null, null, null, null]);
});

test('a statement gives currency, period and the full account; the masked one adds nothing', async () => {
  const { facts } = await read({
    from: 'AWS <invoicing@aws.com>',
    subject: 'Amazon Web Services Billing Statement Available [Account: 012345671926]',
    text: 'Your statement for the account ending in ****1926 is available. Total in MXN: $55.84*\nhttps://console.aws.amazon.com/billing/home#/bills?year=2026&month=7',
  });
  expect(facts.accountIds.map((one) => one.value)).toEqual(['012345671926']);
  expect(facts.amount?.value).toEqual({ amount: '55.84', currency: 'MXN' });
  expect(facts.billingPeriod?.value).toBe('2026-07');
});

test('the day that an invoice is due is not its period', async () => {
  const { facts } = await read({
    from: 'invoicing@aws.com',
    subject: 'AWS Invoice Available',
    text: 'Your invoice for account ending in ****8901. Invoice ID: EUINIE26-123456. Amount: EUR 1.234,56. Due: 30 September 2026',
  });
  expect(facts.billingPeriod).toBeNull();
  expect(facts.amount?.value).toEqual({ amount: '1234.56', currency: 'EUR' });
  expect(facts.accountIds.map((one) => one.value)).toEqual(['****8901']);
  expect(facts.deadline?.value).toEqual({ date: '2026-09-30', at: null, sort: 'respond' });
});

test('neither a display name, a Message-ID nor a hash gives a code away', async () => {
  const code = (digits: string, id: string) =>
    read({
      from: `Code ${digits} <no-reply@signin.aws>`,
      subject: 'Verify your identity',
      text: `Sign in with this verification code: ${digits}`,
      messageId: id,
    });
  const [first, second] = await Promise.all([code('482913', '482913@x.example'), code('771204', 'b@x.example')]);
  expect(JSON.stringify(first)).not.toContain('482913');
  expect(second.messageId).toBe('b@x.example');
  // A hash that differed by the code alone could be searched for it; another mail with another code is no copy.
  const third = await code('135791', 'b@x.example');
  expect(third.contentHash).toBe(second.contentHash);
  expect(third.contentHash).not.toBe(first.contentHash);
});

test('the Message-ID of a sealed mail stays what it is', async () => {
  const messageId = '0100019abc12f3a4-8f1d2c3b-1234-4321-9876-0123456789ab-000000@email.amazonses.com';
  const understood = await read({
    from: 'no-reply@signin.aws',
    subject: 'Verify your identity',
    text: 'Sign in with this verification code: 482913',
    messageId,
  });
  expect(understood.messageId).toBe(messageId);
});

test('a code stands in no fact, key, reason or sentence', async () => {
  const understood = await read({
    from: 'no-reply <no-reply@signin.aws>',
    subject: 'Your code is 482913',
    text: 'Sign in with this verification code:\n\n482913\n\nhttps://signin.aws.amazon.com/verify?code=482913',
  });
  expect(understood.secrets.level).toBe('sealed');
  expect(understood.sealedSummary).toContain('sealed');
  expect(JSON.stringify(understood)).not.toContain('482913');
});
