import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A stand-in for SQS and S3, since neither can be run here: built from their published API (SQS "API Reference", JSON
 * protocol; S3 "API Reference", path style), spoken to by the SDK that the product uses. It does what the services say of
 * themselves: a standard queue delivers at least once and in any order, hides what it handed out for its visibility
 * timeout, and gives a message twice when it likes; a bucket is read by ranges. It checks who asks by the access key, and no
 * signature. Faults are set by the test.
 */
export type AwsStandIn = {
  endpoint: string;
  queueUrl: string;
  /** Puts an object into a bucket. */
  put(bucket: string, key: string, bytes: Buffer, metadata?: Record<string, string>): void;
  /** Takes an object away. */
  lose(bucket: string, key: string): void;
  /** Puts a message into the queue; its id. */
  send(body: string): string;
  /** Hands every message out once more, deleted or not, in the other order. */
  repeatAll(): void;
  /** Messages that are in the queue, hidden or not. */
  readonly left: number;
  /** Calls since the start, by name: `ReceiveMessage`, `DeleteMessage`, `HeadObject`, `GetObject` … */
  readonly calls: Record<string, number>;
  /** Seconds that a message was hidden for, by its id, as asked for last. */
  readonly hidden: Map<string, number>;
  /** Decides about each call: what goes wrong with it, or null. */
  fault: (call: { name: string; key: string | null }) => Fault | null;
  /** Attributes of the queue beside how much is in it. */
  attributes: Record<string, string>;
  close(): Promise<void>;
};

export type Fault =
  /** An error as the services write it. */
  | { status: number; code: string; message?: string }
  /** The connection ends after so many bytes of the object. */
  | { cutAfter: number }
  /** The answer waits for this. */
  | { until: Promise<unknown> };

export const ACCESS_KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'stand-in-secret' };
export const BUCKET = 'root-mail';

type Held = { id: string; body: string; receives: number; visibleAt: number; handle: string };

