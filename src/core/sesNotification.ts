import { z } from 'zod';
import { hopVerdict } from './scanVerdict.ts';
import type { HopVerdicts } from './values.ts';

/** A mail in a bucket, as a message of the queue tells of it. */
export type SesObject = {
  bucket: string;
  key: string;
  /** Of a bucket with versions; null: the latest. */
  versionId: string | null;
  /** When SES took the mail, or the bucket had it: ISO 8601. */
  at: string;
  /** What SES itself says of it; null: the message is one of the bucket, which knows neither envelope nor verdicts. */
  receipt: SesReceipt | null;
};

export type SesReceipt = {
  /** MAIL FROM; '' is the null reverse-path. */
  envelopeFrom: string;
  /** RCPT TO addresses that the receipt rule matched. */
  envelopeTo: string[];
  verdicts: HopVerdicts;
};

/** Messages that hold no mail and mean no harm, by name. */
export type SesNote = 'test_event' | 'setup' | 'other_event' | 'folder';

export type SesMessage =
  | { objects: SesObject[]; notes: SesNote[]; problem: null }
  /** It cannot be used: why, without a word of it. */
  | { objects: []; notes: []; problem: string };

/** The object, and the message, by which SES says that a rule was set up. */
const SETUP = 'AMAZON_SES_SETUP_NOTIFICATION';
/** Characters of a message: SQS takes a mebibyte at most. */
const MAX_MESSAGE = 1024 * 1024;

const text = (most: number) => z.string().max(most);
const named = (most: number) => z.string().min(1).max(most);
const instant = z.iso.datetime({ offset: true });
const verdict = z.object({ status: text(100) }).nullish();

const wrapper = z.object({ Type: text(100), Message: text(MAX_MESSAGE) });
const testEvent = z.object({ Service: text(100), Event: z.literal('s3:TestEvent') });

/** "Contents of notifications for Amazon SES email receiving", with the S3 action. Fields that are not needed may be anything. */
const received = z.object({
  notificationType: z.literal('Received'),
  receipt: z.object({
    recipients: z.array(text(1000)).max(1000),
    spamVerdict: verdict,
    virusVerdict: verdict,
    spfVerdict: verdict,
    dkimVerdict: verdict,
    dmarcVerdict: verdict,
    action: z.object({ type: text(100), bucketName: named(255).nullish(), objectKey: named(2000).nullish() }),
  }),
  mail: z.object({ timestamp: instant, source: text(2000).nullish(), messageId: named(2000) }),
});

/** "Event message structure" of S3: a major version of 2, whatever its minor one adds. */
const bucketEvents = z.object({
  Records: z
    .array(
      z.object({
        eventVersion: z.string().regex(/^2\.\d+$/),
        eventSource: z.literal('aws:s3'),
        eventName: named(200),
        eventTime: instant,
        s3: z.object({
          bucket: z.object({ name: named(255) }),
          object: z.object({ key: named(4000), versionId: named(2000).nullish() }),
        }),
      }),
    )
    .min(1)
    .max(1000),
});

/**
 * Reads a message of the queue: a notification of SES (S3 action with a topic), or an event of the bucket, each as it is or in
 * the envelope of SNS. Total: what cannot be used comes back as a problem.
 */
export function readSesMessage(body: string): SesMessage {
  const outer = parse(body);
  const wrapped = wrapper.safeParse(outer);
  if (wrapped.success && wrapped.data.Type !== 'Notification')
    return refused('It is a message of SNS about a subscription, which somebody must confirm or end there.');
  const inner = wrapped.success ? parse(wrapped.data.Message) : outer;
  if (inner === undefined) return refused('It is not JSON.');
  if (testEvent.safeParse(inner).success) return { objects: [], notes: ['test_event'], problem: null };
  const notification = received.safeParse(inner);
  if (notification.success) return ofReceipt(notification.data);
  const events = bucketEvents.safeParse(inner);
  if (events.success) return ofEvents(events.data);
  const isOfSes = has(inner, 'notificationType');
  const isOfBucket = has(inner, 'Records');
  if (!isOfSes && !isOfBucket) return refused('It is neither a notification of SES nor an event of a bucket.');
  // Names of fields are not the sender's words; values may be.
  const { issues } = (isOfSes ? notification.error : events.error) as z.ZodError;
  const where = issues[0]?.path.map(String).join('.') || 'its form';
  return refused(`It is ${isOfSes ? 'a notification of SES' : 'an event of a bucket'} with an unexpected ${where}.`);
}

function ofReceipt({ receipt, mail }: z.infer<typeof received>): SesMessage {
  if (mail.messageId === SETUP) return { objects: [], notes: ['setup'], problem: null };
  const { action } = receipt;
  if (action.type !== 'S3' || !action.bucketName || !action.objectKey)
    return refused(`The rule's action is not that of S3: the mail lies in no bucket.`);
  const status = (one: z.infer<typeof verdict>) => hopVerdict(one?.status);
  const object: SesObject = {
    bucket: action.bucketName,
    key: action.objectKey,
    versionId: null,
    at: mail.timestamp,
    receipt: {
      envelopeFrom: mail.source ?? '',
      envelopeTo: receipt.recipients.map((address) => address.toLowerCase()),
      verdicts: {
        spam: status(receipt.spamVerdict),
        virus: status(receipt.virusVerdict),
        spf: status(receipt.spfVerdict),
        dkim: status(receipt.dkimVerdict),
        dmarc: status(receipt.dmarcVerdict),
      },
    },
  };
  return { objects: [object], notes: [], problem: null };
}

function ofEvents({ Records }: z.infer<typeof bucketEvents>): SesMessage {
  const objects: SesObject[] = [];
  const notes: SesNote[] = [];
  for (const { eventName, eventTime, s3 } of Records) {
    const key = decodeKey(s3.object.key);
    if (key === null) return refused('It names an object by a key that cannot be decoded.');
    if (!eventName.startsWith('ObjectCreated:')) notes.push('other_event');
    else if (key.endsWith('/')) notes.push('folder');
    else if (key === SETUP || key.endsWith(`/${SETUP}`)) notes.push('setup');
    else
      objects.push({
        bucket: s3.bucket.name,
        key,
        versionId: s3.object.versionId ?? null,
        at: eventTime,
        receipt: null,
      });
  }
  return { objects, notes, problem: null };
}

/** Keys stand in events as in a form: a space is a plus. */
function decodeKey(key: string): string | null {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function has(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && name in value;
}

function refused(problem: string): SesMessage {
  return { objects: [], notes: [], problem };
}
