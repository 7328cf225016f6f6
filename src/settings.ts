import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { EXIT, messageOf, RootdeskError } from './lib/errors.ts';

/**
 * The whole configuration: one zod schema, a description a key, and the only place that reads the environment.
 * `config/rootdesk.yaml` with all defaults is generated from it (`npm run generate`). Order: default, file, environment.
 * A setting whose meta says `secret` is also read from the file that `<ENV>_FILE` names.
 */

type Meta = { description: string; env?: string; secret?: boolean };

/** A leaf of the schema with its description and environment name. */
function setting<T extends z.ZodType>(schema: T, meta: Meta): T {
  return schema.meta(meta) as T;
}

const port = z.coerce.number().int().min(0).max(65535);
const positive = z.coerce.number().int().positive();
const flag = z.preprocess(
  (value) => (value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : value),
  z.boolean(),
);
const words = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value),
  z.array(z.string().min(1)),
);
const lowerWords = words.transform((list) => list.map((word) => word.toLowerCase()));
const networks = words.refine(
  (list) => list.every(isNetwork),
  'each must be an address or a network such as 10.0.0.0/8',
);
const dnsServers = words.refine(
  (list) => list.every(isServer),
  'each must be an IP address, with a port if it is not 53: 127.0.0.1:5353 or [::1]:5353',
);
const mailAddress = z.string().regex(/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/, 'must be a mail address');
const addresses = words.pipe(z.array(mailAddress));
const optionalText = z.string().min(1).nullable();

function isNetwork(text: string): boolean {
  const [address, bits, more] = text.split('/');
  const version = isIP(address ?? '');
  if (version === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function isServer(text: string): boolean {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+|[0-9a-fA-F:]+))(?::(\d{1,5}))?$/.exec(text);
  return isIP(text) !== 0 || (match !== null && isIP(match[1] ?? match[2] ?? '') !== 0);
}

const mailboxSchema = z.strictObject({
  name: setting(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/), {
    description: 'Short name, for pages, logs and metrics.',
  }),
  host: setting(z.string().min(1), { description: 'IMAP server.' }),
  port: setting(port.default(993), { description: 'IMAP port.' }),
  secure: setting(z.boolean().default(true), {
    description: 'TLS from the first byte; false uses STARTTLS when offered.',
  }),
  requireTls: setting(z.boolean().default(true), {
    description: 'Refuse a connection that stays in clear text. false only for a server on this machine.',
  }),
  rejectUnauthorized: setting(z.boolean().default(true), {
    description: 'Refuse a certificate that cannot be verified.',
  }),
  user: setting(z.string().min(1), { description: 'User name.' }),
  password: setting(optionalText.default(null), { description: 'Password; better passwordFile.', secret: true }),
  passwordFile: setting(optionalText.default(null), { description: 'File that holds the password.' }),
  folder: setting(z.string().min(1).default('INBOX'), { description: 'Mailbox to watch.' }),
  authservId: setting(optionalText.default(null), {
    description:
      'authserv-id of the server that writes Authentication-Results into this mailbox (RFC 8601). Unset: no such field counts, signatures are verified here.',
  }),
  rootAddress: setting(optionalText.default(null), {
    description: 'Root address that every mail of this mailbox was sent to, when it serves only one.',
  }),
  pollSeconds: setting(positive.default(60), { description: 'Poll at least this often besides IDLE.' }),
});

