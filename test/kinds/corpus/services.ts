import { letter, plain } from './layouts.ts';
import type { CorpusMail } from './mail.ts';

const AWS = 'Amazon Web Services <no-reply-aws@amazon.com>';
const SNS = 'AWS Notifications <no-reply@sns.amazonaws.com>';

export const services: CorpusMail[] = [
  {
    id: 'welcome',
    from: AWS,
    subject: 'Welcome to Amazon Web Services',
    html: letter(
      'Thank you for creating an AWS account. Here is how to get started: tutorials, documentation and training.',
    ),
    expect: { is: 'drop account.welcome' },
  },
  {
    id: 'ready',
    from: AWS,
    subject: 'Your AWS Account is Ready - Get Started Now',
    html: letter('Your account has been activated and you can launch your first service now.'),
    expect: { is: 'drop account.ready' },
  },
  {
    id: 'org-verify',
    from: AWS,
    subject: 'Verify your email address for AWS Organizations',
    to: 'globex',
    html: letter(
      'You created an organization from management account 777788889999. Verify the address within 24 hours: <a href="https://console.aws.amazon.com/organizations/v2/verify?token=ORGFAKE5566">Verify your email address</a>',
    ),
    expect: { is: 'open org.email_verification', hide: ['ORGFAKE5566'] },
  },
  {
    id: 'org-invite',
    from: AWS,
    subject: 'Your AWS account has been invited to join an AWS organization',
    to: 'initech',
    html: letter(
      'The owner of the management account 999900001111 (boss@holding.example) has invited your account 210987654321 to join organization o-zyx9876543.\n\nNote of the inviter: please accept fast!\n\nThe invitation expires in 15 days. Sign in to accept: https://console.aws.amazon.com/organizations/',
    ),
    expect: { is: 'open org.invitation', urgency: 'high', facts: { organizationId: 'o-zyx9876543' } },
  },
  {
    id: 'registrant',
    from: 'Amazon Registrar <noreply@registrar.amazon>',
    subject: 'Verify your email address for acme-shop.com',
    at: '2026-09-08T00:00:00Z',
    html: letter(
      'You are the registrant of acme-shop.com. Under ICANN rules you must verify this address by September 23, 2026, or the domain will be suspended: https://domains.registrar.amazon/verify?auth=DOMFAKE0101',
    ),
    expect: {
      is: 'open domain.registrant_verification',
      hide: ['DOMFAKE0101'],
      facts: { domain: 'acme-shop.com' },
      due: '2026-09-23 respond',
    },
  },
  {
    id: 'domain-renew',
    from: 'Amazon Registrar <noreply@registrar.amazon>',
    at: '2026-10-20T00:00:00Z',
    subject: 'Your domain globex.dev will expire soon',
    to: 'globex',
    text: plain(
      'The domain globex.dev, registered with Amazon Route 53, expires on November 20, 2026. Auto-renew is off. Renew it in the Route 53 console.',
    ),
    expect: { is: 'open domain.renewal', facts: { domain: 'globex.dev' }, due: '2026-11-20 awsActs' },
  },
  {
    id: 'domain-renewed',
    from: 'noreply@registrar.amazon',
    subject: 'Renewal of initech.io was successful',
    to: 'initech',
    text: plain('We renewed the registration of initech.io for one more year.'),
    expect: { is: 'open domain.renewal', facts: { domain: 'initech.io' } },
  },
  {
    id: 'domain-suspended',
    from: 'Amazon Registrar <noreply@registrar.amazon.com>',
    subject: 'acme-old.net has been suspended',
    to: 'acme:1',
    text: plain(
      'We suspended the domain acme-old.net because the e-mail address of the registrant contact was not verified. To unsuspend it, verify the address in the Route 53 console.',
    ),
    expect: { is: 'open domain.suspended', facts: { domain: 'acme-old.net' }, urgency: 'high' },
  },
  {
    id: 'acm',
    from: 'Amazon Certificates <no-reply@certificates.amazon.com>',
    subject: 'Certificate approval for www.globex.example',
    to: 'globex',
    text: plain(
      'Greetings from Amazon Web Services,\n\nWe received a request to issue an SSL/TLS certificate for www.globex.example.\n\nVerify that the following domain, AWS account ID, and certificate identifier correspond to a request from you or someone in your organization.\n\nDomain: www.globex.example\nAWS account ID: 7777-8888-9999\nAWS Region name: us-east-1\nCertificate Identifier: aaaabbbb-1111-2222-3333-ccccddddeeee\n\nTo approve this request, go to Amazon Certificate Approvals (https://us-east-1.acm-certificates.amazon.com/approvals?code=ACMFAKE-7788-aaaa&context=xyzFAKE)',
    ),
    expect: {
      is: 'open cert.validation',
      hide: ['ACMFAKE-7788-aaaa', 'xyzFAKE'],
      facts: { domain: 'www.globex.example', accountIds: ['777788889999'] },
    },
  },
  {
    id: 'ses-verify',
    from: AWS,
    subject: 'Amazon Web Services – Email Address Verification Request in region US East (N. Virginia)',
    wire: 'qp',
    text: plain(
      'Dear Amazon Web Services Customer,\n\nWe have received a request to authorize this email address for use with Amazon SES and Amazon Pinpoint in region US East (N. Virginia). If you requested this verification, please go to the following URL to confirm that you are authorized to use this email address:\n\nhttps://email-verification.us-east-1.amazonaws.com/?Context=111122223333&X-Amz-Algorithm=AWS4-HMAC-SHA256&Identity.IdentityName=aws-root%40acme.example&X-Amz-Signature=sesfakesignature0123456789abcdef\n\nYour request will not be processed unless you confirm the address using this URL. This link expires 24 hours after your original verification request.',
    ),
    expect: {
      is: 'open ses.identity_verification',
      hide: ['sesfakesignature0123456789abcdef'],
      facts: { regions: ['us-east-1'] },
    },
  },
  {
    id: 'ses-review',
    from: AWS,
    subject: 'Your Amazon SES account is under review in EU (Ireland)',
    to: 'globex',
    text: plain(
      'Hello,\n\nWe placed your Amazon SES account (AWS account 777788889999) under review because of a bounce rate of 8.1% in eu-west-1. Please fix this, or we may pause sending after October 30, 2026.',
    ),
    expect: { is: 'open ses.review', or: ['ses.paused'], urgency: 'high', facts: { regions: ['eu-west-1'] } },
  },
  {
    id: 'ses-paused',
    from: AWS,
    subject: 'RE:[CASE 176877777700008] Amazon SES sending has been paused',
    to: 'initech',
    text: plain(
      'Hello,\n\nWe have paused your ability to send email with Amazon SES in ap-southeast-2 because the complaint rate of account 210987654321 is too high. Reply to the case to ask for a review.',
    ),
    expect: { is: 'open ses.paused', or: ['ses.review'], urgency: 'high' },
  },
  {
    id: 'sns-confirm',
    from: SNS,
    subject: 'AWS Notification - Subscription Confirmation',
    at: '2026-09-08T03:00:00Z',
    text: 'You have chosen to subscribe to the topic:\narn:aws:sns:eu-west-1:111122223333:ops-alerts\n\nTo confirm this subscription, click or visit the link below (If this was in error no action is necessary):\nhttps://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn=arn:aws:sns:eu-west-1:111122223333:ops-alerts&Token=2336412f37fbFAKE687f5d51e6e2425c2&Endpoint=aws-root@acme.example\n',
    expect: {
      is: 'open sns.subscription_confirmation',
      hide: ['2336412f37fbFAKE687f5d51e6e2425c2'],
      facts: { topicArn: 'arn:aws:sns:eu-west-1:111122223333:ops-alerts' },
    },
  },
  {
    id: 'sns-alarm',
    from: 'alerts <no-reply@sns.amazonaws.com>',
    subject: 'ALARM: "cpu-high" in EU (Ireland)',
    to: 'globex',
    text: 'You are receiving this email because your Amazon CloudWatch Alarm "cpu-high" in the EU (Ireland) region has entered the ALARM state.\n\nAlarm Arn: arn:aws:cloudwatch:eu-west-1:777788889999:alarm:cpu-high\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\nhttps://sns.eu-west-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:eu-west-1:777788889999:ops:1111fake-2222-3333-4444-555566667777&Endpoint=cloud@globex.example',
    expect: { is: 'open sns.notification' },
  },
  {
    id: 'sns-free-text',
    from: 'Backups <no-reply@sns.amazonaws.com>',
    subject: 'Nightly job finished with 2 errors',
    to: 'initech',
    text: 'job=backup status=2\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\nhttps://sns.ap-southeast-2.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:ap-southeast-2:210987654321:backups:9999',
    expect: { is: 'open sns.notification' },
  },
  {
    id: 'mp-sub',
    from: 'AWS Marketplace <no-reply@marketplace.aws>',
    subject: 'Your AWS Marketplace subscription for Example Firewall',
    to: 'globex',
    html: letter('You subscribed to Example Firewall with account 777788889999. Your subscription is active.'),
    expect: { is: 'open marketplace.subscription' },
  },
  {
    id: 'mp-offer',
    from: 'marketplace@aws.com',
    subject: 'You accepted an AWS Marketplace offer',
    to: 'globex',
    html: letter('You accepted private offer offer-abc123fake from Example Vendor. Total contract value: $12,000.00.'),
    expect: { is: 'open marketplace.offer' },
  },
  {
    id: 'newsletter',
    from: 'Amazon Web Services <aws-marketing-email-replies@amazon.com>',
    subject: 'AWS Cloud Newsletter | October 2026',
    html: letter('This month: new launches, customer stories and hands-on labs.\n\nUnsubscribe | Manage preferences'),
    expect: { is: 'drop marketing.newsletter', or: ['marketing.event'] },
  },
  {
    id: 'event',
    from: 'AWS Events <aws-marketing-email-replies@amazon.com>',
    subject: 'Register now: AWS re:Invent 2026, November 30 - December 4',
    html: letter(
      'Join us in Las Vegas. Sessions, keynotes, expo. Save your seat today.\n\nIf you no longer wish to receive these emails, unsubscribe.',
    ),
    expect: { is: 'drop marketing.event', or: ['marketing.newsletter'] },
  },
  {
    id: 'webinar-ja',
    from: 'アマゾン ウェブ サービス ジャパン <aws-marketing-email-replies@amazon.com>',
    subject: '【10/15開催】AWS オンラインセミナーのご案内',
    to: 'sakura',
    wire: 'iso-2022-jp',
    text: 'AWS Black Belt オンラインセミナーを開催いたします。お申し込みはこちらから。\n\n配信停止はこちら',
    expect: { is: 'drop marketing.event', or: ['marketing.newsletter'] },
  },
  {
    id: 'other-aws',
    from: 'AWS Ground Station <ground-station@amazonaws.com>',
    subject: 'Your antenna contact was rescheduled',
    to: 'initech',
    text: 'The contact of satellite 42 moved to another antenna.',
    expect: { is: 'open aws.other', or: ['account.service_notice'] },
  },
  {
    id: 'other-dot-aws',
    from: 'AWS Builder Center <hello@builder.aws>',
    subject: 'Your builder profile needs a review',
    to: 'initech',
    text: 'Please review your profile.',
    expect: { is: 'open aws.other' },
  },
];
