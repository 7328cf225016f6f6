import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';

/**
 * The stylesheet in its order: what holds everywhere first, then a file a room, then what narrow windows, phones and
 * print change. Where two rules weigh the same the later file wins.
 */
export const STYLES = [
  'tokens',
  'base',
  'frame',
  'peek',
  'keys',
  'marks',
  'tables',
  'ticket',
  'story',
  'review',
  'health',
  'lists',
  'narrow',
  'phone',
  'modes',
  'selection',
  'palette',
] as const;

export const STYLESHEET = '/assets/console.css';

/** All of them as one file. */
export function readStyles(): string {
  return STYLES.map((name) => readFileSync(new URL(`./styles/${name}.css`, import.meta.url), 'utf8')).join('');
}

/** Serves them in one answer, asked for anew each time by its mark, as the other files are. */
export function addStyles(app: FastifyInstance): void {
  const text = readStyles();
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  app.get(STYLESHEET, (request, reply) => {
    reply.headers({ etag, 'cache-control': 'no-cache' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    return reply.type('text/css; charset=utf-8').send(text);
  });
}
