import { readAddresses } from './addresses.ts';
import { decodeText } from './charset.ts';
import { cleanLine } from './cleanText.ts';
import { fieldsNamed, firstField, type HeaderField } from './fields.ts';
import type { MimePart } from './mimeTree.ts';
import type { ReturnedMail } from './returnedMail.ts';
import { decodeTransfer } from './transferEncoding.ts';

/** Reports without a part for machines: qmail, old Exim, old Exchange, appliances. */

/** Bytes of text that are read, and what is kept of a reason. */
const MAX_TEXT = 16 * 1024;
const TEXT = 200;
/** Who writes such reports. */
const DAEMON =
  /^(?:mailer-daemon|mail-daemon|mailerdaemon|postmaster|mdaemon|maildeliverysystem|microsoftexchange[\w-]*)$/;
/** From here on the text is the mail that came back: what stands there says nothing about its delivery. */
const RETURNED =
  /^.*(?:copy of (?:the|your) (?:original )?(?:message|mail)|(?:original|returned|unsent) message|message (?:text|headers?) follow|included below).*$/im;
const DELAYED =
  /\b(?:delay(?:ed)?\b|not (?:yet )?been delivered yet|has not yet been delivered|still (?:being )?(?:tr(?:y|ied|ying)|queued)|will (?:be retried|keep trying|continue to (?:try|be attempted))|no action (?:is )?required on your part|warning message only)/i;
const FAILED =
  /\b(?:undeliver(?:able|ed)|delivery (?:has )?failed|deliver(?:y|ies) .{0,60}(?:failed|unsuccessful)|(?:could|can)(?: ?not|n't) be delivered|returned mail|failure notice|permanent(?:ly)? (?:fatal )?(?:error|fail)|fatal error|user unknown|unknown user|no such user|mailbox (?:is )?(?:unavailable|full|not found|disabled)|quota exceeded|does not exist|unable to deliver|wasn't able to deliver)/i;

/** What such a report says; null: it is none. */
export function readOldBounce(fields: readonly HeaderField[], root: MimePart): ReturnedMail | null {
  const hasFailed = fieldsNamed(fields, 'x-failed-recipients').length > 0;
  if (!hasFailed && !isFromDaemon(fields)) return null;
  const subject = firstField(fields, 'subject')?.value ?? '';
  const body = textOf(root);
  const said = body.slice(0, RETURNED.exec(body)?.index ?? body.length);
  const all = `${subject}\n${said}`;
  if (DELAYED.test(all) && !hasFailed)
    return { type: 'delayed', status: codeIn(said, '4') ?? '4.0.0', text: reasonIn(said) };
  const status = codeIn(said, '5');
  if (!hasFailed && !FAILED.test(all) && status === null) return null;
  return { type: 'failed', status: status ?? codeIn(said, '4') ?? '5.0.0', text: reasonIn(said) };
}

function isFromDaemon(fields: readonly HeaderField[]): boolean {
  const from = readAddresses(fieldsNamed(fields, 'from'));
  return from.some(({ address }) => DAEMON.test(address.split('@')[0]!.toLowerCase().replaceAll('.', '')));
}

/** The enhanced code of a class, or one made of a reply code: 550 says the mailbox (5.1.1), others only the class. */
function codeIn(text: string, kind: '4' | '5'): string | null {
  const enhanced = new RegExp(`(?:^|[^\\d.])(${kind}\\.\\d{1,3}\\.\\d{1,3})(?![\\d.]*\\d)`).exec(text)?.[1];
  if (enhanced) return enhanced;
  const reply = new RegExp(`(?:^|[\\s:<(])(${kind}[0-5]\\d)[ -]`, 'm').exec(text)?.[1];
  if (!reply) return null;
  return reply === '550' || reply === '551' || reply === '553' ? '5.1.1' : `${kind}.0.0`;
}

/** The line that names a code, else the first that says that it failed. */
function reasonIn(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const line =
    lines.find((one) => /(?:^|[\s:<(])[45]\d\d[ -]|[45]\.\d+\.\d+/.test(one)) ??
    lines.find((one) => FAILED.test(one) || DELAYED.test(one));
  return cleanLine(line ?? '', TEXT) || 'The report gives no reason.';
}

/** The first text part above any returned mail. */
function textOf(part: MimePart): string {
  if (part.type === 'text/plain' || part.type === 'text/html') {
    const bytes = decodeTransfer(part.body.subarray(0, 2 * MAX_TEXT), part.encoding, MAX_TEXT);
    const text = decodeText(bytes.subarray(0, MAX_TEXT), part.params.charset ?? null);
    return part.type === 'text/html' ? text.replace(/<[^<>]{0,500}>/g, ' ') : text;
  }
  if (part.type.startsWith('message/')) return '';
  for (const child of part.children) {
    const text = textOf(child);
    if (text.trim() !== '') return text;
  }
  return '';
}
