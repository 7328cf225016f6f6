import type { ExplainRecord, PlainFacts } from './explainRecord.ts';

/** Columns of the page: fits a terminal of 100 and a pasted quotation. */
const WIDTH = 100;
const LABEL = 14;

const OUTCOMES: Record<ExplainRecord['outcome'], string> = {
  open: 'opens a ticket',
  append: 'joins a ticket',
  duplicate: 'repeats a mail of a ticket',
  drop: 'needs no ticket',
  quarantine: 'held for review',
  unrouted: 'for nobody that is known',
  too_large: 'too large, not read',
  parked: 'could not be read',
};

const SENDERS: Record<string, string> = {
  aws: 'AWS by proof',
  aws_person: 'a person at AWS by proof',
  pretends: 'looks like AWS without proof',
  other: 'not AWS',
  unverifiable: 'looks like AWS, too old to be checked',
};

/**
 * One record as a page for people: what happens, the facts, the ticket, and why. Plain text of at most 100 columns
 * (only what has no space to break at is longer), LF line ends, ends with an empty line.
 */
export function explainText(record: ExplainRecord): string {
  const lines = [...head(record), '', ...overview(record)];
  const facts = record.facts === null ? [] : factLines(record.facts);
  if (facts.length > 0) lines.push('', 'Facts', ...facts);
  if (record.ticket !== null) lines.push('', 'Ticket', ...ticketLines(record.ticket));
  lines.push('', 'Why', ...reasonLines(record.reasons), '');
  return lines.join('\n') + '\n';
}

function head(record: ExplainRecord): string[] {
  const verdict = `${record.outcome.replace('_', ' ').toUpperCase()}: ${OUTCOMES[record.outcome]}`;
  const room = WIDTH - columnsOf(verdict) - 2;
  const rule = '─'.repeat(WIDTH);
  if (columnsOf(record.file) > room) return [rule, record.file, verdict, rule];
  return [rule, record.file + ' '.repeat(room - columnsOf(record.file) + 2) + verdict, rule];
}

function overview(record: ExplainRecord): string[] {
  const { sender } = record;
  const rows: [string, string | null][] = [
    ['Subject', record.subject || (record.subject === null ? null : '(none)')],
    ['From', sender === null ? null : `${sender.address ?? '(no single address)'}, ${senderWords(record)}`],
    ['Customer', record.customer === null ? '(none)' : `${record.customer}, by ${record.list ?? 'no address'}`],
    [
      'Kind',
      record.kind === null ? null : `${record.kind}${record.lang === null ? '' : `, written in ${record.lang}`}`,
    ],
    ['Urgency', record.urgency === null ? null : record.urgency + (record.actionRequired ? ', somebody must act' : '')],
    ['Deadline', deadlineWords(record)],
    ['Rule', record.rule],
    ['Thread', record.threadKey],
    ['Secrets', secretWords(record)],
  ];
  return rows.flatMap(([label, text]) => (text === null ? [] : row(label, text)));
}

function senderWords({ sender, authentic, reasons }: ExplainRecord): string {
  if (reasons.some(({ code }) => code === 'sender.not_checked')) return 'looks like AWS, could not be checked (DNS)';
  const words = SENDERS[sender?.class ?? ''] ?? 'unknown';
  return sender?.class === 'other' ? `${words}, sender ${authentic ? 'proven' : 'not proven'}` : words;
}

function deadlineWords({ deadline, deadlineAt, deadlineSort }: ExplainRecord): string | null {
  if (deadline === null) return null;
  const who = deadlineSort === 'awsActs' ? 'AWS acts then' : 'answer until then';
  return `${deadline}${deadlineAt === null ? '' : ` (${deadlineAt})`}, ${who}`;
}

function secretWords({ secrets }: ExplainRecord): string | null {
  if (secrets.count === 0) return null;
  return `${secrets.count} taken out (${secrets.kinds.join(', ')})`;
}

function factLines(facts: PlainFacts): string[] {
  const amount = facts.amount === null ? null : `${facts.amount} ${facts.currency ?? ''}`.trim();
  const rows: [string, string | null][] = [
    ['accounts', list(facts.accountIds)],
    ['account name', facts.accountName],
    ['organization', facts.organizationId],
    ['regions', list(facts.regions)],
    ['service', facts.service],
    ['event type', facts.eventType],
    ['event', facts.eventArn],
    ['case', facts.caseId],
    ['abuse report', facts.abuseReportId],
    ['invoice', facts.invoiceId],
    ['amount', amount],
    ['period', facts.billingPeriod],
    ['domain', facts.domain],
    ['budget', facts.budget],
    ['topic', facts.topicArn],
    ['resources', list(facts.resources)],
    ['links', list(facts.links.map(({ text, href }) => href ?? text))],
  ];
  return rows.flatMap(([label, text]) => (text === null ? [] : row(`  ${label}`, text, 16)));
}

function list(values: readonly string[]): string | null {
  return values.length === 0 ? null : values.join(', ');
}

function ticketLines({ subject, body }: { subject: string; body: string }): string[] {
  return [subject, ...(body === '' ? [] : ['', ...body.split('\n')])].flatMap((line) =>
    wrap(line, WIDTH - 4).map((part) => `  │ ${part}`.trimEnd()),
  );
}

function reasonLines(reasons: ExplainRecord['reasons']): string[] {
  const widest = Math.max(0, ...reasons.map(({ code }) => code.length));
  const label = Math.min(widest, 30) + 4;
  return reasons.flatMap(({ code, text }) => row(`  ${code}`, text, label));
}

/** A label and its text beside it, wrapped under itself. */
function row(label: string, text: string, width = LABEL): string[] {
  const lines = wrap(text, WIDTH - width);
  const first = label.length < width ? label.padEnd(width) + (lines[0] ?? '') : null;
  const rest = (first === null ? lines : lines.slice(1)).map((line) => ' '.repeat(width) + line);
  return (first === null ? [label, ...rest] : [first, ...rest]).map((line) => line.trimEnd());
}

/** Breaks at spaces; text without spaces (Japanese) at the column, a single long word not at all. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(/(?<= )|(?<=[\u3000-\u9fff\uff00-\uff60])/)) {
    const columns = columnsOf(word.trimEnd());
    if (used > 0 && used + columns > width) {
      lines.push(line.trimEnd());
      line = '';
      used = 0;
    }
    line += word;
    used += columnsOf(word);
  }
  lines.push(line.trimEnd());
  return lines;
}

/** Terminal columns of a text: East Asian wide characters take two (UAX #11). */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
