import type { FetchMessageObject } from 'imapflow';
import { readFields } from '../core/fields.ts';
import { mailTime } from '../core/mailTime.ts';
import type { Arrival } from '../core/values.ts';
import type { Log } from '../lib/log.ts';
import type { MailboxSettings } from '../settings.ts';
import type { UidSpan } from '../store/mailboxCursor.ts';
import type { Budget } from './budget.ts';
import type { ImapConnection } from './imapConnection.ts';
import type { KeepRoom, KeptMail } from './keep.ts';
import { HEAD_BYTES } from './mbox.ts';
import type { ReturnedRoom } from './returned.ts';
import { countTrustedReceived } from './trustedReceived.ts';
import { uidSet } from './uidRanges.ts';

export type ReaderDeps = {
  room: Pick<KeepRoom, 'keep' | 'keepTooLarge'>;
  /** Takes what comes back to envelope senders of copies; null: no copies are sent. */
  returned: Pick<ReturnedRoom, 'take'> | null;
  budget: Budget;
  clock: { now(): Date };
  log: Log;
  /** Largest mail that is fetched (bytes). */
  mailBytes: number;
};

export type Listed = { uid: number; size: number; internalDate: Date };

/** What became of the first `done` of the messages; all of it is durable. */
export type Read = { done: number; kept: KeptMail[]; tooLarge: number; spans: UidSpan[] };

/** Reads messages of the mailbox that is selected on a connection, and keeps them. */
export type ImapReader = {
  /** UIDs on the server from `first` to `last`, ascending. */
  search(first: number, last: number | '*'): Promise<number[]>;
  /** Size and date of messages; those that are gone are absent. */
  list(uids: readonly number[]): Promise<Listed[]>;
  /** Keeps the next few messages together, as many as there is room for in memory. */
  keepSome(messages: readonly Listed[], uidValidity: string, history: HistoryRule): Promise<Read>;
};

/** Whether a mail is history (see Arrival.history): by when the server received it, and by the time of the mail itself. */
export type HistoryRule = (receivedAt: Date, mailTime: Date) => Arrival['history'];

/** Mails kept at once: they share a transaction and wait for DNS together. */
const WINDOW = 8;

export function createImapReader(
  settings: MailboxSettings,
  connection: ImapConnection,
  deps: ReaderDeps,
  signal: AbortSignal,
): ImapReader {
  const { client } = connection;

  const arrivalOf = (raw: Buffer, message: Listed, uidValidity: string, rule: HistoryRule): Arrival => {
    const authservIds = settings.authservId ? [settings.authservId.toLowerCase()] : [];
    const fields = readFields(raw);
    const arrival: Arrival = {
      transport: 'imap',
      arrivedAt: message.internalDate.toISOString(),
      envelopeFrom: null,
      envelopeTo: settings.rootAddress ? [settings.rootAddress.toLowerCase()] : [],
      clientIp: null,
      helo: null,
      tls: client.secureConnection,
      trustedAuthservIds: authservIds,
      trustedReceived: countTrustedReceived(fields, [...authservIds, settings.host], { isDelivered: true }),
      source: `imap:${settings.name}`,
      uidValidity,
      uid: String(message.uid),
      ...(settings.plusDomain !== null && { plusDomain: settings.plusDomain }),
    };
    const history = rule(message.internalDate, new Date(mailTime(fields, arrival).at));
    return history === undefined ? arrival : { ...arrival, history };
  };

  /** The bytes of one message, or of its header when it is too large; null when it is not there (any more). */
  const fetch = async (message: Listed): Promise<Buffer | null> => {
    // BODY.PEEK[] with an end: a server that gave a wrong size cannot hand over more than the limit.
    const source = { start: 0, maxLength: message.size > deps.mailBytes ? HEAD_BYTES : deps.mailBytes + 1 };
    const found = await client.fetchOne(String(message.uid), { uid: true, source }, { uid: true });
    connection.check();
    if (found !== false && found.source) return found.source;
    deps.log.info({ mailbox: settings.name, uid: message.uid }, 'a message was deleted before it could be read');
    return null;
  };

  /** The rows that it became, or null: it was a report on a copy, of which nothing is kept. */
  const keep = async (message: Listed, raw: Buffer, arrival: Arrival): Promise<KeptMail[] | null> => {
    const size = Math.max(message.size, raw.length);
    const isTooLarge = size > deps.mailBytes;
    // What a report says stands before the mail that it returns, so its beginning is enough.
    const head = isTooLarge ? raw.subarray(0, HEAD_BYTES) : raw;
    if (deps.returned !== null && (await deps.returned.take(head, arrival)) === null) return null;
    return isTooLarge ? deps.room.keepTooLarge(head, size, arrival) : deps.room.keep(raw, arrival);
  };

  return {
    async search(first, last) {
      const uids = await client.search({ uid: `${first}:${last}` }, { uid: true });
      connection.check();
      if (!Array.isArray(uids)) throw new Error('the server did not answer the search');
      // "n:*" names the last message even when its UID is below n (RFC 9051 §6.4.9).
      return uids.filter((uid) => uid >= first && (last === '*' || uid <= last)).sort((a, b) => a - b);
    },

    async list(uids) {
      if (uids.length === 0) return [];
      const query = { uid: true, size: true, internalDate: true };
      const wanted = new Set(uids);
      const found = await client.fetchAll(uidSet(uids), query, { uid: true });
      connection.check();
      return found
        .filter(({ uid }) => wanted.has(uid))
        .map((message) => ({
          uid: message.uid,
          size: message.size ?? 0,
          internalDate: dateOf(message, deps.clock.now()),
        }))
        .sort((a, b) => a.uid - b.uid);
    },

    async keepSome(messages, uidValidity, history) {
      const fetched: { message: Listed; raw: Buffer; arrival: Arrival }[] = [];
      const read: Read = { done: 0, kept: [], tooLarge: 0, spans: [] };
      const pass = (uid: number, why: UidSpan['why']) => read.spans.push({ first: uid, last: uid, why });
      let held = 0;
      try {
        for (const message of messages.slice(0, WINDOW)) {
          const bytes = Math.min(message.size, message.size > deps.mailBytes ? HEAD_BYTES : deps.mailBytes);
          // Only the first waits: the others would wait for what this very window holds.
          if (read.done === 0) await deps.budget.take(bytes, signal);
          else if (!deps.budget.tryTake(bytes)) break;
          held += bytes;
          const raw = await fetch(message);
          if (raw) {
            const arrival = arrivalOf(raw, message, uidValidity, history);
            fetched.push({ message, raw, arrival });
          } else pass(message.uid, 'vanished');
          read.done += 1;
        }
        const kept = await Promise.all(fetched.map(({ message, raw, arrival }) => keep(message, raw, arrival)));
        for (const [index, rows] of kept.entries()) {
          const { message, raw } = fetched[index]!;
          if (rows === null) pass(message.uid, 'report');
          else read.kept.push(...rows);
          if (rows !== null && Math.max(message.size, raw.length) > deps.mailBytes) read.tooLarge += 1;
        }
        return read;
      } finally {
        deps.budget.give(held);
      }
    },
  };
}

/** When the server received it, never in the future. */
function dateOf(message: FetchMessageObject, now: Date): Date {
  const date =
    message.internalDate instanceof Date ? message.internalDate : new Date(message.internalDate ?? Number.NaN);
  return Number.isNaN(date.getTime()) || date > now ? now : date;
}
