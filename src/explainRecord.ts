import type { Plan, Reading } from './core/decide.ts';
import { unreadTicketBody } from './core/unread.ts';
import type { Facts, Outcome, Reason, Urgency } from './core/values.ts';

/** What `explain` says about one mail of one customer. Redacted like everything that the rulebook gives out. */
export type ExplainRecord = {
  file: string;
  /** Of every byte of the file, hex. */
  sha256: string;
  messageId: string | null;
  /** Slug; null when no address of the mail is known. */
  customer: string | null;
  /** Root address. */
  list: string | null;
  authentic: boolean;
  kind: string | null;
  lang: string | null;
  urgency: Urgency | null;
  actionRequired: boolean | null;
  /** YYYY-MM-DD in the zone that the mail names, else UTC. */
  deadline: string | null;
  /** ISO 8601 when the mail names a time. */
  deadlineAt: string | null;
  deadlineSort: 'respond' | 'awsActs' | null;
  facts: PlainFacts | null;
  secrets: { count: number; kinds: string[] };
  /** The same for all mails of one ticket; null when the mail is on none. */
  threadKey: string | null;
  outcome: Outcome;
  /** Rule that drops or quarantines it. */
  rule: string | null;
  reasons: Reason[];
  ticket: { subject: string; body: string } | null;
  sender: { address: string | null; class: string } | null;
  subject: string | null;
};

/** Facts without the places where they were found. */
export type PlainFacts = {
  accountIds: string[];
  accountName: string | null;
  organizationId: string | null;
  regions: string[];
  service: string | null;
  eventType: string | null;
  eventArn: string | null;
  caseId: string | null;
  abuseReportId: string | null;
  invoiceId: string | null;
  /** Decimal text. */
  amount: string | null;
  /** ISO 4217. */
  currency: string | null;
  billingPeriod: string | null;
  domain: string | null;
  budget: string | null;
  topicArn: string | null;
  resources: string[];
  links: { text: string; href: string | null }[];
};

/** The mail behind a record: where it came from and for whom. */
export type ExplainedMail = {
  file: string;
  sha256: string;
  customer: string | null;
  list: string | null;
  /** Reasons from before the rulebook: how the addressee was found, what authentication could not find out. */
  arrivalReasons: Reason[];
};

/** Makes the record of a decided mail. `threadKey`: that of its ticket, which may have changed since it was decided. */
export function recordOf(mail: ExplainedMail, reading: Reading, plan: Plan, threadKey: string | null): ExplainRecord {
  const base = { file: mail.file, sha256: mail.sha256, customer: mail.customer, list: mail.list };
  const { outcome, rule } = plan;
  if (!reading.read) {
    const { unread } = reading;
    const onTicket = plan.ticket?.mail ?? null;
    return {
      ...base,
      messageId: unread.messageId,
      authentic: unread.sender.authentic,
      ...unknown(),
      kind: onTicket?.kind ?? null,
      urgency: onTicket?.urgency ?? null,
      actionRequired: onTicket?.actionRequired ?? null,
      threadKey,
      outcome,
      rule,
      reasons: [...mail.arrivalReasons, ...unread.reasons, ...plan.reasons],
      ticket: onTicket === null ? null : { subject: onTicket.subject, body: unreadTicketBody(unread) },
      sender: { address: unread.sender.address, class: unread.sender.class },
      subject: unread.subject,
    };
  }
  const u = reading.understanding;
  const deadline = u.facts.deadline?.value ?? null;
  return {
    ...base,
    messageId: u.messageId,
    authentic: u.sender.authentic,
    kind: plan.kind ?? u.kind,
    lang: u.language,
    urgency: u.urgency,
    actionRequired: u.actionRequired,
    deadline: deadline?.date ?? null,
    deadlineAt: deadline?.at ?? null,
    deadlineSort: deadline?.sort ?? null,
    facts: plainFacts(u.facts),
    secrets: { count: u.secrets.count, kinds: u.secrets.kinds },
    threadKey,
    outcome,
    rule,
    reasons: [...mail.arrivalReasons, ...u.reasons, ...plan.reasons],
    ticket: plan.ticket === null ? null : { subject: u.ticketSubject, body: u.ticketBody },
    sender: { address: u.sender.address, class: u.sender.class },
    subject: u.subject,
  };
}

/** The record of a file above the size limit: it is not read. */
export function tooLargeRecord(file: string, sha256: string, size: number, limit: number): ExplainRecord {
  const text = `It has ${size} bytes; mails above ${limit} bytes (limits.mailBytes) are not read.`;
  return {
    file,
    sha256,
    messageId: null,
    customer: null,
    list: null,
    authentic: false,
    ...unknown(),
    threadKey: null,
    outcome: 'too_large',
    rule: null,
    reasons: [{ code: 'size.too_large', text }],
    ticket: null,
    sender: null,
    subject: null,
  };
}

function unknown() {
  return {
    kind: null,
    lang: null,
    urgency: null,
    actionRequired: null,
    deadline: null,
    deadlineAt: null,
    deadlineSort: null,
    facts: null,
    secrets: { count: 0, kinds: [] },
  };
}

function plainFacts(facts: Facts): PlainFacts {
  const one = (found: { value: string } | null) => found?.value ?? null;
  return {
    accountIds: values(facts.accountIds),
    accountName: one(facts.accountName),
    organizationId: one(facts.organizationId),
    regions: values(facts.regions),
    service: one(facts.service),
    eventType: one(facts.eventType),
    eventArn: one(facts.eventArn),
    caseId: one(facts.caseId),
    abuseReportId: one(facts.abuseReportId),
    invoiceId: one(facts.invoiceId),
    amount: facts.amount?.value.amount ?? null,
    currency: facts.amount?.value.currency ?? null,
    billingPeriod: one(facts.billingPeriod),
    domain: one(facts.domain),
    budget: one(facts.budget),
    topicArn: one(facts.topicArn),
    resources: values(facts.resources),
    links: facts.links.map(({ text, href }) => ({ text, href })),
  };
}

function values(found: readonly { value: string }[]): string[] {
  return [...new Set(found.map((one) => one.value))];
}
