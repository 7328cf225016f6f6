import type { AddressInfo } from 'node:net';
import formbody from '@fastify/formbody';
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { sql } from 'kysely';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { Settings } from '../settings.ts';
import { ASK_PATH, showAsk, takeAsk } from './askRoute.ts';
import type { PublicDeps } from './deps.ts';
import { type Answer, LINK_PATHS, send, showLink, unknown, useLinkPage } from './linkRoute.ts';
import { sentencePage } from './pages.ts';
import { createRateLimit, type Rate } from './rateLimit.ts';
import { HEADERS } from './style.ts';
import { textsFor } from './texts.ts';

/** Port when public.url is set and public.port is not. */
const DEFAULT_PORT = 8481;
/** Largest body of a form (bytes): an address or a word. */
const BODY_BYTES = 4096;

/** What one visitor may do; scanners of large mail systems come from few addresses, so looking is generous. */
const RATES: Record<'look' | 'act' | 'ask', Rate> = {
  look: { burst: 120, perMinute: 120 },
  act: { burst: 20, perMinute: 10 },
  ask: { burst: 5, perMinute: 1 },
};

/** The server without its socket. Every route there is: token pages that GET shows and POST uses, and health. */
export async function buildPublic(
  deps: PublicDeps,
  settings: Pick<Settings['public'], 'trustedProxies'>,
): Promise<FastifyInstance> {
  const app = fastify({
    logger: false,
    bodyLimit: BODY_BYTES,
    forceCloseConnections: true,
    trustProxy: settings.trustedProxies.length > 0 ? settings.trustedProxies : false,
    requestTimeout: 15_000,
    routerOptions: { maxParamLength: 60 },
  });
  const limits = {
    look: createRateLimit(RATES.look),
    act: createRateLimit(RATES.act),
    ask: createRateLimit(RATES.ask),
  };
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (request.url === '/healthz') return;
    const looks = request.method === 'GET' || request.method === 'HEAD';
    const limit = looks ? limits.look : request.url.startsWith('/list/') ? limits.ask : limits.act;
    const wait = limit.wait(request.ip, performance.now());
    if (wait === 0) return;
    const t = textsFor(request.headers['accept-language'], null);
    return send(reply.header('retry-after', wait), { status: 429, page: sentencePage(t, t.busy.title, t.busy.text) });
  });
  app.removeAllContentTypeParsers();
  await app.register(formbody, { bodyLimit: BODY_BYTES });
  const on = (path: string, show: Route, use: Route) => {
    app.get(path, async (request, reply) => send(reply, await show(request)));
    app.post(path, async (request, reply) => send(reply, await use(request)));
  };
  for (const { purpose, path } of LINK_PATHS) {
    on(
      path,
      (request) => showLink(deps, purpose, request),
      (request) => useLinkPage(deps, purpose, request),
    );
  }
  on(
    ASK_PATH,
    (request) => showAsk(deps, request),
    (request) => takeAsk(deps, request),
  );
  app.get('/healthz', async (_request, reply) => {
    await sql`select 1`.execute(deps.db);
    return reply.send({ status: 'ok' });
  });
  app.setNotFoundHandler((request, reply) => send(reply, unknown(textsFor(request.headers['accept-language'], null))));
  app.setErrorHandler((error, request, reply) => fail(deps, error as FastifyError, request, reply));
  return app;
}

type Route = (request: FastifyRequest) => Promise<Answer>;

/** No address of a request is logged: it holds a token. */
function fail(deps: PublicDeps, error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = error.statusCode;
  const t = textsFor(request.headers['accept-language'], null);
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return send(reply, { status, page: sentencePage(t, t.unknown.title, t.unknown.text) });
  }
  deps.log.error({ route: request.routeOptions.url, error: messageOf(error) }, 'a public page could not be made');
  return send(reply, { status: 503, page: sentencePage(t, t.ours.title, t.ours.text) });
}

/** The port of the public pages; null when the settings name neither an address nor a port for them. */
export function portOf({ url, port }: Pick<Settings['public'], 'url' | 'port'>): number | null {
  return port ?? (url === null ? null : DEFAULT_PORT);
}

/**
 * Starts the public pages when the settings name an address or a port for them; null when they do not. Throws RootdeskError
 * when the socket cannot be opened.
 */
export async function startPublic(
  deps: PublicDeps,
  settings: Settings['public'],
): Promise<{ port: number; close(): Promise<void> } | null> {
  const port = portOf(settings);
  if (port === null) return null;
  const app = await buildPublic(deps, settings);
  try {
    await app.listen({ host: settings.bind, port });
  } catch (error) {
    await app.close();
    throw new RootdeskError(
      'public.listen',
      `the public pages cannot listen on ${settings.bind}:${port}: ${messageOf(error)}`,
      'set public.port (ROOTDESK_PUBLIC_PORT) and public.bind to what is free here',
      { exitCode: EXIT.unavailable, cause: error },
    );
  }
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
}
