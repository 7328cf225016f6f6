import { dayEnd, dayStart } from './days.ts';
import type { Deadline, SecretLevel, Urgency } from './values.ts';
import { URGENCIES } from './values.ts';

/** What a ticket reads of one of its mails. Everything that a ticket shows follows from these and nothing else. */
export type TicketMail = {
  id: number;
  /** Hex, of every byte as it came. */
  sha256: string;
  /** ISO 8601. */
  mailTime: string;
  messageId: string | null;
  dedupingId: string | null;
  /** Key that the mail itself names first. */
  threadKey: string;
  contentHash: string | null;
  kind: string;
  /** What a ticket of this mail alone would be called. */
  subject: string;
  urgency: Urgency;
  actionRequired: boolean;
  deadline: Deadline | null;
  secretLevel: SecretLevel;
  resolves: boolean;
  /** Our own list sent it on: beside the mail itself, which came directly, it is a copy. */
  listCopy: boolean;
  /** See Arrival.history; absent or null: it was news. */
  history?: 'open' | 'closed' | null;
};

/** What a ticket shows. */
export type TicketFace = {
  kind: string;
  subject: string;
  threadKey: string;
  urgency: Urgency;
  actionRequired: boolean;
  deadline: Deadline | null;
  /** ISO 8601: when somebody must have looked. */
  actAt: string;
  secretLevel: SecretLevel;
  /** The last mail says that the matter has ended. */
  resolved: boolean;
  /** Mails of the ticket, those seen before included. */
  mails: number;
};

export type FoldedTicket = {
  face: TicketFace;
  /** Mails that say nothing new, with the mail that said it first. */
  seenBefore: Map<number, number>;
  /** ISO 8601: time of the mail that ended the matter; null while it goes on. */
  endedAt: string | null;
};

/** The same text of the same kind and thread counts as the same mail within this time (ms); later it is a reminder. */
export const DUPLICATE_WINDOW_MS = 15 * 60_000;

const HOUR = 3_600_000;
/** How long a mail without a deadline may wait before somebody must have looked (ms). */
const ALLOWANCE: Record<Urgency, number> = {
  critical: 0,
  high: 24 * HOUR,
  normal: 14 * 24 * HOUR,
  low: 30 * 24 * HOUR,
  none: 30 * 24 * HOUR,
};
const LEVELS: readonly SecretLevel[] = ['none', 'masked', 'sealed'];

/**
 * A ticket as a pure fold over its mails in order of mail time, then hash, so that any order of arrival gives the same
 * ticket. Mails that repeat another within the window count nothing; a repetition after it is a reminder and raises the
 * urgency by one step. The last deadline that was named holds, since dates move both ways. A mail that resolves closes
 * the matter; a later one begins it anew. Mails that are all closed history are a matter that has ended; news begins it anew.
 * `mails` must not be empty.
 */
export function foldTicket(mails: readonly TicketMail[]): FoldedTicket {
  const ordered = mails.toSorted(byMailTime);
  const seenBefore = repeated(ordered);
  const told = ordered.filter((mail) => !seenBefore.has(mail.id));
  const first = told[0];
  if (first === undefined) throw new RangeError('a ticket has at least one mail');
  let stretch = begin(first);
  const texts = new Set<string>();
  let isHistory = true;
  for (const mail of told) {
    const endsHistory = isHistory && mail.history !== 'closed';
    if (stretch.resolved || endsHistory) stretch = begin(mail);
    if (endsHistory) texts.clear();
    isHistory = isHistory && mail.history === 'closed';
    follow(stretch, mail, isReminder(texts, mail));
  }
  if (isHistory) stretch.resolved = true;
  const { urgency, actionRequired, deadline, resolved } = stretch;
  const due = deadline === null ? Number.NaN : deadlineInstant(deadline);
  return {
    face: {
      kind: first.kind,
      subject: first.subject,
      threadKey: first.threadKey,
      urgency,
      actionRequired,
      deadline,
      actAt: new Date(Number.isNaN(due) ? stretch.actAt : due).toISOString(),
      secretLevel: ordered.map((mail) => mail.secretLevel).reduce(higherLevel, 'none'),
      resolved,
      mails: ordered.length,
    },
    seenBefore,
    endedAt: resolved ? told.at(-1)!.mailTime : null,
  };
}

/** The order in which a ticket reads its mails. */
export function byMailTime(a: TicketMail, b: TicketMail): number {
  const difference = Date.parse(a.mailTime) - Date.parse(b.mailTime);
  if (difference !== 0) return difference;
  return a.sha256 < b.sha256 ? -1 : a.sha256 > b.sha256 ? 1 : 0;
}

