import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import formbody from '@fastify/formbody';
import statics from '@fastify/static';
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { messageOf } from '../lib/errors.ts';
import { listenError } from '../lib/listenError.ts';
import { addApi } from './api/addApi.ts';
import type { ConsoleDeps } from './deps.ts';
import { Conflict, Elsewhere, isDatabaseAway, NotFound } from './errors.ts';
import { createEventStreams, type EventStreams } from './eventStreams.ts';
import { addGuards, checkBind } from './guards.ts';
import type { Html } from './html.ts';
import { openHtmlViews } from './htmlViews.ts';
import { addMetrics } from './metrics.ts';
import { openNewsFeed } from './newsFeed.ts';
import { conflictPage, errorPage } from './pages/errorPage.ts';
import { WrongInput } from './queries.ts';
import { ROUTES } from './routes.ts';
import { addStyles } from './styles.ts';
import { startUpkeep } from './upkeep.ts';
import { textsFor } from './words/texts.ts';

/** Largest body of a form (bytes): the forms here hold a few words. */
const BODY_BYTES = 64 * 1024;

/** The server without its socket; `port` is asked for every request, since it is known only once the socket is open. */
export async function buildConsole(
  deps: ConsoleDeps,
  port: () => number,
  streams?: EventStreams,
): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    // Without it close() waits for open event streams and idle keep-alive connections.
    forceCloseConnections: true,
    genReqId: () => randomBytes(5).toString('hex'),
    routerOptions: { maxParamLength: 100 },
  });
  const views = openHtmlViews(deps);
  app.addHook('onClose', () => views.close());
  addGuards(app, port);
  app.removeContentTypeParser('text/plain');
  await app.register(formbody, { bodyLimit: BODY_BYTES });
  await app.register(statics, {
    root: new URL('./assets/', import.meta.url).pathname,
    prefix: '/assets/',
    cacheControl: false,
    index: false,
    decorateReply: false,
    setHeaders: (reply) => reply.header('cache-control', 'no-cache'),
  });
  addStyles(app);
  for (const route of ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      handler: async (request, reply) => {
        if ('page' in route) {
          const made = await route.page(deps, request, views);
          return sendHtml(reply.headers(route.headers ?? {}), made);
        }
        return route.change(deps, request, reply);
      },
    });
  }
  addApi(app, deps);
  addMetrics(app, deps, streams);
  if (streams) {
    app.get('/events', (request, reply) => streams.open(request, reply));
    // Before the server stops to listen: a stream has no end of its own.
    app.addHook('preClose', async () => streams.close());
  }
  app.setNotFoundHandler((request, reply) => fail(deps, new NotFound(), request, reply));
  app.setErrorHandler((error, request, reply) => fail(deps, error, request, reply));
  return app;
}

function sendHtml(reply: FastifyReply, page: Html): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page.text);
}

/** Answers an error as a page or as JSON. What our own errors say stays in the log, under the number that is quoted. */
function fail(deps: ConsoleDeps, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const isApi = request.url.startsWith('/api/') || request.url === '/readyz' || request.url === '/healthz';
  const t = textsFor(request);
  const answer = (status: number, code: string, message: string, page: () => Html, more: object = {}) => {
    reply.code(status);
    return isApi ? reply.send({ error: { code, message, ...more } }) : sendHtml(reply, page());
  };
  const options = { id: request.id, url: request.url, sent: sentBy(request) };
  if (error instanceof Elsewhere) return reply.redirect(error.to, 302);
  if (error instanceof NotFound) {
    return answer(404, 'not_found', 'There is nothing at this address.', () => errorPage(t, 'notFound', options));
  }
  if (error instanceof WrongInput) {
    const more = { problems: error.problems };
    return answer(
      400,
      'wrong_input',
      error.message,
      () => errorPage(t, 'wrong', { ...options, detail: error.message }),
      more,
    );
  }
  if (error instanceof Conflict) {
    return answer(409, 'conflict', error.message, () =>
      conflictPage(t, error.message, error.back, error.words ?? t.ticket.backToTicket),
    );
  }
  const status = (error as FastifyError | null)?.statusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const message = messageOf(error);
    return answer(status, 'wrong_request', message, () => errorPage(t, 'wrong', { ...options, detail: message }));
  }
  const away = isDatabaseAway(error);
  deps.log.error(
    {
      request: request.id,
      route: request.routeOptions.url,
      code: (error as { code?: unknown } | null)?.code,
      error: messageOf(error),
    },
    'page could not be made',
  );
  const code = away ? 'database_away' : 'internal';
  const message = away ? 'The database did not answer.' : `Something failed here; the log has it under ${request.id}.`;
  return answer(away ? 503 : 500, code, message, () => errorPage(t, away ? 'database' : 'ours', options));
}

/** The fields of a form in their order; null where nothing was to be changed. */
function sentBy({ method, body }: FastifyRequest): [string, string][] | null {
  if (method === 'GET' || method === 'HEAD') return null;
  return Object.entries(body ?? {}).flatMap(([name, values]) =>
    [values].flat().flatMap((value): [string, string][] => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

/**
 * Starts pages and API on the loopback address of the settings. Throws RootdeskError for any other address and for a
 * busy port. `close` ends open connections too; it never waits for a reader.
 */
export async function startConsole(deps: ConsoleDeps): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const { bind, port: wanted } = deps.settings.http;
  checkBind(bind);
  let port = wanted;
  const feed = openNewsFeed(deps.pool, deps.log);
  const app = await buildConsole(deps, () => port, createEventStreams(feed));
  try {
    await app.listen({ host: bind, port: wanted });
  } catch (error) {
    await Promise.all([app.close(), feed.close()]);
    throw listenError(
      'the pages',
      deps.settings.http,
      { bind: 'ROOTDESK_HTTP_BIND', port: 'ROOTDESK_HTTP_PORT' },
      error,
    );
  }
  port = (app.server.address() as AddressInfo).port;
  const name = bind === '::1' ? '[::1]' : bind;
  const upkeep = startUpkeep(deps);
  const close = async () => {
    await Promise.all([app.close(), upkeep.close()]);
    await feed.close();
  };
  return { url: `http://${name}:${port}`, port, close };
}
