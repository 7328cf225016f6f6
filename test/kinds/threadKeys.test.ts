import { describe, expect, test } from 'vitest';
import type { Understanding } from '../../src/core/values.ts';
import { read, type Written } from './mailOf.ts';

const AWS = 'Amazon Web Services <no-reply-aws@amazon.com>';
const HEALTH = 'AWS Health <health@aws.com>';

const keys = (one: Understanding): string[] => [one.threadKeys.primary, ...one.threadKeys.aliases];
const meet = (one: Understanding, other: Understanding): boolean => {
  const known = new Set(keys(one));
  return keys(other).some((key) => known.has(key));
};
let serial = 0;
const next = (mail: Omit<Written, 'messageId'>): Promise<Understanding> =>
  read({ ...mail, messageId: `m${++serial}@x.example` });

describe('one matter, one ticket', () => {
  test('a case: opened, answered and resolved share its number', async () => {
    const all = await Promise.all([
      next({
        from: AWS,
        subject: 'Amazon Web Services: New Support case: 176508697500328',
        text: 'Thank you for contacting us.',
      }),
      next({ from: AWS, subject: 'RE:[CASE 176508697500328] VPN', text: 'Could you send the log?' }),
      next({ from: AWS, subject: '[EXTERNAL] RE:[CASE 176508697500328] VPN', text: 'This case has been resolved.' }),
    ]);
    expect(all.map((one) => one.threadKeys.primary)).toEqual(Array(3).fill('case:176508697500328'));
    expect(all[2]?.resolves).toBe(true);
  });

  test('the three voices of one compromise meet by account and subject', async () => {
    const tail = '[Action Required] Suspicious activity in your AWS account [012345678901]';
    const [mail, health, opened, reply] = await Promise.all([
      next({ from: 'AWS <no-reply@amazonaws.com>', subject: tail, text: 'Your account may be compromised.' }),
      next({ from: HEALTH, subject: `[acme] ${tail}`, text: 'Your account may be compromised.' }),
      next({
        from: AWS,
        subject: 'Amazon Web Services: New Support case: 176508697500328',
        text: `Account ID: 012345678901\nSubject: ${tail}\n`,
      }),
      next({ from: AWS, subject: `RE:[CASE 176508697500328] ${tail}`, text: 'We have not heard from you.' }),
    ]);
    expect(mail.kind).toBe('security.compromise');
    expect(meet(mail, health)).toBe(true);
    expect(meet(mail, reply)).toBe(true);
    expect(meet(opened, mail)).toBe(true);
    expect(meet(opened, reply)).toBe(true);
    const stranger = await next({
      from: HEALTH,
      subject: tail.replace('012345678901', '999988887777'),
      text: 'Compromised.',
    });
    expect(meet(mail, stranger)).toBe(false);
  });

  test('abuse nudges keep the report number', async () => {
    const from = 'trustandsafety@support.aws.com';
    const first = await next({
      from,
      subject: 'Your AWS Abuse Report [10429153877] [AWS ID 012345678901]',
      text: 'Reply.',
    });
    const last = await next({
      from,
      subject: 'RE: Your AWS Abuse Report [10429153877] [AWS ID 012345678901]',
      text: 'FINAL NOTIFICATION',
    });
    expect(first.threadKeys.primary).toBe('abuse:10429153877');
    expect(last.threadKeys.primary).toBe(first.threadKeys.primary);
  });

  test('unpaid, again unpaid, about to be suspended, suspended and reinstated are one matter of the month', async () => {
    const at = (date: string, subject: string, text: string) =>
      next({ from: AWS, subject, text, date: `${date} 10:00:00 +0000` });
    const all = await Promise.all([
      at(
        'Wed, 02 Sep 2026',
        'Your AWS account is past due',
        'Account 012345678901 is past due: $35.10 for August 2026.',
      ),
      at(
        'Sun, 06 Sep 2026',
        'アクションが必要です - お客様の AWS アカウントの期限が過ぎています',
        'アカウント 012345678901 の期限が過ぎています。',
      ),
      at(
        'Tue, 29 Sep 2026',
        'すぐにアクションが必要です-AWS アカウントが停止する恐れがあります',
        'アカウント 012345678901 の未払い料金をお支払いください。',
      ),
      at('Wed, 30 Sep 2026', 'Your AWS account has been suspended', 'Account 012345678901 has been suspended.'),
      at('Wed, 30 Sep 2026', 'Your AWS account has been reinstated', 'Account 012345678901 has been reinstated.'),
    ]);
    expect(new Set(all.map((one) => one.threadKeys.primary))).toEqual(new Set(['unpaid:012345678901:2026-08']));
    expect(all.map((one) => one.urgency)).toEqual(['high', 'high', 'critical', 'critical', 'normal']);
    expect(all.map((one) => one.resolves)).toEqual([false, false, false, false, true]);
  });

  test('a Health event is known by its ARN in a link, whatever its subject', async () => {
    const link =
      'https://health.aws.amazon.com/health/home#/account/event-log?eventID=arn%3Aaws%3Ahealth%3Aus-east-1%3A%3Aevent%2FEC2%2FAWS_EC2_INSTANCE_RETIREMENT_SCHEDULED%2FAWS_EC2_INSTANCE_RETIREMENT_SCHEDULED_abc-123';
    const text = `Your instance is scheduled for retirement after 2026-09-02 11:00 UTC.\n${link}`;
    const first = await next({
      from: HEALTH,
      subject: '[Retirement Notification] Amazon EC2 Instance scheduled for retirement',
      text,
    });
    expect(first.facts.eventArn?.value).toContain(':event/EC2/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED/');
    expect(first.facts.eventType?.value).toBe('AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED');
    expect(first.facts.service?.value).toBe('EC2');
    expect(first.threadKeys.primary).toBe(`event:${first.facts.eventArn?.value}`);
  });

  test('a window that moves leads to its ticket; another window of the same circuit does not', async () => {
    const subject = 'AWS Direct Connect Planned Maintenance Notification [AWS Account: 012345678901]';
    const mail = (text: string) =>
      next({ from: HEALTH, subject, text: `Planned maintenance. ${text}\ndxcon-ffabc123` });
    const first = await mail('It starts on Wed, 02 Sep 2026 11:00:00 GMT.');
    const moved = await mail(
      'The maintenance of September 2, 2026 was rescheduled. It starts on Wed, 16 Sep 2026 11:00:00 GMT.',
    );
    const later = await mail('It starts on Wed, 25 Nov 2026 11:00:00 GMT.');
    expect(meet(first, moved)).toBe(true);
    expect(meet(first, later)).toBe(false);
  });

  test('people follow their conversation', async () => {
    const from = 'Ken <ken@acme.example>';
    const first = await read({ from, subject: 'Question', text: 'Hello', messageId: 'q1@acme.example' });
    const answer = await read({
      from,
      subject: 'Re: Question',
      text: 'More',
      messageId: 'q2@acme.example',
      headers: { 'In-Reply-To': '<q1@acme.example>', References: '<q1@acme.example>' },
    });
    expect(answer.threadKeys.primary).toBe(first.threadKeys.primary);
  });
});

