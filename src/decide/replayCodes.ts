import { canonicalJson, type JsonValue } from '../lib/canonicalJson.ts';
import type { StoredMail } from '../store/loadReplay.ts';
import { storableJson } from '../store/storableJson.ts';
import type { DecidedMail, MailReading } from '../store/writeDecisions.ts';

/** Counts by code of what a replay changed, or would. */
export type ReplayReport = Record<string, number>;

export function countCode(report: ReplayReport, code: string, by = 1): void {
  report[code] = (report[code] ?? 0) + by;
}

/**
 * What is different about a mail, as codes: `kind:a>b`, `urgency:a>b`, `outcome:a>b`, `thread:…`, `secret:a>b`,
 * `deadline`, `action`, `rule`, `text` (what people read of it), `reasons`. None: the rules of today say the same.
 */
export function changedCodes(stored: StoredMail, decided: DecidedMail, reading: MailReading): string[] {
  const was = stored.decided;
  const codes: string[] = [];
  const turned = (name: string, from: string | null, to: string | null) => {
    if (from !== to) codes.push(`${name}:${from ?? '-'}>${to ?? '-'}`);
  };
  turned('outcome', was.outcome, decided.outcome);
  turned('kind', was.kind, decided.kind);
  turned('urgency', was.urgency, decided.urgency);
  turned('secret', was.secretLevel, decided.secretLevel);
  const thread = threadCode(was, decided);
  if (thread !== null) codes.push(thread);
  if (!same(was.deadline, decided.deadline)) codes.push('deadline');
  if (was.actionRequired !== decided.actionRequired || was.resolves !== decided.resolves) codes.push('action');
  if (was.rule !== decided.rule) codes.push('rule');
  const { reasons: oldReasons, readReasons: oldCount, links: oldLinks, steps: _, ...oldText } = stored.reading;
  const { reasons, readReasons, links, steps: __, ...text } = reading;
  const marks = (mail: DecidedMail) => [
    mail.lang,
    mail.listCopyOf,
    mail.contentHash,
    mail.dedupingId,
    mail.ticketSubject,
    mail.error,
  ];
  // Of a mail that names no id or time by itself, the row keeps what the receiving side wrote.
  const ids = decided.messageId !== null && decided.messageId !== was.messageId;
  const times = decided.mailTime !== null && decided.mailTime !== was.mailTime;
  if (ids || times || !same(marks(was), marks(decided)) || !same(oldText, text)) codes.push('text');
  if (oldCount !== readReasons || !same(oldReasons, reasons) || !same(oldLinks, links)) codes.push('reasons');
  return codes;
}

function threadCode(was: DecidedMail, now: DecidedMail): string | null {
  if (was.ticketId !== now.ticketId) {
    if (now.ticketId === null) return 'thread:left';
    if (was.ticketId === null) return now.outcome === 'open' ? 'thread:opened' : 'thread:joined';
    return now.outcome === 'open' ? 'thread:split' : 'thread:moved';
  }
  return was.threadKey === now.threadKey ? null : 'thread:renamed';
}

/** Equal as the tables hold it: keys in any order, without what they cannot store. */
function same(a: unknown, b: unknown): boolean {
  const canonical = (value: unknown) => canonicalJson(JSON.parse(storableJson(value ?? null)) as JsonValue);
  return canonical(a) === canonical(b);
}
