import { z } from 'zod';
import {
  count,
  domainName,
  flag,
  mailAddress,
  optionalText,
  remotePort,
  safeUrl,
  seconds,
  setting,
  text,
} from './settingValues.ts';

/** Where mail is fetched from: IMAP mailboxes and queues of SES, each by its name. What keys of several need together, settingsSchema says. */

const shortName = z
  .string('must be text')
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be a short name: a-z, 0-9, dot, dash, underscore');

export const mailboxSchema = z.strictObject({
  name: setting(shortName, { description: 'Short name, for pages, logs and metrics.' }),
  host: setting(text, { description: 'IMAP server.' }),
  port: setting(remotePort.default(993), { description: 'IMAP port.' }),
  secure: setting(flag.default(true), {
    description: 'TLS from the first byte; false uses STARTTLS when offered.',
  }),
  requireTls: setting(flag.default(true), {
    description: 'Refuse a connection that stays in clear text. false only for a server on this machine.',
  }),
  rejectUnauthorized: setting(flag.default(true), {
    description: 'Refuse a certificate that cannot be verified.',
  }),
  user: setting(text, { description: 'User name.' }),
  password: setting(optionalText.default(null), { description: 'Password; better passwordFile.', secret: true }),
  passwordFile: setting(optionalText.default(null), { description: 'File that holds the password.' }),
  oauth: setting(
    z
      .strictObject({
        tokenUrl: safeUrl,
        clientId: text,
        clientSecretFile: optionalText.default(null),
        refreshTokenFile: text,
        scope: z.string('must be text').default(''),
      })
      .nullable()
      .default(null),
    {
      description:
        'OAuth 2 in place of a password: tokenUrl (Google https://oauth2.googleapis.com/token, Microsoft https://login.microsoftonline.com/TENANT/oauth2/v2.0/token), clientId, clientSecretFile, refreshTokenFile (written anew when the endpoint gives another one), scope (Microsoft: https://outlook.office.com/IMAP.AccessAsUser.All offline_access).',
    },
  ),
  folder: setting(text.default('INBOX'), { description: 'Mailbox to watch.' }),
  authservId: setting(optionalText.default(null), {
    description:
      'authserv-id of the server that writes Authentication-Results into this mailbox (RFC 8601). Unset: no such field counts, signatures are verified here.',
  }),
  rootAddress: setting(mailAddress.nullable().default(null), {
    description: 'Root address that every mail of this mailbox was sent to, when it serves only one.',
  }),
  plusDomain: setting(domainName.nullable().default(null), {
    description:
      'Domain of the root addresses of a catch-all that puts their local part behind a +: mail for acme-7f3k@root.example that is delivered to rootmail+acme-7f3k@mail.example.',
  }),
  pollSeconds: setting(seconds.default(60), { description: 'Poll at least this often besides IDLE.' }),
  afterKeep: setting(z.enum(['leave', 'seen', 'flag', 'keyword', 'move']).default('leave'), {
    description:
      'What is done with a mail on the server once it is committed here: leave it, set \\Seen, \\Flagged or a keyword, or move it to afterFolder. Holds for mail from then on; never read as state.',
  }),
  afterKeyword: setting(
    z
      .string('must be text')
      .regex(/^[A-Za-z0-9$_.-]{1,60}$/, 'must be letters, digits, $ _ . -')
      .default('$Rootdesk'),
    { description: 'Keyword that is set when afterKeep is keyword.' },
  ),
  afterFolder: setting(optionalText.default(null), {
    description: 'Folder that mail is moved to when afterKeep is move; made when it is missing.',
  }),
  auditMinutes: setting(count.default(60), {
    description:
      'Compare all UIDs of the server with what arrived here this often (minutes), and fetch what is missing.',
  }),
  history: setting(z.enum(['read', 'leave']).default('read'), {
    description:
      'Mail that lies in the mailbox when it is opened for the first time: read it too (what came more than 7 days before arrives as solved tickets and tells nobody), or leave it to `rootdesk backfill`.',
  }),
});

export const sesQueueSchema = z.strictObject({
  name: setting(shortName, { description: 'Short name, for pages, logs and metrics; none of the mailboxes has it.' }),
  queueUrl: setting(safeUrl, {
    description: 'URL of the SQS queue that the topic of the receipt rule (or the bucket) sends its messages to.',
  }),
  region: setting(
    z
      .string('must be text')
      .regex(/^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/, 'must be an AWS Region such as eu-west-1')
      .nullable()
      .default(null),
    { description: 'Region of queue and bucket. Unset: the one that queueUrl names.' },
  ),
  bucket: setting(
    z
      .string('must be text')
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket')
      .nullable()
      .default(null),
    {
      description:
        'The bucket of the receipt rule: a message that names another one is refused and shown. Unset: any bucket that the credentials may read.',
    },
  ),
  accessKeyId: setting(optionalText.default(null), {
    description:
      'Access key. Unset: credentials are found as the AWS SDK finds them (environment, shared files, web identity, role of the container or instance).',
  }),
  secretAccessKey: setting(optionalText.default(null), {
    description: 'Its secret; better secretAccessKeyFile.',
    secret: true,
  }),
  secretAccessKeyFile: setting(optionalText.default(null), { description: 'File that holds the secret.' }),
  endpoint: setting(safeUrl.nullable().default(null), {
    description: 'Address of SQS and S3 in place of those of AWS (a VPC endpoint, a test).',
  }),
});

/** The Region of a queue: the one that is set, else that of its URL (`https://sqs.eu-west-1.amazonaws.com/…`), else null. */
export function sesRegion({ region, queueUrl }: Pick<SesQueueSettings, 'region' | 'queueUrl'>): string | null {
  return region ?? /^https:\/\/sqs(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\//.exec(queueUrl)?.[1] ?? null;
}

export type MailboxSettings = z.infer<typeof mailboxSchema>;
export type SesQueueSettings = z.infer<typeof sesQueueSchema>;
