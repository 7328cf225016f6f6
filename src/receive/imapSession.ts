import { type FetchMessageObject, ImapFlow } from 'imapflow';
import { readFields } from '../core/fields.ts';
import type { Arrival } from '../core/values.ts';
import type { MailboxSettings } from '../settings.ts';
import { advanceMailbox, openMailbox, restartMailbox } from '../store/mailboxes.ts';
import type { MailboxDeps } from './imap.ts';
import type { KeepOptions } from './keep.ts';
import { HEAD_BYTES } from './mbox.ts';
import { countTrustedReceived } from './trustedReceived.ts';

export type MailboxSession = {
  /** Keeps everything new; the number of mails. */
  poll(): Promise<number>;
  /** Waits for news of the server, `ms` at most. Rejects when the connection is lost. */
  waitForMail(ms: number): Promise<void>;
  close(): Promise<void>;
};

/** Mails kept at once: they share a transaction and wait for DNS together. */
const WINDOW = 8;
/** Messages whose size is asked for at once. */
const LISTED = 200;
/** RFC 2177: IDLE is begun anew before 29 minutes; many servers and firewalls forget it sooner. */
const IDLE_MS = 5 * 60_000;
const CONNECT_MS = 30_000;
const SOCKET_MS = 2 * 60_000;
/** The mailbox is selected anew this often, because UIDVALIDITY is only told then. */
const SELECT_MS = 10 * 60_000;

type Listed = { uid: number; size: number; internalDate: Date };

