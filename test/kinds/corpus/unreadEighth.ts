import type { CorpusMail } from './mail.ts';

const HELD = { expect: { is: 'quarantine phish.' } };
const PERSON = { expect: { is: 'open nonaws.customer_human' } };

/** Eight lures and eight honest mails more. At first reading 7 lures were held and 7 honest mails were right. */
export const unreadEighth: CorpusMail[] = [
  {
    id: 'f8-o01',
    ...HELD,
    from: 'Greg Palmer <greg@northwind-msp.example>',
    subject: 'Handover of your account to Northwind',
    text: `Hi Dana,

great news, the handover starts today. AWS will mail a transfer approval to this address in a few minutes. Just click approve when it arrives, no need to do anything else. Call me if it does not show up.

Greg`,
  },
  {
    id: 'f8-o02',
    ...HELD,
    to: 'sakura',
    from: '鈴木 <suzuki.recruit@gmail.com>',
    subject: '前任者からの引き継ぎ',
    text: `はじめまして。今月からAWSの管理を引き継いだ鈴木と申します。
前任者と連絡が取れず、ルートユーザーにサインインできません。パスワードの再設定メールをそちらで受け取られましたら、本文をそのまま送っていただけないでしょうか。`,
  },
  {
    id: 'f8-o03',
    ...HELD,
    from: 'Cloud Compliance Board <office@ccb-registry.example>',
    subject: 'Entry in the EU Cloud Register 2026/27',
    text: `Dear Sir or Madam,

operators of cloud infrastructure (AWS, Azure, Google) have to be entered in the EU Cloud Register. Please complete and sign the attached form and return it by 30 August. The annual fee is EUR 995.

Cloud Compliance Board`,
    attach: [{ name: 'register.pdf', type: 'application/pdf', content: '%PDF' }],
  },
  {
    id: 'f8-o04',
    ...HELD,
    from: 'Dana Lindqvist <dana.lindqvist@acme.example>',
    signed: [],
    subject: 'urgent - sign-in',
    text: `I am at the airport and my laptop is dead. Text me the sign-in number that AWS just sent to +46 70 555 01 22, please. Dana`,
  },
  {
    id: 'f8-o05',
    ...HELD,
    from: 'Zoom <no-reply@zoom-meetings.example>',
    subject: 'You missed a meeting: AWS incident review',
    html: `<p>Hi aws-root,</p><p>AWS incident review started without you.</p><p><a href="https://zoom-meetings.example/j/1">Join recording</a></p><p>Sign in with your company account to watch.</p>`,
  },
  {
    id: 'f8-o06',
    ...HELD,
    from: 'Credits Programme <hello@startup-credits.example>',
    subject: 'USD 25,000 in AWS credits reserved for you',
    text: `Congratulations! Your company was selected for USD 25,000 in AWS credits. Claim them within 3 days by linking your root account: https://startup-credits.example/claim`,
  },
  {
    id: 'f8-o07',
    ...HELD,
    from: 'Tax Office <bescheid@elster-portal.example>',
    subject: 'Steuererstattung AWS EMEA',
    text: `Guten Tag,

aus Ihren Rechnungen der AWS EMEA SARL ergibt sich eine Erstattung von 1.318,40 EUR. Bitte hinterlegen Sie Ihre Bankverbindung innerhalb von 7 Tagen: https://elster-portal.example/erstattung`,
  },
  {
    id: 'f8-o08',
    ...HELD,
    to: 'globex',
    from: 'Globex Security Operations <soc@globex-soc.example>',
    subject: 'Phishing simulation follow-up',
    text: `Dear colleague,

you did not pass the last phishing simulation. The training has to be finished today, otherwise the AWS sign-in is withdrawn: https://globex-soc.example/training`,
  },
  {
    id: 'f8-k01',
    ...PERSON,
    from: 'Paul Dreyer <paul@dreyer-it.example>',
    subject: 'Zugriff auf das Backup-Konto',
    text: `Hallo Dana,

seit dem Umzug sehe ich die Backups vom Mai nicht mehr. Liegen sie jetzt in einem anderen AWS-Konto, oder wurden sie gelöscht? Eilt nicht.

Viele Grüße
Paul`,
  },
  {
    id: 'f8-k02',
    ...PERSON,
    to: 'sakura',
    from: '森 <mori@mori-design.example>',
    subject: 'ウェブサイトの表示について',
    text: `お世話になっております。森デザインの森です。
先週からS3に置いていただいている画像が表示されなくなっています。設定の変更などございましたでしょうか。お手すきの際にご確認いただけますと幸いです。`,
  },
  {
    id: 'f8-k03',
    ...PERSON,
    from: 'Sentry <noreply@md.getsentry.com>',
    subject: 'ACME-CHECKOUT-4F - TimeoutError: DynamoDB request timed out',
    text: `New alert from acme-checkout in production

TimeoutError: DynamoDB request timed out after 1000ms

View on Sentry: https://acme.sentry.io/issues/55120012/`,
  },
  {
    id: 'f8-k04',
    ...PERSON,
    from: 'Dana Lindqvist <dana.lindqvist@acme.example>',
    subject: 'root MFA',
    text: `Hi, can you please remove the old MFA device from root in 012345678901 and register the new key that we sent you last week? Call me on +46 8 555 0101 to confirm.

Dana`,
  },
  {
    id: 'f8-k05',
    ...PERSON,
    from: 'Stadtwerke <kundenservice@stadtwerke-nord.example>',
    subject: 'Ihre Abrechnung ist da',
    text: `Guten Tag,

Ihre Jahresabrechnung steht im Kundenportal bereit. Der Betrag von 212,40 EUR wird am 1. September abgebucht. Sie müssen nichts weiter tun.

Ihre Stadtwerke`,
  },
  {
    id: 'f8-k06',
    ...PERSON,
    from: 'Rosa Vidal <rosa@vidal-legal.example>',
    subject: 'Data processing agreement',
    text: `Dear all,

we advise Acme on data protection. Which AWS Regions do you use for backups, and is there a list of sub-processors that we may cite? An answer by the end of the month would be fine.

Kind regards
Rosa Vidal`,
  },
  {
    id: 'f8-k07',
    ...PERSON,
    from: 'Microsoft Teams <noreply@email.teams.microsoft.com>',
    subject: 'Nadia added you to the AWS Ops team',
    html: `<p>Nadia Ferrant added you to the AWS Ops team.</p><p><a href="https://teams.microsoft.com/l/team/1">Open Microsoft Teams</a></p>`,
  },
  {
    id: 'f8-k08',
    ...PERSON,
    from: 'Ola Berg <ola@berg-hosting.example>',
    subject: 'Abuse from 3.120.44.17',
    text: `Hello,

a host of yours, 3.120.44.17 in eu-central-1, has been scanning our SSH ports since Sunday. Log lines are below. Would you please look into it?

Aug 16 02:11:09 sshd[991]: Failed password for root from 3.120.44.17 port 41022
Aug 16 02:11:12 sshd[991]: Failed password for root from 3.120.44.17 port 41023

Ola Berg`,
  },
];
