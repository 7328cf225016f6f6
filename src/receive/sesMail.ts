import { readFields } from '../core/fields.ts';
import type { SesObject } from '../core/sesNotification.ts';
import type { Arrival } from '../core/values.ts';
import type { SesQueueSettings } from '../settings.ts';
import type { Budget } from './budget.ts';
import type { KeepRoom } from './keep.ts';
import { HEAD_BYTES } from './mbox.ts';
import type { ReturnedRoom } from './returned.ts';
import { SesTrouble } from './sesFailure.ts';
import { readSesHead } from './sesHead.ts';

/** The queue and its buckets, as a connector opens them: see connectors/awsMailQueue.ts, whose calls these are. */
export type SesCloud = {
  receive(
    options: { most: number; waitSeconds: number; visibleSeconds: number },
    signal: AbortSignal,
  ): Promise<SesQueueMessage[]>;
  remove(message: SesQueueMessage): Promise<void>;
  hide(message: SesQueueMessage, seconds: number): Promise<void>;
  size(object: SesPlace, signal: AbortSignal): Promise<{ bytes: number; isClientEncrypted: boolean }>;
  read(object: SesPlace, most: number, signal: AbortSignal): Promise<Buffer>;
  facts(): Promise<{ waiting: number | null }>;
  close(): void;
};
export type SesQueueMessage = { id: string; handle: string; body: string; receives: number };
type SesPlace = { bucket: string; key: string; versionId: string | null };

export type SesMailDeps = {
  cloud: Pick<SesCloud, 'size' | 'read'>;
  room: Pick<KeepRoom, 'keep' | 'keepTooLarge'>;
  /** Takes what comes back to envelope senders of copies; null: no copies are sent. */
  returned: Pick<ReturnedRoom, 'take'> | null;
  budget: Budget;
  clock: { now(): Date };
  /** Largest mail that is fetched (bytes). */
  mailBytes: number;
};

/** What became of a mail: `report` is a report on a copy or a probe, of which nothing is kept as mail. */
export type SesKept = 'new' | 'known' | 'too_large' | 'report';

/**
 * Fetches one mail of a bucket and keeps it; committed when it resolves. Its size is asked first: of one above the limit only the
 * header is fetched, and its outcome says so. Waits for memory as long as it takes. Rejects when nothing was kept.
 */
export async function keepSesMail(
  object: SesObject,
  settings: Pick<SesQueueSettings, 'name' | 'bucket'>,
  deps: SesMailDeps,
  signal: AbortSignal,
): Promise<SesKept> {
  if (settings.bucket !== null && object.bucket !== settings.bucket)
    throw new SesTrouble('bucket', 'the message names another bucket than the one of the settings');
  const { bytes, isClientEncrypted } = await deps.cloud.size(object, signal);
  if (isClientEncrypted) throw new SesTrouble('encrypted', 'the object was encrypted before it was stored');
  const isTooLarge = bytes > deps.mailBytes;
  const most = Math.min(bytes, isTooLarge ? HEAD_BYTES : deps.mailBytes);
  await deps.budget.take(most, signal);
  try {
    // A bucket answers a range of nothing with an error.
    const raw = most === 0 ? Buffer.alloc(0) : await deps.cloud.read(object, most, signal);
    const arrival = arrivalOf(raw, object, settings.name, deps.clock.now());
    return await keep(raw, arrival, isTooLarge ? bytes : null, deps);
  } finally {
    deps.budget.give(most);
  }
}

/** `size`: of a mail that is too large, whose header `raw` is. */
async function keep(raw: Buffer, arrival: Arrival, size: number | null, deps: SesMailDeps): Promise<SesKept> {
  try {
    const left = deps.returned === null ? arrival : await deps.returned.take(raw, arrival);
    if (left === null) return 'report';
    const kept = size === null ? await deps.room.keep(raw, left) : await deps.room.keepTooLarge(raw, size, left);
    if (!kept.some(({ isArrived }) => isArrived)) return 'known';
    return size === null ? 'new' : 'too_large';
  } catch (error) {
    throw new SesTrouble('storage', 'the mail could not be kept here', error);
  }
}

/**
 * The facts of the hop, which is SES: what it tells beside the mail and, where the bucket told of it, what it wrote on top. The
 * envelope decides the addressee; whatever the sender wrote does not.
 */
function arrivalOf(raw: Buffer, { key, at, receipt }: SesObject, queue: string, now: Date): Arrival {
  const head = readSesHead(readFields(raw));
  const took = new Date(at);
  const recipients = head.recipient === null ? [] : [head.recipient];
  return {
    transport: 'ses',
    arrivedAt: (took > now ? now : took).toISOString(),
    envelopeFrom: receipt?.envelopeFrom ?? null,
    envelopeTo: receipt?.envelopeTo ?? recipients,
    clientIp: head.clientIp,
    helo: head.helo,
    tls: true,
    trustedAuthservIds: receipt === null || head.trustedReceived === 0 ? [] : [SES_AUTHSERV_ID],
    trustedReceived: head.trustedReceived,
    source: `ses:${queue}/${key}`,
    uidValidity: null,
    uid: null,
    verdicts: receipt?.verdicts ?? {
      spam: head.spam,
      virus: head.virus,
      spf: 'none',
      dkim: 'none',
      dmarc: 'none',
    },
  };
}

/** What SES calls itself in Authentication-Results. */
const SES_AUTHSERV_ID = 'amazonses.com';
