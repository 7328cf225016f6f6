import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { ConsoleDeps } from '../deps.ts';
import { packedKey } from '../pagingKey.ts';

/**
 * One address of the API: what it takes, what it answers, and the function that does it. The route, the check of what
 * comes in and the description under /api/openapi.json all follow from it.
 */
export type Endpoint = {
  method: 'GET' | 'POST';
  /** Below /api/v1, with `:name` for parameters. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodObject;
  /** What 200 holds. */
  answer: z.ZodType;
  /** Further statuses, beside 400, 404 and 500 which follow from the rest. */
  errors?: { status: number; description: string; schema?: z.ZodType }[];
  handle(deps: ConsoleDeps, input: Input<never, never, never>, request: FastifyRequest): Promise<Answer>;
};

/** The answer of 200, or another status with its body. */
export type Answer = { status?: number; body: unknown };

type Input<P, Q, B> = { params: P; query: Q; body: B };
type Schema = z.ZodObject | undefined;
type Read<T extends Schema> = T extends z.ZodObject ? z.output<T> : undefined;

/** Puts the types of what comes in where the function sees them. */
export function endpoint<P extends Schema, Q extends Schema, B extends Schema>(
  one: Omit<Endpoint, 'params' | 'query' | 'body' | 'handle'> & { params?: P; query?: Q; body?: B } & {
    handle(deps: ConsoleDeps, input: Input<Read<P>, Read<Q>, Read<B>>, request: FastifyRequest): Promise<Answer>;
  },
): Endpoint {
  return one as unknown as Endpoint;
}

/** Rows of a page when nothing is said, and at most. */
export const PAGE = 50;
const MOST = 200;

const limit = z
  .string()
  .regex(/^[1-9][0-9]{0,2}$/, `is not a number from 1 to ${MOST}`)
  .transform(Number)
  .refine((rows) => rows <= MOST, `is not a number from 1 to ${MOST}`)
  .optional()
  .describe(`Rows of a page, 1 to ${MOST}; ${PAGE} when it is left out.`);

/** `limit` and `after` of a list; `after` is the `next` of the page before. */
export function paging<T extends z.ZodType>(key: T) {
  return { limit, after: packedKey(key).optional().describe('The `next` of the page before.') };
}

/** A page of rows. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    next: z.string().nullable().describe('What `after` of the next page is; null at the end.'),
  });
}
