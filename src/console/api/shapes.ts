import { z } from 'zod';
import { URGENCIES } from '../../core/values.ts';
import { OUTCOMES } from '../outcomes.ts';

/**
 * What the API answers, as schemas: the description is made of them, and the tests hold every answer against them. All of
 * it was redacted before it was stored; root addresses are masked as on the pages.
 */
const instant = z.iso.datetime().describe('ISO 8601, UTC.');
const id = z.int().positive();
const text = z.string();
const oneOf = <T extends string>(values: readonly T[]) => z.enum(values as [T, ...T[]]);

const urgency = oneOf(URGENCIES);
const state = z.enum(['open', 'waiting', 'solved']);
const outcome = oneOf(OUTCOMES.filter((one) => one !== 'pending'));
const review = z
  .enum(['rejected', 'not_aws', 'internal'])
  .nullable()
  .describe('What a person said about it while it was held.');
const reason = z.strictObject({ code: text, text }).describe('Why: a stable code and a sentence.');
const found = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value, where: text.describe('Where it stands: `subject`, `body 14`, `header …`.') });
const deadlineSort = z.enum(['respond', 'awsActs']).describe('Somebody must answer until then, or AWS acts then.');
const deadline = z.strictObject({ date: z.iso.date(), at: instant.nullable(), sort: deadlineSort });
const secretLevel = z.enum(['none', 'masked', 'sealed']);
const secrets = z.strictObject({ count: z.int(), kinds: z.array(text), level: secretLevel });
const attachment = z.strictObject({ name: text, type: text, size: z.int() });

const facts = z
  .strictObject({
    accountIds: z.array(found(text)),
    accountName: found(text).nullable(),
    organizationId: found(text).nullable(),
    regions: z.array(found(text)),
    service: found(text).nullable(),
    eventType: found(text).nullable(),
    eventArn: found(text).nullable(),
    caseId: found(text).nullable(),
    abuseReportId: found(text).nullable(),
    invoiceId: found(text).nullable(),
    amount: found(z.strictObject({ amount: text, currency: text })).nullable(),
    billingPeriod: found(text).nullable(),
    domain: found(text).nullable(),
    budget: found(text).nullable(),
    topicArn: found(text).nullable(),
    resources: z.array(found(text)),
    deadline: found(deadline).nullable(),
    links: z.array(z.strictObject({ text, href: text.nullable().describe('Only to AWS’s own console.'), where: text })),
  })
  .partial();

export const ticketItem = z.strictObject({
  id,
  customer: text,
  subject: text,
  kind: text,
  urgency,
  deadline: z.iso.date().nullable(),
  state,
  mails: z.int(),
  createdAt: instant,
  updatedAt: instant,
  version: z.int().describe('To be named by an act: one on an older version is refused.'),
  snoozedUntil: instant.nullable(),
  actAt: instant.describe('When somebody must have looked: the deadline, else what its urgency allows.'),
});

export const incidentItem = z.strictObject({
  id,
  kind: text,
  subject: text,
  urgency,
  firstAt: instant.describe('Time of its first mail.'),
  lastAt: instant,
  customers: z.int(),
  open: z.int().describe('Tickets of it that are not solved.'),
});
export const incident = incidentItem.extend({ tickets: z.array(ticketItem) });

export const timelineEntry = z.strictObject({
  id,
  at: instant,
  type: z.enum(['mail', 'change', 'note', 'related', 'moved', 'scrubbed', 'merged']),
  actor: text,
  mail: id.nullable(),
  body: z.record(z.string(), z.unknown()),
});

/** What leaves the house because of a mail or a ticket. */
export const effect = z.strictObject({
  id,
  type: text.describe('`notify.mail`, `notify.webhook` …'),
  state: z.enum(['due', 'leased', 'done', 'parked']).describe('`parked`: it gave up and waits for a person.'),
  dueAt: instant,
  createdAt: instant,
  settledAt: instant.nullable(),
  attempts: z.array(z.strictObject({ at: instant, ok: z.boolean(), code: text, text, unclear: z.boolean() })),
});
export const parkedEffect = effect
  .pick({ id: true, type: true, createdAt: true })
  .extend({ ticket: id.nullable(), error: text.nullable().describe('How the last attempt ended.') });

