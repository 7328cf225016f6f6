import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

export type AwsMailQueueOptions = {
  queueUrl: string;
  region: string;
  /** null: found as the SDK finds them (environment, shared files, web identity, role of container or instance). */
  credentials: { accessKeyId: string; secretAccessKey: string } | null;
  /** In place of the addresses of AWS; null: those. */
  endpoint: string | null;
};

/** A message that is hidden from other readers until its visibility ends. */
export type QueueMessage = {
  id: string;
  /** What stands for this one receipt of it. */
  handle: string;
  body: string;
  /** How often it was handed out, this time included. */
  receives: number;
};

export type StoredObject = { bucket: string; key: string; versionId: string | null };

export type StoredSize = {
  bytes: number;
  /** It was encrypted by a client before it was stored (SES's "message encryption"): the bytes are no mail. */
  isClientEncrypted: boolean;
};

/** How the queue is set up; null: not told. */
export type QueueFacts = {
  /** Messages that wait (approximate). */
  waiting: number | null;
  /** How long a message is kept (s). */
  retentionSeconds: number | null;
  /** Receipts after which a message goes to the dead-letter queue; null: never. */
  maxReceives: number | null;
};

/** A queue of messages about mail, and the buckets that the mail lies in. Every call rejects with the error of the SDK. */
export type AwsMailQueue = {
  /** Waits up to `waitSeconds` (20 at most) for up to `most` messages (10 at most), hidden for `visibleSeconds`. */
  receive(
    options: { most: number; waitSeconds: number; visibleSeconds: number },
    signal: AbortSignal,
  ): Promise<QueueMessage[]>;
  remove(message: QueueMessage): Promise<void>;
  /** Hides a message for so long from now on (s; 12 hours at most); 0 shows it to everybody at once. */
  hide(message: QueueMessage, seconds: number): Promise<void>;
  size(object: StoredObject, signal: AbortSignal): Promise<StoredSize>;
  /** The first `most` bytes. Rejects when the answer ends before the object does. */
  read(object: StoredObject, most: number, signal: AbortSignal): Promise<Buffer>;
  facts(): Promise<QueueFacts>;
  close(): void;
};

const CONNECT_MS = 5_000;
/** Longest that a connection may stand still (ms). */
const IDLE_MS = 30_000;
/** Longest that one call may take (ms): the longest wait for messages is 20 s, the largest mail 40 MB. */
const CALL_MS = 120_000;
/** Tries of one call; what comes then is whoever called's to time. */
const TRIES = 2;

/** Opens a queue. Nothing is asked of the network before the first call. */
export function openAwsMailQueue({ queueUrl, region, credentials, endpoint }: AwsMailQueueOptions): AwsMailQueue {
  const shared = {
    region,
    maxAttempts: TRIES,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: IDLE_MS,
      requestTimeout: CALL_MS,
      throwOnRequestTimeout: true,
    },
    ...(credentials && { credentials }),
    ...(endpoint !== null && { endpoint }),
  };
  const sqs = new SQSClient(shared);
  const s3 = new S3Client({ ...shared, forcePathStyle: endpoint !== null });
  const at = ({ bucket, key, versionId }: StoredObject) => ({
    Bucket: bucket,
    Key: key,
    ...(versionId !== null && { VersionId: versionId }),
  });

  return {
    async receive({ most, waitSeconds, visibleSeconds }, abortSignal) {
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibleSeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      const { Messages: messages = [] } = await sqs.send(command, { abortSignal });
      return messages.map((message) => ({
        id: message.MessageId ?? '',
        handle: message.ReceiptHandle ?? '',
        body: message.Body ?? '',
        receives: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      }));
    },
    async remove({ handle }) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: handle }));
    },
    async hide({ handle }, seconds) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: handle,
          VisibilityTimeout: seconds,
        }),
      );
    },
    async size(object, abortSignal) {
      const head = await s3.send(new HeadObjectCommand(at(object)), { abortSignal });
      // Marks of the Amazon S3 encryption client, which SES uses: of its versions 1 and 2, and of 3.
      const names = Object.keys(head.Metadata ?? {}).map((name) => name.toLowerCase());
      const isClientEncrypted = names.some((name) => CLIENT_KEYS.has(name));
      return { bytes: head.ContentLength ?? 0, isClientEncrypted };
    },
    async read(object, most, abortSignal) {
      const command = new GetObjectCommand({ ...at(object), ...(most > 0 && { Range: `bytes=0-${most - 1}` }) });
      const { Body: body, ContentLength: length } = await s3.send(command, { abortSignal });
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of body as Readable) {
        const room = most - bytes;
        chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
        bytes += Math.min(chunk.length, room);
        if (bytes >= most) break;
      }
      if (length !== undefined && bytes < Math.min(length, most))
        throw Object.assign(new Error('the object ended before its length'), { code: 'ECONNRESET' });
      return Buffer.concat(chunks);
    },
    async facts() {
      const { Attributes: told = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'MessageRetentionPeriod', 'RedrivePolicy'],
        }),
      );
      const number = (text: string | undefined) => (text === undefined ? null : Number(text));
      return {
        waiting: number(told.ApproximateNumberOfMessages),
        retentionSeconds: number(told.MessageRetentionPeriod),
        maxReceives: number(/"maxReceiveCount"\s*:\s*"?(\d+)/.exec(told.RedrivePolicy ?? '')?.[1]),
      };
    },
    close() {
      sqs.destroy();
      s3.destroy();
    },
  };
}

const CLIENT_KEYS = new Set(['x-amz-key', 'x-amz-key-v2', 'x-amz-3']);