export const settingsSchema = z.strictObject({
  dataDir: setting(z.string().min(1).default('data'), {
    description: 'Folder of the embedded database, keys and state. One folder belongs to one installation.',
    env: 'ROOTDESK_DATA_DIR',
  }),
  databaseUrl: setting(optionalText.default(null), {
    description: 'PostgreSQL 15 or newer. Unset: the embedded server under dataDir.',
    env: 'DATABASE_URL',
    secret: true,
  }),
  redisUrl: setting(optionalText.default(null), {
    description: 'Redis 7 for waking workers. Unset: the database wakes them.',
    env: 'REDIS_URL',
    secret: true,
  }),
  keyFile: setting(optionalText.default(null), {
    description:
      'Root key of the sealed mail (32 bytes, hex). Unset: dataDir/keys/root.key, made at the first start. Never back it up together with the database.',
    env: 'ROOTDESK_KEY_FILE',
  }),
  logLevel: setting(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'), {
    description: 'Least severe level that is logged.',
    env: 'ROOTDESK_LOG_LEVEL',
  }),
  listDomains: setting(lowerWords.default([]), {
    description: 'Domains of our own lists. Empty: the domains of the root addresses that are known.',
    env: 'ROOTDESK_LIST_DOMAINS',
  }),
  http: z
    .strictObject({
      bind: setting(z.string().default('127.0.0.1'), {
        description: 'Only a loopback address: until sign-in exists every other is refused.',
        env: 'ROOTDESK_HTTP_BIND',
      }),
      port: setting(port.default(8480), {
        description: 'Pages and API. 0 takes a free port and prints it.',
        env: 'ROOTDESK_HTTP_PORT',
      }),
    })
    .prefault({}),
  smtp: z
    .strictObject({
      enabled: setting(flag.default(true), { description: 'Listen for SMTP.', env: 'ROOTDESK_SMTP_ENABLED' }),
      bind: setting(z.string().default('127.0.0.1'), {
        description: 'Address to listen on. Behind a mail server keep the loopback.',
        env: 'ROOTDESK_SMTP_BIND',
      }),
      port: setting(port.default(2525), { description: 'SMTP port. 0 takes a free one.', env: 'ROOTDESK_SMTP_PORT' }),
      hostname: setting(z.string().min(1).default('rootdesk.localhost'), {
        description: 'Name in greeting and Received.',
        env: 'ROOTDESK_SMTP_HOSTNAME',
      }),
      trustedNetworks: setting(networks.default([]), {
        description: 'Mail servers of yours that hand mail over and whose Authentication-Results may count.',
        env: 'ROOTDESK_SMTP_TRUSTED_NETWORKS',
      }),
      authservIds: setting(lowerWords.default([]), {
        description: 'authserv-ids that those servers write. Empty: signatures are verified here.',
        env: 'ROOTDESK_SMTP_AUTHSERV_IDS',
      }),
      maxConnections: setting(positive.default(100), {
        description: 'Connections at once.',
        env: 'ROOTDESK_SMTP_MAX_CONNECTIONS',
      }),
      maxRecipients: setting(positive.default(100), {
        description: 'RCPT a mail; more answer 452.',
        env: 'ROOTDESK_SMTP_MAX_RECIPIENTS',
      }),
      tlsKeyFile: setting(optionalText.default(null), {
        description: 'Private key (PEM) for STARTTLS. Unset: no STARTTLS is offered.',
        env: 'ROOTDESK_SMTP_TLS_KEY_FILE',
      }),
      tlsCertFile: setting(optionalText.default(null), {
        description: 'Certificate chain (PEM) for STARTTLS.',
        env: 'ROOTDESK_SMTP_TLS_CERT_FILE',
      }),
    })
    .prefault({}),
  lmtp: z
    .strictObject({
      enabled: setting(flag.default(true), { description: 'Listen for LMTP.', env: 'ROOTDESK_LMTP_ENABLED' }),
      bind: setting(z.string().default('127.0.0.1'), {
        description: 'Address to listen on.',
        env: 'ROOTDESK_LMTP_BIND',
      }),
      port: setting(port.default(2424), { description: 'LMTP port. 0 takes a free one.', env: 'ROOTDESK_LMTP_PORT' }),
      authservIds: setting(lowerWords.default([]), {
        description: 'authserv-ids of the mail server that hands over by LMTP. Empty: signatures are verified here.',
        env: 'ROOTDESK_LMTP_AUTHSERV_IDS',
      }),
      maxConnections: setting(positive.default(100), {
        description: 'Connections at once.',
        env: 'ROOTDESK_LMTP_MAX_CONNECTIONS',
      }),
      maxRecipients: setting(positive.default(100), {
        description: 'RCPT a mail; more answer 452.',
        env: 'ROOTDESK_LMTP_MAX_RECIPIENTS',
      }),
    })
    .prefault({}),
  mailboxes: setting(z.array(mailboxSchema).default([]), { description: 'IMAP mailboxes to watch.' }),
  dns: z
    .strictObject({
      servers: setting(dnsServers.default([]), {
        description: 'DNS servers for DKIM, SPF and DMARC, with port if not 53. Empty: those of the system.',
        env: 'ROOTDESK_DNS_SERVERS',
      }),
      timeoutMs: setting(positive.default(2000), {
        description: 'Longest that one mail waits for DNS while its sender is connected.',
        env: 'ROOTDESK_DNS_TIMEOUT_MS',
      }),
    })
    .prefault({}),
  trust: z
    .strictObject({
      authservIds: setting(lowerWords.default([]), {
        description: 'authserv-ids whose topmost Authentication-Results counts in import and explain.',
        env: 'ROOTDESK_TRUSTED_AUTHSERV_IDS',
      }),
    })
    .prefault({}),
  limits: z
    .strictObject({
      mailBytes: setting(positive.default(25 * 1024 * 1024), {
        description: 'Largest mail that is taken (bytes).',
        env: 'ROOTDESK_MAIL_BYTES',
      }),
      memoryBytes: setting(positive.default(128 * 1024 * 1024), {
        description: 'Bytes of mail in memory over all connections; beyond it senders are asked to come back.',
        env: 'ROOTDESK_MEMORY_BYTES',
      }),
      understandMs: setting(positive.default(2000), {
        description: 'Longest that the rulebook may work on one mail; then it is parked.',
        env: 'ROOTDESK_UNDERSTAND_MS',
      }),
      understandMemoryMb: setting(positive.default(192), {
        description: 'Heap of one rulebook thread (MiB).',
        env: 'ROOTDESK_UNDERSTAND_MEMORY_MB',
      }),
      understandThreads: setting(positive.default(2), {
        description: 'Rulebook threads.',
        env: 'ROOTDESK_UNDERSTAND_THREADS',
      }),
    })
    .prefault({}),
  outgoing: z
    .strictObject({
      host: setting(optionalText.default(null), {
        description: 'Mail server (smarthost) for notices. Unset: no mail is written.',
        env: 'ROOTDESK_OUTGOING_HOST',
      }),
      port: setting(port.default(587), { description: 'Its port.', env: 'ROOTDESK_OUTGOING_PORT' }),
      secure: setting(flag.default(false), {
        description: 'TLS from the first byte; false uses STARTTLS when offered.',
        env: 'ROOTDESK_OUTGOING_SECURE',
      }),
      requireTls: setting(flag.default(true), {
        description: 'Refuse to send in clear text. false only for a server on this machine.',
        env: 'ROOTDESK_OUTGOING_REQUIRE_TLS',
      }),
      user: setting(optionalText.default(null), {
        description: 'User name, if it asks for one.',
        env: 'ROOTDESK_OUTGOING_USER',
      }),
      password: setting(optionalText.default(null), {
        description: 'Password.',
        env: 'ROOTDESK_OUTGOING_PASSWORD',
        secret: true,
      }),
      from: setting(mailAddress.nullable().default(null), {
        description: 'Sender of notices.',
        env: 'ROOTDESK_OUTGOING_FROM',
      }),
    })
    .prefault({}),
  notify: z
    .strictObject({
      addresses: setting(addresses.default([]), {
        description: 'FDE team addresses that hear of urgent tickets.',
        env: 'ROOTDESK_NOTIFY_ADDRESSES',
      }),
      urgency: setting(z.enum(['high', 'critical']).default('high'), {
        description: 'Least urgency that is told.',
        env: 'ROOTDESK_NOTIFY_URGENCY',
      }),
      webhookUrl: setting(
        z
          .url({ protocol: /^https?$/ })
          .nullable()
          .default(null),
        { description: 'Webhook that hears of urgent tickets.', env: 'ROOTDESK_WEBHOOK_URL' },
      ),
      webhookSecret: setting(optionalText.default(null), {
        description: 'Key of its signature (HMAC-SHA-256).',
        env: 'ROOTDESK_WEBHOOK_SECRET',
        secret: true,
      }),
      webhookAllowPrivate: setting(flag.default(false), {
        description: 'Allow a webhook on a private or loopback address.',
        env: 'ROOTDESK_WEBHOOK_ALLOW_PRIVATE',
      }),
      consoleUrl: setting(
        z
          .url({ protocol: /^https?$/ })
          .nullable()
          .default(null),
        {
          description: 'Base of links to tickets in notices. Unset: the address of the pages.',
          env: 'ROOTDESK_CONSOLE_URL',
        },
      ),
    })
    .prefault({}),
  templatesDir: setting(optionalText.default(null), {
    description: 'Folder with templates of your own that go before the shipped ones.',
    env: 'ROOTDESK_TEMPLATES_DIR',
  }),
});

