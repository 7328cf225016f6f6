import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { anyError, wrongInput } from './shapes.ts';

/** The description of the API, OpenAPI 3.1, made of the very schemas that check what comes in. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const one of ENDPOINTS) {
    const path = `/api/v1${one.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operationOf(one) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Rootdesk',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Tickets, mails, customers and acts as the pages have them. Everything was redacted before it was stored, and root addresses are masked. Until sign-in exists, only requests from this machine that name a loopback address are answered; acts need an Origin of the same address and `Sec-Fetch-Site: same-origin`. Lists are paged by key: `next` of one page is `after` of the following.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set(ENDPOINTS.map((one) => one.tag))].map((name) => ({ name })),
    paths,
  };
}

function operationOf(one: Endpoint): Record<string, unknown> {
  const takes = one.params !== undefined || one.query !== undefined || one.body !== undefined;
  const errors = [
    ...(takes
      ? [{ status: 400, description: 'Something in the request cannot be read; nothing was done.', schema: wrongInput }]
      : []),
    ...(one.params ? [{ status: 404, description: 'There is no such thing.', schema: anyError }] : []),
    ...(one.errors ?? []),
  ];
  const responses = Object.fromEntries(
    [{ status: 200, description: 'Done.', schema: one.answer }, ...errors].map(({ status, description, schema }) => [
      String(status),
      { description, content: json(schema ?? anyError, 'output') },
    ]),
  );
  return {
    operationId: operationId(one),
    tags: [one.tag],
    summary: one.summary,
    ...(one.description ? { description: one.description } : {}),
    ...(one.params || one.query
      ? { parameters: [...parametersOf(one.params, 'path'), ...parametersOf(one.query, 'query')] }
      : {}),
    ...(one.body ? { requestBody: { required: true, content: json(one.body, 'input') } } : {}),
    responses: { ...responses, default: { description: 'Any other failure.', content: json(anyError, 'output') } },
  };
}

/** `GET /tickets/:id/state` is `getTicketsIdState`. */
function operationId({ method, path }: Endpoint): string {
  const words = path.split(/[/:]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}

function parametersOf(schema: z.ZodObject | undefined, where: 'path' | 'query'): Record<string, unknown>[] {
  if (!schema) return [];
  return Object.entries(schema.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const { description, ...rest } = schemaOf(field, 'input');
    return {
      name,
      in: where,
      required: where === 'path' || !field.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

function json(schema: z.ZodType, io: 'input' | 'output') {
  return { 'application/json': { schema: schemaOf(schema, io) } };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
  return rest;
}