/** Whether `a` is at least as urgent as `b`. */
export function atLeast(a: Urgency, b: Urgency): boolean {
  return URGENCIES.indexOf(a) >= URGENCIES.indexOf(b);
}

/**
 * The instant that a deadline means (ms): the named time; else the end of the day for somebody who must answer until
 * then, and its beginning when AWS acts on that day. NaN for a day that the calendar does not have.
 */
export function deadlineInstant(deadline: Deadline): number {
  if (deadline.at !== null) return Date.parse(deadline.at);
  return deadline.sort === 'respond' ? dayEnd(deadline.date) : dayStart(deadline.date);
}

/** One run of a matter: from its first mail, or the first after a resolving one, to the next resolving one. */
type Stretch = {
  urgency: Urgency;
  actionRequired: boolean;
  deadline: Deadline | null;
  actAt: number;
  resolved: boolean;
};

function begin(mail: TicketMail): Stretch {
  return {
    urgency: mail.urgency,
    actionRequired: mail.actionRequired,
    deadline: mail.deadline,
    actAt: Date.parse(mail.mailTime) + ALLOWANCE[mail.urgency],
    resolved: false,
  };
}

function follow(stretch: Stretch, mail: TicketMail, reminder: boolean): void {
  stretch.resolved = mail.resolves;
  if (mail.resolves) return;
  if (atLeast(mail.urgency, stretch.urgency)) stretch.urgency = mail.urgency;
  if (mail.actionRequired) stretch.actionRequired = true;
  if (reminder) stretch.urgency = raised(stretch.urgency, stretch.actionRequired);
  if (mail.deadline !== null) stretch.deadline = mail.deadline;
  const urgency = reminder ? stretch.urgency : mail.urgency;
  stretch.actAt = Math.min(stretch.actAt, Date.parse(mail.mailTime) + ALLOWANCE[urgency]);
}

/** A reminder raises by one step; to critical only where somebody must act. What asks for nothing (`none`) stays. */
function raised(urgency: Urgency, actionRequired: boolean): Urgency {
  if (urgency === 'none') return urgency;
  const next = URGENCIES[URGENCIES.indexOf(urgency) + 1] ?? urgency;
  return next === 'critical' && !actionRequired ? urgency : next;
}

function higherLevel(a: SecretLevel, b: SecretLevel): SecretLevel {
  return LEVELS.indexOf(a) >= LEVELS.indexOf(b) ? a : b;
}

function isReminder(texts: Set<string>, mail: TicketMail): boolean {
  const text = sameText(mail);
  if (text === null) return false;
  if (texts.has(text)) return true;
  texts.add(text);
  return false;
}

/**
 * Who repeats whom, over mails in order. A mail repeats an earlier one that says something new, when both carry the
 * same deduping id, the same Message-ID with equal content, or the same kind, thread key and content within the window.
 */
function repeated(ordered: readonly TicketMail[]): Map<number, number> {
  const repeats = new Map<number, number>();
  const leaders = new Map<string, TicketMail>();
  const direct = new Set(ordered.filter((mail) => !mail.listCopy).map((mail) => mail.messageId));
  // What came directly goes before its copy, whichever came first; a list may have changed the text of the copy.
  const isCopy = (mail: TicketMail) => mail.listCopy && mail.messageId !== null && direct.has(mail.messageId);
  for (const mail of [...ordered.filter((one) => !isCopy(one)), ...ordered.filter(isCopy)]) {
    if (isCopy(mail)) {
      const source = ordered.find((one) => !one.listCopy && one.messageId === mail.messageId)!;
      repeats.set(mail.id, repeats.get(source.id) ?? source.id);
      continue;
    }
    const marks = marksOf(mail);
    const text = sameText(mail);
    let leader = marks.map((mark) => leaders.get(mark)).find((one) => one !== undefined);
    if (leader === undefined && text !== null) {
      const last = leaders.get(text);
      if (last && Date.parse(mail.mailTime) - Date.parse(last.mailTime) <= DUPLICATE_WINDOW_MS) leader = last;
    }
    for (const mark of marks) leaders.set(mark, leader ?? mail);
    if (leader !== undefined) repeats.set(mail.id, leader.id);
    else if (text !== null) leaders.set(text, mail);
  }
  return repeats;
}

/** Marks that make two mails one whenever they come. */
function marksOf(mail: TicketMail): string[] {
  const marks: string[] = [];
  if (mail.dedupingId !== null) marks.push(`dedup ${mail.dedupingId}`);
  if (mail.messageId !== null && mail.contentHash !== null) marks.push(`mid ${mail.messageId} ${mail.contentHash}`);
  return marks;
}

function sameText(mail: TicketMail): string | null {
  return mail.contentHash === null ? null : `text ${mail.kind} ${mail.threadKey} ${mail.contentHash}`;
}
