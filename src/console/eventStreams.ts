import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { NewsEvent, NewsFeed } from './newsFeed.ts';

/**
 * Server-sent events (HTML Living Standard §9.2): what changed, as ids and nothing else. Each event has an id; a browser that
 * comes back names the last one it saw and gets what it missed, or `resync` when that is no longer known: then it asks
 * for everything anew.
 *
 *     event: news
 *     id: 3f9c2ab1-42
 *     data: {"tickets":[1841],"mails":[90211],"effects":[],"more":false}
 */
export type EventStreams = {
  /** Answers a request with a stream; 503 when there are STREAM_LIMIT of them. */
  open(request: FastifyRequest, reply: FastifyReply): FastifyReply;
  readonly count: number;
  /** Ends all streams. */
  close(): void;
};

/** A browser holds one, however many tabs it has. */
export const STREAM_LIMIT = 500;
/** Proxies and browsers give up on a connection that is silent; also shows that one is dead. */
const HEARTBEAT_MS = 25_000;
/** Events kept for who comes back: some minutes of a busy day. */
const KEPT = 200;
/** What a reader that does not read may owe (bytes). */
const OWED = 256 * 1024;
/** How long a browser waits before it comes back (ms). */
const RETRY_MS = 3000;

export function createEventStreams(feed: NewsFeed): EventStreams {
  const run = randomBytes(4).toString('hex');
  const open = new Set<ServerResponse>();
  const kept: { number: number; text: string }[] = [];
  let number = 0;

  function write(stream: ServerResponse, text: string): void {
    if (stream.destroyed || stream.writableEnded) return;
    // It comes back by itself and gets what it missed.
    if (stream.writableLength > OWED) stream.destroy();
    else stream.write(text);
  }

  function publish(event: string, data: object): void {
    number++;
    const text = `event: ${event}\nid: ${run}-${number}\ndata: ${JSON.stringify(data)}\n\n`;
    kept.push({ number, text });
    if (kept.length > KEPT) kept.shift();
    for (const stream of open) write(stream, text);
  }

  const unhear = feed.hear({
    news: (event: NewsEvent) => publish('news', event),
    lost: () => publish('resync', {}),
  });
  const heartbeat = setInterval(() => {
    for (const stream of open) write(stream, ': still here\n\n');
  }, HEARTBEAT_MS);
  heartbeat.unref();

  /** What a reader missed that saw the event of this id last. */
  function missed(lastId: string | undefined): string {
    const here = `id: ${run}-${number}\n`;
    if (lastId === undefined) return `event: hello\n${here}data: {}\n\n`;
    const [of, seen] = [lastId.slice(0, lastId.lastIndexOf('-')), Number(lastId.slice(lastId.lastIndexOf('-') + 1))];
    const known = of === run && seen <= number && (seen === number || (kept[0]?.number ?? 0) <= seen + 1);
    if (!known) return `event: resync\n${here}data: {}\n\n`;
    return `event: hello\n${here}data: {}\n\n${kept
      .filter((one) => one.number > seen)
      .map((one) => one.text)
      .join('')}`;
  }

  return {
    open(request, reply) {
      if (open.size >= STREAM_LIMIT) {
        const message = `There are ${STREAM_LIMIT} streams of events, which is the limit.`;
        return reply
          .code(503)
          .header('retry-after', '30')
          .send({ error: { code: 'too_many_streams', message } });
      }
      const given = request.headers['last-event-id'];
      const lastId = typeof given === 'string' && given.length < 100 ? given : undefined;
      reply.hijack();
      const stream = reply.raw;
      const headers = Object.entries(reply.getHeaders()).filter(([, value]) => value !== undefined);
      stream.writeHead(200, { ...Object.fromEntries(headers), 'content-type': 'text/event-stream; charset=utf-8' });
      stream.on('error', () => {});
      if (request.method === 'HEAD') {
        stream.end();
        return reply;
      }
      stream.socket?.setNoDelay(true);
      stream.socket?.setTimeout(0);
      open.add(stream);
      stream.on('close', () => open.delete(stream));
      write(stream, `retry: ${RETRY_MS}\n\n${missed(lastId)}`);
      return reply;
    },
    get count() {
      return open.size;
    },
    close() {
      unhear();
      clearInterval(heartbeat);
      for (const stream of open) stream.end();
      open.clear();
    },
  };
}
