import { z } from 'zod';

/** Who AWS is, as data (config/senders.yaml): senders change, code does not. */

const domainName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    'a domain name in lower case, ASCII form',
  );
const address = z.string().regex(/^[^\s@A-Z]+@[a-z0-9.-]+$/, 'an address in lower case');

const awsDomain = z.strictObject({
  domain: domainName.describe('Domain that AWS sends from.'),
  subdomains: z.boolean().default(false).describe('True: every name below it is AWS too. False: exactly this name.'),
  mixed: z
    .boolean()
    .default(false)
    .describe(
      'True: people, shop and seller support send from it as well, so an unlisted address is not AWS by itself.',
    ),
  secret: z
    .boolean()
    .default(false)
    .describe('True: mail from it carries codes or links whose possession acts; sealed until a kind says otherwise.'),
});

const listedSender = z.strictObject({
  address: address.describe('Exact From address of AWS system mail.'),
  kinds: z.array(z.string()).default([]).describe('Kinds that this sender is known for: a hint, no rule.'),
  secret: z.boolean().default(false).describe('True: mail from this address is sealed until a kind says otherwise.'),
});

/** Beginnings of subjects that AWS writes, lower case; a stranger's mail that starts so pretends. */
const AWS_SUBJECTS = [
  '[action required] please review your aws account',
  '[action required] suspicious activity in your aws account',
  '[retirement notification] amazon ec2',
  'amazon ses address verification request',
  'amazon web services billing statement',
  'amazon web services invoice',
  'amazon web services password assistance',
  'amazon web services – email address verification request',
  'amazon web services: new support case',
  'aws budgets:',
  'aws direct connect planned maintenance notification',
  'aws email verification',
  'aws health event',
  'aws notification - subscription confirmation',
  'important unpaid aws charges',
  'irregular activity in your aws account',
  're:[case ',
  'welcome to amazon web services',
  'your amazon ec2 abuse report',
  'your amazon web services',
  'your aws abuse report',
  'your aws account has been',
  'your aws account is ready',
  'your aws account will be',
  'your aws free plan has ended',
  'your aws marketplace subscription',
  'your aws verification code',
  'your root account',
  'アクションが必要です - お客様の aws アカウント',
  'すぐにアクションが必要です-aws アカウント',
];

/** Fields that only Amazon's own senders write. */
const AWS_HEADERS = ['x-sm-communication', 'x-sm-communication-type', 'x-sm-deduping-id', 'x-amazon-mail-relay-type'];

const claims = z.strictObject({
  subjects: z.array(z.string()).default(AWS_SUBJECTS).describe('Beginnings of subjects that AWS writes, lower case.'),
  headers: z.array(z.string()).default(AWS_HEADERS).describe('Header fields that only Amazon writes, lower case.'),
});

export const senderRulesSchema = z.strictObject({
  domains: z.array(awsDomain).min(1).describe('Domains whose aligned DKIM signature proves AWS.'),
  exceptions: z
    .array(domainName)
    .default([])
    .describe(
      'Domains that belong to AWS customers, with all names below: amazonses.com, compute.amazonaws.com, awsapps.com.',
    ),
  senders: z.array(listedSender).default([]).describe('Listed AWS addresses.'),
  notAws: z
    .array(address)
    .default([])
    .describe('Addresses in mixed domains that are Amazon but not AWS (shop, seller support).'),
  services: z
    .array(domainName)
    .default([])
    .describe(
      "Domains, with all names below, of services that people have accounts with: their notices may ask for something at a link of theirs. None whose mail is somebody else's text as a whole (invoices, shared files, forms, status pages).",
    ),
  claims: claims.prefault({}).describe('What makes a mail without proof one that pretends.'),
});

export type SenderRules = z.infer<typeof senderRulesSchema>;