export const ticket = ticketItem.extend({
  incident: id.nullable().describe('The incident over several customers that it is part of; see /incidents.'),
  mergedInto: id.nullable().describe('The ticket that has its mails now.'),
  actionRequired: z.boolean(),
  deadlineAt: instant.nullable(),
  deadlineSort: deadlineSort.nullable(),
  secretLevel,
  facts,
  nextSteps: z.array(text),
  effects: z.array(effect),
  timeline: z.array(timelineEntry),
  mails: z.array(
    z.strictObject({
      id,
      sha256: text,
      messageId: text.nullable(),
      outcome: outcome.nullable(),
      kind: text.nullable(),
      lang: text.nullable(),
      mailTime: instant,
      receivedAt: instant,
      arrivals: z.int(),
      from: text.nullable(),
      subject: text.nullable(),
      text: text.nullable(),
      secrets: secrets.nullable(),
      attachments: z.array(attachment),
    }),
  ),
});

export const mailItem = z.strictObject({
  id,
  customer: text.nullable(),
  sha256: text,
  messageId: text.nullable(),
  outcome: outcome.nullable().describe('null while it waits to be decided.'),
  kind: text.nullable(),
  rule: text.nullable(),
  lang: text.nullable(),
  urgency: urgency.nullable(),
  deadline: z.iso.date().nullable(),
  subject: text.nullable(),
  from: text.nullable(),
  ticket: id.nullable(),
  size: z.int(),
  receivedAt: instant,
  mailTime: instant,
  decidedAt: instant.nullable(),
  error: text.nullable(),
  review,
  reviewedAt: instant.nullable(),
  reviewBy: text.nullable().describe('Who confirmed it, as they wrote it: nobody is signed in.'),
  reviewReason: text.nullable(),
  alike: z.int().describe('Of a held mail: others with the same sender and text, which an act can take along.'),
});

const signature = z.strictObject({
  domain: text,
  selector: text,
  result: text,
  signs: z.array(text).nullable(),
  identity: text.nullable(),
  defect: text.nullable(),
});

export const mail = mailItem.extend({
  effects: z.array(effect),
  copies: z
    .strictObject({ all: z.int(), accepted: z.int(), failed: z.int() })
    .describe('Copies to list members: `accepted` by the smarthost, `failed` for good, the others on their way.'),
  deadlineAt: instant.nullable(),
  deadlineSort: deadlineSort.nullable(),
  threadKey: text.nullable(),
  auth: z.strictObject({
    state: z.enum(['final', 'temperror', 'unverifiable']),
    by: z.enum(['us', 'hop', 'nobody']),
    authservId: text.nullable(),
    signatures: z.array(signature),
    spf: z.strictObject({ result: text, domain: text.nullable() }).nullable(),
    dmarc: z.strictObject({ result: text, domain: text.nullable(), policy: text.nullable() }).nullable(),
    ignored: z.array(z.strictObject({ name: text, why: text })),
  }),
  sender: z
    .strictObject({
      class: z.enum(['aws', 'aws_person', 'pretends', 'other', 'unverifiable']),
      authentic: z.boolean(),
      address: text.nullable(),
      displayName: text.nullable(),
      secretBySender: z.boolean(),
      reasons: z.array(reason),
    })
    .nullable(),
  facts: facts.nullable(),
  secrets: secrets.nullable(),
  reasons: z.array(reason),
  steps: z.array(z.strictObject({ step: text, at: instant })),
  text: text.nullable(),
  headers: z.array(z.strictObject({ name: text, value: text })),
  attachments: z.array(attachment),
  arrivals: z.array(
    z.strictObject({
      transport: z.enum(['smtp', 'lmtp', 'imap', 'file', 'ses']),
      at: instant,
      clientIp: text.nullable(),
      tls: z.boolean(),
      source: text.nullable(),
      uidValidity: z.int().nullable(),
      uid: z.int().nullable(),
      addressee: reason,
    }),
  ),
});

export const customerItem = z.strictObject({
  slug: text,
  name: text,
  language: text,
  accounts: z.int(),
  lists: z.int(),
  members: z.int(),
  open: z.int().describe('Open tickets, counted up to 1000.'),
  lastMailAt: instant.nullable(),
});

