import { expect, test } from 'vitest';
import { read, type Written } from './mailOf.ts';

/** Hand-written mails whose wording is in no kind file: kinds must follow from sender, build and several marks. */
const AWS = 'Amazon Web Services <no-reply-aws@amazon.com>';
const NOTE = 'Amazon Web Services <no-reply@amazonaws.com>';
const HEALTH = 'AWS Health <health@aws.com>';
const REGISTRAR = 'Amazon Registrar <noreply@registrar.amazon>';

const cases: [string, Written][] = [
  [
    'auth.signup_otp',
    {
      from: 'no-reply@signup.aws',
      subject: 'Your AWS verification code',
      text: 'Enter the code to finish signing up. It is valid for 10 minutes.',
    },
  ],
  [
    'auth.signin_otp',
    {
      from: 'no-reply@signin.aws',
      subject: '[EXTERNAL] Verify your identity',
      text: 'Someone is trying to sign in to your account. Use this passcode to go on: ask nobody else for it.',
    },
  ],
  [
    'auth.signin_otp',
    {
      from: 'no-reply <no-reply@signin.aws>',
      subject: '本人確認のお願い',
      text: 'AWS アカウントへのサインインを続けるには、確認コードを入力してください。有効期限は10分です。',
    },
  ],
  [
    'auth.password_reset',
    {
      from: 'AWS <no-reply@verify.signin.aws>',
      subject: 'AWS password reset requested',
      text: 'You, or somebody who knows this address, asked for a new password. Use the button to go on.',
    },
  ],
  [
    'auth.password_reset',
    {
      from: AWS,
      subject: 'Fwd: Amazon Web Services Password Assistance',
      text: 'Follow the link to choose a new password.',
    },
  ],
  [
    'auth.mfa_recovery',
    {
      from: 'recover-mfa-no-reply@verify.signin.aws',
      subject: 'AWS sign-in help',
      text: 'You said that your device is lost. Go on here.',
    },
  ],
  [
    'auth.mfa_changed',
    {
      from: NOTE,
      subject: 'MFA device removed from your account',
      text: 'A multi-factor authentication device was deactivated.',
    },
  ],
  [
    'auth.identity_center_invite',
    {
      from: 'no-reply@login.awsapps.com',
      subject: 'You have been added to a portal',
      text: 'Accept invitation and choose a password. Your user name is root-acme.',
    },
  ],
  [
    'security.compromise',
    {
      from: NOTE,
      subject: '[Action Required] Irregular activity in your AWS account: 012345678901',
      text: 'Please review your account for unauthorized activity and delete any unauthorized resources.',
    },
  ],
  [
    'security.compromise',
    {
      from: NOTE,
      subject: '[Action Required] Please review your AWS Account and credentials',
      text: 'We believe that an access key has been exposed online.',
    },
  ],
  [
    'security.abuse',
    {
      from: 'AWS Trust and Safety <trustandsafety@support.aws.com>',
      subject: 'RE: Your AWS Abuse Report [10429153877] [AWS ID 012345678901]',
      text: 'We have not heard from you. FINAL NOTIFICATION: reply within 24 hours or we block port 25.',
    },
  ],
  [
    'security.abuse',
    {
      from: 'ec2-abuse@amazon.com',
      subject: 'Your Amazon EC2 Abuse Report 52345678901',
      text: 'We received a report about your instance i-0abcdef12.',
    },
  ],
  [
    'support.case_opened',
    {
      from: AWS,
      subject: '[acme-root] Amazon Web Services: New Support case: 5244329601',
      text: 'Your case was opened.',
    },
  ],
  [
    'support.case_reply',
    {
      from: AWS,
      subject: 'RE: [CASE 11735180201] 인스턴스 접속 문의',
      text: '안녕하세요. 아마존 웹 서비스입니다. 로그를 보내 주시면 확인하겠습니다. 감사합니다.',
    },
  ],
  [
    'support.case_reply',
    {
      from: AWS,
      subject: 'AW: RE:[CASE 176508697500328] Snapshot question',
      text: 'Hi, thank you for the details. I have passed them on to the service team.',
    },
  ],
  [
    'support.case_resolved',
    {
      from: AWS,
      subject: 'RE:[CASE 176508697500328] VPN の件',
      text: '本ケースは解決済みとしてクローズいたしました。',
    },
  ],
  [
    'quota.increase',
    {
      from: AWS,
      subject: 'RE:[CASE 176508697500328] Service quota increase for Lambda',
      text: 'Your quota increase has been approved in Asia Pacific (Tokyo).',
    },
  ],
  [
    'support.survey',
    {
      from: AWS,
      subject: 'Tell us about your AWS Support experience',
      text: 'This survey takes two minutes. How satisfied were you with your support case?',
    },
  ],
  [
    'health.issue',
    {
      from: HEALTH,
      subject: 'AWS_RDS operational issue',
      text: 'AWS Health Event\nWe are investigating increased latencies in EU-CENTRAL-1.',
    },
  ],
  [
    'health.scheduled_change',
    {
      from: HEALTH,
      subject: 'Your Amazon RDS maintenance is scheduled [AWS Account: 012345678901]',
      text: 'We have scheduled maintenance. On 2026-09-10 04:00 UTC your database will be unavailable for some minutes.',
    },
  ],
  [
    'health.scheduled_change',
    {
      from: AWS,
      subject: '[Maintenance] Amazon EC2 reboot',
      text: 'One or more of your instances are scheduled to be rebooted between 2026-09-02 01:00 UTC and 03:00 UTC.',
    },
  ],
  [
    'health.scheduled_change',
    {
      from: HEALTH,
      subject: 'Your AWS CloudShell data is scheduled for deletion on September 12, 2026 [AWS Account: 012345678901]',
      text: 'You have not used AWS CloudShell for more than 100 days.',
    },
  ],
  [
    'health.lifecycle',
    {
      from: HEALTH,
      subject: '[Action Recommended] Amazon EKS 1.31 standard support [AWS Account: 012345678901] [EU-WEST-1]',
      text: 'Kubernetes 1.31 reaches end of standard support on November 26, 2026.',
    },
  ],
  [
    'health.lifecycle',
    {
      from: HEALTH,
      subject: 'Amazon RDS for MySQL 8.0 のサポート終了について',
      text: 'Amazon RDS for MySQL 8.0 は 2026年10月31日にサポートを終了します。アップグレードをお願いいたします。',
    },
  ],
  [
    'aggregated',
    {
      from: 'notifications@aws.com',
      subject: '2 new notifications',
      text: 'Accounts 012345678901, 123456789012: AWS Health events.',
    },
  ],
  [
    'billing.statement',
    {
      from: AWS,
      subject: '[社外] Amazon Web Services Billing Statement Available [Account: 012345678901]',
      text: 'Your statement is available.',
    },
  ],
  ['billing.invoice', { from: 'invoicing@aws.com', subject: 'Invoice Available', text: 'Your invoice is attached.' }],
  [
    'billing.past_due',
    { from: AWS, subject: 'Your AWS account is past due', text: 'We have not received your payment of $35.10.' },
  ],
  [
    'billing.suspension_warning',
    {
      from: AWS,
      subject: 'Immediate action required: your AWS account may be suspended',
      text: 'Your balance of $35.10 is past due. Unless you pay by September 3, 2026 your account will be suspended.',
    },
  ],
  [
    'billing.payment_failed',
    { from: AWS, subject: 'AWS payment declined', text: 'Your card was declined. Please update your payment method.' },
  ],
  [
    'account.suspended',
    {
      from: AWS,
      subject: 'Notice: account suspended',
      text: 'We have suspended your AWS account because of unpaid charges.',
    },
  ],
  [
    'account.reinstated',
    {
      from: AWS,
      subject: 'Your AWS account access is back',
      text: 'Your account has been reactivated. Thank you for your payment.',
    },
  ],
  [
    'account.free_plan_ended',
    { from: NOTE, subject: 'Your AWS free plan ends in 7 days', text: 'Upgrade to a paid plan to keep using AWS.' },
  ],
  [
    'account.closed',
    {
      from: AWS,
      subject: 'AWS account closure confirmation',
      text: 'Your account was closed. It will be permanently closed after 90 days.',
    },
  ],
  [
    'billing.budget_alert',
    {
      from: 'budgets@costalerts.amazonaws.com',
      subject: 'AWS Budgets: prod is forecasted to exceed your alert threshold',
      text: 'Budget Name: prod',
    },
  ],
  [
    'billing.free_tier_alert',
    { from: 'freetier@costalerts.amazonaws.com', subject: 'Usage alert', text: 'Your usage passed 85%.' },
  ],
  [
    'billing.cost_anomaly',
    {
      from: 'anomalydetection@costalerts.amazonaws.com',
      subject: 'Daily summary',
      text: 'One anomaly. Total impact $200.00.',
    },
  ],
  [
    'org.invitation',
    {
      from: AWS,
      subject: 'Invitation to join an AWS organization',
      text: 'Account 999988887777 invites you to its organization. Accept or decline within 15 days.',
    },
  ],
  [
    'org.email_verification',
    {
      from: AWS,
      subject: 'AWS Organizations email verification request',
      text: 'Verify the email address of your management account within 24 hours.',
    },
  ],
  [
    'domain.registrant_verification',
    {
      from: REGISTRAR,
      subject: 'Action required: verification of registrant contact for acme-shop.com',
      text: 'You must verify within 15 days that this address works, otherwise the domain may be suspended.',
    },
  ],
  [
    'domain.registrant_verification',
    {
      from: REGISTRAR,
      subject: '[ACTION REQUIRED] - Verify your domain name registration email address',
      text: 'The following domain names were registered with this contact. Please verify by 2026-09-04:\nacme-shop.co.jp',
    },
  ],
  [
    'health.lifecycle',
    {
      from: HEALTH,
      subject: '[Action may be required] Amazon RDS certificate rotation [AWS Account: 012345678901]',
      text: 'Your instances use a certificate authority that expires on August 22, 2026.',
    },
  ],
  [
    'aws.other',
    {
      from: NOTE,
      subject: 'Your Amazon Web Services account: multi-factor authentication will be required',
      text: 'Starting October 1, 2026, MFA will be required for root users.',
    },
  ],
  [
    'domain.renewal',
    {
      from: REGISTRAR,
      subject: 'acme-shop.com renewal notice',
      text: 'Your domain will be renewed automatically on October 4, 2026.',
    },
  ],
  [
    'domain.suspended',
    {
      from: REGISTRAR,
      subject: 'acme-shop.com suspended',
      text: 'The domain acme-shop.com is suspended and will stop resolving.',
    },
  ],
  [
    'cert.validation',
    {
      from: NOTE,
      subject: 'Certificate request for *.acme-shop.com',
      text: 'Amazon received a request to issue an SSL/TLS certificate. Please approve it.',
    },
  ],
  [
    'ses.identity_verification',
    {
      from: AWS,
      subject: 'Amazon SES Address Verification Request in region Asia Pacific (Tokyo)',
      text: 'Confirm that this address may be used.',
    },
  ],
  [
    'sns.subscription_confirmation',
    {
      from: 'no-reply@sns.amazonaws.com',
      subject: 'AWS Notification - Subscription Confirmation',
      text: 'You have chosen to subscribe to the topic: arn:aws:sns:eu-west-1:012345678901:ops',
    },
  ],
  ['sns.notification', { from: 'no-reply@sns.amazonaws.com', subject: 'Deploy finished', text: 'Build 12 is done.' }],
  [
    'marketplace.offer',
    {
      from: 'marketplace@aws.com',
      subject: 'You received a private offer in AWS Marketplace',
      text: 'Offer ID: offer-1',
    },
  ],
  [
    'marketplace.subscription',
    {
      from: 'no-reply@marketplace.aws',
      subject: 'Subscription update',
      text: 'Your AWS Marketplace subscription to Sample DB was renewed.',
    },
  ],
  [
    'marketing.event',
    { from: 'aws-marketing-email-replies@amazon.com', subject: 'Tokyo Summit: register now', text: 'Join us.' },
  ],
  ['account.ready', { from: AWS, subject: 'Your AWS Account is Ready - Get Started Now', text: 'Hello' }],
  ['account.welcome', { from: AWS, subject: 'Welcome to Amazon Web Services', text: 'Hello' }],
  [
    'account_team.human',
    { from: 'John Doe <jdoe@amazon.com>', subject: 'Re: EDP renewal', text: 'Hi Hanako, shall we talk on Thursday?' },
  ],
  [
    'aws.other',
    {
      from: 'no-reply@brand-new.aws.com',
      subject: 'Your instance is scheduled for retirement',
      text: 'EC2 has detected degradation of the underlying hardware.',
    },
  ],
];

