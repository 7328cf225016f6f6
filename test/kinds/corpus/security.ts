import { caseMail, letter, notice, plain } from './layouts.ts';
import type { CorpusMail } from './mail.ts';

const AT = '2026-09-01T08:00:00Z';
const TRUST = 'AWS Trust and Safety <trustandsafety@support.aws.com>';

export const security: CorpusMail[] = [
  {
    id: 'compromise-health',
    from: 'health@aws.com',
    subject: '[Action Required] Suspicious activity in your AWS account [444455556666]',
    at: AT,
    html: notice(
      '[Action Required] Suspicious activity in your AWS account',
      "Hello,\n\nWe are following up because we believe that the AWS access key AKIAIOSFODNN7FAKE001, belonging to the IAM user deploy-bot, along with the corresponding secret key may have been compromised. It was found at https://gist.example/leak/12345.\n\nYour security is important to us and this exposure of your account's credentials poses a security risk. We have temporarily limited your ability to use some services.\n\nPlease complete the steps below before September 6, 2026, otherwise your account may be suspended.",
    ),
    expect: {
      is: 'open security.compromise',
      thread: 'compromise',
      urgency: 'critical',
      due: '2026-09-06 respond',
      hide: ['AKIAIOSFODNN7FAKE001', 'gist.example/leak/12345'],
      facts: { accountIds: ['444455556666'] },
    },
  },
  {
    id: 'compromise-mail',
    from: 'Amazon Web Services <no-reply@amazonaws.com>',
    subject: '[Action Required] Suspicious activity in your AWS account [444455556666]',
    at: '2026-09-01T08:20:00Z',
    text: plain(
      'Dear AWS customer,\n\nWe noticed unusual activity that suggests that a third party has access to your account. Access key: AKIAIOSFODNN7FAKE001. Please see the case that we opened.',
    ),
    expect: { is: 'append security.compromise', thread: 'compromise', hide: ['AKIAIOSFODNN7FAKE001'] },
  },
  {
    id: 'compromise-case',
    from: 'Amazon Web Services <no-reply-aws@amazon.com>',
    subject: 'RE:[CASE 176508697500328] [Action Required] Suspicious activity in your AWS account [444455556666]',
    at: '2026-09-02T09:00:00Z',
    text: caseMail(
      '176508697500328',
      'Hello,\n\nThis is a follow-up. We have not received a response about the potential compromise of your account. Please rotate the exposed key.',
    ),
    expect: {
      is: 'append security.compromise',
      or: ['support.case_reply'],
      thread: 'compromise',
      facts: { caseId: '176508697500328', accountIds: ['444455556666'] },
    },
  },
  {
    id: 'compromise-later-incident',
    from: 'health@aws.com',
    subject: '[Action Required] Suspicious activity in your AWS account [444455556666]',
    at: '2027-03-20T08:00:00Z',
    html: notice(
      '[Action Required] Suspicious activity in your AWS account',
      'Hello,\n\nWe detected API calls from an unusual location with credentials of the IAM user backup. Rotate them.',
    ),
    expect: { is: 'open security.compromise' },
  },
  {
    id: 'compromise-no-account',
    from: 'AWS Health <health@aws.com>',
    subject: '[Action Required] Please review your AWS Account and credentials',
    to: 'globex',
    html: notice(
      'Please review your AWS Account and credentials',
      'We have become aware that credentials of your account may be exposed. Review CloudTrail, rotate keys and delete resources that you do not recognize.',
    ),
    expect: { is: 'open security.compromise', urgency: 'critical' },
  },
  {
    id: 'compromise-irregular',
    from: 'no-reply@amazonaws.com',
    subject: 'Irregular activity detected in your Amazon Web Services account: 777788889999',
    to: 'globex',
    text: plain(
      'We detected that your AWS account 777788889999 might be accessed by an unauthorized party. An attacker may have created EC2 instances (for instance i-0fa1b2c3d4e5f6a7b) in ap-south-1. As a precaution we restricted the account.',
    ),
    expect: {
      is: 'open security.compromise',
      urgency: 'critical',
      facts: { resources: ['i-0fa1b2c3d4e5f6a7b'], regions: ['ap-south-1'] },
    },
  },
  {
    id: 'compromise-case-opened',
    from: 'Amazon Web Services <no-reply-aws@amazon.com>',
    subject: 'Amazon Web Services: New Support case: 176999000100200',
    to: 'initech',
    text: caseMail(
      '176999000100200',
      'Case ID: 176999000100200\nSeverity: Urgent\nSubject: Your AWS account 210987654321 is compromised\n\nWe found your AWS access key AKIAIOSFODNN7FAKE002 (and its secret key) publicly available on GitHub.',
    ),
    expect: {
      is: 'open security.compromise',
      or: ['support.case_opened'],
      hide: ['AKIAIOSFODNN7FAKE002'],
      urgency: 'high',
    },
  },
  {
    id: 'abuse-new',
    from: TRUST,
    subject: 'Your AWS Abuse Report [10429153877] [AWS ID 012345678901]',
    at: '2026-09-10T10:00:00Z',
    text: 'Hello,\n\nWe have received a report(s) that your AWS resource(s)\n\nAWS ID: 012345678901 Region: eu-central-1 EC2 Instance Id: i-0123456789abcdef0 [203.0.113.77]\n\nhas been implicated in activity which resembles scanning remote hosts on the internet; such activity is forbidden by the AWS Acceptable Use Policy (https://aws.amazon.com/aup/).\n\nPlease review the information below and reply directly to this email within 24 hours with the corrective action taken. If we do not hear from you, we may suspend the resources.\n\n--- begin forwarded report ---\nSep  9 23:11:02 sshd[811]: Failed password for root from 203.0.113.77\n--- end ---\n\nAWS Trust & Safety',
    expect: {
      is: 'open security.abuse',
      thread: 'abuse',
      urgency: 'critical',
      due: '2026-09-11 respond',
      facts: {
        abuseReportId: '10429153877',
        accountIds: ['012345678901'],
        regions: ['eu-central-1'],
        resources: ['i-0123456789abcdef0'],
      },
    },
  },
  {
    id: 'abuse-final',
    from: TRUST,
    subject: 'RE: Your AWS Abuse Report [10429153877] [AWS ID 012345678901]',
    at: '2026-09-12T10:00:00Z',
    text: 'FINAL NOTIFICATION\n\nHello,\n\nWe have not heard from you. In order to prevent further abuse we have blocked traffic of i-0123456789abcdef0. Should you not answer by September 14, 2026 we will isolate your instances.',
    expect: { is: 'append security.abuse', thread: 'abuse', urgency: 'critical', due: '2026-09-14 respond' },
  },
  {
    id: 'abuse-old-sender',
    from: 'EC2 Abuse <ec2-abuse@amazon.com>',
    subject: 'Your Amazon EC2 Abuse Report 52345678901 [i-0aaaabbbbccccdddd]',
    to: 'globex',
    text: 'Dear EC2 customer,\n\nYour instance i-0aaaabbbbccccdddd (IP 198.51.100.7) has been port scanning. AWS Account: 777788889999. Please reply within 24 hours.',
    expect: { is: 'open security.abuse', facts: { abuseReportId: '52345678901' } },
  },
  {
    id: 'abuse-bedrock',
    from: TRUST,
    subject: 'Your AWS Abuse Report [P4410029] [AWS ID 210987654321]',
    to: 'initech',
    html: letter(
      'Hello,\n\nWe observed usage of Amazon Bedrock in account 210987654321 in US East (N. Virginia) that does not comply with the responsible AI policy.\n\nRespond to this notice with the steps you took.',
    ),
    expect: { is: 'open security.abuse', facts: { abuseReportId: 'P4410029', regions: ['us-east-1'] } },
  },
];