export const listItem = z.strictObject({
  id,
  customer: text,
  address: text.describe('Masked.'),
  account: text.nullable(),
  state: z.enum(['draft', 'live', 'released']),
  createdAt: instant,
  lastMailAt: instant.nullable(),
  stillWritten: z.boolean().describe('AWS wrote to it after it was released; no member got that.'),
  members: z.int(),
  receiving: z.int().describe('Members who get copies: confirmed or bouncing.'),
  bouncing: z.int().describe('Members whom copies do not reach.'),
  path: z.strictObject({
    state: z
      .enum(['unknown', 'heard', 'late', 'lost', 'unsent'])
      .describe('What probes say of the way to the address; unsent: none could be handed to the outgoing mail server.'),
    lastProbeAt: instant.nullable(),
    tookMs: z.int().nullable().describe('How long the last probe that came back took.'),
    ticket: id.nullable().describe('The open ticket about the way.'),
  }),
});

const member = z.strictObject({
  id,
  list: id,
  address: text,
  name: text.nullable().describe('As the proposer wrote it.'),
  state: z.enum(['invited', 'confirmed', 'bouncing', 'suspended', 'removed']),
  changedAt: instant,
});

export const customer = customerItem.extend({
  accountNumbers: z.array(z.strictObject({ account: text, management: z.boolean() })),
  rootAddresses: z.array(listItem),
  memberRows: z.array(member),
});

export const list = listItem.extend({ memberRows: z.array(member) });

const waiting = z.strictObject({
  oldestAt: instant.nullable(),
  oldestSeconds: z.int().describe('Since when the oldest waits; 0 when nothing does.'),
});
const road = {
  waiting: z.strictObject({ authenticate: waiting, decide: waiting, act: waiting }),
  parkedEffects: z.int(),
  lastMailAt: instant.nullable(),
};

export const stats = z.strictObject({
  mails: z.record(text, z.int()).describe('Mails by outcome.'),
  counters: z.record(text, z.int()).describe('Every counter, kept with what it counts.'),
  ...road,
});

export const mailboxItem = z.strictObject({
  name: text,
  state: text,
  uidValidity: z.int().nullable(),
  uidNext: z.int().nullable().describe('Everything below it is kept, or known to hold no mail.'),
  lastSuccessAt: instant.nullable(),
  lastError: text.nullable(),
  errorClass: z
    .enum(['authentication', 'token', 'throttled', 'network', 'protocol', 'storage'])
    .nullable()
    .describe('Why it is not watched now.'),
  failures: z.int().describe('In a row.'),
  nextTryAt: instant.nullable(),
  pausedAt: instant.nullable().describe('Its login was refused; only a person or another secret resumes it.'),
  receiver: text.nullable().describe('host:pid of the process that watches it.'),
  auditAt: instant.nullable().describe('When all UIDs of the server were compared with what arrived.'),
  auditMissing: z.int().describe('Messages that were on the server then, and not here, and could not be fetched.'),
  afterError: text.nullable().describe('Why what is done with kept mail cannot be done now.'),
});
export const mailbox = mailboxItem.extend({
  firstUid: z.int().nullable().describe('Watching began there; what is below was left to a backfill.'),
  serverMessages: z.int().nullable(),
  serverUidNext: z.int().nullable(),
  modseq: text.nullable().describe('HIGHESTMODSEQ; null: the server keeps none.'),
  auditMessages: z.int(),
  auditFetched: z.int().describe('Messages that were missing at the last comparison and were fetched.'),
  afterMode: text.nullable(),
  beganAt: instant.nullable(),
  withoutMail: z.int().describe('UIDs below the cursor that hold no mail: deleted by others, or never used. No loss.'),
  spans: z
    .array(
      z.strictObject({
        first: z.int(),
        last: z.int(),
        why: z.enum(['before', 'passed', 'vanished', 'report']),
        foundAt: instant,
      }),
    )
    .describe('Their ranges, the youngest 100.'),
  events: z.array(z.strictObject({ at: instant, event: text, detail: z.record(text, z.unknown()) })),
  backfill: z
    .strictObject({
      state: z.enum(['running', 'interrupted', 'done', 'stopped']),
      newestFirst: z.boolean(),
      total: z.int(),
      done: z.int(),
      kept: z.int().describe('Mails that were not known.'),
      tooLarge: z.int(),
      startedAt: instant,
      changedAt: instant,
      finishedAt: instant.nullable(),
      leftMs: z.int().nullable().describe('Time that is left at the pace so far.'),
    })
    .nullable()
    .describe('The last walk over what it held before it was watched.'),
});

