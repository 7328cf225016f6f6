import type { Facts, Outcome, Urgency } from '../../src/core/values.ts';
import type { FreshDatabase } from '../servers/postgres.ts';
import { seedList } from './seedList.ts';

/** Rows as the road writes them, for pages: invented customers, tickets in all four bands, every outcome. */
export const NOW = new Date('2026-11-23T10:42:00.000Z');
const HOUR = 3_600_000;
export const hours = (count: number) => new Date(NOW.getTime() + count * HOUR);

export const ROOT_ADDRESSES = {
  tidewater: 'tidewater-k7m2p9xq4rtd@root.example.net',
  kumo: 'kumo-x3f8w2n6yb5c@root.example.net',
  velonord: 'velonord-q9d4t7h2zs8v@root.example.net',
  hoshizora: 'hoshizora-b6j3r8m4wk2e@root.example.net',
  quarrybay: 'quarrybay-n2v7c5x9tf6h@root.example.net',
};

const NO_FACTS: Facts = {
  accountIds: [],
  accountName: null,
  organizationId: null,
  regions: [],
  service: null,
  eventType: null,
  eventArn: null,
  caseId: null,
  abuseReportId: null,
  invoiceId: null,
  amount: null,
  billingPeriod: null,
  domain: null,
  budget: null,
  topicArn: null,
  resources: [],
  deadline: null,
  links: [],
};

export const SIGNED_BY_AWS = {
  state: 'final',
  by: 'us',
  authservId: null,
  signatures: [
    {
      domain: 'amazonaws.com',
      selector: 'k1',
      result: 'pass',
      signs: ['from', 'subject', 'date', 'to', 'message-id'],
      identity: null,
      defect: null,
    },
  ],
  spf: { result: 'pass', domain: 'amazonses.com' },
  dmarc: { result: 'pass', domain: 'amazonaws.com', policy: 'quarantine' },
  ignored: [{ name: 'Authentication-Results', why: 'written by no hop of ours' }],
};

export const UNSIGNED = {
  ...SIGNED_BY_AWS,
  signatures: [],
  spf: { result: 'fail', domain: 'aws-invoices.example' },
  dmarc: { result: 'fail', domain: 'aws-invoices.example', policy: null },
  ignored: [],
};

export type SeedMail = {
  customer: keyof typeof ROOT_ADDRESSES | null;
  subject?: string;
  text?: string;
  sender?: string;
  senderName?: string;
  kind?: string | null;
  outcome?: Outcome | null;
  rule?: string;
  urgency?: Urgency;
  ticket?: number;
  at?: Date;
  facts?: Partial<Facts>;
  secrets?: { count: number; kinds: string[]; level: 'none' | 'masked' | 'sealed' };
  deadline?: { date: string; at: string | null; sort: 'respond' | 'awsActs' } | null;
  auth?: object;
  verdict?: 'aws' | 'aws_person' | 'pretends' | 'other';
  reasons?: { code: string; text: string }[];
  nextSteps?: string[];
  ticketBody?: string;
  headers?: { name: string; value: string }[];
  attachments?: { name: string; type: string; size: number }[];
  error?: string;
  messageId?: string;
  helo?: string;
  decideDue?: Date | null;
  contentHash?: string;
  language?: string;
};

export type SeedTicket = {
  customer: keyof typeof ROOT_ADDRESSES;
  subject: string;
  kind: string;
  urgency: Urgency;
  actAt: Date;
  deadline?: { date: string; at: string | null; sort: 'respond' | 'awsActs' } | null;
  state?: 'open' | 'waiting' | 'solved';
  secretLevel?: 'none' | 'masked' | 'sealed';
  updatedAt?: Date;
};

export class Seed {
  readonly customers = new Map<string, { id: number; listId: number }>();
  readonly #fresh: FreshDatabase;
  #mails = 0;

  constructor(fresh: FreshDatabase) {
    this.#fresh = fresh;
  }

