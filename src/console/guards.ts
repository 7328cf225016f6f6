import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EXIT, RootdeskError } from '../lib/errors.ts';

/**
 * Until sign-in exists, being on this machine is the only key: the server binds to loopback, answers only requests
 * that name it as loopback (a rebinding DNS name does not), and takes changes only from its own pages.
 */
const LOOPBACK_BINDS = new Set(['127.0.0.1', '::1', 'localhost']);
const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** Throws RootdeskError (exit 78) when the pages would be open to other machines. */
export function checkBind(bind: string): void {
  if (LOOPBACK_BINDS.has(bind.toLowerCase())) return;
  throw new RootdeskError(
    'console.bind',
    `http.bind is ${JSON.stringify(bind)}: pages and API have no sign-in yet and listen on this machine only`,
    'set it to 127.0.0.1, ::1 or localhost, and reach it from elsewhere over an SSH tunnel',
    { exitCode: EXIT.config },
  );
}

/** Whether a Host header names this server: a loopback name with its own port (left out only for port 80). */
export function isOwnHost(host: string | undefined, port: number): boolean {
  if (host === undefined) return false;
  const name = host.toLowerCase();
  return LOOPBACK_NAMES.some((own) => name === `${own}:${port}` || (port === 80 && name === own));
}

/**
 * Nothing is loaded from elsewhere, nothing runs inline. `same-origin` and not `no-referrer`: under the latter browsers
 * send `Origin: null` with our own forms.
 */
const HEADERS: Record<string, string> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'x-dns-prefetch-control': 'off',
  'cache-control': 'no-store',
};

/** Puts the guards before every route, also before those that do not exist. `port` is known once the server listens. */
export function addGuards(app: FastifyInstance, port: () => number): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (!isOwnHost(request.headers.host, port())) {
      const how = `open http://127.0.0.1:${port()}/ on that machine, or from elsewhere through ssh -L ${port()}:127.0.0.1:${port()}`;
      return refuse(request, reply, 421, `This server answers only on its own loopback address: ${how}.`);
    }
    if (request.method === 'GET' || request.method === 'HEAD') {
      // A page elsewhere may link here, but not read or embed what is here.
      if (request.headers['sec-fetch-site'] === 'cross-site' && request.headers['sec-fetch-mode'] !== 'navigate') {
        return refuse(request, reply, 403, 'Requests from other sites are refused.');
      }
      return;
    }
    const own = `http://${request.headers.host?.toLowerCase()}`;
    if (request.headers.origin !== own || request.headers['sec-fetch-site'] !== 'same-origin') {
      return refuse(request, reply, 403, 'Changes are taken only from the pages of this server.');
    }
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, message: string): FastifyReply {
  const code = status === 421 ? 'wrong_host' : 'cross_site';
  if (request.url.startsWith('/api/')) return reply.code(status).send({ error: { code, message } });
  return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
}