/** Connects, logs in and opens the mailbox read-only. Rejects with what the server said. */
export async function openMailboxSession(
  settings: MailboxSettings,
  deps: MailboxDeps,
  signal: AbortSignal,
): Promise<MailboxSession> {
  const client = new ImapFlow({
    host: settings.host,
    port: settings.port,
    secure: settings.secure,
    ...(settings.secure ? {} : settings.requireTls ? { doSTARTTLS: true } : {}),
    auth: { user: settings.user, pass: settings.password ?? '' },
    tls: { rejectUnauthorized: settings.rejectUnauthorized },
    logger: false,
    disableAutoIdle: true,
    disableBinary: true,
    maxIdleTime: IDLE_MS,
    connectionTimeout: CONNECT_MS,
    socketTimeout: SOCKET_MS,
    maxLiteralSize: deps.mailBytes + HEAD_BYTES,
    clientInfo: { name: 'rootdesk' },
  });
  let lost: Error | null = null;
  let wake: () => void = () => {};
  client.on('error', (error: Error) => {
    lost ??= error;
    wake();
  });
  client.on('close', () => {
    lost ??= new Error('the server closed the connection');
    wake();
  });
  let hasNews = false;
  client.on('exists', () => {
    hasNews = true;
    wake();
  });

  let uidValidity = '';
  let uidNext = 1n;
  let selectedAt = 0;

  const select = async () => {
    const mailbox = await client.mailboxOpen(settings.folder, { readOnly: true });
    selectedAt = performance.now();
    const found = mailbox.uidValidity.toString();
    if (found === uidValidity) return;
    const cursor = await openMailbox(deps.db, settings.name);
    if (cursor.uidValidity !== found) {
      if (cursor.uidValidity !== null) {
        deps.log.warn(
          { mailbox: settings.name, before: cursor.uidValidity, now: found },
          'the server gave all messages new numbers (UIDVALIDITY): the whole mailbox is read again, known mail is recognised',
        );
      }
      await restartMailbox(deps.db, settings.name, found);
    }
    uidValidity = found;
    uidNext = cursor.uidValidity === found ? BigInt(cursor.uidNext) : 1n;
  };

  /** New messages, lowest UID first. */
  const list = async (): Promise<Listed[]> => {
    const uids = await client.search({ uid: `${uidNext}:*` }, { uid: true });
    if (!Array.isArray(uids)) throw lost ?? new Error('the server did not answer the search');
    // "n:*" names the last message even when its UID is below n (RFC 9051 §6.4.9).
    const wanted = uids.filter((uid) => BigInt(uid) >= uidNext).sort((a, b) => a - b);
    const listed: Listed[] = [];
    for (let at = 0; at < wanted.length; at += LISTED) {
      const range = wanted.slice(at, at + LISTED).join(',');
      for (const message of await client.fetchAll(
        range,
        { uid: true, size: true, internalDate: true },
        { uid: true },
      )) {
        listed.push({ uid: message.uid, size: message.size ?? 0, internalDate: dateOf(message, deps.clock.now()) });
      }
    }
    return listed.sort((a, b) => a.uid - b.uid);
  };

  const arrivalOf = (raw: Buffer, message: Listed): Arrival => {
    const authservIds = settings.authservId ? [settings.authservId.toLowerCase()] : [];
    return {
      transport: 'imap',
      arrivedAt: message.internalDate.toISOString(),
      envelopeFrom: null,
      envelopeTo: settings.rootAddress ? [settings.rootAddress.toLowerCase()] : [],
      clientIp: null,
      helo: null,
      tls: client.secureConnection,
      trustedAuthservIds: authservIds,
      trustedReceived: countTrustedReceived(readFields(raw), [...authservIds, settings.host], { isDelivered: true }),
      source: `imap:${settings.name}`,
      uidValidity,
      uid: String(message.uid),
    };
  };

  /** The bytes of one message, or of its header when it is too large; null when somebody deleted it meanwhile. */
  const fetch = async (message: Listed): Promise<Buffer | null> => {
    // BODY.PEEK[] with an end: a server that gave a wrong size cannot hand over more than the limit.
    const source = { start: 0, maxLength: message.size > deps.mailBytes ? HEAD_BYTES : deps.mailBytes + 1 };
    const found = await client.fetchOne(String(message.uid), { uid: true, source }, { uid: true });
    if (lost) throw lost;
    if (found !== false && found.source) return found.source;
    deps.log.info({ mailbox: settings.name, uid: message.uid }, 'a message was deleted before it could be read');
    return null;
  };

  const keep = async (message: Listed, raw: Buffer, options: KeepOptions): Promise<void> => {
    const arrival = arrivalOf(raw, message);
    const size = Math.max(message.size, raw.length);
    const isTooLarge = size > deps.mailBytes;
    // What a report says stands before the mail that it returns, so its beginning is enough.
    const head = isTooLarge ? raw.subarray(0, HEAD_BYTES) : raw;
    if (deps.returned !== null && (await deps.returned.take(head, arrival)) === null) {
      // Committed before: stopped between the two, it is read again and told once.
      if (options.cursor) await advanceMailbox(deps.db, settings.name, options.cursor);
    } else if (isTooLarge) await deps.room.keepTooLarge(head, size, arrival, options);
    else await deps.room.keep(raw, arrival, options);
  };

  /**
   * Keeps the next few messages together, as many as there is room for in memory. All but the last are committed first;
   * the last one's transaction moves the cursor, so everything below the cursor is durable whenever we are stopped.
   * Returns how many of the messages are done.
   */
  const keepSome = async (messages: readonly Listed[]): Promise<{ done: number; kept: number }> => {
    const fetched: { message: Listed; raw: Buffer }[] = [];
    let held = 0;
    let done = 0;
    try {
      for (const message of messages.slice(0, WINDOW)) {
        const bytes = Math.min(message.size, message.size > deps.mailBytes ? HEAD_BYTES : deps.mailBytes);
        // Only the first waits: the others would wait for what this very window holds.
        if (done === 0) await deps.budget.take(bytes, signal);
        else if (!deps.budget.tryTake(bytes)) break;
        held += bytes;
        const raw = await fetch(message);
        if (raw) fetched.push({ message, raw });
        done += 1;
      }
      const uidAfter = String((messages[done - 1] as Listed).uid + 1);
      const cursor = { mailbox: settings.name, uidValidity, uidNext: uidAfter };
      const last = fetched.at(-1);
      await Promise.all(fetched.slice(0, -1).map(({ message, raw }) => keep(message, raw, {})));
      if (last) await keep(last.message, last.raw, { cursor });
      else await advanceMailbox(deps.db, settings.name, cursor);
      uidNext = BigInt(uidAfter);
      return { done, kept: fetched.length };
    } finally {
      deps.budget.give(held);
    }
  };

  const close = async () => {
    lost ??= new Error('closed');
    wake();
    client.close();
  };

  try {
    await client.connect();
    if (settings.requireTls && !client.secureConnection) throw new Error('the connection is not encrypted');
    await select();
  } catch (error) {
    await close();
    throw error;
  }

  return {
    async poll() {
      if (lost) throw lost;
      if (performance.now() - selectedAt > SELECT_MS) await select();
      let kept = 0;
      do {
        hasNews = false;
        const messages = await list();
        for (let at = 0; at < messages.length && !signal.aborted; ) {
          const some = await keepSome(messages.slice(at));
          at += some.done;
          kept += some.kept;
        }
      } while (hasNews && !signal.aborted);
      return kept;
    },

    async waitForMail(ms) {
      if (lost) throw lost;
      if (hasNews) return;
      const news = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const timer = setTimeout(() => wake(), ms);
      // Not awaited before the news: it ends when the next command interrupts it.
      const idling = client.idle().catch((error: Error) => {
        lost ??= error;
        wake();
      });
      await news;
      clearTimeout(timer);
      if (!lost) await client.noop();
      await idling;
      if (lost && !signal.aborted) throw lost;
    },

    close,
  };
}

/** When the server received it, never in the future. */
function dateOf(message: FetchMessageObject, now: Date): Date {
  const date =
    message.internalDate instanceof Date ? message.internalDate : new Date(message.internalDate ?? Number.NaN);
  return Number.isNaN(date.getTime()) || date > now ? now : date;
}
