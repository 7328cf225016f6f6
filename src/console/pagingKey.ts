import { z } from 'zod';
import { QUEUE_SORTS, type QueueKey } from '../store/readQueue.ts';

/** Paging keys travel in addresses: base64url of JSON, checked when they come back. They hold no secret and grant nothing. */
export function packKey(key: object): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** A query value that is a packed key of this shape; anything else is a validation error. */
export function packedKey<T extends z.ZodType>(shape: T) {
  return z
    .string()
    .max(500)
    .transform((text, context) => {
      try {
        return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not a paging key of this server' });
        return z.NEVER;
      }
    })
    .pipe(shape);
}

const instant = z.iso.datetime();

const name = z
  .string()
  .max(500)
  .regex(/^\P{Cc}*$/u);

/** Which fields there must be follows from the sort; a key of another sort than the one asked for is refused. */
export const queueKeySchema: z.ZodType<QueueKey> = z
  .strictObject({
    sort: z.enum(QUEUE_SORTS as [QueueKey['sort'], ...QueueKey['sort'][]]),
    asOf: instant,
    id: z.int().positive(),
    at: instant.optional(),
    rank: z.int().min(0).max(4).optional(),
    part: z.int().min(0).max(2).optional(),
    name: name.optional(),
    customerId: z.int().positive().max(2_147_483_647).optional(),
  })
  .refine(
    (key) =>
      key.sort === 'number' ||
      (key.at !== undefined &&
        (key.sort === 'changed' || key.rank !== undefined) &&
        (key.sort !== 'act' || key.part !== undefined) &&
        (key.sort !== 'kind' || key.name !== undefined) &&
        (key.sort !== 'customer' || (key.name !== undefined && key.customerId !== undefined))),
    'is not a paging key of this server',
  ) as z.ZodType<QueueKey>;

export const idKeySchema = z.strictObject({ id: z.int().positive() });
export const customerKeySchema = z.strictObject({ name, id: z.int().positive().max(2_147_483_647) });
export const mailboxKeySchema = z.strictObject({ name });
