import { letter, plain, rows } from './layouts.ts';
import type { CorpusMail } from './mail.ts';

const INVOICING = 'Amazon Web Services <invoicing@aws.com>';
const OLD = 'Amazon Web Services <no-reply-aws@amazon.com>';
const DUNNING = 'AWS Receivables Support <aws-receivables-support@email.amazon.com>';

export const billing: CorpusMail[] = [
  {
    id: 'statement',
    from: INVOICING,
    subject: 'Amazon Web Services Billing Statement Available [Account: 111122223333]',
    at: '2026-09-03T05:00:00Z',
    html: letter(
      'Greetings from Amazon Web Services,\n\nThis e-mail confirms that your latest billing statement, for the account ending in ****3333, is available on the AWS web site. Your account will be charged the following:\n\nTotal: $1,255.84\n\nVisa ending in 4242\n\nYou can see a complete breakdown of all charges on the Billing page: https://console.aws.amazon.com/billing/home#/bills?year=2026&month=8\n\nIf you are enrolled in auto-pay no action is needed.',
    ),
    expect: {
      is: 'open billing.statement',
      facts: { amount: '1255.84', currency: 'USD', accountIds: ['111122223333'] },
      due: 'none',
      hide: ['4242'],
    },
  },
  {
    id: 'statement-mxn',
    from: OLD,
    subject: 'Amazon Web Services Billing Statement Available [Account: 777788889999]',
    to: 'globex',
    text: plain(
      'Greetings from Amazon Web Services,\n\nYour billing statement for the account ending in ****9999 is ready.\n\nTotal in MXN: $55.84*\n\n*estimated, see https://console.aws.amazon.com/billing/home#/bills?year=2026&month=9',
    ),
    expect: { is: 'open billing.statement', facts: { amount: '55.84', currency: 'MXN' } },
  },
  {
    id: 'statement-ja',
    from: INVOICING,
    subject: 'アマゾン ウェブ サービスの請求書がご利用いただけます [アカウント: 555566667777]',
    to: 'sakura',
    wire: 'base64',
    text: 'アマゾン ウェブ サービスをご利用いただきありがとうございます。\n\n最新のご請求明細がご確認いただけるようになりました。\n\n合計: ¥128,400\n\n詳細は請求コンソールをご確認ください: https://console.aws.amazon.com/billing/home#/bills?year=2026&month=9',
    expect: {
      is: 'open billing.statement',
      or: ['billing.invoice'],
      facts: { amount: '128400', currency: 'JPY', accountIds: ['555566667777'] },
    },
  },
  {
    id: 'invoice',
    from: INVOICING,
    subject: 'Amazon Web Services Invoice Available [Account: 444455556666] [Invoice ID: EUINGB26-5512345]',
    at: '2026-09-04T05:00:00Z',
    html: letter(
      'Hello,\n\nYour AWS invoice is attached.\n\n' +
        rows([
          ['Invoice number', 'EUINGB26-5512345'],
          ['Invoice date', 'September 3, 2026'],
          ['Total amount due', 'GBP 2,310.07'],
          ['Due date', 'October 3, 2026'],
        ]),
    ),
    attach: [{ name: 'EUINGB26-5512345.pdf', type: 'application/pdf', content: '%PDF-1.4 fake' }],
    expect: {
      is: 'open billing.invoice',
      facts: { invoiceId: 'EUINGB26-5512345', amount: '2310.07', currency: 'GBP' },
      due: '2026-10-03 respond',
    },
  },
  {
    id: 'invoice-short',
    from: 'invoicing@aws.com',
    subject: 'Invoice Available',
    to: 'initech',
    text: 'Dear Customer,\n\nPlease find attached your invoice 1987654321 for account 210987654321. Amount: USD 99.00. Payment terms: net 30.',
    attach: [{ name: 'invoice1987654321.pdf', type: 'application/pdf', content: '%PDF-1.4 fake' }],
    expect: { is: 'open billing.invoice', facts: { amount: '99.00' } },
  },
  {
    id: 'tax-invoice',
    from: INVOICING,
    subject: 'Amazon Web Services Tax Invoice Available [Account: 777788889999]',
    to: 'globex',
    html: letter(
      'Your VAT invoice for September 2026 is now available in the Tax invoices section of the Billing console. Document number: EUINDE26-0099887.',
    ),
    expect: { is: 'open billing.tax_invoice', facts: { invoiceId: 'EUINDE26-0099887' } },
  },
  {
    id: 'tax-invoice-ja',
    from: INVOICING,
    subject: '適格請求書のご案内 (AWS アカウント: 000123456789)',
    to: 'sakura',
    wire: 'base64',
    text: 'お客様の 2026 年 9 月分の適格請求書 (インボイス) を発行いたしました。請求コンソールの「税金請求書」よりダウンロードしてください。請求書番号: JPIN26-0012345',
    expect: { is: 'open billing.tax_invoice', facts: { accountIds: ['000123456789'] } },
  },
  {
    id: 'tax-notice',
    from: 'Amazon Web Services <no-reply@amazonaws.com>',
    subject: 'Action required: verify your tax registration number (VAT) in your AWS account',
    to: 'globex',
    html: letter(
      'We could not validate the tax registration number on your AWS account 700000000007. Please update your tax settings, otherwise local VAT will be added to your invoices beginning November 1, 2026.',
    ),
    expect: { is: 'open billing.tax_notice' },
  },
  {
    id: 'payment-failed',
    from: OLD,
    subject: 'Action Required - Your AWS payment was declined',
    at: '2026-09-05T05:00:00Z',
    html: letter(
      'Dear Amazon Web Services Customer,\n\nWe were unable to charge your credit card ending in 5151 for your AWS services for the August 2026 billing period. Amount: $310.22. AWS account 444455556666.\n\nPlease update your payment method to avoid interruption of services.',
    ),
    expect: { is: 'open billing.payment_failed', urgency: 'high', hide: ['5151'], facts: { amount: '310.22' } },
  },
  {
    id: 'past-due',
    from: DUNNING,
    subject: 'Action Required - Your AWS account is past due',
    to: 'initech',
    at: '2026-09-06T05:00:00Z',
    messageId: '0100019a-pd1@email.amazonses.com',
    text: plain(
      'Dear customer,\n\nAWS account 210987654321 has a past due balance of USD 45.10 for August 2026. We will attempt to charge your card again. Please pay in the console: https://console.aws.amazon.com/billing/home#/paymentsoverview',
    ),
    expect: { is: 'open billing.past_due', thread: 'dunning', urgency: 'high' },
  },
  {
    id: 'past-due-again',
    from: DUNNING,
    subject: 'Action Required - Your AWS account is past due',
    to: 'initech',
    at: '2026-09-09T05:00:00Z',
    messageId: '0100019a-pd2@email.amazonses.com',
    text: plain(
      'Dear customer,\n\nAWS account 210987654321 has a past due balance of USD 45.10 for August 2026. We will attempt to charge your card again. Please pay in the console: https://console.aws.amazon.com/billing/home#/paymentsoverview',
    ),
    expect: { is: 'append billing.past_due', thread: 'dunning' },
  },
  {
    id: 'suspension-warning',
    from: DUNNING,
    subject: 'Immediate Action Required - Your AWS account may be suspended',
    to: 'initech',
    at: '2026-09-29T05:00:00Z',
    text: plain(
      'Dear customer,\n\nDespite several attempts we were unable to charge your card for the August 2026 charges of AWS account 210987654321 (USD 45.10). We will not try the card again. Unless you pay by October 3, 2026, we will suspend your account.',
    ),
    expect: {
      is: 'append billing.suspension_warning',
      thread: 'dunning',
      urgency: 'critical',
      due: '2026-10-03 respond',
    },
  },
  {
    id: 'past-due-ja',
    from: 'アマゾン ウェブ サービス <aws-receivables-support@email.amazon.com>',
    subject: 'アクションが必要です - お客様の AWS アカウントの期限が過ぎています',
    to: 'sakura',
    wire: 'base64',
    at: '2026-10-06T05:00:00Z',
    text: 'お客様\n\nAWS アカウント 555566667777 の 2026 年 9 月分のご利用料金 ¥12,800 について、ご登録のクレジットカード (末尾 7788) からお支払いを確認できませんでした。\n\nお支払い方法をご確認ください。',
    expect: {
      is: 'open billing.past_due',
      lang: 'ja',
      hide: ['7788'],
      facts: { amount: '12800', currency: 'JPY' },
      thread: 'dunning-ja',
    },
  },
  {
    id: 'suspension-ja',
    from: 'アマゾン ウェブ サービス <aws-receivables-support@email.amazon.com>',
    subject: 'すぐにアクションが必要です-AWS アカウントが停止する恐れがあります',
    to: 'sakura',
    wire: 'base64',
    at: '2026-10-29T05:00:00Z',
    text: 'お客様\n\nAWS アカウント 555566667777 の 2026 年 9 月分のご請求 ¥12,800 のお支払いが確認できておりません。2026年11月3日までにお支払いがない場合、アカウントを停止いたします。',
    expect: {
      is: 'append billing.suspension_warning',
      thread: 'dunning-ja',
      due: '2026-11-03 respond',
      urgency: 'critical',
    },
  },
  {
    id: 'suspended',
    from: 'AWS Account Notifications <aws-account-notifications@amazon.com>',
    subject: 'Your AWS account has been suspended',
    to: 'globex',
    html: letter(
      'Your AWS account 777788889999 is suspended because of an outstanding balance of $88.10. Resources can no longer be accessed. Pay the balance within 30 days, after that the account will be closed and, 90 days later, its content deleted.',
    ),
    expect: { is: 'open account.suspended', urgency: 'critical', facts: { accountIds: ['777788889999'] } },
  },
  {
    id: 'reinstated',
    from: OLD,
    subject: 'Your AWS account has been reinstated',
    to: 'globex',
    at: '2027-01-10T00:00:00Z',
    text: plain(
      'Thank you for your payment. Your account 777788889999 has been reinstated and all services are available again.',
    ),
    expect: { is: 'open account.reinstated' },
  },
  {
    id: 'closed',
    from: 'Amazon Web Services <no-reply@amazonaws.com>',
    subject: 'Your AWS account has been closed',
    to: 'acme:1',
    html: letter(
      'This confirms the closure of AWS account 012345678901. You can reopen it by contacting AWS Support until December 20, 2026; then it is permanently closed and content is deleted.',
    ),
    expect: { is: 'open account.closed', urgency: 'high' },
  },
  {
    id: 'free-plan-ended',
    from: 'no-reply@amazonaws.com',
    subject: 'Your AWS free plan has ended - Action required',
    to: 'initech',
    html: letter(
      'Your free plan for account (ID: 210987654321) ended on October 1, 2026. Upgrade to a paid plan within 90 days, or we will close the account and delete its data.',
    ),
    expect: { is: 'open account.free_plan_ended', urgency: 'high', facts: { accountIds: ['210987654321'] } },
  },
  {
    id: 'credits',
    from: 'no-reply@amazonaws.com',
    subject: 'Your credit balance remaining is $10',
    to: 'initech',
    html: letter(
      'Hello,\n\nAccount (ID: 210987654321) has $10 of promotional credits left. They expire on December 31, 2026. Once used up you will be charged pay-as-you-go.',
    ),
    expect: { is: 'open billing.credits', facts: { amount: '10', currency: 'USD' } },
  },
  {
    id: 'budget',
    from: 'AWS Budgets <budgets@costalerts.amazonaws.com>',
    subject: 'AWS Budgets: monthly-prod has exceeded your alert threshold',
    at: '2026-09-14T05:00:00Z',
    html: letter(
      'AWS Budget Notification\n\nSeptember 14, 2026\n\nAWS Account 111122223333\n\nDear AWS Customer,\n\nYou requested that we alert you when the ACTUAL Cost associated with your monthly-prod budget is greater than $800.00 for the current month. The ACTUAL Cost associated with this budget is $812.34.\n\n' +
        rows([
          ['Budget Name', 'monthly-prod'],
          ['Budget Type', 'Cost'],
          ['Budgeted Amount', '$1,000.00'],
          ['Alert Type', 'ACTUAL'],
          ['Alert Threshold', '> $800.00'],
        ]),
    ),
    expect: { is: 'open billing.budget_alert', thread: 'budget', facts: { budget: 'monthly-prod' } },
  },
  {
    id: 'budget-second',
    from: 'AWS Budgets <budgets@costalerts.amazonaws.com>',
    subject: 'AWS Budgets: monthly-prod has exceeded your alert threshold',
    at: '2026-09-23T05:00:00Z',
    html: letter(
      'AWS Budget Notification\n\nAWS Account 111122223333\n\nThe FORECASTED Cost associated with your monthly-prod budget is greater than $1,000.00 for the current month. The FORECASTED Cost is $1,404.00.\n\nBudget Name: monthly-prod',
    ),
    expect: { is: 'append billing.budget_alert', thread: 'budget' },
  },
  {
    id: 'free-tier',
    from: 'freetier@costalerts.amazonaws.com',
    subject: 'AWS Free Tier limit alert',
    to: 'globex',
    html: letter(
      'AWS Free Tier usage limit alerting via AWS Budgets\n\nDear AWS Customer,\n\nYour AWS account 700000000007 has exceeded 85% of the usage limit for one or more AWS Free Tier-eligible services for the month of September.\n\nAmazon S3: 1,733 of 2,000 Requests',
    ),
    expect: { is: 'open billing.free_tier_alert' },
  },
  {
    id: 'anomaly',
    from: 'AWS Cost Anomaly Detection <anomalydetection@costalerts.amazonaws.com>',
    subject: 'Cost anomaly detected: your spend is above what was expected',
    to: 'globex',
    html: letter(
      'A cost anomaly was detected by your monitor "Services".\n\nTotal impact: $402.11\nAccount: 777788889999\nRoot cause: AmazonEC2, eu-west-1, BoxUsage:m5.24xlarge\nStart date: 2026-10-02',
    ),
    expect: { is: 'open billing.cost_anomaly', urgency: 'high', facts: { amount: '402.11' } },
  },
  {
    id: 'sp-expiry',
    from: 'no-reply@amazonaws.com',
    subject: 'Your AWS Savings Plans will expire in 30 days',
    to: 'globex',
    html: letter(
      'A Savings Plan in your account 777788889999 is about to expire:\n\nSavings Plan ID: 11112222-aaaa-bbbb-cccc-333344445555\nCommitment: $0.50/hour\nEnd date: November 30, 2026\n\nAfter it ends, usage is billed at On-Demand rates.',
    ),
    expect: { is: 'open billing.commitment_expiry' },
  },
  {
    id: 'ri-expiry',
    from: OLD,
    subject: 'Amazon EC2 Reserved Instances expiration alert',
    to: 'initech',
    text: plain(
      'The following Reserved Instance leases of account 210987654321 expire in 7 days:\n\nReserved Instance ID: 4444aaaa-1111-2222-3333-555566667788, c5.large, ap-southeast-2',
    ),
    expect: { is: 'open billing.commitment_expiry' },
  },
  {
    id: 'agreement',
    from: 'Amazon Web Services <no-reply@amazonaws.com>',
    subject: 'Important update to the AWS Customer Agreement',
    to: 'globex',
    html: letter(
      'We are writing to inform you of changes to the AWS Customer Agreement and the Service Terms which take effect on November 1, 2026. You do not need to do anything.',
    ),
    expect: { is: 'open account.service_notice' },
  },
  {
    id: 'invoice-address',
    from: 'no-reply@amazonaws.com',
    subject: 'Important – AWS Invoice e-mail address changes',
    to: 'initech',
    wire: 'qp',
    html: letter(
      'Starting March 25, 2027 AWS invoice e-mails will be sent from invoicing@aws.com. Please update your filters.',
    ),
    expect: { is: 'open account.service_notice', or: ['billing.invoice'] },
  },
  {
    id: 'account-manager',
    from: 'Jane Doe <janedoe@amazon.com>',
    subject: 'Intro: your new AWS account team',
    to: 'globex',
    at: '2026-10-12T05:00:00Z',
    messageId: 'abc123@EX13D01.ant.amazon.com',
    text: 'Hi all,\n\nI am taking over as your Technical Account Manager from Bob. Do you have 30 minutes on Thursday?\n\nBest,\nJane\nSr. TAM, AWS Enterprise Support',
    expect: { is: 'open account_team.human', thread: 'tam' },
  },
  {
    id: 'account-manager-again',
    from: 'Jane Doe <janedoe@amazon.com>',
    subject: 'RE: Intro: your new AWS account team',
    to: 'globex',
    at: '2026-10-14T05:00:00Z',
    headers: { 'In-Reply-To': '<abc123@EX13D01.ant.amazon.com>' },
    text: 'Gentle nudge on the below. Does next week work?',
    expect: { is: 'append account_team.human', thread: 'tam' },
  },
];
