import { notice, plain, rows } from './layouts.ts';
import type { CorpusMail } from './mail.ts';

const HEALTH = 'health@aws.com';
const OLD = '"Amazon Web Services, Inc." <no-reply-aws@amazon.com>';
const EVENT = (arn: string) =>
  `https://health.console.aws.amazon.com/health/home#/account/event-log?eventID=${arn}&eventTab=details`;

export const health: CorpusMail[] = [
  {
    id: 'issue-open',
    from: HEALTH,
    subject: 'AWS Health Event: Amazon EC2 operational issue in US-EAST-1',
    at: '2026-10-01T10:00:00Z',
    html: notice(
      'Amazon EC2 operational issue',
      'We are investigating increased API error rates and latencies for Amazon EC2 in the US-EAST-1 Region.\n\nStart time: October 1, 2026 at 9:41:00 AM UTC\nStatus: Open\nAffected account: 111122223333',
      EVENT('arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_ABCD1_1111'),
    ),
    expect: {
      is: 'open health.issue',
      thread: 'issue',
      facts: {
        regions: ['us-east-1'],
        eventArn: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_ABCD1_1111',
      },
      urgency: 'high',
    },
  },
  {
    id: 'issue-open-globex',
    from: HEALTH,
    subject: 'AWS Health Event: Amazon EC2 operational issue in US-EAST-1',
    at: '2026-10-01T10:00:04Z',
    to: 'globex',
    html: notice(
      'Amazon EC2 operational issue',
      'We are investigating increased API error rates and latencies for Amazon EC2 in the US-EAST-1 Region.\n\nStatus: Open\nAffected account: 777788889999',
      EVENT('arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_ABCD1_1111'),
    ),
    expect: { is: 'open health.issue', facts: { accountIds: ['777788889999'] } },
  },
  {
    id: 'issue-other-account',
    from: HEALTH,
    subject: 'AWS Health Event: Amazon EC2 operational issue in US-EAST-1',
    at: '2026-10-01T10:01:00Z',
    to: 'acme:1',
    html: notice(
      'Amazon EC2 operational issue',
      'We are investigating increased API error rates and latencies for Amazon EC2 in the US-EAST-1 Region.\n\nStatus: Open\nAffected account: 444455556666',
      EVENT('arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_ABCD1_1111'),
    ),
    expect: { is: 'append health.issue', thread: 'issue' },
  },
  {
    id: 'issue-resolved',
    from: HEALTH,
    subject: '[RESOLVED] AWS Health Event: Amazon EC2 operational issue in US-EAST-1',
    at: '2026-10-01T14:00:00Z',
    html: notice(
      '[RESOLVED] Amazon EC2 operational issue',
      'Between 9:41 AM and 1:12 PM UTC we experienced increased error rates. The issue has been resolved and the service is operating normally.\n\nStatus: Closed',
      EVENT('arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_ABCD1_1111'),
    ),
    expect: { is: 'append health.issue', thread: 'issue', resolves: true },
  },
  {
    id: 'issue-ja-frame',
    from: 'AWS Health <health@aws.com>',
    subject: '【社外】 [Issue] Elevated error rates for Amazon S3 [AWS Account: 555566667777] [AP-NORTHEAST-1]',
    to: 'sakura',
    html: notice(
      'Elevated error rates for Amazon S3',
      'Between 3:05 PM and 3:40 PM JST customers saw elevated 5xx errors for PUT requests in the Tokyo Region. Engineers are engaged and working on mitigation.',
    ),
    expect: { is: 'open health.issue', facts: { regions: ['ap-northeast-1'], accountIds: ['555566667777'] } },
  },
  {
    id: 'retire-html',
    from: HEALTH,
    subject: '[Retirement Notification] Amazon EC2 Instance scheduled for retirement',
    at: '2026-08-19T06:00:00Z',
    wire: 'qp',
    html: notice(
      'Amazon EC2 Instance scheduled for retirement',
      `EC2 has detected degradation of the underlying hardware hosting your Amazon EC2 instance (instance-ID: i-0abc123def4567890) associated with your AWS account (AWS Account ID: 111122223333) in the eu-west-1 region. Due to this degradation your instance could already be unreachable.\n\nAfter 2026-09-02 11:00 UTC your instance, which has an EBS volume as the root device, will be stopped.\n\n${rows(
        [
          ['Instance', 'i-0abc123def4567890'],
          ['Region', 'eu-west-1'],
        ],
      )}\n\n* How soon do I have to act? You can stop and start the instance yourself before then.`,
    ),
    expect: {
      is: 'open health.scheduled_change',
      due: '2026-09-02 awsActs',
      thread: 'retire',
      facts: { resources: ['i-0abc123def4567890'], regions: ['eu-west-1'], accountIds: ['111122223333'] },
      urgency: 'high',
    },
  },
  {
    id: 'retire-moved',
    from: HEALTH,
    subject: '[Retirement Notification] Amazon EC2 Instance scheduled for retirement',
    at: '2026-08-25T06:00:00Z',
    wire: 'qp',
    html: notice(
      'Amazon EC2 Instance scheduled for retirement',
      'This is a reminder. The retirement of your Amazon EC2 instance (instance-ID: i-0abc123def4567890), AWS Account ID: 111122223333, eu-west-1, has been moved. The instance will be stopped after 2026-09-05 11:00 UTC.',
    ),
    expect: { is: 'append health.scheduled_change', due: '2026-09-05 awsActs', thread: 'retire' },
  },
  {
    id: 'retire-old-plain',
    from: OLD,
    subject: '[Retirement Notification] Amazon EC2 Instance scheduled for retirement.',
    at: '2026-08-26T06:00:00Z',
    to: 'globex',
    text: plain(
      'Dear Amazon EC2 Customer,\n\nOne or more of your Amazon EC2 instances associated with your AWS Account ID: 700000000007 is scheduled for retirement on 2026-09-09 in the ap-northeast-1 region.\n\nThe instance(s) is listed below:\ni-1a2b3c4d\n',
    ),
    headers: { 'X-SM-COMMUNICATION': 'true', 'X-SM-COMMUNICATION-TYPE': 'AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED' },
    expect: {
      is: 'open health.scheduled_change',
      due: '2026-09-09 awsActs',
      facts: { resources: ['i-1a2b3c4d'], accountIds: ['700000000007'] },
    },
  },
  {
    id: 'direct-connect',
    from: OLD,
    subject: 'AWS Direct Connect Planned Maintenance Notification [AWS Account: 012345678901]',
    at: '2026-09-12T06:00:00Z',
    text: plain(
      'Hello,\n\nPlanned maintenance has been scheduled on an AWS Direct Connect endpoint in Equinix TY2, Tokyo. During this maintenance window, your AWS Direct Connect services listed below may become unavailable.\n\nThis maintenance is scheduled to start on Tue, 22 Sep 2026 17:00:00 GMT and end on Tue, 22 Sep 2026 21:00:00 GMT for the following connections and virtual interfaces:\ndxcon-fg0abc12\ndxvif-fh01de34\n',
    ),
    headers: {
      'X-SM-COMMUNICATION-TYPE': 'AWS_DIRECTCONNECT_MAINTENANCE_SCHEDULED',
      'X-SM-DEDUPING-ID': 'aaaa1111-EMAIL--1-77',
    },
    expect: {
      is: 'open health.scheduled_change',
      due: '2026-09-22 awsActs',
      thread: 'dx',
      facts: { resources: ['dxcon-fg0abc12', 'dxvif-fh01de34'], eventType: 'AWS_DIRECTCONNECT_MAINTENANCE_SCHEDULED' },
    },
  },
  {
    id: 'direct-connect-cancelled',
    from: OLD,
    subject: 'AWS Direct Connect Planned Maintenance Notification [AWS Account: 012345678901]',
    at: '2026-09-18T06:00:00Z',
    text: plain(
      'Hello,\n\nThe planned maintenance on the endpoint in Equinix TY2, Tokyo from Tue, 22 Sep 2026 17:00:00 GMT to Tue, 22 Sep 2026 21:00:00 GMT has been cancelled. These services are not affected any more:\ndxcon-fg0abc12\ndxvif-fh01de34\n',
    ),
    headers: {
      'X-SM-COMMUNICATION-TYPE': 'AWS_DIRECTCONNECT_MAINTENANCE_SCHEDULED',
      'X-SM-DEDUPING-ID': 'aaaa1111-EMAIL--2-78',
    },
    expect: { is: 'append health.scheduled_change', thread: 'dx' },
  },
  {
    id: 'cloudshell',
    from: HEALTH,
    subject: 'Your AWS CloudShell data is scheduled for deletion on October 9, 2026 [AWS Account: 777788889999]',
    at: '2026-09-09T06:00:00Z',
    to: 'globex',
    html: notice(
      'CloudShell data scheduled for deletion',
      'You have not used AWS CloudShell for more than 120 days. The data of your home directory in eu-central-1 will be deleted on October 9, 2026. To keep it, start a session before that date.',
    ),
    expect: {
      is: 'open health.scheduled_change',
      or: ['health.lifecycle'],
      due: '2026-10-09 awsActs',
      facts: { accountIds: ['777788889999'] },
    },
  },
  {
    id: 'rds-maintenance',
    from: HEALTH,
    subject: '[Maintenance] Amazon RDS operating system update [AWS Account: 210987654321] [AP-SOUTHEAST-2]',
    to: 'initech',
    at: '2026-09-20T06:00:00Z',
    html: notice(
      'Upcoming maintenance of your DB instances',
      'A required operating system update will be applied to the DB instances listed in the Affected resources tab during your maintenance window, beginning October 12, 2026. Each instance will be unavailable for a few minutes.',
    ),
    expect: { is: 'open health.scheduled_change', due: '2026-10-12 awsActs', facts: { regions: ['ap-southeast-2'] } },
  },
  {
    id: 'vpn-maintenance',
    from: HEALTH,
    subject: 'AWS Site-to-Site VPN endpoint replacement [AWS Account: 777788889999]',
    to: 'globex',
    at: '2026-09-21T06:00:00Z',
    html: notice(
      'Scheduled VPN endpoint replacement',
      'We will replace one tunnel endpoint of vpn-0aa11bb22cc33dd44 as part of a scheduled maintenance between October 3, 2026 02:00 UTC and October 3, 2026 06:00 UTC. Connectivity through this tunnel will be interrupted.',
    ),
    expect: {
      is: 'open health.scheduled_change',
      due: '2026-10-03 awsActs',
      facts: { resources: ['vpn-0aa11bb22cc33dd44'] },
    },
  },
  {
    id: 'lambda-eol',
    from: HEALTH,
    subject: '[Action Required] AWS Lambda Node.js 20.x end-of-life [AWS Account: 111122223333]',
    at: '2026-10-10T06:00:00Z',
    html: notice(
      'AWS Lambda Node.js 20.x end-of-life',
      'We are contacting you as we have identified that your AWS Account has one or more AWS Lambda functions using Node.js 20.x. Node.js 20 reaches end of life on April 30, 2026.\n\nStarting November 15, 2026, you will no longer be able to create new functions with this runtime. We recommend that you upgrade your functions before then.\n\nAffected: arn:aws:lambda:us-east-1:111122223333:function:thumbs',
      EVENT(
        'arn:aws:health:us-east-1::event/LAMBDA/AWS_LAMBDA_PLANNED_LIFECYCLE_EVENT/AWS_LAMBDA_PLANNED_LIFECYCLE_EVENT_x1',
      ),
    ),
    expect: { is: 'open health.lifecycle', thread: 'lambda', facts: { accountIds: ['111122223333'] } },
  },
  {
    id: 'lambda-eol-reminder',
    from: HEALTH,
    subject: '[Action Required] Reminder: AWS Lambda Node.js 20.x end-of-life [AWS Account: 111122223333]',
    at: '2026-11-12T06:00:00Z',
    html: notice(
      'Reminder: AWS Lambda Node.js 20.x end-of-life',
      'This is a reminder that starting November 15, 2026 you can no longer create functions with Node.js 20.x. You still have functions with this runtime.',
      EVENT(
        'arn:aws:health:us-east-1::event/LAMBDA/AWS_LAMBDA_PLANNED_LIFECYCLE_EVENT/AWS_LAMBDA_PLANNED_LIFECYCLE_EVENT_x1',
      ),
    ),
    expect: { is: 'append health.lifecycle', thread: 'lambda', urgency: 'high' },
  },
  {
    id: 'eks-eos',
    from: HEALTH,
    subject:
      '[Action Recommended] Amazon EKS Kubernetes version 1.31 end of standard support [AWS Account: 777788889999] [EU-WEST-1]',
    to: 'globex',
    at: '2026-09-25T06:00:00Z',
    html: notice(
      'Kubernetes 1.31 end of standard support',
      'Standard support for Kubernetes version 1.31 in Amazon EKS ends on November 26, 2026. Clusters that still run it are moved to extended support, which costs more.\n\nPlease update your clusters: prod-1, prod-2.',
    ),
    expect: { is: 'open health.lifecycle', due: '2026-11-26 awsActs', facts: { regions: ['eu-west-1'] } },
  },
  {
    id: 'rds-ca',
    from: HEALTH,
    subject:
      '[Action Required] Update your Amazon RDS SSL/TLS certificates by January 20, 2027 [AWS Account: 210987654321]',
    to: 'initech',
    html: notice(
      'RDS certificate rotation',
      'The CA certificate rds-ca-2019 of your DB instances expires. You must update to rds-ca-rsa2048-g1 by January 20, 2027, else applications with certificate verification lose their connection.',
    ),
    expect: { is: 'open health.lifecycle', or: ['health.scheduled_change'], due: '2027-01-20 respond' },
  },
  {
    id: 'lifecycle-old-plain',
    from: OLD,
    subject: '[Action Required] Amazon Aurora MySQL version 2 reaches end of support',
    to: 'initech',
    text: plain(
      'Hello,\n\nAmazon Aurora MySQL-Compatible Edition version 2 will be retired. We will no longer support it after December 31, 2026, and clusters will then be upgraded automatically. You are receiving this message because account 210987654321 has such clusters in the Sydney region.',
    ),
    expect: { is: 'open health.lifecycle', due: '2026-12-31 awsActs', facts: { regions: ['ap-southeast-2'] } },
  },
  {
    id: 'health-list-prefix',
    from: HEALTH,
    subject: '[aws-root] [SPAM?] Amazon ElastiCache for Redis 5 deprecation notice [AWS Account: 444455556666]',
    html: notice(
      'Redis OSS 5 deprecation',
      'Amazon ElastiCache is ending support of Redis OSS version 5 on January 31, 2027. Upgrade your clusters to a later version.',
    ),
    expect: { is: 'open health.lifecycle', due: '2027-01-31 awsActs' },
  },
  {
    id: 'aggregated',
    from: 'AWS User Notifications <notifications@aws.com>',
    subject: 'AWS User Notifications: 3 notifications for Health events',
    at: '2026-10-05T06:00:00Z',
    html: notice(
      '3 aggregated notifications',
      'The following notifications were aggregated for your organization o-abcd123456.\n\nAccounts: 111122223333, 444455556666, 012345678901\n\nAmazon VPC: a NAT gateway in ca-central-1 is scheduled for maintenance on October 20, 2026.',
    ),
    expect: { is: 'open aggregated', facts: { accountIds: ['111122223333', '444455556666', '012345678901'] } },
  },
  {
    id: 'health-de',
    from: HEALTH,
    subject: 'AWS Health-Ereignis: geplante Wartung [AWS-Konto: 210987654321]',
    to: 'initech',
    wire: 'qp',
    html: notice(
      'Geplante Wartung',
      'Für Ihre Instanz i-0deadbeef00112233 ist am 12. Oktober 2026 eine Wartung in eu-central-1 geplant.',
    ),
    expect: { is: 'open health.', facts: { accountIds: ['210987654321'], resources: ['i-0deadbeef00112233'] } },
  },
];
