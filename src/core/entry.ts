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

/** What a mail changed, or what today's rules made of it in a replay; several changes at once are one entry. */
export type ChangeEntry = { changes: Change[]; mailId: number; replay?: true };

/**
 * Why another ticket of the customer has to do with this one; people decide whether they are one matter.
 *
 * `names`: a mail here names what the other ticket is about, or the other way round. `joins`: a mail belongs to both.
 * `followUp`: the matter came up again long after the older ticket was solved.
 */
export type Relation = 'names' | 'joins' | 'followUp';

export type EntryDraft =
  | { type: 'mail'; at: string; body: MailEntry }
  | { type: 'change'; at: null; body: ChangeEntry };
