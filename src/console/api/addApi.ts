import { readFileSync } from 'node:fs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ConsoleDeps } from '../deps.ts';
import { maskDeep } from '../mask.ts';
import { parse } from '../queries.ts';
import { maskerOf, viewOf } from '../requestView.ts';
import type { Endpoint } from './endpoint.ts';
import { ENDPOINTS, PROBES } from './endpoints.ts';
import { openApiDocument } from './openapi.ts';
import { referencePage } from './referencePage.ts';

/** Adds /api/v1, its description, and a page that makes the description readable. */
export function addApi(app: FastifyInstance, deps: ConsoleDeps): void {
  for (const one of ENDPOINTS) add(app, deps, one, `/api/v1${one.path}`);
  for (const one of PROBES) add(app, deps, one, one.path);
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const document = openApiDocument(version);
  app.get('/api/openapi.json', async () => document);
  app.get('/api', async (request, reply) => {
    reply.type('text/html; charset=utf-8');
    return referencePage(await viewOf(deps, request), document).text;
  });
}

function add(app: FastifyInstance, deps: ConsoleDeps, one: Endpoint, url: string): void {
  app.route({
    method: one.method,
    url,
    handler: async (request, reply) => answer(deps, one, request, reply),
  });
}

async function answer(deps: ConsoleDeps, one: Endpoint, request: FastifyRequest, reply: FastifyReply) {
  const input = {
    params: one.params && parse(one.params, request.params),
    query: one.query && parse(one.query, request.query),
    body: one.body && parse(one.body, request.body),
  };
  const [{ status = 200, body }, mask] = await Promise.all([
    one.handle(deps, input as never, request),
    one.tag === 'Health' ? null : maskerOf(deps),
  ]);
  reply.code(status);
  // Root addresses stand in mails and what came of them; the others hold numbers and names of our own.
  return mask === null ? body : maskDeep(body, mask);
}
