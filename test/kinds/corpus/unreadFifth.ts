import type { CorpusMail } from './mail.ts';

const HELD = { expect: { is: 'quarantine phish.' } };
const PERSON = { expect: { is: 'open nonaws.customer_human' } };

/** Strangers in twenty styles, and twenty honest mails that look near to them. At first reading 13 lures were held and 19 honest mails were right. */
export const unreadFifth: CorpusMail[] = [
  {
    id: 'f5-l01',
    ...HELD,
    from: 'Sarah Whitfield <s.whitfield.migrations@gmail.com>',
    subject: 'quick one before tonight',
    text: `Hi Daniel,

Hope the week is treating you well. Quick question: who on your side looks after the AWS root login now that Priya has moved on? A verification number will have landed in this mailbox a minute ago, could you read it back to me so that the cutover tonight isn't held up?

Thanks a million,
Sarah`,
  },
  {
    id: 'f5-l02',
    ...HELD,
    to: 'sakura',
    from: '田村 健一 <tamura@cloud-partner-desk.example>',
    subject: '【ご確認】ルートユーザーMFA再設定の件',
    text: `株式会社さくら商事
システム管理部 ご担当者様

平素よりお世話になっております。
AWSパートナー窓口の田村でございます。

来月の認証基盤更新に伴い、ルートユーザーのMFAデバイスを弊社側で再設定いたします。
お手数ですが、本日中にお手元へ届く6桁の確認コードを、本メールへのご返信にてお知らせください。

ご不明な点がございましたら、お気軽にお申し付けください。

田村 健一
クラウドパートナーデスク`,
  },
  {
    id: 'f5-l03',
    ...HELD,
    from: 'Martin Oakes <martin.oakes.acme@outlook.com>',
    subject: 'Locked out',
    text: `Hi all,

It's Martin, writing from my private address because I'm travelling and can't get into the company mail. Our account locked me out after I changed the card. I just asked for the password reset, it should be sitting in your inbox. Can you forward it to me here? I need it before the board call at 4.

Martin`,
  },
  {
    id: 'f5-l04',
    ...HELD,
    from: 'Elena Petrova <e.petrova@baltic-freight.example>',
    subject: 'RE: [CASE 176508697500328] Suspicious activity in your AWS account',
    text: `Good morning,

Please find below the report you asked for in connection with the above case. It is protected; sign in with your work mail to open it.

https://baltic-freight.sharefile-docs.example/s/9f3a7c

Kind regards
Elena Petrova
Baltic Freight OÜ

> On Wed, 12 Aug 2026 at 09:14, Amazon Web Services <no-reply-aws@amazon.com> wrote:
> Hello, we are following up on case 176508697500328. Please review the activity in your account 111122223333.`,
  },
  {
    id: 'f5-l05',
    ...HELD,
    from: 'AWS Cloud Billing Dept via QuickBooks <quickbooks@notification.intuit.com>',
    subject: 'Invoice 88213 from AWS Cloud Billing Dept',
    text: `INVOICE 88213
AWS Cloud Billing Dept
Due 08/24/2026
Balance due $489.99

Dear Customer,
Thank you for your business. Your Enterprise Protection plan was renewed and $489.99 will be taken from your account within 24 hours. If you did not authorise this charge, call our cancellation desk at +1 (808) 555-0142 (Mon-Sun, 6am-9pm).

Powered by QuickBooks`,
  },
  {
    id: 'f5-l06',
    ...HELD,
    from: 'IT Notifications <notify@lakeview-dental.example>',
    subject: '2FA renewal for aws-root@acme.example',
    html: `<html><body><p>Hello aws-root,</p><p>The authenticator linked to this mailbox expires today. Scan the image below with your phone to keep access.</p><p><img src="cid:qr1" alt="QR" width="220"></p><p>Acme IT</p></body></html>`,
    attach: [{ name: 'qr.png', type: 'image/png', content: 'PNGDATA' }],
  },
  {
    id: 'f5-l07',
    ...HELD,
    from: 'Accounts Receivable <ar@cloudstatement-services.example>',
    subject: 'Statement for August - AWS usage',
    text: `Dear Client,

Attached is your statement of AWS usage for August with an outstanding amount of USD 12,384.10. Please open the attached file in your browser and enter your e-mail credentials to view it.

Regards,
Accounts Receivable`,
    attach: [
      {
        name: 'Statement_Aug2026.html',
        type: 'text/html',
        content: '<html><form action="https://collect.example/p"><input type=password></form></html>',
      },
    ],
  },
  {
    id: 'f5-l08',
    ...HELD,
    from: 'AWS Account Closure <acctclosure.review@gmail.com>',
    subject: 'Invitation: AWS account closure review @ Mon 24 Aug 2026 10am',
    headers: { 'Content-Type': 'text/calendar; charset=utf-8; method=REQUEST' },
    text: `BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:8831@review
DTSTART:20260824T100000Z
DTEND:20260824T103000Z
SUMMARY:AWS account closure review
DESCRIPTION:Your account is scheduled for closure. Confirm ownership before the meeting: https://aws-ownership-confirm.example/start
ORGANIZER:mailto:acctclosure.review@gmail.com
END:VEVENT
END:VCALENDAR`,
  },
  {
    id: 'f5-l09',
    ...HELD,
    to: 'sakura',
    from: '経理部 <keiri@cloud-seikyu.example>',
    subject: 'AWSご利用料金 請求書送付のご案内（8月分）',
    text: `ご担当者様

いつもお世話になっております。
8月分のAWSご利用料金の請求書をお送りいたします。添付ファイルを解凍のうえ、マクロを有効にしてご確認ください。

解凍パスワード：0823

お支払期限は8月28日となっております。期日までにお支払いが確認できない場合、サービスを停止させていただきます。`,
    attach: [{ name: 'seikyusho_0823.zip', type: 'application/zip', content: 'PKencrypted' }],
  },
  {
    id: 'f5-l10',
    ...HELD,
    from: 'Αmazon Web Serνices <no-reply@arnazon-aws.example>',
    subject: 'Action required: verify your account details',
    text: `Hello,

We could not verify the contact details of your account. Please confirm them within 48 hours to prevent interruption: https://arnazon-aws.example/verify

Amazon Web Services`,
  },
  {
    id: 'f5-l11',
    expect: { ...HELD.expect, hide: ['448213'] },
    from: 'no-reply <no-reply@signin.aws>',
    signed: [],
    subject: 'Verify your identity',
    text: `Verify your identity

If you did not request this, secure your account now at https://signin-aws-verify.example/stop

Verification code: 448213`,
  },
  {
    id: 'f5-l12',
    ...HELD,
    from: 'AWS Health <health@aws.com>',
    signed: ['mailer-blue.example'],
    subject: '[Action Required] Amazon RDS certificate rotation [AWS Account: 111122223333]',
    text: `AWS Health Event

Your RDS certificate authority expires on 2026-08-30. Rotate it with the tool: https://rds-ca-tool.example/download`,
  },
  {
    id: 'f5-l13',
    ...HELD,
    from: 'Marketplace Offers <offers@marketplace-aws-deals.example>',
    subject: 'Your private offer from CloudSentry expires in 2 days',
    text: `Hello,

CloudSentry Inc. has extended a private offer to you (USD 84,000 / 12 months). Offers that are not declined are accepted automatically and billed to your AWS account.

Review or decline the offer: https://marketplace-aws-deals.example/offer/oq-7731

AWS Marketplace`,
  },
  {
    id: 'f5-l14',
    ...HELD,
    to: 'sakura',
    from: 'Amazon Pay <info@amazonpay-jp.example>',
    subject: 'お支払い方法の更新が必要です',
    text: `Amazon Pay をご利用いただきありがとうございます。

ご登録のクレジットカードの有効期限が切れているため、お支払いを処理できませんでした。24時間以内に更新されない場合、アカウントを一時停止いたします。

▼お支払い方法の更新
https://amazonpay-jp.example/update`,
  },
  {
    id: 'f5-l15',
    ...HELD,
    from: 'Service Desk <helpdesk@acme-servicedesk.example>',
    subject: 'INC0041882 - MFA token for shared cloud mailbox',
    text: `Hello,

A request to replace the MFA token of the shared cloud mailbox was logged under INC0041882. To finish it, reply with the number shown in the authenticator, or tell us a phone number on which a technician can reach you within the hour.

Service Desk, Tier 1`,
  },
  {
    id: 'f5-l16',
    ...HELD,
    from: 'Finance <finance@cloudreseller-billing.example>',
    subject: 'Change of our bank details',
    text: `Dear Sir or Madam,

Please note that our bank account has changed due to an audit. Kindly settle the open AWS invoices of July and August to the new account below and send the remittance advice to this address.

IBAN: LT12 1000 0111 0100 1000
Beneficiary: CR Services UAB

Please do not use the former account any more.

With kind regards,
Finance`,
  },
  {
    id: 'f5-l17',
    ...HELD,
    from: 'Contracts via SignDesk <noreply@harbor-legal.example>',
    subject: 'Completion requested: AWS Enterprise Agreement Amendment No. 4',
    html: `<html><body><table><tr><td>J. Alvarez (Amazon Web Services) sent you a document to review and sign.</td></tr><tr><td><a href="https://harbor-legal.example/d/2231">REVIEW DOCUMENT</a></td></tr><tr><td>AWS Enterprise Agreement Amendment No. 4.pdf</td></tr><tr><td>Do not share this e-mail. It contains a secure link.</td></tr></table></body></html>`,
  },
  {
    id: 'f5-l18',
    ...HELD,
    from: 'Tax Compliance <compliance@w9-renewal-center.example>',
    subject: 'Form W-9 for your AWS account is out of date',
    text: `To whom it may concern,

The tax form on file for your Amazon Web Services account is no longer valid. Under IRS rules 24 % of your credits will be withheld from 1 September unless a new form is submitted.

Submit your form: https://w9-renewal-center.example/form?id=88121`,
  },
  {
    id: 'f5-l19',
    ...HELD,
    from: 'Martin Oakes <m.oakes.office@gmail.com>',
    subject: 'are you at your desk?',
    text: `I'm in a meeting and can't talk. I need a small thing done in the AWS console before 3pm, it has to stay between us for now. Write back when you see this and I'll tell you what to do.

Martin
CFO`,
  },
  {
    id: 'f5-l20',
    ...HELD,
    to: 'sakura',
    from: 'クラウド監視センター <alert@cloud-kanshi-center.example>',
    subject: '【緊急】不正なインスタンスの起動を検知しました',
    text: `お客様各位

お客様のAWSアカウントにおいて、第三者による不正なインスタンスの起動が検知されました。
このまま放置されますと高額な請求が発生いたします。至急、下記サポート窓口までお電話ください。

サポート窓口：050-5555-0123（24時間対応）

クラウド監視センター`,
  },
  {
    id: 'f5-h01',
    ...PERSON,
    from: 'Dana Lindqvist <dana.lindqvist@acme.example>',
    subject: 'July bill',
    text: `Hi,

The July bill went up by about 30 % and almost all of it is EC2-Other. Could you tell me what is behind that? We did not start anything new as far as I know.

Thanks
Dana`,
  },
  {
    id: 'f5-h02',
    ...PERSON,
    from: 'Piotr Zielinski <piotr@acme.example>',
    subject: 'MFA for Yuki',
    text: `Hello,

Yuki lost her phone on the train and can't sign in to the console any more. Her IAM user is yuki.ops in 444455556666. Could somebody remove the old MFA device so that she can register the new one?

Piotr`,
  },
  {
    id: 'f5-h03',
    ...PERSON,
    from: 'Nadia Ferrant <nadia.ferrant@acme.example>',
    subject: 'account suspended??',
    text: `Hi team,

when I open https://console.aws.amazon.com/billing/home#/ in 444455556666 it says the account is suspended. We paid the invoice to you two weeks ago. Please have a look quickly, our staging is down.

Nadia`,
  },
  {
    id: 'f5-h04',
    ...PERSON,
    from: 'Jonas Brandt <jonas.brandt@nordlicht-consulting.example>',
    subject: 'SCP change for Acme',
    text: `Hello,

I'm helping Acme with their landing zone. We would like to allow eu-central-2 for the sandbox accounts; I understand that the policy is kept by you. Whom should Dana's team ask for that, and is there a form?

Best regards
Jonas Brandt
Nordlicht Consulting GmbH`,
  },
  {
    id: 'f5-h05',
    expect: { is: 'drop nonaws.vendor_marketing' },
    from: 'Datadog <news@datadoghq.com>',
    subject: "What's new in Datadog: August release notes",
    headers: { 'List-Unsubscribe': '<https://datadoghq.com/unsubscribe?u=1>', Precedence: 'bulk' },
    text: `New this month: AWS Lambda cold-start tracing, cost recommendations for your AWS accounts, and more.

Read the release notes: https://www.datadoghq.com/blog/august

You receive this mail because you are subscribed to product news. Unsubscribe`,
  },
  {
    id: 'f5-h06',
    expect: { is: 'open nonaws.forwarded' },
    from: 'Dana Lindqvist <dana.lindqvist@acme.example>',
    subject: 'Fwd: [Action Required] AWS Lambda Node.js 20.x end-of-life [AWS Account: 111122223333]',
    text: `Is this one ours? I thought the functions were moved in spring.

Dana

---------- Forwarded message ---------
From: AWS Health <health@aws.com>
Date: Mon, 10 Aug 2026 at 08:02
Subject: [Action Required] AWS Lambda Node.js 20.x end-of-life [AWS Account: 111122223333]
To: <aws-root@acme.example>

We are ending support for Node.js 20 in AWS Lambda on October 31, 2026.`,
  },
  {
    id: 'f5-h07',
    ...PERSON,
    from: 'GitHub <noreply@github.com>',
    subject: '[GitHub] A new SSH key was added to your account',
    text: `Hey acme-root!

A new public SSH key was added to your account: deploy-2026-08 (SHA256:2b9f...).

If you believe this key was added in error, you can remove the key and disable access at https://github.com/settings/keys.

Thanks,
The GitHub Team`,
  },
  {
    id: 'f5-h08',
    ...PERSON,
    from: 'PagerDuty <no-reply@pagerduty.com>',
    subject: '[#48211] TRIGGERED: RDS CPU above 90 % on prod-db-1',
    text: `Incident #48211 is triggered.
Service: AWS production
Assigned to: Nadia Ferrant
View: https://acme.pagerduty.com/incidents/Q2X9
Acknowledge by replying ACK to this mail.`,
  },
  {
    id: 'f5-h09',
    ...PERSON,
    from: 'Nordbank Business <service@nordbank.example>',
    subject: 'Your August card statement is ready',
    text: `Dear customer,

The statement of your business card ending in 4411 for August is ready. Log in to online banking as usual to see it. The balance is taken from your account on 1 September.

Nordbank never asks for your PIN or password by mail.

Nordbank AG`,
  },
  {
    id: 'f5-h10',
    ...PERSON,
    to: 'sakura',
    from: '国税電子申告・納税システム <info@e-tax.nta.go.jp>',
    subject: '【e-Tax】税務署からのお知らせ',
    text: `e-Taxをご利用いただきありがとうございます。

税務署からのお知らせをメッセージボックスに格納しましたので、内容をご確認ください。メッセージボックスの確認には利用者識別番号が必要です。

※本メールは送信専用です。
国税庁`,
  },
  {
    id: 'f5-h11',
    expect: { is: 'drop nonaws.auto_reply' },
    from: 'Dana Lindqvist <dana.lindqvist@acme.example>',
    subject: 'Automatic reply: AWS Notification Message',
    headers: { 'Auto-Submitted': 'auto-replied' },
    text: `I am out of the office until 31 August. In urgent cases please write to cloud-team@acme.example or call +46 8 555 0100.`,
  },
  {
    id: 'f5-h12',
    ...PERSON,
    to: 'sakura',
    from: 'サポートデスク <support@kumo-works.example>',
    subject: '【サポート #20300185】お問い合わせへのご回答',
    text: `さくら商事 山本様

お世話になっております。クモワークス サポートデスクの西でございます。

お問い合わせいただいた RDS の自動バックアップの保持期間につきましては、コンソール（https://console.aws.amazon.com/rds/）の「変更」から最大35日まで設定いただけます。
ご確認のうえ、ご不明な点がございましたら本メールにご返信ください。

クモワークス株式会社 サポートデスク 西`,
  },
  {
    id: 'f5-h13',
    ...PERSON,
    from: 'AWS User Group Stockholm <info@awsug-sthlm.example>',
    subject: 'September meetup: cost stories from production',
    headers: { 'List-Unsubscribe': '<mailto:leave@awsug-sthlm.example>' },
    text: `Hi builders,

our next meetup is on 10 September at 18:00. Two talks, pizza, and time to chat. Please RSVP so that we order enough: https://www.meetup.com/awsug-sthlm/events/3322

See you there
Your organisers`,
  },
  {
    id: 'f5-h14',
    ...PERSON,
    from: 'Hanna Ros <hanna@ros-talent.example>',
    subject: 'Cloud platform lead in Malmö',
    text: `Hi there,

I'm looking for a cloud platform lead with deep AWS experience for a medtech client in Malmö, hybrid, 75-85k SEK. Would you or somebody you know be open to a chat next week?

Best
Hanna`,
  },
  {
    id: 'f5-h15',
    ...PERSON,
    to: 'sakura',
    from: '営業部 佐々木 <sasaki@unyou-partners.example>',
    subject: 'AWS運用コスト削減のご提案',
    text: `ご担当者様

突然のご連絡失礼いたします。運用パートナーズの佐々木と申します。
弊社ではAWSの運用コストを平均20%削減するサービスを提供しております。よろしければ、30分ほどオンラインでご説明のお時間をいただけませんでしょうか。

資料はこちらです。
https://unyou-partners.example/aws-cost.pdf

何卒よろしくお願いいたします。`,
  },
  {
    id: 'f5-h16',
    ...PERSON,
    to: 'sakura',
    from: '山本 由美 <yamamoto@sakura.example>',
    subject: '請求書の宛名変更について',
    text: `いつもお世話になっております。さくら商事の山本です。

10月の組織変更に伴い、AWS利用料の請求書の宛名を「経営管理部」に変更していただけますでしょうか。手続きに必要な書類があればお知らせください。

よろしくお願いいたします。
山本`,
  },
  {
    id: 'f5-h17',
    ...PERSON,
    to: 'sakura',
    from: '岡田 誠 <okada@sakura.example>',
    subject: '退職者のMFAについて',
    text: `お世話になっております。情報システム部の岡田です。

8月末で退職する高橋のIAMユーザーにMFAが設定されたままになっております。後任の井上に引き継ぐため、MFAデバイスの解除をお願いできますでしょうか。アカウントは 555566667777 です。

お手数をおかけしますが、よろしくお願いいたします。`,
  },
  {
    id: 'f5-h18',
    ...PERSON,
    from: 'Nadia Ferrant <nadia.ferrant@acme.example>',
    subject: 'RE: [CASE 176508697500328] Suspicious activity in your AWS account',
    headers: { 'In-Reply-To': '<0100019a-x@email.amazonses.com>' },
    text: `We rotated the key this morning and deleted the two instances in ap-south-1. Can you tell AWS so that they lift the restriction?

Nadia

> From: Amazon Web Services <no-reply-aws@amazon.com>
> Please review the activity in your account 111122223333.`,
  },
  {
    id: 'f5-h19',
    expect: { ...PERSON.expect, hide: ['KQ2-8XM'] },
    from: 'Slack <feedback@slack.com>',
    subject: 'Slack confirmation code: KQ2-8XM',
    text: `Confirm your email address

Your confirmation code is below. Enter it in your open browser window and we'll help you get signed in.

KQ2-8XM

If you didn't request this email, there's nothing to worry about; you can safely ignore it.`,
  },
  {
    id: 'f5-h20',
    expect: { is: 'drop nonaws.calendar_invite' },
    from: 'Dana Lindqvist <dana.lindqvist@acme.example>',
    subject: 'Invitation: Quarterly AWS review @ Thu 27 Aug 2026',
    headers: { 'Content-Type': 'text/calendar; charset=utf-8; method=REQUEST' },
    text: `BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:q3-review@acme.example
DTSTART:20260827T120000Z
DTEND:20260827T130000Z
SUMMARY:Quarterly AWS review
DESCRIPTION:Costs, open cases, plans for Q4. https://meet.google.com/abc-defg-hij
ORGANIZER:mailto:dana.lindqvist@acme.example
END:VEVENT
END:VCALENDAR`,
  },
];
