import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenError } from './lib/listenError.ts';

/** Details of what fails are for this machine only. */
const LOOPBACK = '127.0.0.1';

export type HealthServer = { port: number; close(): Promise<void> };

/**
 * `/healthz` and `/readyz` for a process that has no pages, on the loopback address only: what a container or a supervisor
 * asks. `/healthz` is 200 while the process answers at all; `/readyz` is 200 when what it needs works, else 503, with the
 * same body as that of the pages. Throws RootdeskError when the port cannot be listened on.
 */
export async function startHealthServer(port: number, check: () => Promise<{ ready: boolean }>): Promise<HealthServer> {
  const server = createServer(async (request, response) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const path = request.url?.split('?')[0];
    if (isRead && path === '/healthz') answer(response, 200, { status: 'ok' });
    else if (isRead && path === '/readyz') {
      const readiness = await check();
      answer(response, readiness.ready ? 200 : 503, readiness);
    } else answer(response, isRead ? 404 : 405, { error: 'only GET /healthz and /readyz are answered here' });
  });
  server.listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    const settings = { bind: 'health.bind', port: 'ROOTDESK_HEALTH_PORT' };
    throw listenError('health checks', { bind: LOOPBACK, port }, settings, error);
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
