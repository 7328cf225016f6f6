import type { Kysely } from 'kysely';
import type { ClaimedEffect } from '../store/effects.ts';
import { type NoticeTicket, readNoticeTicket } from '../store/noticeTicket.ts';
import type { Tables } from '../store/schema.ts';
import type { HandlerOutcome } from './handler.ts';

/** The ticket that a notice is about; null when the payload names none that exists. */
export async function readNotice(db: Kysely<Tables>, effect: ClaimedEffect): Promise<NoticeTicket | null> {
  const { ticketId } = effect.payload;
  return Number.isSafeInteger(ticketId) ? await readNoticeTicket(db, ticketId as number) : null;
}

/** An outcome that a person must mend. */
export function permanently(code: string, text: string): HandlerOutcome {
  return { ok: false, failure: { class: 'permanent', code, text } };
}