export type Settings = z.infer<typeof settingsSchema>;
export type MailboxSettings = z.infer<typeof mailboxSchema>;

export type Leaf = { path: string[]; schema: z.ZodType; meta: Meta; default: unknown };

/** Every setting with its path, in file order: for loading, `config/rootdesk.yaml` and the documents. */
export function leaves(schema: z.ZodType = settingsSchema, path: string[] = []): Leaf[] {
  const meta = schema.meta() as Meta | undefined;
  if (meta?.description) return [{ path, schema, meta, default: schema.safeParse(undefined).data }];
  const inner = schema instanceof z.ZodPrefault ? (schema.def.innerType as z.ZodType) : schema;
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, child]) => leaves(child as z.ZodType, [...path, key]));
}

/**
 * Reads settings from a YAML file and the environment. `file` null: `config/rootdesk.yaml` when it exists.
 * Throws RootdeskError (exit 78) that names every wrong key and what it must be.
 */
export function loadSettings(
  options: { file?: string | null; env?: Record<string, string | undefined>; overrides?: Record<string, unknown> } = {},
): Settings {
  const env = options.env ?? process.env;
  const file = options.file ?? env.ROOTDESK_CONFIG ?? null;
  const tree = readFile(file) as Record<string, unknown>;
  const known = new Set(['ROOTDESK_CONFIG']);
  for (const leaf of leaves()) {
    if (leaf.meta.env === undefined) continue;
    known.add(leaf.meta.env);
    let value = env[leaf.meta.env];
    if (leaf.meta.secret) {
      known.add(`${leaf.meta.env}_FILE`);
      const path = env[`${leaf.meta.env}_FILE`];
      if (path && value) throw wrong(`${leaf.meta.env} and ${leaf.meta.env}_FILE are both set`, 'set only one of them');
      if (path) value = readSecret(path, `${leaf.meta.env}_FILE`);
    }
    if (value !== undefined && value !== '') put(tree, leaf.path, value);
  }
  for (const name of Object.keys(env)) {
    if (name.startsWith('ROOTDESK_') && !known.has(name))
      throw wrong(`${name} is not a setting`, `see config/rootdesk.yaml for the names`);
  }
  for (const [path, value] of Object.entries(options.overrides ?? {})) put(tree, path.split('.'), value);
  const result = settingsSchema.safeParse(tree);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
    throw wrong(`settings are wrong: ${problems.join('; ')}`, 'mend them in config/rootdesk.yaml or the environment');
  }
  const settings = result.data;
  settings.dataDir = resolve(settings.dataDir);
  for (const mailbox of settings.mailboxes) {
    if (mailbox.passwordFile)
      mailbox.password = readSecret(mailbox.passwordFile, `mailboxes.${mailbox.name}.passwordFile`);
  }
  return settings;
}

function readFile(file: string | null): unknown {
  const path = file ?? 'config/rootdesk.yaml';
  if (file === null && !existsSync(path)) return {};
  try {
    const tree = parseYaml(readFileSync(path, 'utf8')) ?? {};
    if (typeof tree !== 'object' || Array.isArray(tree)) throw new Error('it must be a map of settings');
    return tree;
  } catch (error) {
    throw wrong(
      `settings file ${path} cannot be read: ${messageOf(error)}`,
      'mend the file, or name another with ROOTDESK_CONFIG',
    );
  }
}

function readSecret(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw wrong(`${name} cannot be read: ${messageOf(error)}`, 'check the path and its permissions');
  }
}

function put(tree: Record<string, unknown>, path: string[], value: unknown): void {
  let node = tree;
  for (const key of path.slice(0, -1)) {
    if (typeof node[key] !== 'object' || node[key] === null) node[key] = {};
    node = node[key] as Record<string, unknown>;
  }
  node[path.at(-1) as string] = value;
}

function wrong(message: string, hint: string): RootdeskError {
  return new RootdeskError('settings', message, hint, { exitCode: EXIT.config });
}
