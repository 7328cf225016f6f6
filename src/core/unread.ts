import { cleanLine } from './cleanText.ts';
import { decodeHeaderText } from './encodedWord.ts';
import { type HeaderField, readFields } from './fields.ts';
import { mailTime } from './mailTime.ts';
import { ownListsOf } from './ownListCopy.ts';
import type { ParsedMail } from './parse.ts';
import { redact } from './redact.ts';
import { judgeSender, type SenderRules } from './sender.ts';
import type { TicketMail } from './ticket.ts';
import type { Address, Arrival, AuthResult, Facts, Reason, SenderVerdict } from './values.ts';

/** Why a mail could not be read. */
export type UnreadWhy =
  /** The rulebook worked on it longer than it may. */
  | 'deadline'
  /** It needed more memory than it may take. */
  | 'memory'
  /** The rulebook failed on it. */
  | 'failed'
  /** The stored bytes cannot be opened (their key is gone or wrong). */
  | 'sealed'
  /** It was understood, but could not be written. */
  | 'not_written';

/** What is known of a mail that was not read: its header, redacted, and who sent it by proof. */
export type Unread = {
  why: UnreadWhy;
  /** A sentence without a word of the mail. */
  error: string;
  messageId: string | null;
  mailTime: string;
  subject: string;
  from: Address | null;
  sender: SenderVerdict;
  headers: { name: string; value: string }[];
  reasons: Reason[];
};

/** Header fields and characters of each that are looked at: a mail that stalled the rulebook must not stall this too. */
const MAX_FIELDS = 100;
const MAX_VALUE = 2000;

/** Facts of a mail that nobody has read. */
export const NO_FACTS: Facts = {
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

/** Reads the header of a mail that the rulebook could not read. Total, bounded; the body is not touched. */
export function readUnread(
  raw: Uint8Array,
  auth: AuthResult,
  arrival: Arrival,
  rules: SenderRules,
  failure: { why: UnreadWhy; error: string },
): Unread {
  const fields = readFields(raw);
  const sender = judgeSender(fields, auth, rules, ownListsOf(arrival));
  const time = mailTime(fields, arrival);
  const shown = redact(headerOnly(fields, sender), { secretBySender: sender.secretBySender });
  return {
    ...failure,
    messageId: shown.clean(bare(fields)) || null,
    mailTime: time.at,
    subject: cleanLine(shown.subject),
    from: shown.from,
    sender: { ...sender, displayName: sender.displayName === null ? null : shown.clean(sender.displayName) },
    headers: shown.headers,
    reasons: [...sender.reasons, time.reason].map(({ code, text }) => ({ code, text: shown.clean(text) })),
  };
}

/** Kind of the ticket that stands for an AWS mail which nobody has read yet. */
export const UNREAD_KIND = 'aws.unreadable';

/** What a ticket reads of a mail that could not be read: urgent, since it may be anything. */
export function unreadTicketMail(
  mail: { id: number; sha256: string; history?: TicketMail['history'] },
  unread: Unread,
): TicketMail {
  return {
    id: mail.id,
    sha256: mail.sha256,
    mailTime: new Date(unread.mailTime).toISOString(),
    messageId: unread.messageId,
    dedupingId: null,
    threadKey: `alone:unread:${mail.sha256}`,
    contentHash: null,
    kind: UNREAD_KIND,
    subject: cleanLine(`Mail from AWS could not be read: ${unread.subject || '(no subject)'}`, 200),
    urgency: 'high',
    actionRequired: true,
    deadline: null,
    secretLevel: 'sealed',
    resolves: false,
    listCopy: false,
    history: mail.history ?? null,
  };
}

/** What its ticket says in place of a text. */
export function unreadTicketBody(unread: Unread): string {
  return [
    'AWS sent this mail by proof, but it could not be read, so nobody knows yet what it asks for.',
    `Why: ${unread.error}`,
    'Look at its headers, then try it again or open the original at its recipient.',
  ].join('\n\n');
}

function headerOnly(fields: readonly HeaderField[], sender: SenderVerdict): ParsedMail {
  const subject = fields.find((field) => field.name === 'subject');
  return {
    fields: fields.slice(0, MAX_FIELDS).map((field) => ({
      ...field,
      value: field.value.slice(0, MAX_VALUE),
      bytes: field.bytes.subarray(0, MAX_VALUE),
    })),
    messageId: bare(fields) || null,
    inReplyTo: [],
    references: [],
    subject: subject ? cleanLine(decodeHeaderText(subject.bytes.subarray(0, MAX_VALUE))) : '',
    from: sender.address === null ? null : { address: sender.address, name: sender.displayName ?? '' },
    to: [],
    cc: [],
    replyTo: [],
    text: '',
    textFrom: 'none',
    links: [],
    side: [],
    attachments: [],
    types: [],
    typeParams: {},
    reasons: [],
  };
}

function bare(fields: readonly HeaderField[]): string {
  const value = fields.find((field) => field.name === 'message-id')?.value ?? '';
  return cleanLine(value.slice(0, MAX_VALUE)).replace(/[<>\s]/g, '');
}
