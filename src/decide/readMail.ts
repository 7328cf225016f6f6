import type { Reading } from '../core/decide.ts';
import type { SenderRules } from '../core/sender.ts';
import { readUnread, type UnreadWhy } from '../core/unread.ts';
import type { Arrival, AuthResult, Review } from '../core/values.ts';
import type { ThreadPool } from './threadPool.ts';

export type RawMail = {
  auth: AuthResult;
  arrival: Arrival;
  /** What a person said about it; absent where nobody could. */
  review?: Review | null;
  /** Gives the bytes, each time in a buffer that may be moved away. Throws when they cannot be opened. */
  open(): Uint8Array;
};

/**
 * Reads one mail in a thread; when that fails, its header here, which is cheap and bounded. Never rejects. Null: no
 * thread was free before the signal, nothing was done.
 */
export async function readMail(
  mail: RawMail,
  pool: ThreadPool,
  senders: SenderRules,
  signal?: AbortSignal,
): Promise<Reading | null> {
  const { auth, arrival, review = null } = mail;
  const unread = (raw: Uint8Array, why: UnreadWhy, error: string): Reading => ({
    read: false,
    unread: readUnread(raw, auth, arrival, senders, { why, error }),
  });
  let raw: Uint8Array;
  try {
    raw = mail.open();
  } catch {
    return unread(
      new Uint8Array(),
      'sealed',
      'The stored mail cannot be opened: its key is gone, or its bytes changed.',
    );
  }
  const understood = await pool.understand({ raw, auth, arrival, review }, signal);
  if (understood.state === 'not_started') return null;
  if (understood.state === 'understood') return { read: true, understanding: understood.understanding };
  return unread(mail.open(), understood.why, understood.error);
}