test('mail without proof names no ticket, even with the right case number', async () => {
  const forged = await next({
    from: AWS,
    subject: 'RE:[CASE 176508697500328] VPN',
    text: 'Click here',
    signedBy: null,
  });
  const stranger = await next({
    from: 'ken@acme.example',
    subject: 'Fwd: RE:[CASE 176508697500328]',
    text: 'x',
    signedBy: null,
  });
  for (const one of [forged, stranger]) {
    expect(one.threadKeys.primary).toMatch(/^mail:[0-9a-f]{32}$/);
    expect(one.threadKeys.aliases).toEqual([]);
  }
  expect(forged.disposition).toBe('quarantine');
  expect(stranger.disposition).toBe('ticket');
});

test.each([
  [0, true],
  [3, true],
  [13.9, true],
  [28.1, false],
  [200, false],
])('a compromise is known by its subject for a while: %d days later', async (days, joined) => {
  const mail = (at: number) =>
    read({
      from: 'health@aws.com',
      subject: '[Action Required] Suspicious activity in your AWS account [012345678901]',
      text: 'We noticed suspicious activity.',
      date: new Date(at).toUTCString().replace('GMT', '+0000'),
    });
  // Wherever the first one lies in its span.
  for (const start of ['2026-08-20T10:00:00Z', '2026-08-27T23:59:00Z', '2026-09-03T00:00:00Z']) {
    const [first, later] = await Promise.all([mail(Date.parse(start)), mail(Date.parse(start) + days * 86_400_000)]);
    const keys = ({ threadKeys }: typeof first) => [threadKeys.primary, ...threadKeys.aliases];
    const shared = keys(first).filter((key) => key.startsWith('compromise:') && keys(later).includes(key));
    expect(shared.length > 0, start).toBe(joined);
  }
});
