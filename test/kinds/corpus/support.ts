import { caseMail, letter } from './layouts.ts';
import type { CorpusMail } from './mail.ts';

const AWS = 'Amazon Web Services <no-reply-aws@amazon.com>';

export const support: CorpusMail[] = [
  {
    id: 'case-opened',
    from: AWS,
    subject: 'Amazon Web Services: New Support case: 176800000100001',
    at: '2026-09-15T08:00:00Z',
    text: caseMail(
      '176800000100001',
      'Thank you for contacting Amazon Web Services. We have opened case 176800000100001 to address your issue.\n\nThe details of your case are as follows:\n\nCase ID: 176800000100001\nSubject: RDS failover takes 20 minutes\nSeverity: High\nAccount ID: 111122223333\nCorrespondence: We see slow failovers, the master password is hunter2-FAKE',
    ),
    expect: {
      is: 'open support.case_opened',
      thread: 'case',
      facts: { caseId: '176800000100001', accountIds: ['111122223333'] },
      hide: ['hunter2-FAKE'],
    },
  },
  {
    id: 'case-reply',
    from: AWS,
    subject: 'RE:[CASE 176800000100001] RDS failover takes 20 minutes',
    at: '2026-09-15T12:00:00Z',
    to: 'acme:1',
    text: caseMail(
      '176800000100001',
      'Hello,\n\nAnna here from AWS Premium Support. I looked at the events of db-ABCDEFGHIJKLMNOPQRSTUVWXY1 in eu-west-1. Could you share the application log around 07:40 UTC? I will keep the case in Pending Customer Action.',
    ),
    expect: { is: 'append support.case_reply', thread: 'case' },
  },
  {
    id: 'case-resolved',
    from: AWS,
    subject: '[EXTERNAL] RE:[CASE 176800000100001] RDS failover takes 20 minutes',
    at: '2026-09-20T12:00:00Z',
    text: caseMail(
      '176800000100001',
      'Hello,\n\nAs we have not heard back from you, this case has been resolved. If you need more help you can reopen it within 14 days.',
    ),
    expect: { is: 'append support.case_resolved', thread: 'case', resolves: true },
  },
  {
    id: 'case-survey',
    from: AWS,
    subject: 'How was your support experience? [CASE 176800000100001]',
    at: '2026-09-21T12:00:00Z',
    html: letter(
      'Please take a moment to rate the correspondence of your recent support case 176800000100001.\n\nWere you satisfied with the support provided? Yes / No',
    ),
    expect: { is: 'drop support.survey' },
  },
  {
    id: 'case-reply-ko',
    from: AWS,
    subject: 'RE:[CASE 11735180201] EC2 인스턴스 연결 문의',
    to: 'globex',
    text: caseMail(
      '11735180201',
      '안녕하세요 고객님,\n\nAWS Support 입니다. 문의하신 인스턴스 연결 문제를 확인하였습니다. 보안 그룹을 검토해 주시기 바랍니다.\n\n감사합니다.',
      'ko',
    ),
    expect: { is: 'open support.case_reply', facts: { caseId: '11735180201' }, lang: 'ko' },
  },
  {
    id: 'case-reply-ja',
    from: 'Amazon Web Services <no-reply-aws@amazon.com>',
    subject: 'RE:[CASE 176811111100002] 請求金額についてのお問い合わせ',
    to: 'sakura',
    wire: 'base64',
    at: '2026-09-22T00:00:00Z',
    text: caseMail(
      '176811111100002',
      'お客様\n\nAWS サポートの山田でございます。お問い合わせいただきありがとうございます。\nご請求の内訳を確認いたしましたので、下記をご覧ください。\n\nMachine translated message',
      'ja',
    ),
    expect: { is: 'open support.case_reply', thread: 'case-ja', facts: { caseId: '176811111100002' }, lang: 'ja' },
  },
  {
    id: 'case-resolved-ja',
    from: AWS,
    subject: '【社外】RE:[CASE 176811111100002] 請求金額についてのお問い合わせ',
    to: 'sakura',
    wire: 'base64',
    at: '2026-09-24T00:00:00Z',
    text: caseMail(
      '176811111100002',
      'お客様\n\nその後いかがでしょうか。ご返信がございませんでしたので、本ケースは解決済みとさせていただきました。',
      'ja',
    ),
    expect: { is: 'append support.case_resolved', thread: 'case-ja', resolves: true },
  },
  {
    id: 'case-opened-ja',
    from: AWS,
    subject: 'Amazon Web Services: 新しいサポートケース: 176822222200003',
    to: 'sakura',
    wire: 'qp',
    text: caseMail(
      '176822222200003',
      'お問い合わせありがとうございます。ケース ID: 176822222200003 を作成いたしました。\n件名: VPN が接続できない\n重要度: 本番システムがダウン\nアカウント ID: 000123456789',
      'ja',
    ),
    expect: { is: 'open support.case_opened', facts: { caseId: '176822222200003', accountIds: ['000123456789'] } },
  },
  {
    id: 'case-reply-zh',
    from: AWS,
    subject: 'RE:[CASE 176833333300004] 无法登录控制台',
    to: 'globex',
    wire: 'base64',
    text: caseMail(
      '176833333300004',
      '您好，\n\n感谢您联系 AWS 技术支持。我们已经检查了您的账户，请您提供更多的错误信息。',
      'zh',
    ),
    expect: { is: 'open support.case_reply', facts: { caseId: '176833333300004' } },
  },
  {
    id: 'case-reply-de',
    from: AWS,
    subject: 'RE:[CASE 176844444400005] Frage zur Rechnung',
    to: 'initech',
    wire: 'qp',
    text: caseMail(
      '176844444400005',
      'Guten Tag,\n\nvielen Dank für Ihre Anfrage an den AWS-Support. Wir haben die Rechnung geprüft und melden uns morgen wieder.',
      'de',
    ),
    expect: { is: 'open support.case_reply', facts: { caseId: '176844444400005' } },
  },
  {
    id: 'quota-approved',
    from: AWS,
    subject: 'RE:[CASE 176855555500006] Limit Increase: EC2 Instances',
    to: 'globex',
    text: caseMail(
      '176855555500006',
      'Hello,\n\nWe have approved and processed your service quota increase request in US West (Oregon):\n\n[US West (Oregon)]: EC2 Instances / Running On-Demand P instances, New Limit = 96\n\nIt can take up to 30 minutes until it shows.',
    ),
    expect: { is: 'open quota.increase', facts: { regions: ['us-west-2'], caseId: '176855555500006' } },
  },
  {
    id: 'quota-automatic',
    from: AWS,
    subject: 'RE:[CASE 176866666600007] Limit Increase: Lambda',
    to: 'initech',
    html: letter(
      'Hello,\n\nYour request to increase the quota "Concurrent executions" in eu-west-1 was submitted by Service Quotas. We will let you know when the service team has an answer.',
    ),
    expect: { is: 'open quota.increase' },
  },
];
