import { readAddresses } from './addresses.ts';
import { cleanLine } from './cleanText.ts';
import { decodeHeaderText } from './encodedWord.ts';
import { fieldsNamed, firstField, type HeaderField, readFields } from './fields.ts';
import { withoutInvisible } from './invisible.ts';
import { type MailBody, readBody } from './mailBody.ts';
import { messageIds } from './messageIds.ts';
import { MAX_DEPTH, MAX_PARTS, type MimeTree, readMimeTree } from './mimeTree.ts';
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

/**
 * Reads a mail: structure, charsets, text with its lines, links, attachments by name only. Total on any bytes: what
 * cannot be read is left out and named in `reasons`. Nothing is decompressed, no attachment is decoded unless it is text.
 */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const fields = readFields(raw);
  const tree = readMimeTree(raw, fields);
  const body = readBody(tree.root);
  const subject = firstField(fields, 'subject');
  return {
    fields,
    messageId: messageIds(fieldsNamed(fields, 'message-id'))[0] ?? null,
    inReplyTo: messageIds(fieldsNamed(fields, 'in-reply-to')),
    references: messageIds(fieldsNamed(fields, 'references')),
    subject: subject ? cleanLine(withoutInvisible(decodeHeaderText(subject.bytes))) : '',
    from: readAddresses(fieldsNamed(fields, 'from').slice(0, 1))[0] ?? null,
    to: readAddresses(fieldsNamed(fields, 'to')),
    cc: readAddresses(fieldsNamed(fields, 'cc')),
    replyTo: readAddresses(fieldsNamed(fields, 'reply-to')),
    ...body,
    typeParams: tree.root.params,
    reasons: readingReasons(tree, body, fields),
  };
}

function readingReasons(tree: MimeTree, body: MailBody, fields: readonly HeaderField[]): Reason[] {
  const reasons: Reason[] = [];
  const say = (code: string, text: string) => reasons.push({ code, text });
  if (fields.length === 0) say('parse.no_header', 'The mail has no header.');
  if (tree.cut === 'depth') say('parse.too_deep', `Parts nested deeper than ${MAX_DEPTH} levels were not read.`);
  if (tree.cut === 'parts') say('parse.too_many_parts', `Only the first ${MAX_PARTS} parts were read.`);
  if (body.textFrom === 'html') say('parse.text_from_html', 'The text was taken from the HTML part.');
  if (body.textFrom === 'none') say('parse.no_text', 'The mail has no text.');
  if (body.side.some((one) => one.where.endsWith('hidden') && one.text.trim() !== '')) {
    say('parse.hidden_text', 'The mail has text that people do not see.');
  }
  return reasons;
}
