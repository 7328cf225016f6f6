import type { Deadline, Outcome, Urgency } from './values.ts';

/** The timeline of a ticket: what its entries say. Redacted like everything else that a ticket shows. */

export type MailEntry = {
  outcome: Outcome;
  subject: string;
  /** It repeats another mail of the ticket; `mailId` of that one. Follows the fold, not the order of arrival. */
  seenBefore: number | null;
  /** Another mail of this customer bears the same Message-ID with other content. */
  collision: boolean;
};

export type Change =
  | { field: 'kind' | 'subject' | 'state'; from: string; to: string }
  /** ISO 8601; null: in the queue. */
  | { field: 'snooze'; from: string | null; to: string | null }
  | { field: 'urgency'; from: Urgency; to: Urgency }
  | { field: 'deadline'; from: Deadline | null; to: Deadline | null };

/** What a mail changed; several changes at once are one entry. */
export type ChangeEntry = { changes: Change[]; mailId: number };

/** Two tickets turned out to be one matter: the number of the one that was taken in. */
export type MergeEntry = { merged: number; mailId: number };

export type EntryDraft =
  | { type: 'mail'; at: string; body: MailEntry }
  | { type: 'change'; at: null; body: ChangeEntry }
  | { type: 'related'; at: null; body: MergeEntry };
