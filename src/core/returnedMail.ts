import { cleanLine } from './cleanText.ts';
import { fieldsNamed, firstField, type HeaderField, readFields } from './fields.ts';
import { type MimePart, readMimeTree } from './mimeTree.ts';
import { readOldBounce } from './oldBounce.ts';
import { decodeTransfer } from './transferEncoding.ts';

/** What came back to the envelope sender of a copy. Pure, and total on any bytes. */

export type ReturnedMail =
  /** A report on the delivery: the worst of all its recipient blocks. */
  | { type: 'failed' | 'delayed' | 'delivered' /** RFC 3463. */; status: string; text: string }
  /** A machine of the member answered: out of office and the like. */
  | { type: 'auto_reply' }
  | { type: 'other' };

/** Bytes of a report part and blocks that are read. */
const MAX_REPORT = 256 * 1024;
const MAX_BLOCKS = 200;
const TEXT = 200;

export function readReturned(raw: Uint8Array): ReturnedMail {
  const fields = readFields(raw);
  const { root } = readMimeTree(raw, fields);
  const report = findPart(
    root,
    (type) => type === 'message/delivery-status' || type === 'message/global-delivery-status',
  );
  const found = report ? worstOf(readBlocks(report)) : null;
  return found ?? readOldBounce(fields, root) ?? (isAutoReply(fields) ? { type: 'auto_reply' } : { type: 'other' });
}

type Report = Extract<ReturnedMail, { status: string }>;

/** RFC 3464 §2: fields of the message, then a block of fields for each recipient, parted by empty lines. */
function readBlocks(part: MimePart): Report[] {
  const bytes = decodeTransfer(part.body, part.encoding, MAX_REPORT);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_REPORT)).toString('latin1');
  const blocks = text.split(/(?:\r?\n[ \t]*){2,}/, MAX_BLOCKS);
  return blocks.flatMap((block) => blockOf(readFields(Buffer.from(`${block}\r\n`, 'latin1'))) ?? []);
}

function blockOf(fields: readonly HeaderField[]): Report | null {
  if (!firstField(fields, 'final-recipient') && !firstField(fields, 'original-recipient')) return null;
  const action = firstField(fields, 'action')?.value.toLowerCase().replace(/\(.*$/, '').trim() ?? '';
  const diagnostic = firstField(fields, 'diagnostic-code')?.value.replace(/^[\w-]+\s*;\s*/, '') ?? '';
  const status = statusIn(firstField(fields, 'status')?.value ?? '') ?? statusIn(diagnostic);
  const text = cleanLine(diagnostic, TEXT) || 'The report gives no reason.';
  if (action === 'delayed') return { type: 'delayed', status: status ?? '4.0.0', text };
  if (action === 'failed') return { type: 'failed', status: status ?? '5.0.0', text };
  if (action === 'delivered' || action === 'relayed' || action === 'expanded')
    return { type: 'delivered', status: status ?? '2.0.0', text };
  if (status === null) return null;
  const type = status.startsWith('5') ? 'failed' : status.startsWith('4') ? 'delayed' : 'delivered';
  return { type, status, text };
}

/** A failure goes before a delay, and one that is about the mailbox before one that is about our mail. */
function worstOf(blocks: readonly Report[]): Report | null {
  const rank = ({ type, status }: Report) =>
    type === 'failed' ? (status.startsWith('5.7.') ? 2 : 3) : type === 'delayed' ? 1 : 0;
  return blocks.toSorted((a, b) => rank(b) - rank(a))[0] ?? null;
}

/** The enhanced code of a text (RFC 3463 §2), or null. */
export function statusIn(text: string): string | null {
  return /(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)/.exec(text)?.[1] ?? null;
}

function findPart(part: MimePart, wanted: (type: string) => boolean): MimePart | null {
  if (wanted(part.type)) return part;
  // A report inside a returned mail is of somebody else.
  if (part.type.startsWith('message/')) return null;
  for (const child of part.children) {
    const found = findPart(child, wanted);
    if (found) return found;
  }
  return null;
}

/** RFC 3834 §5, and what servers wrote before it. */
function isAutoReply(fields: readonly HeaderField[]): boolean {
  const is = (name: string, test: RegExp) => fieldsNamed(fields, name).some(({ value }) => test.test(value));
  return (
    is('auto-submitted', /^\s*auto-/i) ||
    is('x-autoreply', /./) ||
    is('x-autorespond', /./) ||
    is('precedence', /auto[_-]?reply|bulk|junk/i) ||
    is('subject', /^\s*(?:out of (?:the )?office|automatic reply|auto(?:matic)?[ :-]|自動応答|自動返信|不在)/i)
  );
}