test('a mail that asks whether the matter is solved does not end it', async () => {
  const understood = await read({
    from: AWS,
    subject: 'RE:[CASE 176508697500328] VPN',
    text: 'Hi, please let us know whether your issue has been resolved, so that we can go on.',
  });
  expect([understood.kind, understood.resolves, understood.actionRequired]).toEqual([
    'support.case_reply',
    false,
    true,
  ]);
});

test.each(cases)('%s: %#', async (kind, mail) => {
  const { kind: understood, reasons } = await read(mail);
  expect(`${understood} ${understood === kind ? '' : reasons.map((one) => one.text).join(' ')}`.trim()).toBe(kind);
});

const others: [string, Written][] = [
  [
    'nonaws.customer_human',
    {
      from: 'Ken <ken@acme.example>',
      subject: 'Re: RE:[CASE 176508697500328] VPN',
      text: 'We restarted the tunnel, it works now.',
      headers: { 'In-Reply-To': '<a@email.amazonses.com>' },
    },
  ],
  [
    'nonaws.customer_human',
    {
      from: 'Ken <ken@acme.example>',
      subject: 'AWS invoice question',
      text: 'Hi, our AWS account invoice of July looks high: https://console.aws.amazon.com/billing/ Can you check the payment method?',
    },
  ],
  [
    'nonaws.auto_reply',
    {
      from: 'ken@acme.example',
      subject: '不在のお知らせ',
      text: '休暇中です。',
      headers: { 'Auto-Submitted': 'auto-replied; owner-email=ken' },
    },
  ],
  [
    'nonaws.auto_reply',
    {
      from: 'ken@acme.example',
      subject: 'Out of office: Ken',
      text: 'I am on vacation until Monday.',
      headers: { 'X-Auto-Response-Suppress': 'All' },
    },
  ],
  [
    'nonaws.forwarded',
    {
      from: 'ken@acme.example',
      subject: '転送: お支払いの確認',
      text: 'これは本物ですか?\n\n---------- Forwarded message ---------\nFrom: no-reply-aws@amazon.com',
    },
  ],
  [
    'nonaws.vendor_marketing',
    {
      from: 'sales@cost-tool.example',
      subject: 'Save up to 40% on your AWS bill',
      text: 'Free trial! Unsubscribe at any time.',
      headers: { 'List-Unsubscribe': '<mailto:u@cost-tool.example>' },
    },
  ],
  [
    'nonaws.list_digest',
    {
      from: 'ops-request@lists.example',
      subject: 'Ops Digest, Vol 3',
      text: "Today's Topics:\n1. Backups",
      headers: { 'List-Id': 'Ops <ops.lists.example>' },
    },
  ],
  [
    'nonaws.cron',
    { from: 'Cron Daemon <root@web1.acme.example>', subject: 'Cron <root@web1> run-parts /etc/cron.daily', text: 'ok' },
  ],
  [
    'nonaws.amazon_retail',
    {
      from: 'Amazon.co.jp <auto-confirm@amazon.co.jp>',
      subject: 'ご注文の確認',
      text: 'ご注文ありがとうございます。',
      signedBy: 'amazon.co.jp',
    },
  ],
  [
    'nonaws.amazon_retail',
    {
      from: 'Amazon <account-update@amazon.com>',
      subject: 'AMAZON SECURITY ALERT: Sign-In detected',
      text: 'Someone signed in to your Amazon account.',
      signedBy: 'amazon.com',
    },
  ],
];
test('an answer above a quoted original is no forward', async () => {
  const understood = await read({
    from: 'Ken <ken@acme.example>',
    subject: 'RE: Invoice',
    text: 'Thanks, paid.\n\n-----Original Message-----\nFrom: Desk',
  });
  expect(understood.kind).toBe('nonaws.customer_human');
});

test.each(others)('%s: not AWS %#', async (kind, mail) => {
  const { kind: understood, reasons } = await read(mail);
  expect(`${understood} ${understood === kind ? '' : reasons.map((one) => one.text).join(' ')}`.trim()).toBe(kind);
});
