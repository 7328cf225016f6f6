import { expect, test } from 'vitest';
import { read, type Written } from './mailOf.ts';

const held: [string, Written][] = [
  [
    'copied statement',
    {
      from: 'Amazon Web Services <billing@aws-payments.example>',
      subject: 'Amazon Web Services Billing Statement Available',
      text: 'Greetings from Amazon Web Services. Total: $18.60. https://console.aws.amazon.com.evil.example/',
    },
  ],
  [
    'forged sender',
    {
      from: 'Amazon Web Services <no-reply-aws@amazon.com>',
      subject: 'Your AWS account has been suspended',
      text: 'Pay $4.95 now: https://evil.example/',
      signedBy: null,
    },
  ],
  [
    'signed by SES only',
    {
      from: 'AWS Health <health@aws.com>',
      subject: '[Action Required] Suspicious activity in your AWS account [012345678901]',
      text: 'Rotate your keys: https://evil.example/',
      signedBy: 'amazonses.com',
    },
  ],
  [
    'its own domain, signed',
    {
      from: 'AWS Security <alert@aws-signin-check.example>',
      subject: 'Security alert: your AWS IAM keys expire',
      text: 'Dear AWS customer, sign in to rotate your access keys: https://evil.example/',
    },
  ],
  [
    'a plain name with a copied text',
    {
      from: 'Accounts <accounts@random.example>',
      subject: 'Your AWS account payment is past due',
      text: 'Dear AWS customer, update your payment method to avoid being suspended: https://evil.example/pay',
    },
  ],
  [
    'genuine SNS with a number to call',
    {
      from: 'AWS Notifications <no-reply@sns.amazonaws.com>',
      subject: 'AWS Notification - Subscription Confirmation',
      text: 'You have chosen to subscribe to the topic:\narn:aws:sns:us-east-1:999988887777:Norton-renewed-499USD-call-1-888-555-0100',
    },
  ],
];

test.each(held)('held for review: %s', async (_, mail) => {
  const understood = await read(mail);
  expect(understood.kind).toMatch(/^phish\./);
  expect(understood.disposition).toBe('quarantine');
  expect(understood.rule).toMatch(/^quarantine\./);
});

const real: [string, Written][] = [
  [
    'genuine, although it looks like phishing',
    {
      from: 'Amazon Web Services <no-reply@signin.aws>',
      subject: 'Requirement: Create a new Amazon Web Services password',
      text: 'You are required to create a new password. Sign in to the console.',
    },
  ],
  [
    'a customer about an AWS bill',
    {
      from: 'Ken <ken@acme.example>',
      subject: 'Our AWS account payment is past due',
      text: 'AWS says our payment is past due. Can you look? https://console.aws.amazon.com/billing/',
    },
  ],
  [
    'an SNS topic of a payment system',
    {
      from: 'AWS Notifications <no-reply@sns.amazonaws.com>',
      subject: 'AWS Notification - Subscription Confirmation',
      text: 'You have chosen to subscribe to the topic:\narn:aws:sns:us-east-1:012345678901:invoice-events',
    },
  ],
];

test.each(real)('a ticket: %s', async (_, mail) => {
  const understood = await read(mail);
  expect(understood.disposition).toBe('ticket');
  expect(understood.kind).not.toMatch(/^phish\./);
});

test('an unlisted sender of an AWS domain becomes aws.other and is never urgent by its words', async () => {
  const understood = await read({
    from: 'Someone <alerts@aws.com>',
    subject: '[Action Required] Suspicious activity in your AWS account [012345678901]',
    text: 'Your account may be compromised.',
  });
  expect(understood.kind).toBe('aws.other');
  expect(understood.urgency).toBe('normal');
  expect(understood.disposition).toBe('ticket');
});

test('mail from a secret domain that no kind knows stays sealed', async () => {
  const understood = await read({ from: 'no-reply@signin.aws', subject: 'Hello', text: 'Something new.' });
  expect(understood.secrets.level).toBe('sealed');
  expect(understood.sealedSummary).not.toBeNull();
  expect(understood.text).toBe('');
});

test('only a kind that names the sender exactly lowers the seal', async () => {
  const understood = await read({
    from: 'Amazon Web Services <no-reply@signin.aws>',
    subject: 'Requirement: Create a new Amazon Web Services password',
    text: 'You must create a new password at your next sign-in.',
  });
  expect([understood.kind, understood.secrets.level]).toEqual(['auth.new_password_required', 'none']);
});