export async function startAwsStandIn(): Promise<AwsStandIn> {
  const objects = new Map<string, { bytes: Buffer; metadata: Record<string, string> }>();
  const queue = new Map<string, Held>();
  const sent: { id: string; body: string }[] = [];
  const calls: Record<string, number> = {};
  const hidden = new Map<string, number>();
  const waiters = new Set<() => void>();
  const wake = () => {
    for (const waiter of waiters) waiter();
  };
  const standIn = {
    attributes: {} as Record<string, string>,
    get left() {
      return queue.size;
    },
    fault: (_call: { name: string; key: string | null }): Fault | null => null,
  };

  const visible = (most: number): Held[] =>
    // Any order is allowed: the youngest first finds who counts on another one.
    [...queue.values()]
      .filter(({ visibleAt }) => visibleAt <= Date.now())
      .reverse()
      .slice(0, most);

  const receive = async (input: Record<string, unknown>, gone: AbortSignal): Promise<unknown> => {
    const ends = Date.now() + Number(input.WaitTimeSeconds ?? 0) * 1000;
    let found = visible(Number(input.MaxNumberOfMessages ?? 1));
    while (found.length === 0 && Date.now() < ends && !gone.aborted) {
      await new Promise<void>((resolve) => {
        const next = Math.min(ends, ...[...queue.values()].map(({ visibleAt }) => visibleAt));
        const timer = setTimeout(resolve, Math.max(1, next - Date.now()));
        const done = () => {
          clearTimeout(timer);
          waiters.delete(done);
          resolve();
        };
        waiters.add(done);
        gone.addEventListener('abort', done, { once: true });
      });
      found = visible(Number(input.MaxNumberOfMessages ?? 1));
    }
    // Whoever hung up gets nothing; a real queue may have handed it out all the same, for its visibility timeout.
    if (gone.aborted) return {};
    return {
      Messages: found.map((message) => {
        message.receives += 1;
        message.visibleAt = Date.now() + Number(input.VisibilityTimeout ?? 30) * 1000;
        message.handle = randomUUID();
        return {
          MessageId: message.id,
          ReceiptHandle: message.handle,
          Body: message.body,
          MD5OfBody: createHash('md5').update(message.body).digest('hex'),
          Attributes: { ApproximateReceiveCount: String(message.receives) },
        };
      }),
    };
  };
  const byHandle = (handle: unknown) => [...queue.values()].find((message) => message.handle === handle);
  const actions: Record<string, (input: Record<string, unknown>, gone: AbortSignal) => unknown> = {
    ReceiveMessage: receive,
    DeleteMessage: ({ ReceiptHandle: handle }) => {
      const message = byHandle(handle);
      if (message) queue.delete(message.id);
      return {};
    },
    ChangeMessageVisibility: ({ ReceiptHandle: handle, VisibilityTimeout: seconds }) => {
      const message = byHandle(handle);
      if (!message) return {};
      hidden.set(message.id, Number(seconds));
      message.visibleAt = Date.now() + Number(seconds) * 1000;
      wake();
      return {};
    },
    GetQueueAttributes: () => ({
      Attributes: {
        ApproximateNumberOfMessages: String(queue.size),
        MessageRetentionPeriod: '1209600',
        ...standIn.attributes,
      },
    }),
  };

  const ofQueue = async (request: IncomingMessage, response: ServerResponse, body: string, gone: AbortSignal) => {
    const name = String(request.headers['x-amz-target']).replace('AmazonSQS.', '');
    calls[name] = (calls[name] ?? 0) + 1;
    const refuse = (status: number, code: string, message = '') => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message }));
    };
    if (!request.headers.authorization?.includes(ACCESS_KEY.accessKeyId))
      return refuse(
        403,
        'InvalidClientTokenId',
        `The security token included in ${request.headers.authorization} is invalid`,
      );
    const fault = standIn.fault({ name, key: null });
    if (fault && 'status' in fault) return refuse(fault.status, fault.code, fault.message);
    if (fault && 'until' in fault) await fault.until;
    const result = await actions[name]?.(JSON.parse(body), gone);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(result));
  };

  const ofBucket = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://stand.in');
    const path = decodeURIComponent(url.pathname.slice(1));
    const isHead = request.method === 'HEAD';
    const name = isHead ? 'HeadObject' : 'GetObject';
    calls[name] = (calls[name] ?? 0) + 1;
    const refuse = (status: number, code: string, message = '') => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(
        isHead ? undefined : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
      );
    };
    const fault = standIn.fault({ name, key: path });
    if (fault && 'status' in fault) return refuse(fault.status, fault.code, fault.message);
    if (fault && 'until' in fault) await fault.until;
    const object = objects.get(path);
    if (!object) return refuse(404, 'NoSuchKey', 'The specified key does not exist.');
    const metadata = Object.fromEntries(
      Object.entries(object.metadata).map(([key, value]) => [`x-amz-meta-${key}`, value]),
    );
    const all = object.bytes;
    if (isHead) {
      response.writeHead(200, { 'content-length': all.length, etag: '"x"', ...metadata });
      return response.end();
    }
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (request.headers.range && Number(from) >= all.length) return refuse(416, 'InvalidRange');
    const part = all.subarray(Number(from), to === '' ? undefined : Number(to) + 1);
    response.writeHead(request.headers.range ? 206 : 200, { 'content-length': part.length, etag: '"x"', ...metadata });
    if (fault && 'cutAfter' in fault) {
      response.write(part.subarray(0, fault.cutAfter), () => response.destroy());
      return undefined;
    }
    return response.end(part);
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const isQueue = request.headers['x-amz-target'] !== undefined;
      const answered = isQueue
        ? ofQueue(request, response, Buffer.concat(chunks).toString(), gone.signal)
        : ofBucket(request, response);
      answered.catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const enqueue = (id: string, body: string) => queue.set(id, { id, body, receives: 0, visibleAt: 0, handle: '' });
  return Object.assign(standIn, {
    endpoint,
    queueUrl: `${endpoint}/111122223333/root-mail`,
    calls,
    hidden,
    put: (bucket: string, key: string, bytes: Buffer, metadata: Record<string, string> = {}) => {
      objects.set(`${bucket}/${key}`, { bytes, metadata });
    },
    lose: (bucket: string, key: string) => {
      objects.delete(`${bucket}/${key}`);
    },
    send(body: string) {
      const id = randomUUID();
      sent.push({ id, body });
      enqueue(id, body);
      wake();
      return id;
    },
    repeatAll() {
      for (const { id, body } of [...sent].reverse()) enqueue(id, body);
      wake();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