  async customer(slug: keyof typeof ROOT_ADDRESSES, name: string, account: string, language = 'en'): Promise<void> {
    const { pool } = this.#fresh;
    const id = await this.#one('insert into customers (slug, name, language) values ($1, $2, $3) returning id', [
      slug,
      name,
      language,
    ]);
    await pool.query('insert into accounts values ($1, $2, true)', [account, id]);
    const listId = await this.#one(
      'insert into lists (customer_id, address, account) values ($1, $2, $3) returning id',
      [id, ROOT_ADDRESSES[slug], account],
    );
    for (const [local, state] of [
      ['ops', 'confirmed'],
      ['finance', 'confirmed'],
      ['old', 'bouncing'],
      ['new', 'invited'],
    ]) {
      await pool.query('insert into members (list_id, address, state) values ($1, $2, $3)', [
        listId,
        `${local}@${slug}.example`,
        state,
      ]);
    }
    this.customers.set(slug, { id, listId });
  }

  async ticket(ticket: SeedTicket): Promise<number> {
    const customer = this.customers.get(ticket.customer);
    return this.#one(
      `insert into tickets (customer_id, kind, subject, urgency, action_required, deadline, act_at, state, thread_key,
         mails, secret_level, created_at, updated_at)
       values ($1, $2, $3, $4, true, $5, $6, $7, $8, 1, $9, $10, $10) returning id`,
      [
        customer?.id,
        ticket.kind,
        ticket.subject,
        ticket.urgency,
        ticket.deadline ? JSON.stringify(ticket.deadline) : null,
        ticket.actAt,
        ticket.state ?? 'open',
        `test:${ticket.subject}`,
        ticket.secretLevel ?? 'none',
        ticket.updatedAt ?? hours(-2),
      ],
    );
  }

  async mail(mail: SeedMail): Promise<number> {
    const customer = mail.customer === null ? null : this.customers.get(mail.customer);
    const hash = Buffer.alloc(32, ++this.#mails);
    hash.writeUInt32BE(this.#mails, 0);
    const at = mail.at ?? hours(-2);
    const outcome = mail.outcome === undefined ? 'open' : mail.outcome;
    const secrets = mail.secrets ?? { count: 0, kinds: [], level: 'none' };
    const id = await this.#one(
      `insert into mails (customer_id, list_id, identity, sha256, size, message_id, received_at, mail_time, auth,
         decide_due, decided_at, outcome, kind, rule, lang, urgency, action_required, deadline, secret_level,
         thread_key, ticket_id, error, content_hash)
       values ($1, $2, $3, $3, 18210, $4, $5, $5, $6, $7, $8, $9, $10, $11, $12, $13, true, $14, $15, $16, $17, $18, $19)
       returning id`,
      [
        customer?.id ?? null,
        customer?.listId ?? null,
        hash,
        mail.messageId ?? `<${this.#mails}@email.amazonses.com>`,
        at,
        JSON.stringify(mail.auth ?? SIGNED_BY_AWS),
        mail.decideDue ?? null,
        outcome === null ? null : new Date(at.getTime() + 28),
        outcome,
        mail.kind === undefined ? 'security.compromise' : mail.kind,
        mail.rule ?? null,
        mail.language ?? 'en',
        mail.urgency ?? 'normal',
        mail.deadline ? JSON.stringify(mail.deadline) : null,
        secrets.level,
        mail.ticket ? `test:${mail.ticket}` : null,
        mail.ticket ?? null,
        mail.error ?? null,
        mail.contentHash ? Buffer.alloc(32, mail.contentHash) : null,
      ],
    );
    await this.#fresh.pool.query(
      `insert into arrivals (mail_id, list_id, transport, arrived_at, envelope_from, envelope_to, client_ip, helo, tls,
         addressee_reason) values ($1, $2, 'smtp', $3, 'bounces@amazonses.com', $4, '192.0.2.84', $5, true, $6)`,
      [
        id,
        customer?.listId ?? null,
        at,
        mail.customer === null ? 'nobody-4x7k9q2m@root.example.net' : ROOT_ADDRESSES[mail.customer],
        mail.helo ?? 'a8-84.smtp-out.amazonses.com',
        JSON.stringify({ code: 'addressee.rcpt_to', text: 'exact list address from the envelope' }),
      ],
    );
    if (outcome !== null && mail.subject !== undefined)
      await this.#reading(id, mail, customer?.id ?? null, at, secrets);
    if (mail.ticket && customer) {
      await this.#fresh.pool.query(
        `insert into entries (ticket_id, customer_id, mail_id, type, at, actor, body)
         values ($1, $2, $3, 'mail', $4, 'rootdesk', $5)`,
        [
          mail.ticket,
          customer.id,
          id,
          at,
          JSON.stringify({ outcome, subject: mail.subject, seenBefore: null, collision: false }),
        ],
      );
    }
    return id;
  }

  async #reading(id: number, mail: SeedMail, customerId: number | null, at: Date, secrets: object): Promise<void> {
    const sender = mail.sender ?? 'no-reply@amazonaws.com';
    const verdict = mail.verdict ?? 'aws';
    await this.#fresh.pool.query(
      `insert into readings (mail_id, customer_id, subject, sender, sender_name, recipients, text, headers, attachments,
         facts, secrets, sender_verdict, next_steps, ticket_body, reasons, steps)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
      [
        id,
        customerId,
        mail.subject,
        sender,
        mail.senderName ?? 'Amazon Web Services',
        JSON.stringify(mail.customer ? [ROOT_ADDRESSES[mail.customer], 'ops@tidewater.example'] : []),
        mail.text ?? 'Hello,\n\nplease look at this.\n',
        JSON.stringify(
          mail.headers ?? [
            { name: 'Received', value: 'from a8-84.smtp-out.amazonses.com by mx.example.net' },
            { name: 'From', value: `Amazon Web Services <${sender}>` },
            { name: 'To', value: mail.customer ? ROOT_ADDRESSES[mail.customer] : 'nobody' },
            { name: 'Subject', value: mail.subject },
            { name: 'Date', value: 'Mon, 23 Nov 2026 08:25:58 +0000' },
            { name: 'Message-ID', value: '<0100019ab1c2-000000@email.amazonses.com>' },
          ],
        ),
        JSON.stringify(mail.attachments ?? []),
        JSON.stringify({ ...NO_FACTS, ...mail.facts }),
        JSON.stringify(secrets),
        JSON.stringify({
          class: verdict,
          authentic: verdict === 'aws' || verdict === 'aws_person',
          address: sender,
          displayName: 'Amazon Web Services',
          secretBySender: false,
          reasons: [],
        }),
        JSON.stringify(mail.nextSteps ?? []),
        mail.ticketBody ?? '',
        JSON.stringify(
          mail.reasons ?? [
            { code: 'auth.dkim_aligned', text: 'd=amazonaws.com signs From, Subject, Date' },
            { code: 'kind.sender', text: 'no-reply@amazonaws.com is listed' },
            { code: 'kind.subject', text: 'mark “suspicious activity”' },
            { code: 'facts.deadline', text: '“November 24, 2026, 08:00 UTC”, line 14: somebody must act' },
            { code: 'thread.key', text: 'no ticket has its key' },
            { code: 'decide.open', text: 'nothing like it is open' },
          ],
        ),
        JSON.stringify([
          { step: 'received', at: new Date(at.getTime() + 6).toISOString() },
          { step: 'read', at: new Date(at.getTime() + 21).toISOString() },
          { step: 'decided', at: new Date(at.getTime() + 28).toISOString() },
        ]),
      ],
    );
  }

  async #one(sql: string, values: unknown[]): Promise<number> {
    const found = await this.#fresh.pool.query<{ id: number }>(sql, values);
    return found.rows[0]?.id as number;
  }
}

/** The scene of the pages' tests: about twenty tickets, every outcome, one parked mail and one parked effect. */
export async function seedScene(fresh: FreshDatabase): Promise<{
  seed: Seed;
  compromise: number;
  mail: number;
  held: number;
  parked: number;
  /** A list with members, and one whom copies do not reach. */
  list: number;
  member: number;
}> {
  const seed = new Seed(fresh);
  await seed.customer('tidewater', 'Tidewater Bio', '111122223333');
  await seed.customer('kumo', 'Kumo Foods', '222233334444');
  await seed.customer('velonord', 'Velo Nord', '333344445555');
  await seed.customer('hoshizora', '星空トラベル', '444455556666', 'ja');
  const respond = (at: Date) => ({
    date: at.toISOString().slice(0, 10),
    at: at.toISOString(),
    sort: 'respond' as const,
  });
  const awsActs = (at: Date) => ({ ...respond(at), sort: 'awsActs' as const });
  const open = async (ticket: SeedTicket, mail: Partial<SeedMail> = {}) => {
    const id = await seed.ticket(ticket);
    await seed.mail({
      customer: ticket.customer,
      subject: ticket.subject,
      kind: ticket.kind,
      urgency: ticket.urgency,
      deadline: ticket.deadline ?? null,
      ticket: id,
      at: ticket.updatedAt ?? hours(-2),
      ...mail,
    });
    return id;
  };
  await open({
    customer: 'velonord',
    subject: 'Abuse report 24185506731: port scan from i-0c4e91d2a7f3b8e05',
    kind: 'security.abuse',
    urgency: 'critical',
    actAt: hours(-1.6),
    deadline: respond(hours(-1.6)),
    updatedAt: hours(-18),
  });
  await open({
    customer: 'kumo',
    subject: 'MFA has been deactivated on the root user',
    kind: 'auth.mfa_changed',
    urgency: 'critical',
    actAt: hours(-0.7),
    updatedAt: hours(-0.7),
  });
  await open(
    {
      customer: 'tidewater',
      subject: 'Root sign-in code',
      kind: 'auth.signin_otp',
      urgency: 'critical',
      actAt: hours(-0.1),
      secretLevel: 'sealed',
      updatedAt: hours(-0.1),
    },
    { secrets: { count: 1, kinds: ['code'], level: 'sealed' }, text: 'A sign-in code, valid 10 minutes.' },
  );
  const deadline = respond(hours(21.3));
  const compromise = await open(
    {
      customer: 'tidewater',
      subject: 'Suspicious activity in your AWS account 111122223333',
      kind: 'security.compromise',
      urgency: 'critical',
      actAt: hours(21.3),
      deadline,
      secretLevel: 'masked',
      updatedAt: hours(-1.3),
    },
    {
      text: 'Hello,\n\nWe have become aware that the AWS Access Key AKIA…7Q4E belonging to IAM User ci-deploy, along with the corresponding Secret Key, is publicly available online at https://pastes[.]example/[link].\n\nTo protect your account from excessive charges and unauthorized activity, we have limited your ability to create some AWS resources. Please respond by November 24, 2026, 08:00 UTC, or your account may be suspended.\n',
      secrets: { count: 2, kinds: ['access_key', 'link'], level: 'masked' },
      facts: {
        accountIds: [{ value: '111122223333', where: 'subject' }],
        caseId: { value: '176389412200417', where: 'body 3' },
        regions: [
          { value: 'us-east-1', where: 'body 17' },
          { value: 'eu-central-1', where: 'body 17' },
          { value: 'ap-southeast-1', where: 'body 17' },
        ],
        resources: [{ value: 'ci-deploy', where: 'body 9' }],
        deadline: { value: deadline, where: 'body 14' },
        links: [
          { text: 'console.aws.amazon.com/support', href: 'https://console.aws.amazon.com/support', where: 'link' },
          { text: 'hxxps://pastes[.]example/raw', href: null, where: 'link' },
        ],
      },
      nextSteps: [
        'Deactivate the key AKIA…7Q4E',
        'Check CloudTrail in the three Regions',
        'Answer in case 176389412200417',
      ],
      ticketBody: 'AWS saw signs that account 111122223333 is used by a stranger.\nAnswer by: 2026-11-24',
      attachments: [{ name: 'findings.csv', type: 'text/csv', size: 4810 }],
    },
  );
  const mail = await seed.mail({
    customer: 'tidewater',
    subject: '[Action Required] Suspicious activity in your AWS account',
    sender: 'health@aws.com',
    outcome: 'append',
    ticket: compromise,
    at: hours(-1.2),
    text: 'A reminder: please respond by November 24, 2026, 08:00 UTC.\n',
    secrets: { count: 1, kinds: ['access_key'], level: 'masked' },
    facts: { accountIds: [{ value: '111122223333', where: 'subject' }] },
  });
  const tidewater = seed.customers.get('tidewater') as { id: number };
  await fresh.pool.query(
    `insert into entries (ticket_id, customer_id, type, at, actor, body) values ($1, $2, 'change', $3, 'rootdesk', $4), ($1, $2, 'change', $5, 'unknown', $6)`,
    [
      compromise,
      tidewater.id,
      hours(-1.2),
      JSON.stringify({
        changes: [
          { field: 'urgency', from: 'high', to: 'critical' },
          { field: 'deadline', from: null, to: deadline },
        ],
        mailId: mail,
      }),
      hours(-1),
      JSON.stringify({ changes: [{ field: 'state', from: 'waiting', to: 'open' }] }),
    ],
  );
  await open(
    {
      customer: 'hoshizora',
      subject: 'すぐにアクションが必要です - AWS アカウントが停止する恐れがあります',
      kind: 'billing.suspension_warning',
      urgency: 'critical',
      actAt: hours(28),
      deadline: respond(hours(28)),
      updatedAt: hours(-500),
    },
    { language: 'ja' },
  );
  await open(
    {
      customer: 'kumo',
      subject: 'Verify the management account’s e-mail address',
      kind: 'org.email_verification',
      urgency: 'high',
      actAt: hours(7.6),
      deadline: respond(hours(7.6)),
      secretLevel: 'sealed',
    },
    { secrets: { count: 1, kinds: ['link'], level: 'sealed' }, text: 'A verification link.' },
  );
  await open({
    customer: 'velonord',
    subject: 'Amazon EC2 instance i-0b7f20c4d19e6a853 scheduled for retirement',
    kind: 'health.scheduled_change',
    urgency: 'high',
    actAt: hours(14.3),
    deadline: awsActs(hours(14.3)),
    updatedAt: hours(-270),
  });
  await open({
    customer: 'tidewater',
    subject: 'RE:[CASE 176389120400233] BGP flapping on dxvif-ffzz01xq',
    kind: 'support.case_reply',
    urgency: 'high',
    actAt: hours(23),
    updatedAt: hours(-1),
  });
  await open({
    customer: 'kumo',
    subject: 'Cost anomaly: EC2 in ap-southeast-1, USD 2,310 above expected',
    kind: 'billing.cost_anomaly',
    urgency: 'high',
    actAt: hours(23.6),
    updatedAt: hours(-0.4),
  });
  await open(
    {
      customer: 'velonord',
      subject: 'Confirm the registrant of velonord.example',
      kind: 'domain.registrant_verification',
      urgency: 'high',
      actAt: hours(46),
      deadline: respond(hours(46)),
      secretLevel: 'sealed',
    },
    { secrets: { count: 1, kinds: ['link'], level: 'sealed' }, text: 'A confirmation link.' },
  );
  await open({
    customer: 'tidewater',
    subject: 'AWS Direct Connect Planned Maintenance: dxcon-fgq1example',
    kind: 'health.scheduled_change',
    urgency: 'high',
    actAt: hours(62),
    deadline: awsActs(hours(62)),
    updatedAt: hours(-216),
  });
  await open(
    {
      customer: 'kumo',
      subject: 'Approve the certificate for api.kumofoods.example',
      kind: 'cert.validation',
      urgency: 'normal',
      actAt: hours(68),
      deadline: respond(hours(68)),
      secretLevel: 'sealed',
    },
    { secrets: { count: 1, kinds: ['link'], level: 'sealed' }, text: 'An approval link.' },
  );
  await open({
    customer: 'hoshizora',
    subject: 'Important: unpaid AWS charges, USD 18,204.11',
    kind: 'billing.past_due',
    urgency: 'high',
    actAt: hours(101),
    deadline: respond(hours(101)),
    updatedAt: hours(-312),
  });
  await open({
    customer: 'kumo',
    subject: 'Invitation to organization o-exampleorg1 from an unknown account',
    kind: 'org.invitation',
    urgency: 'high',
    actAt: hours(121),
    deadline: respond(hours(121)),
    updatedAt: hours(-240),
  });
  await open({
    customer: 'velonord',
    subject: 'RE:[CASE 176381007700911] Limit increase: EC2 vCPU, Frankfurt',
    kind: 'quota.increase',
    urgency: 'normal',
    actAt: hours(147),
    deadline: { date: hours(147).toISOString().slice(0, 10), at: null, sort: 'awsActs' },
    updatedAt: hours(-96),
  });
  await open({
    customer: 'kumo',
    subject: '[Action Required] AWS Lambda Node.js 20.x end-of-life, 14 functions',
    kind: 'health.lifecycle',
    urgency: 'normal',
    actAt: hours(158 * 24),
    deadline: awsActs(hours(158 * 24)),
    updatedAt: hours(-576),
  });
  await open({
    customer: 'velonord',
    subject: 'Invoice EUIN26-1184420 is available',
    kind: 'billing.invoice',
    urgency: 'low',
    actAt: hours(27 * 24),
    deadline: respond(hours(27 * 24)),
    updatedAt: hours(-1),
  });
  await open({
    customer: 'kumo',
    subject: 'AWS Budgets: prod-monthly has exceeded your alert threshold',
    kind: 'billing.budget_alert',
    urgency: 'low',
    actAt: hours(29 * 24),
    updatedAt: hours(-3),
  });
  await open({
    customer: 'kumo',
    subject: 'RE:[CASE 176381007700922] Console login',
    kind: 'support.case_reply',
    urgency: 'normal',
    actAt: hours(40),
    deadline: respond(hours(40)),
    state: 'waiting',
  });
  await open({
    customer: 'tidewater',
    subject: 'Your AWS Direct Connect port is ready',
    kind: 'health.issue',
    urgency: 'low',
    actAt: hours(-40),
    state: 'solved',
    updatedAt: hours(-30),
  });
  const held = await seed.mail({
    customer: 'velonord',
    subject: 'Amazon Web Services Billing Statement Available [Account: 444455556666]',
    sender: 'billing@aws-invoices.example',
    kind: 'phish.look_alike',
    outcome: 'quarantine',
    rule: 'phish.look_alike',
    verdict: 'pretends',
    auth: UNSIGNED,
    text: `Your AWS statement is ready. Amount due: $18.60\nCard ending •••• was declined. Confirm payment within 24 hours:\nhxxps://console-aws[.]example/pay?id=••••••••\nSent to ${ROOT_ADDRESSES.velonord}\n`,
    reasons: [{ code: 'sender.pretends', text: 'Looks like AWS, not signed by AWS' }],
    headers: [
      { name: 'From', value: 'AWS Billing <billing@aws-invoices.example>' },
      { name: 'Reply-To', value: 'pay@aws-invoices.example' },
      { name: 'Subject', value: 'Amazon Web Services Billing Statement Available' },
    ],
    facts: { links: [{ text: 'hxxps://console-aws[.]example/pay', href: null, where: 'link' }] },
    contentHash: 'a',
    at: hours(-3),
  });
  await seed.mail({
    customer: 'kumo',
    subject: 'AWS アカウントの確認のお願い',
    sender: 'no-reply@arnazon.example',
    kind: 'phish.look_alike',
    outcome: 'quarantine',
    rule: 'phish.look_alike',
    verdict: 'pretends',
    auth: UNSIGNED,
    reasons: [{ code: 'sender.look_alike', text: 'Look-alike domain: arnazon.example' }],
    at: hours(-4),
  });
  const parked = await seed.mail({
    customer: 'tidewater',
    subject: 'Monthly digest',
    kind: null,
    outcome: 'parked',
    error: 'Reading it took longer than 2 s.',
    reasons: [],
    at: hours(-5),
  });
  await seed.mail({
    customer: 'kumo',
    subject: 'Welcome to Amazon Web Services',
    kind: 'account.welcome',
    outcome: 'drop',
    rule: 'account.welcome',
    at: hours(-6),
  });
  await seed.mail({
    customer: 'kumo',
    subject: 'Invoice EUIN26-1184420 is available',
    kind: 'billing.invoice',
    outcome: 'duplicate',
    at: hours(-6),
  });
  await seed.mail({
    customer: null,
    subject: 'Your AWS Account is Ready',
    kind: 'account.ready',
    outcome: 'unrouted',
    at: hours(-7),
  });
  await seed.mail({
    customer: 'kumo',
    outcome: 'too_large',
    kind: null,
    at: hours(-8),
    error: '31 MB, the limit is 25 MB',
  });
  await seed.mail({ customer: 'hoshizora', outcome: null, kind: null, at: hours(-0.01), decideDue: NOW });
  await fresh.pool.query(
    `insert into effects (type, key, customer_id, ticket_id, order_key, payload, state, due_at, attempts, attempt_count, created_at, settled_at)
     values ('notify.mail', 'notify.mail:ticket:1', $1, $2, 'ticket:1', '{}', 'done', $3, $4, 1, $3, $3),
            ('notify.webhook', 'notify.webhook:ticket:1', $1, $2, 'ticket:1', '{}', 'parked', $3, $5, 8, $3, null)`,
    [
      tidewater.id,
      compromise,
      hours(-1.2),
      JSON.stringify([
        { at: hours(-1.2).toISOString(), ok: true, code: '250', text: '250 from smarthost', unclear: false },
      ]),
      JSON.stringify([
        { at: hours(-1.1).toISOString(), ok: false, code: '401', text: '401 from the webhook', unclear: false },
      ]),
    ],
  );
  await fresh.pool.query(
    `with box as (insert into mailboxes (name, uid_validity, state, last_success_at, began_at)
                    values ('archive-eu', 1731, 'watching', $1, $1) returning name)
     insert into mailbox_epochs (mailbox, uid_validity, uid_next, began_uid_next, server_uid_next, started_at)
       select name, 1731, 48214, 48214, 48214, $1::timestamptz from box`,
    [hours(-0.02)],
  );
  await fresh.pool.query(
    `insert into ses_queues (name, state, last_success_at, waiting, created_at, changed_at)
     values ('root-mail', 'watching', $1, 0, $2, $1)`,
    [hours(-0.005), hours(-500)],
  );
  await fresh.pool.query(
    `insert into counters (name, slot, value) values ('mails.open', 0, 15), ('mails.open', 1, 6), ('mails.append', 0, 1)`,
  );
  return { seed, compromise, mail, held, parked, ...(await seedList(fresh.pool, 'tidewater', NOW)) };
}
