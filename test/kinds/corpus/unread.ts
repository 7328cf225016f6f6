import { caseMail, letter, notice, plain, rows } from './layouts.ts';
import type { CorpusMail } from './mail.ts';
import { unreadLures } from './unreadLures.ts';
import { unreadPeople } from './unreadPeople.ts';

const AWS = 'Amazon Web Services <no-reply-aws@amazon.com>';
const HEALTH = 'AWS Health <health@aws.com>';
const NOTICE = 'Amazon Web Services <no-reply@amazonaws.com>';
const BILLS = 'AWS Billing <invoicing@aws.com>';
const DUNNING = 'Amazon Web Services <aws-receivables-support@email.amazon.com>';

/**
 * Written before the rules were looked at, in layouts and words of their own: what AWS sends. At the first reading of this
 * stream the outcome was right in 92 %, the kind in 92 %, threads in 99 %; of 39 lures 29 were held, 9 were in tickets
 * and one was dropped; of 22 people none was held.
 */
const genuine: CorpusMail[] = [
  {
    id: 'x-otp-ja',
    to: 'sakura',
    from: 'no-reply <no-reply@signin.aws>',
    subject: 'ご本人確認をお願いします',
    html: letter(
      'ルートユーザーのサインインを続けるには、次の番号を画面に入れてください。\n\n<b>048 213</b>\n\nこの番号は10分で使えなくなります。お心当たりがなければパスワードを変更してください。',
    ),
    wire: 'base64',
    expect: { is: 'open auth.signin_otp', lang: 'ja', hide: ['048213', '048 213'] },
  },
  {
    id: 'x-signup',
    from: 'Amazon Web Services <no-reply@signup.aws>',
    subject: 'Your AWS verification code',
    html: letter(
      'Thanks for starting a new AWS account. We want to make sure it is really you. Type this in when the page asks for it:',
    ).replace('</table>', `</table>${rows([['Code', '<span>5</span><span>90</span><span>122</span>']])}`),
    expect: { is: 'open auth.signup_otp', hide: ['590122'] },
  },
  {
    id: 'x-reset',
    to: 'globex',
    from: 'Amazon Web Services <no-reply@verify.signin.aws>',
    subject: 'Amazon Web Services Password Assistance',
    text: plain(
      'Greetings,\n\nsomebody, hopefully you, asked for a new root password. To choose one, go here:\n\nhttps://signin.aws.amazon.com/resetpassword?type=RootUser&token=ZmFrZS10b2tlbi1mb3ItYS10ZXN0&key=0f9d81aa\n\nIf this was not you there is nothing to do.',
    ),
    wire: 'qp',
    expect: { is: 'open auth.password_reset', hide: ['ZmFrZS10b2tlbi1mb3ItYS10ZXN0', '0f9d81aa'] },
  },
  {
    id: 'x-newaddress',
    from: 'no-reply@verify.signin.aws',
    subject: 'Verify your new email address',
    text: 'You asked to use this address for the root user of an AWS account.\n\nOne-time passcode: 831940\n\nIt expires five minutes after it was sent. AWS staff never ask for it.',
    expect: { is: 'open auth.email_change_otp', hide: ['831940'] },
  },
  {
    id: 'x-mfa-lost',
    from: 'AWS <recover-mfa-no-reply@verify.signin.aws>',
    subject: 'Confirm your email address to go on',
    html: letter(
      'You told us that your MFA device is not at hand. The first step of getting back in is to prove that this mailbox is yours: <a href="https://signin.aws.amazon.com/mfa/recover?token=QUJDREVGR0hJSktMTU5PUA">continue</a>. We will call your phone afterwards.',
    ),
    expect: { is: 'open auth.mfa_recovery', urgency: 'critical', hide: ['QUJDREVGR0hJSktMTU5PUA'] },
  },
  {
    id: 'x-mfa-off',
    to: 'initech',
    from: NOTICE,
    subject: 'Your Amazon Web Services Multi-Factor Authentication (MFA) Has Been Deactivated',
    text: plain(
      'Hello,\n\nan MFA device was deactivated for your sign-in credentials at Amazon Web Services. If you did not do so, please get in touch with AWS Support at once.',
    ),
    expect: { is: 'open auth.mfa_changed', urgency: 'critical' },
  },
  {
    id: 'x-mfa-on-ja',
    to: 'sakura',
    from: NOTICE,
    subject: 'Amazon Web Services の多要素認証 (MFA) が有効になりました',
    text: 'お客様のルートユーザーに MFA デバイスが登録されました。お心当たりのない場合はサポートにご連絡ください。',
    expect: { is: 'open auth.mfa_changed', lang: 'ja' },
  },
  {
    id: 'x-pw-changed',
    from: 'no-reply@signin.aws',
    subject: 'Your AWS password was changed',
    html: letter(
      'This is to let you know that the password of the root user of account 444455556666 has been changed on November 3, 2026 at 02:11 UTC.\n\nWas that not you? Reset the password now and contact us.',
    ),
    expect: { is: 'open auth.password_changed', urgency: 'critical', facts: { accountIds: ['444455556666'] } },
  },
  {
    id: 'x-mail-changed',
    to: 'globex',
    from: 'no-reply@signin.aws',
    subject: 'The email address of your AWS account has been updated',
    text: 'The root user email address for account 777788889999 has been changed from cl***@globex.example to fi***@globex.example. If you do not recognize this, contact AWS Support immediately.',
    expect: { is: 'open auth.email_changed', urgency: 'critical' },
  },
  {
    id: 'x-newpw-ja',
    to: 'sakura:0',
    from: 'no-reply@signin.aws',
    subject: '【要対応】新しい Amazon Web Services パスワードの作成が必要です',
    text: 'セキュリティ上の理由により、ルートユーザーの新しいパスワードを作成していただく必要があります。次回サインイン時に画面の案内に従ってください。',
    expect: { is: 'open auth.new_password_required', lang: 'ja' },
  },
  {
    id: 'x-idc-de',
    from: 'AWS IAM Identity Center <no-reply@login.awsapps.com>',
    subject: 'Einladung zu AWS IAM Identity Center',
    html: letter(
      'Guten Tag Lena,\n\nIhr Administrator hat Sie eingeladen. Bitte <a href="https://eu-central-1.signin.aws/platform/login?invite=cGxhY2Vob2xkZXItaW52aXRl">nehmen Sie die Einladung an</a>. Benutzername: lena. Die Einladung gilt 7 Tage.',
    ),
    expect: { is: 'open auth.identity_center_invite', lang: 'de', hide: ['cGxhY2Vob2xkZXItaW52aXRl'] },
  },
  {
    id: 'x-comp-notice',
    from: NOTICE,
    subject: '[Action Required] Suspicious activity in your AWS account [444455556666]',
    text: plain(
      'Hello,\n\nwe believe that an access key of yours, AKIAFAKEFAKEFAKEKEY1 of the user "deploy-bot", is in the hands of somebody else. To keep charges down we restricted what the account can start.\n\nPlease rotate the key, look for resources you did not create in every Region, and tell us in Support Center before November 30, 2026. If we hear nothing we may suspend the account.',
    ),
    at: '2026-11-24T06:00:00Z',
    expect: {
      is: 'open security.compromise',
      thread: 'x-comp',
      urgency: 'critical',
      hide: ['AKIAFAKEFAKEFAKEKEY1'],
      facts: { accountIds: ['444455556666'] },
    },
  },
  {
    id: 'x-comp-health',
    from: HEALTH,
    subject: '[Action Required] Suspicious activity in your AWS account [444455556666]',
    html: notice(
      '[Action Required] Suspicious activity in your AWS account [444455556666]',
      'Your account may have been accessed by a third party. Steps that we ask you to take are in the case that we opened for you.',
    ),
    at: '2026-11-24T06:20:00Z',
    expect: { is: 'append security.compromise', thread: 'x-comp' },
  },
  {
    id: 'x-comp-case',
    from: AWS,
    subject: 'RE:[CASE 176396400055511] [Action Required] Suspicious activity in your AWS account [444455556666]',
    text: caseMail(
      '176396400055511',
      'Hello again,\n\nwe have not yet heard from you about the exposed key. Once you have removed what is not yours, answer here and we lift the restrictions.',
    ),
    at: '2026-11-25T09:00:00Z',
    expect: { is: 'append security.compromise', thread: 'x-comp', or: ['support.case_reply'] },
  },
  {
    id: 'x-abuse',
    to: 'globex',
    from: 'AWS Trust and Safety <trustandsafety@support.aws.com>',
    subject: 'Your AWS Abuse Report [40318827761] [AWS ID 777788889999]',
    text: plain(
      'Hello,\n\nwe got a report that port scanning of hosts on the Internet comes from your resources.\n\nAWS ID: 777788889999\nRegion: eu-west-1\nEC2 Instance Id: i-0bb7cc8dd9ee0ff12 [203.0.113.77]\nAbuse Time: 22 Oct 2026 03:15 UTC\n\nPlease reply to this mail within 24 hours with what you found and what you did.',
    ),
    at: '2026-10-23T07:00:00Z',
    expect: {
      is: 'open security.abuse',
      thread: 'x-abuse',
      urgency: 'critical',
      due: '2026-10-24 respond',
      facts: { abuseReportId: '40318827761' },
    },
  },
  {
    id: 'x-abuse-final',
    to: 'globex',
    from: 'AWS Trust and Safety <trustandsafety@support.aws.com>',
    subject: 'RE: FINAL NOTIFICATION: Your AWS Abuse Report [40318827761] [AWS ID 777788889999]',
    text: 'Hello,\n\nnobody answered us about the port scans so far. Without an answer in 12 hours we will isolate the instance.',
    at: '2026-10-25T07:00:00Z',
    expect: { is: 'append security.abuse', thread: 'x-abuse', urgency: 'critical' },
  },
  {
    id: 'x-case-ja',
    to: 'sakura',
    from: AWS,
    subject: 'Amazon Web Services: New Support case: 176480001234567',
    text: caseMail(
      '176480001234567',
      'AWS サポートへお問い合わせいただきありがとうございます。ケースを作成しました。\n\nケース ID: 176480001234567\n件名: Aurora の再起動が終わらない\n重要度: 本番システムの障害\nアカウント ID: 555566667777',
      'ja',
    ),
    at: '2026-11-26T01:00:00Z',
    expect: {
      is: 'open support.case_opened',
      thread: 'x-case-ja',
      lang: 'ja',
      facts: { caseId: '176480001234567', accountIds: ['555566667777'] },
    },
  },
  {
    id: 'x-case-ja-reply',
    to: 'sakura',
    from: AWS,
    subject: 'RE:[CASE 176480001234567] Aurora の再起動が終わらない',
    text: caseMail(
      '176480001234567',
      'お世話になっております。AWS サポートの松本です。エンジンログを確認しました。パラメータグループの変更履歴をご共有いただけますでしょうか。',
      'ja',
    ),
    at: '2026-11-26T05:00:00Z',
    expect: { is: 'append support.case_reply', thread: 'x-case-ja', lang: 'ja' },
  },
  {
    id: 'x-case-ja-done',
    to: 'sakura',
    from: AWS,
    subject: 'RE:[CASE 176480001234567] Aurora の再起動が終わらない',
    text: caseMail(
      '176480001234567',
      'ご確認ありがとうございました。本ケースは解決済みとさせていただきました。再度のご相談は新しいケースをお作りください。',
      'ja',
    ),
    at: '2026-11-29T05:00:00Z',
    expect: { is: 'append support.case_resolved', thread: 'x-case-ja', resolves: true },
  },
  {
    id: 'x-case-ko',
    to: 'globex',
    from: AWS,
    subject: 'RE:[CASE 176390007654321] RDS 스냅샷 복원 문의',
    text: caseMail(
      '176390007654321',
      '안녕하세요. AWS 기술 지원의 박지훈입니다. 복원하려는 스냅샷의 이름과 리전을 알려주시면 확인해 드리겠습니다.',
      'ko',
    ),
    expect: { is: 'open support.case_reply', lang: 'ko', facts: { caseId: '176390007654321' } },
  },
  {
    id: 'x-case-long',
    to: 'initech',
    from: AWS,
    subject: '[EXT] RE:[CASE 11930277841] Glue jobs cannot reach the metastore',
    text: caseMail(
      '11930277841',
      'Hi,\n\nthanks for the logs. The security group of the connection has no rule to itself, which Glue needs. Add one and run the job again; tell me how it goes. I set the case to wait for you.\n\nKind regards,\nTobias\nCloud Support Engineer',
    ),
    expect: { is: 'open support.case_reply', facts: { caseId: '11930277841' } },
  },
  {
    id: 'x-survey',
    to: 'initech',
    from: AWS,
    subject: 'Tell us how we did [CASE 11930277841]',
    html: letter('How happy are you with the support that you got? One minute, two questions: Very happy / Not happy.'),
    expect: { is: 'drop support.survey' },
  },
  {
    id: 'x-quota',
    from: AWS,
    subject: 'RE:[CASE 176400000071717] Limit Increase: EC2 Instances',
    text: caseMail(
      '176400000071717',
      'Hello,\n\nwe have approved your request. The new limit is:\n\nRegion: Europe (Frankfurt)\nRunning On-Demand G and VT instances: 96 vCPUs\n\nIt may take half an hour until you can use it.',
    ),
    expect: { is: 'open quota.increase' },
  },
  {
    id: 'x-issue',
    from: HEALTH,
    subject: 'Increased API Error Rates - Amazon DynamoDB (N. Virginia)',
    html: notice(
      'Increased API Error Rates',
      'Between 4:02 AM and now we see more errors than usual of the DynamoDB APIs in US-EAST-1. We found the cause and work on it.\n\nService: DynamoDB\nStatus: open',
      'https://health.console.aws.amazon.com/health/home#/account/event-log?eventID=arn:aws:health:us-east-1::event/DYNAMODB/AWS_DYNAMODB_OPERATIONAL_ISSUE/AWS_DYNAMODB_OPERATIONAL_ISSUE_XQ1_11',
    ),
    at: '2026-11-28T12:20:00Z',
    expect: { is: 'open health.issue', thread: 'x-issue', urgency: 'high', facts: { regions: ['us-east-1'] } },
  },
  {
    id: 'x-issue-over',
    from: HEALTH,
    subject: '[RESOLVED] Increased API Error Rates - Amazon DynamoDB (N. Virginia)',
    html: notice(
      '[RESOLVED] Increased API Error Rates',
      'From 4:02 AM to 5:50 AM PST errors were higher. The issue has been resolved and the service is operating normally.',
      'https://health.console.aws.amazon.com/health/home#/account/event-log?eventID=arn:aws:health:us-east-1::event/DYNAMODB/AWS_DYNAMODB_OPERATIONAL_ISSUE/AWS_DYNAMODB_OPERATIONAL_ISSUE_XQ1_11',
    ),
    at: '2026-11-28T15:20:00Z',
    expect: { is: 'append health.issue', thread: 'x-issue', resolves: true },
  },
  {
    id: 'x-rds',
    from: HEALTH,
    subject: 'Amazon RDS maintenance of your database instance [AWS Account: 111122223333]',
    html: notice(
      'Maintenance of your RDS instance',
      'A required operating system update will be applied to orders-db in eu-central-1 from Tue, 15 Dec 2026 22:00:00 GMT to Wed, 16 Dec 2026 02:00:00 GMT. The database will restart once.',
      'https://health.console.aws.amazon.com/health/home#/account/event-log?eventID=arn:aws:health:eu-central-1::event/RDS/AWS_RDS_MAINTENANCE_SCHEDULED/AWS_RDS_MAINTENANCE_SCHEDULED_9q_a1',
    ),
    at: '2026-11-27T08:00:00Z',
    expect: {
      is: 'open health.scheduled_change',
      thread: 'x-rds',
      due: '2026-12-15 awsActs',
      facts: { accountIds: ['111122223333'] },
    },
  },
  {
    id: 'x-rds-moved',
    from: HEALTH,
    subject: 'Amazon RDS maintenance of your database instance [AWS Account: 111122223333]',
    html: notice(
      'Maintenance of your RDS instance',
      'The maintenance of orders-db in eu-central-1 was moved. It now runs from Tue, 22 Dec 2026 22:00:00 GMT to Wed, 23 Dec 2026 02:00:00 GMT.',
      'https://health.console.aws.amazon.com/health/home#/account/event-log?eventID=arn:aws:health:eu-central-1::event/RDS/AWS_RDS_MAINTENANCE_SCHEDULED/AWS_RDS_MAINTENANCE_SCHEDULED_9q_a1',
    ),
    at: '2026-12-04T08:00:00Z',
    expect: { is: 'append health.scheduled_change', thread: 'x-rds', due: '2026-12-22 awsActs' },
  },
  {
    id: 'x-retire',
    to: 'globex',
    from: AWS,
    subject: '[Retirement Notification] Amazon EC2 Instance scheduled for retirement.',
    text: plain(
      'Dear Amazon EC2 customer,\n\nthe host of your instance i-0f1e2d3c4b5a69788 in ap-southeast-2 is degrading. After 2026-12-18 15:00 UTC the instance will be stopped. You can stop and start it yourself before then.',
    ),
    at: '2026-12-03T08:00:00Z',
    expect: { is: 'open health.scheduled_change', due: '2026-12-18 awsActs' },
  },
  {
    id: 'x-python',
    to: 'initech',
    from: HEALTH,
    subject: '[Action Required] AWS Lambda Python 3.10 end-of-life [AWS Account: 210987654321] [EU-WEST-1]',
    html: notice(
      'AWS Lambda Python 3.10 end-of-life',
      'Support for Python 3.10 in Lambda ends on January 31, 2027, when the runtime reaches its end of life. From March 1, 2027 you can no longer create such functions. We found 3 functions of yours in EU-WEST-1.',
    ),
    at: '2026-12-02T08:00:00Z',
    expect: { is: 'open health.lifecycle', facts: { accountIds: ['210987654321'], regions: ['eu-west-1'] } },
  },
  {
    id: 'x-eks-ja',
    to: 'sakura',
    from: HEALTH,
    subject: '[対応推奨] Amazon EKS 1.30 の標準サポート終了について [AWS Account: 000123456789]',
    html: notice(
      'Amazon EKS 1.30 の標準サポート終了',
      'Kubernetes 1.30 の標準サポートは 2027年1月23日に終了します。以降は延長サポートの料金がかかります。クラスターのアップグレードをご検討ください。',
    ),
    expect: { is: 'open health.lifecycle', lang: 'ja', facts: { accountIds: ['000123456789'] } },
  },
  {
    id: 'x-agg',
    from: 'AWS User Notifications <notifications@aws.com>',
    subject: '2 accounts: AWS Health events of your organization',
    html: notice(
      'Events of 2 accounts',
      'Security groups of Amazon ElastiCache clusters in these accounts need a look:\n\n111122223333\n444455556666',
    ),
    expect: { is: 'open aggregated', facts: { accountIds: ['111122223333', '444455556666'] } },
  },
  {
    id: 'x-statement',
    to: 'globex',
    from: BILLS,
    subject: 'Amazon Web Services Billing Statement Available [Account: 700000000007]',
    html: letter(
      'Greetings from Amazon Web Services,\n\nthe statement of your account ending in ****0007 is there. Total in BRL: R$ 1.204,55. We will charge the card ending in 7731.\n\nhttps://console.aws.amazon.com/billing/home#/bills?year=2026&month=10',
    ),
    expect: { is: 'open billing.statement', facts: { accountIds: ['700000000007'] } },
  },
  {
    id: 'x-invoice',
    from: BILLS,
    subject: 'Your AWS Invoice Available [Invoice ID: EUINGB26-774411]',
    text: 'Hello,\n\nattached is invoice EUINGB26-774411 for AWS account 111122223333. Amount due: GBP 9,120.00. Due date: December 30, 2026.',
    attach: [{ name: 'EUINGB26-774411.pdf', type: 'application/pdf', content: '%PDF-1.4 sample' }],
    expect: {
      is: 'open billing.invoice',
      due: '2026-12-30 respond',
      facts: { invoiceId: 'EUINGB26-774411', amount: '9120.00', currency: 'GBP' },
    },
  },
  {
    id: 'x-taxinvoice',
    to: 'initech',
    from: BILLS,
    subject: 'AWS Tax Invoice Available',
    text: 'Dear customer,\n\nyour tax invoice INVIN27-55120 for account 210987654321 (GST) can be downloaded from the Billing console.',
    expect: { is: 'open billing.tax_invoice' },
  },
  {
    id: 'x-vat',
    from: NOTICE,
    subject: 'Changes to VAT on your AWS bill from January 2027',
    text: plain(
      'Hello,\n\nfrom January 1, 2027 AWS has to collect value added tax at the new rate on invoices for your account 012345678901. Check that the tax registration number in Tax Settings is right.',
    ),
    expect: { is: 'open billing.tax_notice', facts: { accountIds: ['012345678901'] } },
  },
  {
    id: 'x-declined',
    to: 'initech',
    from: AWS,
    subject: 'We could not charge your card for AWS',
    html: letter(
      'The bank declined the card that ends in 4410 when we tried to charge USD 312.09 for account 210987654321. We will try again. Please check your payment method.',
    ),
    expect: { is: 'open billing.payment_failed', urgency: 'high', facts: { amount: '312.09', currency: 'USD' } },
  },
  {
    id: 'x-due-ja',
    to: 'sakura',
    from: DUNNING,
    subject: 'アクションが必要です - お客様の AWS アカウントの期限が過ぎています',
    text: 'お客様各位\n\nアカウント 555566667777 の 2026年10月分のご請求 USD 88.10 のお支払いを確認できておりません。お支払い方法をご確認のうえ、コンソールからお支払いください。',
    at: '2026-11-06T00:00:00Z',
    expect: { is: 'open billing.past_due', thread: 'x-due-ja', lang: 'ja', urgency: 'high' },
  },
  {
    id: 'x-due-ja-again',
    to: 'sakura',
    from: DUNNING,
    subject: 'アクションが必要です - お客様の AWS アカウントの期限が過ぎています',
    text: 'お客様各位\n\nアカウント 555566667777 の 2026年10月分のご請求 USD 88.10 のお支払いを確認できておりません。お支払い方法をご確認のうえ、コンソールからお支払いください。',
    at: '2026-11-09T00:00:00Z',
    expect: { is: 'append billing.past_due', thread: 'x-due-ja' },
  },
  {
    id: 'x-threat-ja',
    to: 'sakura',
    from: DUNNING,
    subject: 'すぐにアクションが必要です-AWS アカウントが停止する恐れがあります',
    text: 'アカウント 555566667777 の 2026年10月分が未払いのままです。2026年12月5日までにお支払いがない場合、アカウントを停止いたします。',
    at: '2026-11-29T00:00:00Z',
    expect: {
      is: 'append billing.suspension_warning',
      thread: 'x-due-ja',
      urgency: 'critical',
      due: '2026-12-05 respond',
    },
  },
  {
    id: 'x-suspended',
    to: 'initech',
    from: 'AWS Account Notifications <aws-account-notifications@amazon.com>',
    subject: 'Your AWS account has been suspended',
    text: plain(
      'Your account 210987654321 is now suspended because USD 312.09 was not paid. Pay by December 20, 2026 to get it back; after that it is closed for good.',
    ),
    at: '2026-11-21T00:00:00Z',
    expect: { is: 'open account.suspended', thread: 'x-suspended', urgency: 'critical' },
  },
  {
    id: 'x-back',
    to: 'initech',
    from: 'AWS Account Notifications <aws-account-notifications@amazon.com>',
    subject: 'Your AWS account has been reinstated',
    text: plain(
      'Thanks for your payment. Account 210987654321 is active again; it may take a while until all services answer.',
    ),
    at: '2026-11-23T00:00:00Z',
    expect: { is: 'append account.reinstated', thread: 'x-suspended' },
  },
  {
    id: 'x-free',
    to: 'globex',
    from: NOTICE,
    subject: 'Your AWS free plan has ended - Action required',
    text: plain(
      'Your free plan for Globex Lab (ID: 700000000007) has come to its end. Upgrade to the paid plan by 15 January 2027, otherwise we close the account and delete what is in it.',
    ),
    expect: { is: 'open account.free_plan_ended', urgency: 'critical', due: '2027-01-15 respond' },
  },
  {
    id: 'x-credits',
    from: NOTICE,
    subject: 'Your credit balance remaining is $25',
    text: plain(
      'You have used most of your AWS credits in account 012345678901. What remains, $25.00, ends on 31 March 2027.',
    ),
    expect: { is: 'open billing.credits' },
  },
  {
    id: 'x-closed',
    to: 'globex',
    from: NOTICE,
    subject: 'AWS account closure confirmation',
    text: plain(
      'The AWS account 700000000007 was closed. For 90 days you can still sign in to see past bills, or ask AWS Support to open it again. After that all content is deleted.',
    ),
    expect: { is: 'open account.closed', urgency: 'high' },
  },
  {
    id: 'x-welcome',
    from: AWS,
    subject: 'Welcome to Amazon Web Services',
    html: letter(
      'We are glad that you are here. Explore tutorials, build your first web app, and find help when you need it.',
    ),
    expect: { is: 'drop account.welcome' },
  },
  {
    id: 'x-ready-ja',
    to: 'sakura',
    from: AWS,
    subject: 'Your AWS Account is Ready - Get Started Now',
    html: letter('お客様の AWS アカウントの準備ができました。はじめるにはコンソールにサインインしてください。'),
    expect: { is: 'drop account.ready' },
  },
  {
    id: 'x-budget',
    from: 'AWS Budgets <budgets@costalerts.amazonaws.com>',
    subject: 'AWS Budgets: Platform-2026 has exceeded your alert threshold',
    html: letter(
      'AWS Account 111122223333\n\nYou asked to be told when the FORECASTED cost of budget Platform-2026 is above 90% of $4,000.00. It is $4,130.77 now.',
    ),
    expect: { is: 'open billing.budget_alert', facts: { budget: 'Platform-2026' } },
  },
  {
    id: 'x-freetier',
    to: 'initech',
    from: 'AWS <freetier@costalerts.amazonaws.com>',
    subject: 'AWS Free Tier usage limit alert',
    text: 'Your account 210987654321 used 87% of the monthly free tier of AmazonS3 requests (1,740 of 2,000 Put).',
    expect: { is: 'open billing.free_tier_alert' },
  },
  {
    id: 'x-anomaly',
    from: 'AWS Cost Management <anomalydetection@costalerts.amazonaws.com>',
    subject: 'AWS Cost Anomaly detected: monitor all-services',
    html: letter(
      'Account 444455556666: cost of Amazon Bedrock in us-west-2 is $2,310.20 above what was expected since November 12, 2026. Root cause: usage type USW2-InputTokens.',
    ),
    expect: { is: 'open billing.cost_anomaly', urgency: 'high' },
  },
  {
    id: 'x-sp',
    to: 'globex',
    from: AWS,
    subject: 'Your Savings Plan expires in 30 days',
    text: plain(
      'The Compute Savings Plan 5d1e0c77-1111-4222-8333-0123456789ab of account 777788889999 (commitment $1.20/hour) ends on January 12, 2027. From then on usage is billed at On-Demand rates.',
    ),
    expect: { is: 'open billing.commitment_expiry' },
  },
  {
    id: 'x-service',
    from: NOTICE,
    subject: 'Upcoming change to the default settings of Amazon S3 access logging',
    text: plain(
      'We are changing how new buckets of account 111122223333 write their access logs from February 2027. Existing buckets stay as they are. You need not do anything.',
    ),
    expect: { is: 'open account.service_notice', or: ['aws.other'] },
  },
  {
    id: 'x-am',
    from: 'Jordan Lee <jordlee@amazon.com>',
    subject: 'Agenda for our quarterly review',
    text: 'Hi team,\n\nI put a first agenda together for the review on Thursday: cost, the migration, and roadmap items under NDA. Shall we add anything?\n\nBest,\nJordan\nSr. Account Manager, AWS',
    expect: { is: 'open account_team.human' },
  },
  {
    id: 'x-orgverify',
    from: AWS,
    subject: 'Verify the email address of your organization',
    html: letter(
      'You created an organization with account 111122223333. Before you can invite accounts, <a href="https://console.aws.amazon.com/organizations/verify?code=b3JnLXZlcmlmeS1mYWtl">verify your email address</a>. The link holds for 24 hours.',
    ),
    expect: { is: 'open org.email_verification', hide: ['b3JnLXZlcmlmeS1mYWtl'] },
  },
  {
    id: 'x-orginvite',
    to: 'initech',
    from: AWS,
    subject: 'Your AWS account has been invited to join an AWS organization',
    text: plain(
      'The owner of the organization o-ab12cd34ef, account 333322221111 (master@partner.example), invites account 210987654321. Note from the sender: "please accept today". The invitation expires in 15 days.',
    ),
    expect: { is: 'open org.invitation', urgency: 'high' },
  },
  {
    id: 'x-registrant',
    from: 'Amazon Registrar <noreply@registrar.amazon>',
    subject: 'Please verify your contact details for acme-shop.example',
    html: letter(
      'You are the registrant of acme-shop.example. ICANN asks us to verify your address: <a href="https://registrar.amazon.com/verify?id=ZG9tYWluLWZha2UtdG9rZW4">verify now</a>. Otherwise the domain is suspended in 15 days.',
    ),
    expect: { is: 'open domain.registrant_verification', urgency: 'high', hide: ['ZG9tYWluLWZha2UtdG9rZW4'] },
  },
  {
    id: 'x-renew',
    to: 'globex',
    from: 'Amazon Registrar <noreply@registrar.amazon>',
    subject: 'Domain globex-labs.example expires in 45 days',
    text: plain(
      'globex-labs.example expires on January 25, 2027. Automatic renewal is off. Renew it in the Route 53 console.',
    ),
    expect: { is: 'open domain.renewal', urgency: 'high', facts: { domain: 'globex-labs.example' } },
  },
  {
    id: 'x-domaindown',
    to: 'initech',
    from: 'Amazon Registrar <noreply@registrar.amazon>',
    subject: 'Your domain initech-app.example has been suspended',
    text: plain(
      'Because the address of the registrant was not verified in time, initech-app.example is suspended and no longer resolves.',
    ),
    expect: { is: 'open domain.suspended', urgency: 'high' },
  },
  {
    id: 'x-cert',
    from: 'Amazon Certificates <no-reply@certificates.amazon.com>',
    subject: 'Certificate approval for api.acme.example',
    html: letter(
      'Somebody asked for a certificate for api.acme.example from account 111122223333 in us-east-1. If you agree, approve here: <a href="https://certificates.amazon.com/approvals?code=YWNtLWZha2UtYXBwcm92YWw&domain=api.acme.example">Amazon Certificate Approvals</a>. This link works for 72 hours.',
    ),
    expect: { is: 'open cert.validation', hide: ['YWNtLWZha2UtYXBwcm92YWw'] },
  },
  {
    id: 'x-sesid',
    to: 'globex',
    from: AWS,
    subject: 'Amazon Web Services – Email Address Verification Request in region Europe (Ireland)',
    text: plain(
      'Dear Amazon Web Services customer,\n\nwe got a request to authorize this address for use with Amazon SES in region Europe (Ireland). If you asked for this, visit:\n\nhttps://email-verification.eu-west-1.amazonaws.com/?Context=777788889999&X-Amz-Signature=7b0a0fa4e5d6\n\nYour request is not processed unless you confirm within 24 hours.',
    ),
    expect: { is: 'open ses.identity_verification', hide: ['7b0a0fa4e5d6'] },
  },
  {
    id: 'x-sesreview',
    from: AWS,
    subject: 'Amazon SES: your account is under review (AWS account 444455556666, eu-west-1)',
    text: plain(
      'The bounce rate of your sending in eu-west-1 is 11.2%. Your account 444455556666 is under review until December 10, 2026. Mend the cause and answer the case that we opened.',
    ),
    expect: { is: 'open ses.review', urgency: 'high' },
  },
  {
    id: 'x-sespaused-de',
    to: 'initech',
    from: AWS,
    subject: 'Amazon SES: Der E-Mail-Versand Ihres Kontos 210987654321 wurde angehalten',
    text: plain(
      'Guten Tag,\n\nwir haben das Senden über Amazon SES in eu-central-1 pausiert (sending paused), weil zu viele Beschwerden eingingen.',
    ),
    expect: { is: 'open ses.paused', or: ['ses.review'], lang: 'de' },
  },
  {
    id: 'x-snssub',
    from: 'AWS Notifications <no-reply@sns.amazonaws.com>',
    subject: 'AWS Notification - Subscription Confirmation',
    html: 'You have chosen to subscribe to the topic:<br><b>arn:aws:sns:eu-west-1:111122223333:deploys</b><br><br>To confirm this subscription, click or visit the link below (If this was in error no action is necessary):<br><a href="https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn=arn:aws:sns:eu-west-1:111122223333:deploys&Token=2336412f37fb687f5d51e6e2425f">Confirm subscription</a>',
    expect: { is: 'open sns.subscription_confirmation', hide: ['2336412f37fb687f5d51e6e2425f'] },
  },
  {
    id: 'x-snsalarm',
    to: 'globex',
    from: 'AWS Notifications <no-reply@sns.amazonaws.com>',
    subject: 'ALARM: "queue-depth" in EU (Ireland)',
    text: 'You are receiving this email because your Amazon CloudWatch Alarm "queue-depth" in the EU (Ireland) region has entered the ALARM state.\n\nAlarm Arn: arn:aws:cloudwatch:eu-west-1:777788889999:alarm:queue-depth\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\nhttps://sns.eu-west-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:eu-west-1:777788889999:ops:9c&Endpoint=cloud@globex.example',
    expect: { is: 'open sns.notification' },
  },
  {
    id: 'x-mp',
    from: 'AWS Marketplace <no-reply@marketplace.aws>',
    subject: 'Your AWS Marketplace subscription for Graph Analyzer Pro',
    text: 'You subscribed to Graph Analyzer Pro (seller: Nodeworks) with account 012345678901. Set up your software from the Marketplace console.',
    expect: { is: 'open marketplace.subscription' },
  },
  {
    id: 'x-mpoffer',
    to: 'globex',
    from: 'AWS Marketplace <marketplace@aws.com>',
    subject: 'You accepted an AWS Marketplace offer',
    text: 'Account 777788889999 accepted offer offer-ab12cd34ef567 for Log Vault. Contract: 12 months from December 1, 2026.',
    expect: { is: 'open marketplace.offer' },
  },
  {
    id: 'x-news',
    from: 'AWS <aws-marketing-email-replies@amazon.com>',
    subject: 'What is new with AWS: November',
    html: letter(
      'The month in short: new instances, faster clusters, and stories of customers. Unsubscribe at any time.',
    ),
    expect: { is: 'drop marketing.newsletter' },
  },
  {
    id: 'x-event-ja',
    to: 'sakura',
    from: 'AWS <aws-marketing-email-replies@amazon.com>',
    subject: '【12/9 開催】AWS オンラインセミナー 生成 AI 活用のご案内',
    html: letter('無料のウェビナーです。お申し込みはこちらからどうぞ。配信停止をご希望の方はこちら。'),
    expect: { is: 'drop marketing.event', or: ['marketing.newsletter'] },
  },
  {
    id: 'x-other',
    from: 'AWS Data Exchange <updates@dataexchange.aws.com>',
    subject: 'A provider revoked a revision of your data set',
    text: 'The provider Weather Co. revoked revision 7 of a data set that account 111122223333 subscribes to.',
    expect: { is: 'open aws.other' },
  },
];

/** A stream of arrivals as a person would sort it who had not seen the rules. */
export const unread: readonly CorpusMail[] = [...genuine, ...unreadPeople, ...unreadLures];
