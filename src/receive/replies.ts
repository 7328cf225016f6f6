import type { Kysely } from 'kysely';
import { fieldsNamed, type HeaderField } from '../core/fields.ts';
import { messageIds } from '../core/messageIds.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import type { Tables } from '../store/schema.ts';

/** The address that answers to our notices go to. */
export type Replies = {
  /** Lower case. */
  readonly address: string;
  /** The customer of the ticket whose notice a mail answers, proven by the Message-ID of the notice; else null. */
  customerOf(fields: readonly HeaderField[]): Promise<number | null>;
};

/** Null when no address for answers is set. */
export function createReplies(
  address: string | null,
  deps: { db: Kysely<Tables>; marks: Pick<NoticeMarks, 'ticketOf'> },
): Replies | null {
  if (address === null) return null;
  return {
    address: address.toLowerCase(),
    async customerOf(fields) {
      // RFC 5322 §3.6.4. A field given twice is no proof of anything, but the key in it is.
      const ids = ['in-reply-to', 'references'].flatMap((name) => messageIds(fieldsNamed(fields, name)));
      // The newest comes last in References; In-Reply-To goes before all.
      const tickets = ids.map((id) => deps.marks.ticketOf(id)).filter((id) => id !== null);
      const ticketId = tickets[0];
      if (ticketId === undefined) return null;
      const row = await deps.db
        .selectFrom('tickets')
        .select('customer_id')
        .where('id', '=', ticketId)
        .executeTakeFirst();
      return row?.customer_id ?? null;
    },
  };
}
