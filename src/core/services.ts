import { collect, type FactText } from './factTexts.ts';
import type { Found } from './values.ts';

/** Services as AWS's mails name them. The longest name wins; the short name is the value. */
const SERVICES =
  'EC2 Auto Scaling|Elastic Compute Cloud|EC2|Elastic Container Service for Kubernetes|EKS|ECS|ECR|Fargate|Lambda|Lightsail|Elastic Beanstalk|Batch|S3 Glacier|Simple Storage Service|S3|EBS|EFS|FSx|Storage Gateway|Backup|RDS for PostgreSQL|RDS for MySQL|RDS|Aurora|DynamoDB|ElastiCache|Redshift|Neptune|DocumentDB|MemoryDB|Timestream|OpenSearch Service|Elasticsearch Service|MSK|MQ|Kinesis|SQS|SNS|SES|Simple Email Service|Simple Notification Service|EventBridge|Step Functions|API Gateway|AppSync|CloudFront|Route 53|Direct Connect|Transit Gateway|Site-to-Site VPN|VPN|VPC|Global Accelerator|Elastic Load Balancing|Network Firewall|WAF|Shield|GuardDuty|Inspector|Macie|Security Hub|KMS|Secrets Manager|Certificate Manager|ACM|Cognito|IAM Identity Center|IAM|Organizations|Control Tower|CloudTrail|CloudWatch|CloudFormation|CloudShell|Config|Systems Manager|OpsWorks|CodeBuild|CodeCommit|CodePipeline|Cloud9|Amplify|App Runner|App Mesh|Glue|Athena|EMR|QuickSight|SageMaker|Bedrock|Rekognition|Comprehend|Textract|Polly|Lex|Transcribe|Translate|Connect|Pinpoint|WorkSpaces|WorkMail|WorkDocs|AppStream|IoT Core|IoT|Snowball|DataSync|Transfer Family|Database Migration Service|DMS|Managed Grafana|X-Ray|Budgets|Cost Explorer|Marketplace|Cloud Map|Service Catalog|Device Farm|GameLift|Data Pipeline|Lake Formation|Managed Blockchain|QLDB';
const SHORT: Record<string, string> = {
  'elastic compute cloud': 'EC2',
  'simple storage service': 'S3',
  'simple email service': 'SES',
  'simple notification service': 'SNS',
  'elastic container service for kubernetes': 'EKS',
  'certificate manager': 'ACM',
  'database migration service': 'DMS',
  'elasticsearch service': 'OpenSearch Service',
};
const NAMES = new Map(SERVICES.split('|').map((name) => [name.toLowerCase(), name]));
const PREFIXED = new RegExp(
  `(?<![\\p{L}\\d])(?:Amazon|AWS)\\s(?:Web Services\\s)?(${SERVICES.split('|')
    .sort((a, b) => b.length - a.length)
    .join('|')})(?![\\p{L}\\d])`,
  'giu',
);
/** Event codes that no service is called by. */
const NO_SERVICE = new Set(['ACCOUNT', 'BILLING', 'MULTIPLE_SERVICES', 'RISK', 'ABUSE']);

/** The service that a mail is about: from the event's ARN or type, else the first one named in subject, then text. */
export function serviceOf(
  texts: readonly FactText[],
  eventArn: string | null,
  eventType: string | null,
): Found<string> | null {
  const named = collect(texts, ['subject'], scanServices)[0] ?? null;
  if (named !== null) return named;
  const code = eventArn?.split(':').slice(5).join(':').split('/')[1] ?? eventType?.split('_')[1];
  if (code !== undefined && !NO_SERVICE.has(code)) {
    const name = NAMES.get(code.toLowerCase()) ?? code;
    return { value: name, where: eventArn !== null ? 'event ARN' : 'event type' };
  }
  return collect(texts, ['body'], scanServices)[0] ?? null;
}

function scanServices(text: string): { index: number; value: string }[] {
  const found: { index: number; value: string }[] = [];
  for (const match of text.matchAll(PREFIXED)) {
    const name = match[1]!.toLowerCase();
    found.push({ index: match.index, value: SHORT[name] ?? NAMES.get(name)! });
    break;
  }
  return found;
}
