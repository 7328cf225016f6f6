import { caseMail, letter, notice, plain, rows } from './layouts.ts';
import type { CorpusMail } from './mail.ts';

/** Longer letters in the tone of AWS, written apart from the rules; they were mended by it since. */
const AWS = 'Amazon Web Services <no-reply-aws@amazon.com>';
const GENERAL = 'Amazon Web Services <no-reply@amazonaws.com>';

export const heldOutLast: CorpusMail[] = [
  {
    id: 'l-signup',
    from: 'Amazon Web Services <no-reply@signup.aws>',
    subject: 'AWS Email Verification',
    at: '2026-09-01T10:00:00Z',
    html: letter(
      "Verify your email address\n\nThanks for starting the new AWS account creation process. We want to make sure it's really you. Please enter the following verification code when prompted. If you don’t want to create an account, you can ignore this message.\n\nVerification code\n\n<b>６１２０４７</b>\n\n(This code is valid for 10 minutes)\n\nAmazon Web Services will never email you and ask you to disclose or verify your password, credit card, or banking account number.",
    ),
    expect: { is: 'open auth.signup_otp', hide: ['６１２０４７', '612047'] },
  },
  {
    id: 'l-mfa-reset',
    from: 'recover-mfa-no-reply@verify.signin.aws',
    subject: 'Verify your email address to recover access',
    at: '2026-09-02T10:00:00Z',
    html: letter(
      'Hello,\n\nWe received your request to sign in without your MFA device. To verify ownership of this email address, choose Verify your email address.\n\n<a href="https://us-east-1.signin.aws.amazon.com/resetmfa?token=LFAKE00112233">Verify your email address</a>\n\nThis link expires in 15 minutes.',
    ),
    expect: { is: 'open auth.mfa_recovery', hide: ['LFAKE00112233'], urgency: 'critical' },
  },
  {
    id: 'l-comp',
    from: 'Amazon Web Services, Inc. <no-reply@amazonaws.com>',
    subject: '[Action Required] Suspicious activity in your AWS account [012345678901]',
    at: '2026-09-03T10:00:00Z',
    text: plain(
      'Dear AWS Customer,\n\nWe are contacting you because we have identified activity in your AWS account that indicates that an unauthorized party may have gained access to it. The following resources were created in regions that you do not normally use:\n\n- sa-east-1: i-0123456789aaaaaaa\n- ap-south-1: i-0123456789bbbbbbb\n\nPlease complete the following steps as soon as possible, and respond to the associated support case by 09/08/2026.\n\nStep 1: Change your root password\nStep 2: Rotate all access keys\n\nIf we do not receive your response, we may suspend your account to protect you from charges.',
    ),
    expect: {
      is: 'open security.compromise',
      due: 'none',
      urgency: 'critical',
      thread: 'l-comp',
      facts: { accountIds: ['012345678901'], regions: ['sa-east-1', 'ap-south-1'] },
    },
  },
  {
    id: 'l-comp-case',
    from: AWS,
    subject: 'Amazon Web Services: New Support case: 177400000000001',
    at: '2026-09-03T10:10:00Z',
    to: 'acme:1',
    text: caseMail(
      '177400000000001',
      'Case ID: 177400000000001\nSubject: [Action Required] Suspicious activity in your AWS account [012345678901]\nAccount ID: 012345678901\nSeverity: Urgent',
    ),
    expect: { is: 'append support.case_opened', or: ['security.compromise'], thread: 'l-comp' },
  },
  {
    id: 'l-abuse',
    from: 'AWS Trust and Safety <trustandsafety@support.aws.com>',
    subject: 'Your AWS Abuse Report [10700700700] [AWS ID 210987654321]',
    to: 'initech',
    at: '2026-09-04T10:00:00Z',
    text: "Hello,\n\nWe've received a report(s) that your AWS resource(s)\n\nAWS ID: 210987654321 Region: ap-southeast-2 EC2 Instance Id: i-0a0a0a0a0a0a0a0a0 [198.51.100.99]\n\nhas been implicated in activity which resembles a Denial of Service attack against remote hosts; please review the information provided below about the activity.\n\nPlease take action to stop the reported activity and reply directly to this email with details of the corrective actions you have taken. If you do not consider the activity described in these reports to be abusive, please reply to this email with details of your use case.\n\nIf you're unaware of this activity, it's possible that your environment has been compromised by an external attacker, or a vulnerability is allowing your machine to be used in a way that it was not intended.\n\nIf you do not reply within 24 hours, we may suspend your resources.",
    expect: {
      is: 'open security.abuse',
      due: '2026-09-05 respond',
      facts: { resources: ['i-0a0a0a0a0a0a0a0a0'], accountIds: ['210987654321'] },
    },
  },
  {
    id: 'l-case',
    from: AWS,
    subject: 'RE:[CASE 177400000000002] VPN tunnel flapping every hour',
    to: 'globex',
    at: '2026-09-05T10:00:00Z',
    text: caseMail(
      '177400000000002',
      'Hello Mia,\n\nThank you for contacting AWS Premium Support. My name is Ben and I will be assisting you today.\n\nFrom the case description I understand that the VPN connection vpn-0aaa1111bbbb2222c in eu-central-1 goes down every hour. I have reviewed the logs on our side and the rekey fails since your device proposes only SHA-1.\n\nPlease check the phase 2 proposal of the customer gateway. I will set the case to Pending Customer Action in the meantime.\n\nBest regards,\nBen',
    ),
    expect: {
      is: 'open support.case_reply',
      facts: { caseId: '177400000000002', resources: ['vpn-0aaa1111bbbb2222c'] },
    },
  },
  {
    id: 'l-retire',
    from: 'health@aws.com',
    subject: '[Retirement Notification] Amazon EC2 Instance scheduled for retirement',
    to: 'globex',
    at: '2026-09-06T10:00:00Z',
    html: notice(
      '[Retirement Notification] Amazon EC2 Instance scheduled for retirement',
      `Hello,\n\nEC2 has detected degradation of the underlying hardware hosting your Amazon EC2 instance (instance-ID: i-0ccccccccccccccc1) associated with your AWS account (AWS Account ID: 700000000007) in the us-west-1 region. Due to this degradation your instance could already be unreachable. We will stop your instance after 2026-09-20 16:00:00 UTC.\n\nYou can find more information about maintenance events scheduled for your EC2 instances in the AWS Management Console https://us-west-1.console.aws.amazon.com/ec2/v2/home?region=us-west-1#Events\n\n* What will happen to my instance?\nYour instance will be stopped after the specified retirement date. You can start it again at any time after it's stopped.\n\n* What do I need to do?\nYou may still be able to access the instance. We recommend that you replace the instance by creating an AMI of your instance and launch a new instance from the AMI.`,
    ),
    expect: { is: 'open health.scheduled_change', due: '2026-09-20 awsActs' },
  },
  {
    id: 'l-eks',
    from: 'health@aws.com',
    subject:
      '[Action Required] Amazon EKS Kubernetes version 1.32 end of extended support [AWS Account: 111122223333] [US-EAST-2]',
    at: '2026-09-07T10:00:00Z',
    html: notice(
      'EKS end of extended support',
      'You are receiving this message because you currently have one or more Amazon EKS clusters running Kubernetes version 1.32.\n\nAmazon EKS will end extended support for Kubernetes version 1.32 on March 23, 2027 [1]. After this date, Amazon EKS automatically upgrades the control plane of your clusters to the oldest supported version.\n\nWe recommend that you update your clusters before the end of extended support.\n\nIf you have questions, reach out to AWS Support.\n\n[1] https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html',
    ),
    expect: {
      is: 'open health.lifecycle',
      due: '2027-03-23 awsActs',
      facts: { regions: ['us-east-2'], accountIds: ['111122223333'] },
    },
  },
  {
    id: 'l-issue',
    from: 'health@aws.com',
    subject: 'Increased Connectivity Issues and API Error Rates',
    to: 'sakura',
    at: '2026-09-08T10:00:00Z',
    html: notice(
      'Increased Connectivity Issues and API Error Rates',
      '[02:14 AM PDT] We can confirm elevated API error rates for multiple AWS services in the AP-NORTHEAST-1 Region. We have identified a potential root cause and are working on multiple parallel paths to accelerate recovery. We will provide another update within 45 minutes or sooner.',
    ),
    expect: { is: 'open health.issue', due: 'none', urgency: 'high' },
  },
  {
    id: 'l-statement',
    from: AWS,
    subject: 'Amazon Web Services Billing Statement Available [Account: 210987654321]',
    to: 'initech',
    at: '2026-10-03T10:00:00Z',
    html: letter(
      'Greetings from Amazon Web Services,\n\nThis e-mail confirms that your latest billing statement, for the account ending in ****4321, is available on the AWS web site. Your account will be charged the following:\n\nTotal in AUD: $1,034.50*\n\nYou can see a complete break down of all charges on the Billing & Cost Management page located here:\nhttps://console.aws.amazon.com/billing/home#/bills?year=2026&month=9\n\n*Converted with the exchange rate of the day. To reduce the time, please do not reply to this message; this e-mail was sent from an address that cannot accept incoming e-mail.\n\nThank you for using Amazon Web Services.',
    ),
    expect: {
      is: 'open billing.statement',
      facts: { amount: '1034.50', currency: 'AUD', accountIds: ['210987654321'] },
    },
  },
  {
    id: 'l-pastdue',
    from: 'Amazon Web Services <aws-receivables-support@email.amazon.com>',
    subject: 'Action Required – Your AWS account is past due',
    to: 'globex',
    at: '2026-10-06T10:00:00Z',
    html: letter(
      'Dear Customer,\n\nWe want to inform you that your AWS account 777788889999 is past due for charges in September 2026.\n\nYour payment method, VISA ending in 1881, could not be charged. The outstanding amount is $2,048.00. To avoid interruption of your services, update your payment method and retry the payment on the Payments page of the Billing console.\n\nIf you have already paid, please disregard this notice.',
    ),
    expect: {
      is: 'open billing.past_due',
      or: ['billing.payment_failed'],
      hide: ['1881'],
      facts: { amount: '2048.00' },
      thread: 'l-due',
    },
  },
  {
    id: 'l-suspendwarn',
    from: 'Amazon Web Services <aws-receivables-support@email.amazon.com>',
    subject: 'Immediate Action Required – Your AWS account may be suspended',
    to: 'globex',
    at: '2026-10-29T10:00:00Z',
    html: letter(
      'Dear Customer,\n\nYour AWS account 777788889999 remains past due for charges in September 2026 in the amount of $2,048.00. Unless the balance is paid in full on or before November 1, 2026, your account may be suspended and you lose access to all resources.',
    ),
    expect: {
      is: 'append billing.suspension_warning',
      thread: 'l-due',
      due: '2026-11-01 respond',
      urgency: 'critical',
    },
  },
  {
    id: 'l-suspended',
    from: 'aws-account-notifications@amazon.com',
    subject: 'Your AWS account has been suspended',
    to: 'globex',
    at: '2026-11-03T10:00:00Z',
    html: letter(
      'Dear Customer,\n\nYour AWS account 777788889999 has been suspended due to non-payment of charges for September 2026. The total amount due is $2,048.00. You have 30 days to pay; otherwise the account will be closed permanently.',
    ),
    expect: { is: 'append account.suspended', thread: 'l-due', urgency: 'critical' },
  },
  {
    id: 'l-budget',
    from: 'budgets@costalerts.amazonaws.com',
    subject: 'AWS Budgets: My Monthly Cost Budget has exceeded your alert threshold',
    at: '2026-10-10T10:00:00Z',
    html: letter(
      `AWS Budget Notification\n\nDear AWS Customer,\n\nYou requested that we alert you when the FORECASTED Cost associated with your My Monthly Cost Budget budget is greater than $10.00 for the current month.\n\n${rows(
        [
          ['Budget Name', 'My Monthly Cost Budget'],
          ['Budget Type', 'Cost'],
          ['Budgeted Amount', '$10.00'],
          ['Alert Type', 'FORECASTED'],
          ['FORECASTED Amount', '$41.77'],
        ],
      )}`,
    ),
    expect: { is: 'open billing.budget_alert', facts: { budget: 'My Monthly Cost Budget' } },
  },
  {
    id: 'l-org',
    from: AWS,
    subject: 'Your AWS account has been invited to join an AWS organization',
    to: 'globex',
    at: '2026-10-11T10:00:00Z',
    html: letter(
      'Hello,\n\nThe following AWS account has invited your AWS account to join their organization:\n\nName: Holding\nAccount number: 9999-0000-1111\nOrganization ID: o-holding123\n\nMessage: click http://evil.example now\n\nTo respond, sign in to the AWS Organizations console. This invitation expires on October 26, 2026.',
    ),
    expect: { is: 'open org.invitation', facts: { organizationId: 'o-holding123' }, due: '2026-10-26 respond' },
  },
  {
    id: 'l-registrant',
    from: 'Amazon Registrar <noreply@registrar.amazon>',
    subject: 'Action required: please verify the email address for your domain',
    at: '2026-10-12T10:00:00Z',
    html: letter(
      'Dear registrant,\n\nYou recently registered, transferred or updated the contact information for one or more domains:\n\nacme-labs.com\n\nICANN requires that we verify your email address. Please do this within 15 days by choosing the link: https://registrar.amazon.com/email-verification?code=LREGFAKE777\n\nIf you do not verify your address, we are required to suspend the domain.',
    ),
    expect: {
      is: 'open domain.registrant_verification',
      hide: ['LREGFAKE777'],
      facts: { domain: 'acme-labs.com' },
      due: '2026-10-27 respond',
    },
  },
  {
    id: 'l-ses-review',
    from: AWS,
    subject: 'RE:[CASE 177400000000003] Amazon SES Sending Review for AWS Account 210987654321',
    to: 'initech',
    at: '2026-10-13T10:00:00Z',
    text: caseMail(
      '177400000000003',
      'Hello,\n\nWe are reviewing your Amazon SES account in the US East (Ohio) region because the bounce rate reached 12.4%. Reply to this message with your plan until October 27, 2026. If the issue remains, we may pause your ability to send email.',
    ),
    expect: { is: 'open ses.review', or: ['ses.paused', 'support.case_reply'], due: '2026-10-27 respond' },
  },
  {
    id: 'l-tax-ja',
    from: 'Amazon Web Services <invoicing@aws.com>',
    to: 'sakura',
    subject: '[AWS] 2026年9月分 適格請求書発行のお知らせ (アカウント: 555566667777)',
    wire: 'base64',
    at: '2026-10-04T10:00:00Z',
    text: 'お客様各位\n\n平素よりアマゾン ウェブ サービスをご利用いただき、誠にありがとうございます。\n2026年9月分の適格請求書を発行いたしましたので、添付の PDF をご確認ください。\n\n請求書番号: JPIN26-555123\n合計金額 (税込): ¥110,000\n\n本メールは送信専用です。',
    attach: [{ name: 'JPIN26-555123.pdf', type: 'application/pdf', content: '%PDF' }],
    expect: {
      is: 'open billing.tax_invoice',
      facts: { invoiceId: 'JPIN26-555123', amount: '110000', currency: 'JPY' },
    },
  },
  {
    id: 'l-pastdue-ja',
    from: 'アマゾン ウェブ サービス <no-reply-aws@amazon.com>',
    to: 'sakura',
    subject: '【要対応】AWS アカウントのお支払い期限超過のお知らせ',
    wire: 'base64',
    at: '2026-10-14T10:00:00Z',
    text: 'お客様\n\nAWS アカウント 000123456789 の 2026 年 9 月分のご利用料金 ¥5,500 のお支払いが期限を過ぎても確認できておりません。\n2026年10月21日までに、請求コンソールよりお支払いをお願いいたします。\n\nアマゾン ウェブ サービス ジャパン合同会社',
    expect: { is: 'open billing.past_due', due: '2026-10-21 respond', facts: { amount: '5500', currency: 'JPY' } },
  },
  {
    id: 'l-dx-ja',
    from: 'health@aws.com',
    to: 'sakura',
    subject: '[予定されたメンテナンス] AWS Direct Connect のメンテナンス通知 [AWS アカウント: 555566667777]',
    wire: 'base64',
    at: '2026-10-15T10:00:00Z',
    html: notice(
      'AWS Direct Connect メンテナンス',
      'AWS Direct Connect エンドポイントの計画メンテナンスを以下の日時に実施いたします。\n\n開始: 2026年10月29日 01:00 JST\n終了: 2026年10月29日 05:00 JST\n\n対象: dxcon-ja12ja34',
    ),
    expect: { is: 'open health.scheduled_change', due: '2026-10-29 awsActs', facts: { resources: ['dxcon-ja12ja34'] } },
  },
  {
    id: 'l-price',
    from: GENERAL,
    subject: 'Important information about your use of Amazon CloudWatch',
    to: 'initech',
    at: '2026-10-16T10:00:00Z',
    html: letter(
      'Hello,\n\nWe are writing to let you know that on December 1, 2026 the default retention of some metrics changes from 15 to 18 months. There is no action needed from you.\n\nSincerely,\nThe Amazon CloudWatch Team',
    ),
    expect: { is: 'open account.service_notice' },
  },
  {
    id: 'l-human',
    from: 'Sven <sven@initech.example>',
    to: 'initech',
    subject: 'AW: AWS Budget',
    at: '2026-10-17T10:00:00Z',
    text: 'Hallo,\n\ndas Budget bitte auf 3.000 EUR erhöhen. Mein Passwort für das Konto lautet: Geheim-FAKE-99!\n\nGruß Sven',
    expect: { is: 'open nonaws.customer_human', hide: ['Geheim-FAKE-99'] },
  },
  {
    id: 'l-p-invoice',
    from: 'Amazon Web Services, Inc. <no-reply@billing-awscloud.example>',
    subject: 'Your AWS Invoice is overdue',
    at: '2026-10-18T10:00:00Z',
    html: letter(
      'Dear Amazon Web Services Customer,\n\nYour invoice for September 2026 in the amount of $18.60 is overdue. To avoid suspension, <a href="https://billing-awscloud.example/invoice">view and pay your invoice</a>.',
    ),
    expect: { is: 'quarantine phish.' },
  },
  {
    id: 'l-p-iam',
    from: 'Security Notification <security@cloudmail.example>',
    subject: 'Your AWS IAM credentials will expire in 24 hours',
    at: '2026-10-19T10:00:00Z',
    html: letter(
      'Dear user,\n\nas part of the mandatory rotation your AWS IAM access keys expire in 24 hours. Log in here to keep your access: <a href="https://cloudmail.example/console.aws.amazon.com/signin">https://console.aws.amazon.com</a>',
    ),
    expect: { is: 'quarantine phish.' },
  },
];
