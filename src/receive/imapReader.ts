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

/** What became of some messages; all of it is durable. */
export type Read = { uids: number[]; kept: KeptMail[]; tooLarge: number; spans: UidSpan[] };

/** Reads messages of the mailbox that is selected on a connection, and keeps them. */
export type ImapReader = {
  /** UIDs on the server from `first` to `last`, ascending. */
  search(first: number, last: number | '*'): Promise<number[]>;
  /** Size and date of messages; those that are gone are absent. */
  list(uids: readonly number[]): Promise<Listed[]>;
  /**
   * Keeps messages in their order, a lot at a time, as much as there is room for in memory; while one lot is kept, the next one
   * is fetched. `onRead` hears of each lot when it is durable, one after another. Stops early when the signal aborts.
   */
  keepAll(
    messages: readonly Listed[],
    uidValidity: string,
    history: HistoryRule,
    onRead: (read: Read) => Promise<void>,
  ): Promise<void>;
};

/** Whether a mail is history (see Arrival.history): by when the server received it, and by the time of the mail itself. */
export type HistoryRule = (receivedAt: Date, mailTime: Date) => Arrival['history'];

/** Mails fetched by one command and kept together: they share transactions and wait for DNS together. */
const LOT = 32;
const LOT_BYTES = 2 * 1024 * 1024;
/** A server's size may be a little wrong; a message that is larger still is fetched by itself, with room for it. */
const SLACK_BYTES = 16 * 1024;

/** Messages that were fetched; their bytes are counted in the budget until `free`. */
type Lot = { messages: Listed[]; raws: Map<number, Buffer>; free(): void };

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

  const isLarge = ({ size }: Listed): boolean => size > deps.mailBytes;
  /** Bytes that are taken from the budget for it. */
  const roomOf = (message: Listed): number => (isLarge(message) ? HEAD_BYTES : message.size);

  /** As many of the next messages as one command may fetch, with room for them in memory. */
  const takeRoom = async (messages: readonly Listed[]): Promise<{ messages: Listed[]; held: number }> => {
    const chosen: Listed[] = [];
    let held = 0;
    for (const message of messages.slice(0, LOT)) {
      const bytes = roomOf(message);
      // Only the first waits: the others would wait for what this very lot holds.
      if (chosen.length === 0) await deps.budget.take(bytes, signal);
      // Of one that is too large only the header is fetched, which is another command.
      else if (isLarge(message) || isLarge(chosen[0]!) || held + bytes > LOT_BYTES || !deps.budget.tryTake(bytes))
        break;
      held += bytes;
      chosen.push(message);
    }
    return { messages: chosen, held };
  };

  const fetchLot = async (wanted: readonly Listed[]): Promise<Lot> => {
    const { messages, held } = await takeRoom(wanted);
    const free = () => deps.budget.give(held);
    try {
      // BODY.PEEK[] with an end: a server that gave wrong sizes cannot hand over more than there is room for.
      const most = Math.max(...messages.map(({ size }) => size)) + SLACK_BYTES;
      const maxLength = isLarge(messages[0]!) ? HEAD_BYTES : Math.min(most, deps.mailBytes + 1);
      const set = uidSet(messages.map(({ uid }) => uid).sort((a, b) => a - b));
      const known = new Map(messages.map((one) => [one.uid, one]));
      const raws = new Map<number, Buffer>();
      const longer = new Set<number>();
      // One after another: what is larger than the room that was taken for it is let go before the next one is read.
      for await (const { uid, source } of client.fetch(
        set,
        { uid: true, source: { start: 0, maxLength } },
        { uid: true },
      )) {
        const message = known.get(uid);
        if (message === undefined || source === undefined) continue;
        if (source.length > roomOf(message) + SLACK_BYTES) longer.add(uid);
        else raws.set(uid, source);
      }
      connection.check();
      const cut = messages.findIndex(
        (one) => !isLarge(one) && (longer.has(one.uid) || isCut(raws.get(one.uid), maxLength)),
      );
      if (cut < 0) return { messages, raws, free };
      // It is longer than the server said, how much is not known: room for the largest that is taken.
      messages[cut]!.size = deps.mailBytes;
      return { messages: messages.slice(0, cut), raws, free };
    } catch (error) {
      free();
      throw error;
    }
  };

  const isCut = (raw: Buffer | undefined, maxLength: number): boolean =>
    raw !== undefined && raw.length >= maxLength && maxLength <= deps.mailBytes;

  /** The rows that it became, or null: it was a report on a copy, of which nothing is kept. */
  const keep = async (message: Listed, raw: Buffer, arrival: Arrival): Promise<KeptMail[] | null> => {
    const size = Math.max(message.size, raw.length);
    const isTooLarge = size > deps.mailBytes;
    // What a report says stands before the mail that it returns, so its beginning is enough.
    const head = isTooLarge ? raw.subarray(0, HEAD_BYTES) : raw;
    if (deps.returned !== null && (await deps.returned.take(head, arrival)) === null) return null;
    return isTooLarge ? deps.room.keepTooLarge(head, size, arrival) : deps.room.keep(raw, arrival);
  };

  const keepLot = async (lot: Lot, uidValidity: string, history: HistoryRule): Promise<Read> => {
    const read: Read = { uids: lot.messages.map(({ uid }) => uid), kept: [], tooLarge: 0, spans: [] };
    const pass = (uid: number, why: UidSpan['why']) => read.spans.push({ first: uid, last: uid, why });
    try {
      await Promise.all(
        lot.messages.map(async (message) => {
          const { uid } = message;
          const raw = lot.raws.get(uid);
          if (raw === undefined) {
            deps.log.info({ mailbox: settings.name, uid }, 'a message was deleted before it could be read');
            pass(uid, 'vanished');
            return;
          }
          const rows = await keep(message, raw, arrivalOf(raw, message, uidValidity, history));
          if (rows === null) pass(uid, 'report');
          else read.kept.push(...rows);
          if (rows !== null && Math.max(message.size, raw.length) > deps.mailBytes) read.tooLarge += 1;
        }),
      );
      return read;
    } finally {
      lot.free();
    }
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

    async keepAll(messages, uidValidity, history, onRead) {
      let left = messages;
      let next = left.length > 0 ? fetchLot(left) : null;
      try {
        while (next !== null) {
          const lot: Lot = await next;
          left = left.slice(lot.messages.length);
          next = left.length > 0 && !signal.aborted ? fetchLot(left) : null;
          // Looked at in its turn: what is fetched already is kept first.
          next?.catch(() => {});
          await onRead(await keepLot(lot, uidValidity, history));
        }
      } finally {
        void next?.then(
          (lot) => lot.free(),
          () => {},
        );
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