export const health = z.strictObject({
  ...road,
  paths: z
    .strictObject({ unknown: z.int(), heard: z.int(), late: z.int(), lost: z.int(), unsent: z.int() })
    .describe('Root addresses by what their probes say; each stands in /lists with its last mail, probe and delay.'),
  listeners: z.array(
    z.strictObject({
      name: text,
      how: text,
      address: text,
      state: text,
      lastSuccessAt: instant.nullable(),
      detail: text.nullable(),
    }),
  ),
  mailboxes: z.array(mailboxItem).describe('Up to 50, those that need somebody first; /mailboxes has all.'),
  mailboxCounts: z.strictObject({
    all: z.int(),
    troubled: z
      .int()
      .describe('Not read now, or a message on the server is not here, or what is done with kept mail cannot be done.'),
  }),
  queues: z
    .array(
      z.strictObject({
        name: text,
        state: text,
        lastSuccessAt: instant.nullable(),
        lastError: text.nullable(),
        errorClass: text.nullable(),
        failures: z.int(),
        waiting: z.int().nullable().describe('Messages in the queue, as it says itself.'),
        unread: z.int().describe('Messages whose mail cannot be read; they stay in the queue.'),
        oldestUnreadAt: instant.nullable(),
      }),
    )
    .describe('Queues of mail that Amazon SES took.'),
  unread: z
    .array(
      z.strictObject({
        queue: text,
        message: text.describe('Its id in SQS.'),
        object: text.nullable().describe('bucket/key'),
        class: text,
        error: text,
        attempts: z.int(),
        firstAt: instant,
        lastAt: instant,
        nextTryAt: instant,
      }),
    )
    .describe('Messages whose mail cannot be read, the oldest 100.'),
});

export const alive = z.strictObject({ status: z.literal('ok') });
const check = z.strictObject({ ok: z.boolean(), detail: text.nullable() });
export const readiness = z.strictObject({
  ready: z.boolean(),
  held: z
    .boolean()
    .nullable()
    .describe('Nothing leaves until `rootdesk resume`; mail is taken all the same. null: the database did not say.'),
  checks: z.strictObject({
    database: check,
    schema: check,
    bell: check,
    keeping: check,
    listeners: z.array(check.extend({ name: text, how: text, state: text })),
  }),
});

export const act = z.strictObject({
  id,
  type: text,
  customer: text.nullable(),
  ticket: id.nullable(),
  mail: id.nullable(),
  at: instant,
  actor: text,
  detail: z.record(z.string(), z.unknown()),
  undoneAt: instant.nullable(),
  canUndo: z.boolean(),
});

/** What an act answers. `act` is what undo names. */
export const ticketDone = z.strictObject({ act: id.nullable().describe('null: it was so already.'), version: z.int() });
export const ticketsDone = z.strictObject({
  act: id.nullable().describe('null: nothing was done.'),
  done: z.array(id),
  notDone: z.array(z.strictObject({ ticket: id, why: z.enum(['changed', 'same', 'solved', 'noTime', 'gone']) })),
});
export const manyMailsDone = z.strictObject({
  act: id.nullable().describe('null: nothing was done.'),
  done: z.array(id),
  notDone: z.array(z.strictObject({ mail: id, why: z.enum(['decided', 'gone']) })),
});
export const mailsDone = z.strictObject({ act: id, mails: z.array(id) });
export const effectDone = z.strictObject({ act: id });
export const undone = z.strictObject({ ticket: id.nullable(), mail: id.nullable() });

/** Every error has this shape. */
const error = z.strictObject({ code: text, message: text });
export const anyError = z.strictObject({ error });
/** 400; `problems` names fields. */
export const wrongInput = z.strictObject({
  error: error.extend({ problems: z.array(z.strictObject({ field: text, message: text })).optional() }),
});
/** 409: it is meanwhile something else, and nothing was changed. */
export const conflict = z.strictObject({
  error: error.extend({
    seen: z.int().optional().describe('The version that the act named.'),
    version: z.int().optional().describe('The version that it has.'),
    state: text.optional(),
    snoozedUntil: instant.nullable().optional(),
    outcome: text.nullable().optional(),
    review: text.nullable().optional(),
  }),
});
