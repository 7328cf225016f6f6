import { z } from 'zod';
import {
  addresses,
  approvers,
  bytes,
  count,
  daysOrEver,
  dnsServers,
  domainName,
  flag,
  ipAddresses,
  keyDays,
  listenPort,
  loopback,
  lowerWords,
  type Meta,
  mailAddress,
  mebibytes,
  milliseconds,
  minutes,
  minutesOrOff,
  networks,
  optionalText,
  publicUrl,
  remotePort,
  setting,
  spfMechanisms,
  text,
  urlOf,
  webUrl,
} from './settingValues.ts';
import { mailboxSchema, sesQueueSchema, sesRegion } from './sourceSettings.ts';

/**
 * The whole configuration as one schema: every key with its sort of value, default, description and environment name.
 * `config/rootdesk.yaml` and the table in the documents are generated from it (`npm run generate`).
 */

const settingsShape = z.strictObject({
  dataDir: setting(text.default('data'), {
    description: 'Folder of the embedded database, keys and state. One folder belongs to one installation.',
    env: 'ROOTDESK_DATA_DIR',
  }),
  databaseUrl: setting(urlOf('postgres', 'postgresql').nullable().default(null), {
    description: 'PostgreSQL 15 or newer. Unset: the embedded server under dataDir.',
    env: 'DATABASE_URL',
    secret: true,
  }),
  redisUrl: setting(urlOf('redis', 'rediss').nullable().default(null), {
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
  lists: z
    .strictObject({
      rootDomain: setting(domainName.nullable().default(null), {
        description: 'Domain of the root addresses that `rootdesk lists create` gives out.',
        env: 'ROOTDESK_ROOT_DOMAIN',
      }),
      bounceDomain: setting(domainName.nullable().default(null), {
        description:
          'Domain of the envelope senders of copies; its mail must come to the SMTP or LMTP listener, or into a mailbox that is read over IMAP, the recipient written on top (X-Original-To, Delivered-To). Unset: no copy is sent to members.',
        env: 'ROOTDESK_BOUNCE_DOMAIN',
      }),
      mx: setting(domainName.nullable().default(null), {
        description: 'Host that takes the mail of these domains (MX). Unset: smtp.hostname.',
        env: 'ROOTDESK_MX',
      }),
      stormMails: setting(count.default(100), {
        description:
          'Mails of one list in 10 minutes beyond which its copies are held until it is calmer; those with codes and reset links are not.',
        env: 'ROOTDESK_STORM_MAILS',
      }),
    })
    .prefault({}),
  http: z
    .strictObject({
      bind: setting(loopback.default('127.0.0.1'), {
        description: 'Only a loopback address: until sign-in exists every other is refused.',
        env: 'ROOTDESK_HTTP_BIND',
      }),
      port: setting(listenPort.default(8480), {
        description: 'Pages and API. 0 takes a free port and prints it.',
        env: 'ROOTDESK_HTTP_PORT',
      }),
    })
    .prefault({}),
  health: z
    .strictObject({
      port: setting(listenPort.nullable().default(null), {
        description:
          'Loopback port on which a process without the pages answers /healthz and /readyz. Unset: it answers none. 0 takes a free one and logs it.',
        env: 'ROOTDESK_HEALTH_PORT',
      }),
    })
    .prefault({}),
  public: z
    .strictObject({
      url: setting(publicUrl.nullable().default(null), {
        description:
          'Address at which members and approvers reach the public pages, for the links in mails. Unset: no such mail is written.',
        env: 'ROOTDESK_PUBLIC_URL',
      }),
      bind: setting(text.default('127.0.0.1'), {
        description: 'Address that the public pages listen on; put a web server with TLS before it.',
        env: 'ROOTDESK_PUBLIC_BIND',
      }),
      port: setting(listenPort.nullable().default(null), {
        description:
          'Port of the public pages. Unset: 8481 when public.url is set, else they are off. 0 takes a free one.',
        env: 'ROOTDESK_PUBLIC_PORT',
      }),
      trustedProxies: setting(networks.default([]), {
        description: 'Web servers before the public pages whose X-Forwarded-For names the visitor.',
        env: 'ROOTDESK_PUBLIC_TRUSTED_PROXIES',
      }),
    })
    .prefault({}),
  membership: z
    .strictObject({
      resellerDomains: setting(lowerWords.default([]), {
        description:
          "Domains of our own people: they may be on every customer's list and write in every ticket, and never count as the customer.",
        env: 'ROOTDESK_RESELLER_DOMAINS',
      }),
      approvers: setting(approvers.default([]), {
        description:
          "Who may approve a customer's first list member, and be the third person on the day after a reset mail: addresses, each as user=address when it is a user of this system. Nobody approves what they proposed.",
        env: 'ROOTDESK_APPROVERS',
      }),
      heartbeatDays: setting(count.default(30), {
        description: 'Days after which a member is asked again, by a mail with a link, whether mail arrives.',
        env: 'ROOTDESK_HEARTBEAT_DAYS',
      }),
    })
    .prefault({}),
  smtp: z
    .strictObject({
      enabled: setting(flag.default(true), { description: 'Listen for SMTP.', env: 'ROOTDESK_SMTP_ENABLED' }),
      bind: setting(text.default('127.0.0.1'), {
        description: 'Address to listen on. Behind a mail server keep the loopback.',
        env: 'ROOTDESK_SMTP_BIND',
      }),
      port: setting(listenPort.default(2525), {
        description: 'SMTP port. 0 takes a free one.',
        env: 'ROOTDESK_SMTP_PORT',
      }),
      hostname: setting(text.default('rootdesk.localhost'), {
        description: 'Name in greeting and Received.',
        env: 'ROOTDESK_SMTP_HOSTNAME',
      }),
      trustedNetworks: setting(networks.default([]), {
        description: 'Mail servers of yours that hand mail over and whose Authentication-Results may count.',
        env: 'ROOTDESK_SMTP_TRUSTED_NETWORKS',
      }),
      proxyFrom: setting(ipAddresses.default([]), {
        description:
          'Addresses of load balancers that begin each connection with a PROXY header (version 1 or 2) that names the client, for SPF and limits.',
        env: 'ROOTDESK_SMTP_PROXY_FROM',
      }),
      authservIds: setting(lowerWords.default([]), {
        description: 'authserv-ids that those servers write. Empty: signatures are verified here.',
        env: 'ROOTDESK_SMTP_AUTHSERV_IDS',
      }),
      maxConnections: setting(count.default(100), {
        description: 'Connections at once.',
        env: 'ROOTDESK_SMTP_MAX_CONNECTIONS',
      }),
      maxConnectionsPerClient: setting(count.default(50), {
        description:
          'Connections at once of one client address, or of one IPv6 /64; trustedNetworks are not limited by it.',
        env: 'ROOTDESK_SMTP_MAX_CONNECTIONS_PER_CLIENT',
      }),
      maxRecipients: setting(count.default(100), {
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
      bind: setting(text.default('127.0.0.1'), {
        description: 'Address to listen on.',
        env: 'ROOTDESK_LMTP_BIND',
      }),
      port: setting(listenPort.default(2424), {
        description: 'LMTP port. 0 takes a free one.',
        env: 'ROOTDESK_LMTP_PORT',
      }),
      authservIds: setting(lowerWords.default([]), {
        description: 'authserv-ids of the mail server that hands over by LMTP. Empty: signatures are verified here.',
        env: 'ROOTDESK_LMTP_AUTHSERV_IDS',
      }),
      tlsKeyFile: setting(optionalText.default(null), {
        description: 'Private key (PEM) for STARTTLS. Unset: no STARTTLS is offered.',
        env: 'ROOTDESK_LMTP_TLS_KEY_FILE',
      }),
      tlsCertFile: setting(optionalText.default(null), {
        description: 'Certificate chain (PEM) for STARTTLS.',
        env: 'ROOTDESK_LMTP_TLS_CERT_FILE',
      }),
      maxConnections: setting(count.default(100), {
        description: 'Connections at once.',
        env: 'ROOTDESK_LMTP_MAX_CONNECTIONS',
      }),
      maxRecipients: setting(count.default(100), {
        description: 'RCPT a mail; more answer 452.',
        env: 'ROOTDESK_LMTP_MAX_RECIPIENTS',
      }),
    })
    .prefault({}),
  mailboxes: setting(z.array(mailboxSchema, 'must be a list of mailboxes').default([]), {
    description: 'IMAP mailboxes to watch.',
  }),
  ses: setting(z.array(sesQueueSchema, 'must be a list of queues').default([]), {
    description: 'Queues that tell of mail which Amazon SES has put into a bucket; see docs/ses.md.',
  }),
  dns: z
    .strictObject({
      servers: setting(dnsServers.default([]), {
        description: 'DNS servers for DKIM, SPF and DMARC, with port if not 53. Empty: those of the system.',
        env: 'ROOTDESK_DNS_SERVERS',
      }),
      timeoutMs: setting(milliseconds.default(2000), {
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
      mailBytes: setting(bytes.default(25 * 1024 * 1024), {
        description: 'Largest mail that is taken (bytes).',
        env: 'ROOTDESK_MAIL_BYTES',
      }),
      memoryBytes: setting(bytes.default(128 * 1024 * 1024), {
        description: 'Bytes of mail in memory over all connections; beyond it senders are asked to come back.',
        env: 'ROOTDESK_MEMORY_BYTES',
      }),
      understandMs: setting(milliseconds.default(2000), {
        description: 'Longest that the rulebook may work on one mail; then it is parked.',
        env: 'ROOTDESK_UNDERSTAND_MS',
      }),
      understandMemoryMb: setting(mebibytes.default(192), {
        description: 'Heap of one rulebook thread (MiB).',
        env: 'ROOTDESK_UNDERSTAND_MEMORY_MB',
      }),
      understandThreads: setting(count.default(2), {
        description: 'Rulebook threads.',
        env: 'ROOTDESK_UNDERSTAND_THREADS',
      }),
    })
    .prefault({}),
  outgoing: z
    .strictObject({
      host: setting(optionalText.default(null), {
        description: 'Mail server (smarthost) for notices and copies; it must queue. Unset: no mail is written.',
        env: 'ROOTDESK_OUTGOING_HOST',
      }),
      port: setting(remotePort.default(587), { description: 'Its port.', env: 'ROOTDESK_OUTGOING_PORT' }),
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
      spf: setting(spfMechanisms.default([]), {
        description:
          'SPF mechanisms that name the servers which send our mail out, for `rootdesk dns`. Empty: the address of outgoing.host.',
        env: 'ROOTDESK_OUTGOING_SPF',
      }),
    })
    .prefault({}),
  tickets: z
    .strictObject({
      followUpDays: setting(count.default(30), {
        description:
          'Days after a ticket was solved in which later mail of its matter reopens it. After them a new ticket follows it up, linked.',
        env: 'ROOTDESK_TICKETS_FOLLOW_UP_DAYS',
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
      mostMails: setting(count.default(20), {
        description:
          'Mails of urgent tickets in 10 minutes that leave each by itself. Beyond them one mail every 2 minutes names all the others. The webhook is called for each.',
        env: 'ROOTDESK_NOTIFY_MOST_MAILS',
      }),
      replyAddress: setting(mailAddress.nullable().default(null), {
        description:
          'Reply-To of notices. Answers that come in under it join the ticket that their notice was about. Its domain must lead here, or one of the mailboxes take its mail.',
        env: 'ROOTDESK_REPLY_ADDRESS',
      }),
      webhookUrl: setting(webUrl.nullable().default(null), {
        description: 'Webhook that hears of urgent tickets.',
        env: 'ROOTDESK_WEBHOOK_URL',
      }),
      webhookSecret: setting(optionalText.default(null), {
        description: 'Key of its signature (HMAC-SHA-256). Must be set when webhookUrl is.',
        env: 'ROOTDESK_WEBHOOK_SECRET',
        secret: true,
      }),
      webhookAllowPrivate: setting(flag.default(false), {
        description: 'Allow a webhook on a private or loopback address.',
        env: 'ROOTDESK_WEBHOOK_ALLOW_PRIVATE',
      }),
      consoleUrl: setting(webUrl.nullable().default(null), {
        description: 'Base of links to tickets in notices. Unset: the address of the pages.',
        env: 'ROOTDESK_CONSOLE_URL',
      }),
    })
    .prefault({}),
  probes: z
    .strictObject({
      everyMinutes: setting(minutesOrOff.default(60), {
        description:
          'A signed mail of ours goes to each root address this often, through outgoing.host, and must come back. 0: none is sent.',
        env: 'ROOTDESK_PROBES_EVERY_MINUTES',
      }),
      lateMinutes: setting(minutes.default(15), {
        description:
          'Minutes after which one that did not come back is late: a ticket, and a mail to team and customer.',
        env: 'ROOTDESK_PROBES_LATE_MINUTES',
      }),
      lostMinutes: setting(minutes.default(240), {
        description: 'Minutes after which it is lost: the ticket becomes critical.',
        env: 'ROOTDESK_PROBES_LOST_MINUTES',
      }),
    })
    .prefault({}),
  retention: z
    .strictObject({
      secretDays: setting(keyDays.default(5), {
        description:
          'Most days that mail with secrets can be read; usually its key is destroyed a day after the last copy was taken by the outgoing server. That makes every copy of it unreadable, also in backups.',
        env: 'ROOTDESK_SECRET_DAYS',
      }),
      mailDays: setting(daysOrEver.default(0), {
        description:
          'Days after which raw mail and its text are taken away, a whole month at a time; hash, headers without secrets, facts, outcome and reasons stay, and so does what waits for a person. 0: mail stays.',
        env: 'ROOTDESK_MAIL_DAYS',
      }),
    })
    .prefault({}),
  templatesDir: setting(optionalText.default(null), {
    description: 'Folder with templates of your own that go before the shipped ones.',
    env: 'ROOTDESK_TEMPLATES_DIR',
  }),
});

/** What one key alone cannot say. */
export const settingsSchema = settingsShape.superRefine((settings, context) => {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: path.split('.'), message, input: undefined });
  const { smtp, lmtp, outgoing, notify, limits, mailboxes, ses, lists, probes } = settings;
  for (const [name, { tlsKeyFile, tlsCertFile }] of Object.entries({ smtp, lmtp }))
    if ((tlsKeyFile === null) !== (tlsCertFile === null))
      refuse(`${name}.tlsKeyFile`, `${name}.tlsKeyFile and ${name}.tlsCertFile belong together: set both or none`);
  if (outgoing.host !== null && outgoing.from === null) refuse('outgoing.from', 'must be set when outgoing.host is');
  if (outgoing.user !== null && outgoing.password === null)
    refuse('outgoing.password', 'must be set when outgoing.user is');
  if (notify.webhookUrl !== null && notify.webhookSecret === null)
    refuse('notify.webhookSecret', 'must be set when notify.webhookUrl is: its receiver could not tell who calls');
  if (limits.memoryBytes < limits.mailBytes)
    refuse('limits.memoryBytes', 'must not be below limits.mailBytes, or the largest mail could never be taken');
  if (
    notify.replyAddress !== null &&
    notify.addresses.some((one) => one.toLowerCase() === notify.replyAddress?.toLowerCase())
  )
    refuse('notify.replyAddress', 'must not be one of notify.addresses: a notice would come back as its own answer');
  if (lists.bounceDomain !== null && lists.bounceDomain === lists.rootDomain)
    refuse('lists.bounceDomain', 'must not be the domain of root addresses');
  if (probes.lostMinutes <= probes.lateMinutes)
    refuse('probes.lostMinutes', 'must be more than probes.lateMinutes: what is lost was late before');
  const names = mailboxes.map(({ name }) => name);
  for (const [index, mailbox] of mailboxes.entries()) {
    if (names.indexOf(mailbox.name) !== index) refuse(`mailboxes.${index}.name`, 'must not be given twice');
    if (mailbox.afterKeep === 'move' && (mailbox.afterFolder === null || mailbox.afterFolder === mailbox.folder))
      refuse(`mailboxes.${index}.afterFolder`, 'must name another folder than folder when afterKeep is move');
    const given = [mailbox.password, mailbox.passwordFile, mailbox.oauth].filter((one) => one !== null);
    if (given.length !== 1) refuse(`mailboxes.${index}.passwordFile`, 'set either passwordFile or password, or oauth');
  }
  const taken = [...names];
  for (const [index, queue] of ses.entries()) {
    if (taken.includes(queue.name)) refuse(`ses.${index}.name`, 'must not be given twice, nor to a mailbox');
    taken.push(queue.name);
    if (sesRegion(queue) === null) refuse(`ses.${index}.region`, 'must be set: queueUrl names none');
    const given = [queue.secretAccessKey, queue.secretAccessKeyFile].filter((one) => one !== null);
    if (given.length !== (queue.accessKeyId === null ? 0 : 1))
      refuse(
        `ses.${index}.secretAccessKeyFile`,
        'accessKeyId and secretAccessKeyFile (or secretAccessKey) belong together',
      );
  }
});

export type Settings = z.infer<typeof settingsSchema>;

export type Leaf = { path: string[]; schema: z.ZodType; meta: Meta; default: unknown };

/** Every setting with its path, in file order: for loading, `config/rootdesk.yaml` and the documents. */
export function leaves(schema: z.ZodType = settingsSchema, path: string[] = []): Leaf[] {
  const meta = schema.meta() as Meta | undefined;
  if (meta?.description) return [{ path, schema, meta, default: schema.safeParse(undefined).data }];
  const inner = schema instanceof z.ZodPrefault ? (schema.def.innerType as z.ZodType) : schema;
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, child]) => leaves(child as z.ZodType, [...path, key]));
}
