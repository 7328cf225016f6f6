import type { CorpusMail } from './mail.ts';

const HELD = { expect: { is: 'quarantine phish.' } };
const PERSON = { expect: { is: 'open nonaws.customer_human' } };

/** A third dozen of lures and of honest mails. At first reading 7 lures were held and 11 honest mails were right. */
export const unreadSeventh: CorpusMail[] = [
  {
    id: 'f7-n01',
    ...HELD,
    from: 'Julia Brandt <j.brandt@nordmetall-teile.example>',
    subject: 'WG: AWS Konto Sperrung',
    text: `Hallo,

das kam heute bei uns an, betrifft aber wohl euch. Bitte kümmert euch gleich darum.

-----Ursprüngliche Nachricht-----
Von: AWS Support
Gesendet: Montag, 10. August 2026 08:12
An: info
Betreff: AWS Konto Sperrung

Ihr Konto wird am 12. August gesperrt. Melden Sie sich hier an, um die Sperrung zu verhindern: https://aws-konto-pruefung.example/login`,
  },
  {
    id: 'f7-n02',
    ...HELD,
    from: 'Nora Quist <nora@cloudaudit-quist.example>',
    subject: 'Evidence for SOC 2',
    text: `Hello Dana,

for control CC6.1 I still lack evidence. Would you mind taking a screenshot of the root sign-in page including the code field once the mail has come in, and attaching it to your answer?

Thanks,
Nora`,
  },
  {
    id: 'f7-n03',
    ...HELD,
    from: 'Domain Registry <renewals@dns-registry-services.example>',
    subject: 'acme.example expires - final reminder',
    text: `Attention: Domain owner

The domain acme.example, hosted with Route 53, is due for renewal. Failure to renew before 31 August leads to loss of the domain and the e-mail addresses in it.

Renew now: https://dns-registry-services.example/renew?d=acme.example

Fee: EUR 86.00`,
  },
  {
    id: 'f7-n04',
    ...HELD,
    to: 'sakura',
    from: '佐藤 <sato@webmeishi-sharing.example>',
    subject: '【共有】AWS契約更新に関する書類',
    html: `<p>佐藤さんがファイルを共有しました。</p><p>AWS契約更新に関する書類_2026.pdf</p><p><a href="https://webmeishi-sharing.example/f/771">ファイルを開く</a></p><p>閲覧にはメールアドレスとパスワードの入力が必要です。</p>`,
  },
  {
    id: 'f7-n05',
    ...HELD,
    from: 'Acme Corp IT <it-support@outlook.com>',
    subject: 'Scheduled mailbox migration',
    text: `Dear user,

all shared mailboxes move to the new tenant tonight. Kindly fill in the form so that your messages are not lost: https://forms.tenant-move.example/r/acme

IT Support`,
  },
  {
    id: 'f7-n06',
    ...HELD,
    from: 'Ben Carter <ben.carter@datasync-labs.example>',
    subject: 'Re: vendor onboarding',
    text: `Hi there,

we're nearly done with the onboarding. The last step: create an access key for the deploy user and drop it into this chat or reply to me with it. Your colleague Nadia said that you are the one who can do that.

Cheers
Ben`,
  },
  {
    id: 'f7-n07',
    ...HELD,
    from: 'Kundenservice <service@rechnung-cloud.example>',
    subject: 'Mahnung: offene Rechnung AWS-Leistungen',
    text: `Sehr geehrte Damen und Herren,

trotz unserer Erinnerung ist die Rechnung 2026-0711 über 1.240,00 EUR für AWS-Leistungen noch offen. Bitte überweisen Sie den Betrag bis zum 25.08. auf das unten genannte Konto, andernfalls werden die Dienste gesperrt.

IBAN: DE02 1203 0000 0000 2020 51
Kundenservice`,
  },
  {
    id: 'f7-n08',
    ...HELD,
    to: 'globex',
    from: 'Hannah Vogel <hannah.vogel@protonmail.com>',
    subject: 'Bounty: takeover of your AWS root',
    text: `Hi,

I'm an independent researcher. I found a way into the root user of your AWS account. I will share the write-up once the reward of 0.4 BTC is agreed. If I don't hear back in 72 hours I publish it.

Hannah`,
  },
  {
    id: 'f7-n09',
    ...HELD,
    from: 'Lieferdienst <tracking@paket-info.example>',
    subject: 'Your hardware token could not be delivered',
    text: `Your parcel (YubiKey 5C, sender: AWS) could not be delivered because of an incomplete address. Confirm the address and pay the fee of 1.99 here: https://paket-info.example/z`,
  },
  {
    id: 'f7-n10',
    ...HELD,
    from: 'Luis Ortega <luis@soluciones-nube.example>',
    subject: 'Cambio de contacto de la cuenta',
    text: `Hola Dana:

Según lo hablado, a partir de hoy llevamos nosotros la cuenta. Por favor, cambia el correo del usuario raíz a luis@soluciones-nube.example y reenvíame el mensaje de confirmación cuando llegue.

Gracias
Luis`,
  },
  {
    id: 'f7-n11',
    ...HELD,
    from: 'Chase Mobility <no-reply@voicemail-center.example>',
    subject: 'New voice message from +1 206 555 0100 (AWS Billing)',
    html: `<p>You have one new voice message.</p><p>Caller: AWS Billing<br>Length: 00:43</p><p><a href="https://voicemail-center.example/p/1">Play message</a></p>`,
  },
  {
    id: 'f7-n12',
    ...HELD,
    from: 'Meera Joshi <meera@finops-optimize.example>',
    subject: 'we can cut your AWS spend by 40 %',
    text: `Hi,

we looked at your environment and see savings of 40 %. To start we only need a role: launch this stack and leave AdministratorAccess as it is, then tell us the external ID.
https://finops-optimize.example/launch-stack

Meera`,
  },
  {
    id: 'f7-j01',
    ...PERSON,
    from: 'Nadia Ferrant <nadia.ferrant@acme.example>',
    subject: 'code for root',
    text: `Hi, I am signing in as root for the tax settings, as announced on Monday. Please send me the code that comes in now. My number is in the ticket.

Nadia`,
  },
  {
    id: 'f7-j02',
    expect: { is: 'open nonaws.forwarded' },
    from: 'Dana Lindqvist <dana.lindqvist@acme.example>',
    subject: 'Fw: Your AWS account will be closed',
    text: `What do you make of this one? Should we answer?
Dana`,
    headers: {},
  },
  {
    id: 'f7-j03',
    ...PERSON,
    from: 'Sven Aberg <sven.aberg@ventilation-nord.example>',
    subject: 'Wrong recipient?',
    text: `Hello,

for two weeks we have been receiving cost reports that seem to be meant for you; the address aws-root@acme.example is in copy. I suppose somebody mistyped our domain. Could you have that stopped?

Regards
Sven Aberg`,
  },
  {
    id: 'f7-j04',
    ...PERSON,
    from: 'Elif Kaya <elif@kaya-bilisim.example>',
    subject: 'S3 replication to our bucket',
    text: `Hi Dana,

the replication to our bucket works now, thank you. Version history is missing for files before June, is that on purpose?

Elif`,
  },
  {
    id: 'f7-j05',
    ...PERSON,
    from: 'Google Workspace <workspace-noreply@google.com>',
    subject: 'Your Google Workspace invoice is available',
    text: `Your Google Workspace monthly invoice is available. Please find the PDF document attached at the bottom of this email.

The balance will be automatically charged so you don't need to take any action.

Thank you,
The Google Cloud team`,
    attach: [{ name: '5012.pdf', type: 'application/pdf', content: '%PDF' }],
  },
  {
    id: 'f7-j06',
    ...PERSON,
    from: 'HashiCorp <support@hashicorp.com>',
    subject: 'HCP Terraform: run needs confirmation in workspace acme-prod',
    text: `A run in workspace acme-prod is waiting for confirmation.

Plan: 2 to add, 1 to change, 0 to destroy
View run: https://app.terraform.io/app/acme/workspaces/acme-prod/runs/run-1`,
  },
  {
    id: 'f7-j07',
    ...PERSON,
    to: 'sakura',
    from: '高田 修 <takada@takada-kaikei.example>',
    subject: '消費税区分のご確認のお願い',
    text: `さくら商事株式会社
経理ご担当者様

お世話になっております。高田会計事務所の高田です。
7月分のAWS利用料につきまして、消費税の課税区分をご確認いただけますでしょうか。請求書の写しは先日お預かりしたもので足りております。

よろしくお願いいたします。`,
  },
  {
    id: 'f7-j08',
    ...PERSON,
    to: 'sakura',
    from: '中村 <nakamura@sakura.example>',
    subject: 'Re: ルートメールの件',
    text: `承知しました。MFAの登録は来週行います。担当者は岡田に変更になりました。

中村`,
  },
  {
    id: 'f7-j09',
    ...PERSON,
    from: 'Ueber Uns Events <hello@cloudsummit-nord.example>',
    subject: 'Speaker wanted: Cloud Summit Nord',
    text: `Hello,

our programme committee liked your talk about AWS Organizations last year. Would somebody of your team like to speak in November? Proposals are open until 15 September at https://cloudsummit-nord.example/cfp

Warm regards
The Cloud Summit team`,
  },
  {
    id: 'f7-j10',
    ...PERSON,
    from: 'Berufsgenossenschaft <post@bg-meldung.example>',
    subject: 'Beitragsbescheid 2026',
    text: `Sehr geehrte Damen und Herren,

Ihr Beitragsbescheid für 2026 liegt in Ihrem Postfach im Serviceportal bereit. Diese Nachricht wurde automatisch erzeugt.

Ihre Berufsgenossenschaft`,
  },
  {
    id: 'f7-j11',
    ...PERSON,
    to: 'initech',
    from: 'Milton W. <milton@initech.example>',
    subject: 'who approved this?',
    text: `there is a new charge of $312 for something called Kendra in 210987654321. nobody here asked for it. please switch it off and get us the money back.`,
  },
  {
    id: 'f7-j12',
    ...PERSON,
    from: 'Anke Sommer <anke.sommer@sommer-revision.example>',
    subject: 'Jahresabschluss: Saldenbestätigung',
    text: `Sehr geehrte Damen und Herren,

im Rahmen der Prüfung unseres Mandanten Acme bitten wir um eine Saldenbestätigung der AWS-Kosten zum 30. Juni. Ein formloses Schreiben genügt.

Mit freundlichen Grüßen
Anke Sommer, Wirtschaftsprüferin`,
  },
];
