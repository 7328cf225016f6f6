import { type CorpusMail, mailsOf } from './mail.ts';

const person = mailsOf('open nonaws.customer_human');
const lure = mailsOf('quarantine phish.');

/**
 * A fourth set, of people and lures again, written when the rules for the third one stood. First reading: of 12 lures 8 were
 * held and 4 were in tickets; all 12 people were right.
 */
export const unreadFourth: readonly CorpusMail[] = [
  person(
    'q-p-1',
    'Petra <petra@stadtwerk.example>',
    'Zugang',
    'Hallo, mein Kollege ist in Rente und nur er kannte das AWS-Passwort. Wie kommen wir wieder rein?',
  ),
  person(
    'q-p-2',
    'Amir <amir@clinic.example>',
    'AWS letter',
    'A letter from AWS by post asks us to confirm our tax number. Did that come from you? We would rather ask first.',
  ),
  person(
    'q-p-3',
    'Dora <dora@acme.example>',
    'budget',
    'Please raise the AWS budget of team blue to 900 dollars and tell them.',
  ),
  person(
    'q-p-4',
    'Finn <finn@partner-dev.example>',
    'deploy role',
    'Hi all, the deploy role in account 111122223333 misses s3:PutObject since your change yesterday. Could you add it back? The release waits for it.',
  ),
  person(
    'q-p-5',
    'Hana <hana@sakura.example>',
    '請求金額について',
    '今月のAWSの請求額が先月の倍になっています。原因を調べていただけますか。',
    { to: 'sakura', expect: { is: 'open nonaws.customer_human', lang: 'ja' } },
  ),
  person(
    'q-p-6',
    '石井 <ishii@kaikei.example>',
    '領収書',
    'AWSの領収書を再発行していただくことは可能でしょうか。決算のため今週中に必要です。',
    { to: 'sakura', expect: { is: 'open nonaws.customer_human', lang: 'ja' } },
  ),
  person(
    'q-p-7',
    'Gus <gus@mail-home.example>',
    'stop',
    'i never asked for aws. please stop charging me. i want my 6 dollars back',
    { signed: [] },
  ),
  person(
    'q-p-8',
    'Vera <vera@initech.example>',
    'audit log',
    'Who signed in as root on Sunday? Our monitoring saw it and nobody here admits to it.',
    { to: 'initech' },
  ),
  person(
    'q-p-9',
    'Tariq <tariq@university.example>',
    'research credits',
    'We got research credits of AWS and cannot find them in the console. What do we have to do to use them?',
  ),
  person(
    'q-p-10',
    'Lotte <lotte@globex.example>',
    'Re: MFA',
    'Done, both keys are registered now. Please test it from your end.',
    { to: 'globex' },
  ),
  person(
    'q-p-11',
    'Sam <sam@msp-old.example>',
    'handover of Acme',
    'We were the MSP of Acme until October. There are still two of our roles in their AWS account; please delete them, they are called msp-admin and msp-read.',
  ),
  person(
    'q-p-12',
    'Ella <ella@press.example>',
    'press question',
    'Dear team, for an article about the AWS outage last week: were your customers hit, and may we quote you?',
  ),
  lure(
    'q-l-1',
    'Compliance Unit <unit@kyc-mail.example>',
    'AWS KYC',
    'New law obliges holders of AWS accounts to file their identity papers again. Send copies to this address; accounts without them close on Friday.',
  ),
  lure(
    'q-l-2',
    'Robert (AWS) <robert@case-helper.example>',
    'your case',
    'Robert from the AWS case team. I can move your case up. For that I just need you to read me the sign-in number.',
  ),
  lure(
    'q-l-3',
    'Mail Admin <admin@quota-mail.example>',
    'Root mailbox almost full',
    'The mailbox of your AWS root address is almost full and will bounce mail from AWS. Answer with its password to have it enlarged.',
  ),
  lure(
    'q-l-4',
    'AWS Rewards <gift@loyalty-desk.example>',
    'You have been selected',
    'As a loyal AWS customer you get 500 dollars in credits. Tell us your account number and root e-mail to have them added.',
  ),
  lure(
    'q-l-5',
    'Jane Miller <jane@legal-notice.example>',
    'Copyright complaint',
    'Content in your S3 bucket infringes the rights of our client. Take part in the settlement in writing within three days or AWS will shut you down.',
  ),
  lure(
    'q-l-6',
    'AWS運営事務局 <jimukyoku@kaitei-annai.example>',
    '利用規約改定',
    '規約改定に伴い再登録が必要です。会員番号とパスワードをご記入のうえご返送ください。',
    { to: 'sakura' },
  ),
  lure(
    'q-l-7',
    '森 <mori@ryokin-soudan.example>',
    'AWS料金の件',
    'お客様のAWS料金に過払いがございました。返金のため口座情報をお知らせください。',
    { to: 'sakura' },
  ),
  lure(
    'q-l-8',
    'Technik <technik@wartung-team.example>',
    'Wartung',
    'AWS führt heute Nacht eine Wartung durch. Schalten Sie die MFA Ihres Root-Benutzers bis morgen ab.',
  ),
  lure(
    'q-l-9',
    'Support <support@assist-cloud.example>',
    'Re: [Case 4471] Root access',
    'Dear customer, to close case 4471 reply with the backup code printed under the QR picture of your root MFA.',
  ),
  lure(
    'q-l-10',
    'Chris <chris@chain-mail.example>',
    'hello',
    'I have access to your AWS account and a copy of your database. Pay 0.4 BTC, I will write you where to. Do not tell AWS.',
  ),
  lure(
    'q-l-11',
    'AWS Notifications <no-reply@sns.amazonaws.com>',
    'Voicemail from accounting',
    'You have 1 new voicemail. Listen: https://vm-listen.example/1\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\nhttps://sns.us-east-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:us-east-1:909090909090:v:1&Endpoint=x',
  ),
  lure(
    'q-l-12',
    'Procurement <buy@vendor-update.example>',
    'Vendor master data',
    'Amazon Web Services has new bank details. Update the vendor record and pay open invoices to them. The letter is attached.',
    { attach: [{ name: 'details.pdf', type: 'application/pdf', content: '%PDF' }] },
  ),
];
